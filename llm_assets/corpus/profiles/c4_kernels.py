"""C4's rules on lines, over the bytes of Arrow buffers: kernels compiled by Numba.

Lines end where Python's `str.splitlines` ends them, and whitespace is what `str.isspace` calls so:
both readings of C4 are Python programs.
"""

from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from llm_assets.corpus.profiles.python_text_kernels import is_space
from llm_assets.corpus.profiles.sentence_kernels import Hashes, bound_sentences
from llm_assets.corpus.word_kernels import Bytes, Counts, Int, Offsets, decode

COLUMNS: Final = (
    *("kept", "long_word", "unterminated", "short", "javascript", "policy"),
    *("lorem_ipsum", "curly_bracket", "least_sentences", "open_sentences"),
)
"""What `cut_lines` counts of each text:

lines by what became of them (a line is cut by the first rule that it breaks); of the lines kept,
those with a curly bracket and, before the first of these, those that say lorem ipsum; the sentences
that the lines kept have at least, and how many places more may be the end of one.
"""
_KEPT, _LONG_WORD, _UNTERMINATED, _SHORT, _JAVASCRIPT, _POLICY = range(6)
_LOREM_IPSUM, _CURLY_BRACKET, _LEAST, _OPEN = range(6, 10)

MOST_WORD_CHARS: Final = 1000

_LINE_FEED: Final = 0x0A
_CARRIAGE_RETURN: Final = 0x0D
_PERIOD: Final = ord(".")
_DOUBLE_QUOTE: Final = ord('"')
_APOSTROPHE: Final = ord("'")
_OPENING: Final = ord("[")
_CLOSING: Final = ord("]")
_CURLY: Final = ord("{")
_EDIT: Final = np.frombuffer(b"[edit]", np.uint8)
_CITATION_NEEDED: Final = np.frombuffer(b"[citation needed]", np.uint8)
_SAYS_LOREM_IPSUM: Final = np.frombuffer(b"lorem ipsum", np.uint8)
_SAYS_JAVASCRIPT: Final = np.frombuffer(b"javascript", np.uint8)
_TERMS_OF_USE: Final = np.frombuffer(b"terms of use", np.uint8)
_PRIVACY_POLICY: Final = np.frombuffer(b"privacy policy", np.uint8)
_COOKIE_POLICY: Final = np.frombuffer(b"cookie policy", np.uint8)
_USES_COOKIES: Final = np.frombuffer(b"uses cookies", np.uint8)
_USE_OF_COOKIES: Final = np.frombuffer(b"use of cookies", np.uint8)
_USE_COOKIES: Final = np.frombuffer(b"use cookies", np.uint8)
_LOREM_IPSUM_BIT: Final = 1
_JAVASCRIPT_BIT: Final = 2
_POLICY_BIT: Final = 4
_CURLY_BIT: Final = 8


@njit(nogil=True, cache=True)
def cut_lines(
    data: Bytes,
    offsets: Offsets,
    is_digit: NDArray[np.bool_],
    unsure_words: Hashes,
    least_words: Int,
    count_cited: bool,
    apostrophe_ends: bool,
    left: Bytes,
    left_offsets: Offsets,
    counts: Counts,
) -> None:
    """Cut the lines and citations that C4 cuts, and count.

    Args:
        data: the texts' bytes.
        offsets: where each text starts, and the end of the last.
        is_digit: by code point, whether it is a decimal digit.
        unsure_words: sorted hashes of words that may stand before a period inside a sentence.
        least_words: lines of fewer words are cut.
        count_cited: whether citations count among a line's words.
        apostrophe_ends: whether a line may end in an apostrophe.
        left: filled with the bytes that are left of the texts; as long as these.
        left_offsets: filled with where each text starts in `left`, and the end of the last.
        counts: filled with one row a text, with `COLUMNS`.
    """
    counts[:] = 0
    written: Int = 0
    left_offsets[0] = 0
    for row in range(len(offsets) - 1):
        count = counts[row]
        text_start = written
        at, end = offsets[row], offsets[row + 1]
        while at < end:
            start, stop, words, longest, at = _read_line(data, at, end)
            if longest > MOST_WORD_CHARS:
                count[_LONG_WORD] += 1
                continue
            line = written + (written > text_start)
            line_end = _copy_uncited(data, start, stop, is_digit, left, line)
            if not _is_terminated(left, line, line_end, apostrophe_ends):
                count[_UNTERMINATED] += 1
                continue
            if not count_cited and line_end - line < stop - start:
                words = _read_line(left, line, line_end)[2]
            if words < least_words:
                count[_SHORT] += 1
                continue
            said = _find_phrases(left, line, line_end)
            if not said & _LOREM_IPSUM_BIT and said & _JAVASCRIPT_BIT:
                count[_JAVASCRIPT] += 1
                continue
            if said & _LOREM_IPSUM_BIT:
                count[_LOREM_IPSUM] += count[_CURLY_BRACKET] == 0
            elif said & _CURLY_BIT:
                count[_CURLY_BRACKET] += 1
            elif said & _POLICY_BIT:
                count[_POLICY] += 1
                continue
            count[_KEPT] += 1
            least, candidates = bound_sentences(left, line, line_end, unsure_words)
            count[_LEAST] += least
            count[_OPEN] += candidates
            if written > text_start:
                left[written] = _LINE_FEED
            written = line_end
        left_offsets[row + 1] = written


