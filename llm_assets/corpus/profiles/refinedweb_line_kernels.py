"""What RefinedWeb's rules look for in a line: kernels compiled by Numba."""

from typing import Final

import numpy as np
from numba import njit

from llm_assets.corpus.profiles.python_text_kernels import after_one_space, after_space, is_space
from llm_assets.corpus.span_kernels import Classes, decode_back
from llm_assets.corpus.word_kernels import Bytes, Int, decode

UPPER: Final = 1
"""Class bit of what `str.isupper` is true of."""
DIGIT: Final = 2
"""Class bit of what `str.isdigit` is true of: decimal digits, superscripts, circled ones."""
DECIMAL: Final = 4
"""Class bit of what `str.isdecimal` is true of."""
ALNUM: Final = 8
"""Class bit of what `str.isalnum` is true of."""

PHRASES: Final = 3
"""How many phrases there are to be cut out of lines."""

_ITEMS_IN_CART: Final = np.frombuffer(b"items in cart", np.uint8)
_READ_MORE: Final = np.frombuffer(b"read more", np.uint8)
_READ_MORE_CHARS: Final = 12  # "read more..." is a regular expression: three characters follow
_SIGN_IN: Final = np.frombuffer(b"sign-in", np.uint8)
_COUNTED: Final = np.frombuffer(
    b"likes shares comments retweets reposts quotes bookmarks upvotes downvotes downloads views "
    b"followers ",
    np.uint8,
)


@njit(nogil=True, cache=True)
def is_counter(text: Bytes, start: Int, end: Int, classes: Classes) -> bool:
    """Tell whether a line is a number of likes, shares, comments and so on."""
    at = _after_signs(text, start, end, classes)
    if at == end or not classes[decode(text, at)[0]] & DECIMAL:
        return False
    while at < end:
        code_point, after = decode(text, at)
        if not (code_point in (ord(","), ord(".")) or classes[code_point] & DECIMAL):
            break
        at = after
    if at < end and _folded(text, at, end)[0] in (ord("k"), ord("m"), ord("b")):
        at = _folded(text, at, end)[1]
    spaced = after_space(text, at, end)
    if spaced == at:
        return False
    first = 0
    for i in range(len(_COUNTED)):
        if _COUNTED[i] == 0x20:
            after = _after_phrase(text, spaced, end, _COUNTED[first:i], False)
            if after >= 0 and _after_signs(text, after, end, classes) == end:
                return True
            first = i + 1
    return False


@njit(nogil=True, cache=True)
def _after_signs(text: Bytes, start: Int, end: Int, classes: Classes) -> Int:
    """Skip what is no letter, digit or underscore."""
    while start < end:
        code_point, after = decode(text, start)
        if classes[code_point] & ALNUM or code_point == ord("_"):
            break
        start = after
    return start


@njit(nogil=True, cache=True)
def _folded(text: Bytes, at: Int, end: Int) -> tuple[Int, Int]:
    """Return a character as `str.lower` makes it, if that is ASCII, and where the next starts."""
    code_point, after = decode(text, at)
    if 0x41 <= code_point <= 0x5A:
        return code_point | 0x20, after
    return (ord("k") if code_point == 0x212A else code_point), after


@njit(nogil=True, cache=True)
def _after_phrase(text: Bytes, at: Int, end: Int, phrase: Bytes, any_case: bool) -> Int:
    """Return where a phrase that stands here ends; -1 if it does not.

    Args:
        text: the bytes.
        at: where the phrase is sought.
        end: where the line ends.
        phrase: in small letters.
        any_case: whether letters match as `re.IGNORECASE` has it, to which a dotless i is an i and
            a long s an s; otherwise as in the text made small.
    """
    for i in range(len(phrase)):
        if at >= end:
            return -1
        code_point, at = _folded(text, at, end)
        if any_case and code_point in (0x130, 0x131):
            code_point = ord("i")
        elif any_case and code_point == 0x17F:
            code_point = ord("s")
        if code_point != phrase[i]:
            return -1
    return at


@njit(nogil=True, cache=True)
def without_phrase(text: Bytes, start: Int, end: Int, phrase: Int) -> tuple[Int, Int]:
    """Return where a line starts and ends without a phrase; what stood inside is closed up."""
    if phrase == 0:
        return start, _without_items_in_cart(text, start, end)
    if phrase == 1:
        return start, _without_read_more(text, start, end)
    after = _after_phrase(text, start, end, _SIGN_IN, True)
    return (after_one_space(text, after, end) if after >= 0 else start), end


@njit(nogil=True, cache=True)
def _without_items_in_cart(text: Bytes, start: Int, end: Int) -> Int:
    at = to = start
    while at < end:
        spaced = after_one_space(text, at, end)
        after = _after_phrase(text, spaced, end, _ITEMS_IN_CART, True)
        if after >= 0:
            at = after
            continue
        for i in range(at, decode(text, at)[1]):
            text[to] = text[i]
            to += 1
        at = decode(text, at)[1]
    return to


@njit(nogil=True, cache=True)
def _without_read_more(text: Bytes, start: Int, end: Int) -> Int:
    at = end
    for _ in range(_READ_MORE_CHARS):
        if at <= start:
            return end
        at = decode_back(text, at)[1]
    if _after_phrase(text, at, end, _READ_MORE, True) < 0:
        return end
    if at > start:
        code_point, before = decode_back(text, at)
        if is_space(code_point):
            return before
    return at
