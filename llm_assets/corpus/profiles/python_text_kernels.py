"""Whitespace and words as Python's `str` has them: kernels compiled by Numba."""

from numba import njit

from llm_assets.corpus.span_kernels import decode_back
from llm_assets.corpus.word_kernels import Bytes, Int, decode


@njit(nogil=True, cache=True)
def is_space(code_point: Int) -> bool:
    """Tell whether `str.isspace` is true of a character."""
    if code_point < 0x80:
        return bool(code_point == 0x20 or 0x09 <= code_point <= 0x0D or 0x1C <= code_point <= 0x1F)
    return bool(
        code_point in (0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000)
        or 0x2000 <= code_point <= 0x200A
    )


@njit(nogil=True, cache=True)
def after_space(text: Bytes, start: Int, end: Int) -> Int:
    """Return where the whitespace at the start of a span ends."""
    while start < end:
        code_point, after = decode(text, start)
        if not is_space(code_point):
            break
        start = after
    return start


@njit(nogil=True, cache=True)
def before_space(text: Bytes, start: Int, end: Int) -> Int:
    """Return where the whitespace at the end of a span starts."""
    while end > start:
        code_point, before = decode_back(text, end)
        if not is_space(code_point):
            break
        end = before
    return end


@njit(nogil=True, cache=True)
def is_blank(text: Bytes, start: Int, end: Int) -> bool:
    """Tell whether a span is empty or whitespace."""
    return after_space(text, start, end) == end


@njit(nogil=True, cache=True)
def count_words(text: Bytes, start: Int, end: Int, most: Int) -> Int:
    """Count the words between whitespace, up to a number."""
    words = 0
    inside = False
    at = start
    while at < end and words < most:
        code_point, at = decode(text, at)
        space = is_space(code_point)
        words += not space and not inside
        inside = not space
    return words


@njit(nogil=True, cache=True)
def after_one_space(text: Bytes, at: Int, end: Int) -> Int:
    """Step over a whitespace character, if there is one."""
    if at < end:
        code_point, after = decode(text, at)
        if is_space(code_point):
            return after
    return at