@njit(nogil=True, cache=True)
def _read_line(data: Bytes, at: Int, end: Int) -> tuple[Int, Int, Int, Int, Int]:
    """Read up to the end of a line.

    Returns:
        Where the line starts and ends without the whitespace around it, its words, the characters
        of the longest, and where the next line starts.
    """
    start = stop = at
    words = chars = longest = 0
    while at < end:
        code_point, after = decode(data, at)
        if is_space(code_point):
            chars = 0
            if _is_line_end(code_point):
                if code_point == _CARRIAGE_RETURN and after < end and data[after] == _LINE_FEED:
                    after += 1
                at = after
                break
        else:
            if chars == 0:
                words += 1
                if words == 1:
                    start = at
            chars += 1
            longest = max(longest, chars)
            stop = after
        at = after
    return (start, stop, words, longest, at) if words else (at, at, 0, 0, at)


@njit(nogil=True, cache=True)
def _is_line_end(space: Int) -> bool:
    """Tell whether `str.splitlines` ends a line at this whitespace."""
    return bool(0x0A <= space <= 0x0D or 0x1C <= space <= 0x1E or space in (0x85, 0x2028, 0x2029))


@njit(nogil=True, cache=True)
def _copy_uncited(
    data: Bytes, start: Int, stop: Int, is_digit: NDArray[np.bool_], left: Bytes, to: Int
) -> Int:
    """Copy a line without citations such as [12], [edit], [citation needed]; return its end."""
    at = start
    while at < stop:
        if data[at] == _OPENING:
            after = _skip_citation(data, at, stop, is_digit)
            if after > at:
                at = after
                continue
        left[to] = data[at]
        at += 1
        to += 1
    return to


@njit(nogil=True, cache=True)
def _skip_citation(data: Bytes, at: Int, stop: Int, is_digit: NDArray[np.bool_]) -> Int:
    after = at + 1
    while after < stop:
        code_point, following = decode(data, after)
        if code_point == _CLOSING:
            return following
        if code_point >= len(is_digit) or not is_digit[code_point]:
            break
        after = following
    if _starts_with(data, at, stop, _EDIT):
        return at + len(_EDIT)
    if _starts_with(data, at, stop, _CITATION_NEEDED):
        return at + len(_CITATION_NEEDED)
    return at


@njit(nogil=True, cache=True)
def _starts_with(data: Bytes, at: Int, stop: Int, phrase: Bytes) -> bool:
    if stop - at < len(phrase):
        return False
    for i in range(len(phrase)):  # noqa: SIM110 - Numba compiles no generator expressions
        if data[at + i] != phrase[i]:
            return False
    return True


@njit(nogil=True, cache=True)
def _is_terminated(line: Bytes, start: Int, end: Int, apostrophe_ends: bool) -> bool:
    """Tell whether a line ends in . ? ! or a quote, and not in an ellipsis."""
    if start == end:
        return False
    last = line[end - 1]
    if last == _PERIOD:
        dots = line[end - 2] == line[end - 3] == _PERIOD if end - start > 2 else False
        return not dots
    if last == _APOSTROPHE:
        return apostrophe_ends
    return last in (ord("?"), ord("!"), _DOUBLE_QUOTE)


@njit(nogil=True, cache=True)
def _find_phrases(line: Bytes, start: Int, end: Int) -> Int:
    """Return the bits of what a line says, in capitals or not."""
    said = 0
    for at in range(start, end):
        byte = line[at] | 0x20 if line[at] < 0x80 else line[at]
        if byte == ord("l"):
            said |= _LOREM_IPSUM_BIT * _says(line, at, end, _SAYS_LOREM_IPSUM)
        elif byte == ord("j"):
            said |= _JAVASCRIPT_BIT * _says(line, at, end, _SAYS_JAVASCRIPT)
        elif byte == ord("t"):
            said |= _POLICY_BIT * _says(line, at, end, _TERMS_OF_USE)
        elif byte == ord("p"):
            said |= _POLICY_BIT * _says(line, at, end, _PRIVACY_POLICY)
        elif byte == ord("c"):
            said |= _POLICY_BIT * _says(line, at, end, _COOKIE_POLICY)
        elif byte == ord("u"):
            said |= _POLICY_BIT * (
                _says(line, at, end, _USES_COOKIES)
                or _says(line, at, end, _USE_OF_COOKIES)
                or _says(line, at, end, _USE_COOKIES)
            )
        elif line[at] == _CURLY:
            said |= _CURLY_BIT
    return said


@njit(nogil=True, cache=True)
def _says(line: Bytes, at: Int, end: Int, phrase: Bytes) -> bool:
    """Tell whether a phrase in small letters stands here, in any case, as `str.lower` sees it.

    The one character beyond ASCII that it makes an ASCII letter is the sign of kelvin, U+212A.
    """
    for i in range(len(phrase)):
        if at >= end:
            return False
        byte = line[at]
        if 0x41 <= byte <= 0x5A:
            byte |= 0x20
        elif byte == 0xE2 and end - at > 2 and line[at + 1] == 0x84 and line[at + 2] == 0xAA:
            byte = ord("k")
            at += 2
        if byte != phrase[i]:
            return False
        at += 1
    return True
