"""The rules by which spaCy's English tokenizer cuts what stands between whitespace: Numba kernels.

It takes prefixes and suffixes off a chunk until there are none, and cuts what is left at infixes.
Unless there is an exception for the chunk, or for what is left of it: such a chunk is odd, and not
cut here.
"""

from typing import Final, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

from llm_assets.corpus.span_kernels import Classes, Keys
from llm_assets.corpus.word_kernels import Bytes, Counts, Int, slot_of

Points: TypeAlias = NDArray[np.int32]

SPACE: Final = 1 << 0
PREFIX: Final = 1 << 1  # taken off as a single character
SUFFIX: Final = 1 << 2  # likewise
ALPHA: Final = 1 << 3
LOWER: Final = 1 << 4  # and letters without case
UPPER: Final = 1 << 5  # likewise
QUOTE: Final = 1 << 6
BEFORE_STOP: Final = 1 << 7  # a full stop behind it is a suffix
ICON: Final = 1 << 8  # infix by itself
HYPHEN: Final = 1 << 9
DIGIT: Final = 1 << 10  # of ASCII
HOST: Final = 1 << 11  # can stand before the last full stop of a web address
SIGN: Final = 1 << 12  # the other characters of any rule
PAIRED: Final = 1 << 13  # begins the second token of an exception that the rules would cut

ODD: Final = -1
LONGEST_EXCEPTION: Final = 12  # characters
LONGEST_UNIT: Final = 5
LONGEST_ASKED: Final = 2_000
"""Characters of a chunk that spaCy is asked about. Its pattern of web addresses takes time that
grows with their square; a longer chunk is taken for no address and without exceptions."""

_ACTIVE: Final = PREFIX | SUFFIX | ICON | HYPHEN | SIGN
_A, _C, _F, _K, _S, _U = (ord(letter) for letter in "ACFKSU")
_CASE: Final = 0x20
_DOT, _COMMA, _PLUS, _MINUS, _DOLLAR = (ord(sign) for sign in ".,+-$")
_STAR, _CARET, _COLON, _LESS, _EQUALS, _MORE, _SLASH = (ord(sign) for sign in "*^:<=>/")
_APOSTROPHE, _CURLY_APOSTROPHE = 0x27, 0x2019
_ELLIPSIS: Final = 0x2026
_KEY: Final = np.uint64(0xCBF29CE484222325)  # FNV-1a
_FNV_PRIME: Final = np.uint64(0x100000001B3)
_EM_DASH: Final = 0x2014
_DEGREE: Final = 0xB0


@njit(nogil=True, cache=True)
def cut_chunk(
    points: Points,
    kinds: Classes,
    size: Int,
    exceptions: Keys,
    units: Keys,
    pairs: Keys,
    cuts: Points,
    tail: Points,
) -> Int:
    """Cut a chunk by the rules.

    Args:
        points: the chunk's code points.
        kinds: their class bits.
        size: how many there are.
        exceptions: keys of chunks that have an exception, as `keep_keys` stores them.
        units: keys of what is a suffix behind a digit.
        pairs: keys of the first two tokens that the rules would make of an exception.
        cuts: filled with where each token starts, and the end of the last.
        tail: overwritten.

    Returns:
        The number of tokens, or `ODD`.
    """
    asked = size <= LONGEST_ASKED
    left, right = np.int64(0), np.int64(size)
    made: Int = 0
    dropped = 0
    cuts[0] = 0
    if _is_kept(exceptions, points, left, right, 0, LONGEST_EXCEPTION):
        return ODD
    while left < right:
        before = _prefix(points, kinds, left, right)
        behind = _suffix(points, kinds, left + before, right, units)
        if before + behind == 0:
            break
        if asked and (
            (before and _is_kept(exceptions, points, left + before, right, 0, LONGEST_EXCEPTION))
            or (behind and _is_kept(exceptions, points, left, right - behind, 0, LONGEST_EXCEPTION))
        ):
            return ODD
        if before:
            left += before
            made += 1
            cuts[made] = left
        if behind and (not before or left + behind <= right):
            tail[dropped] = right
            dropped += 1
            right -= behind
        # With one of them, this has been looked up above.
        both = before and behind and asked
        if both and _is_kept(exceptions, points, left, right, 0, LONGEST_EXCEPTION):
            return ODD
    if left < right:
        made_before = made
        made = _cut_at_infixes(points, kinds, left, right, cuts, made)
        if asked and made > made_before + 1 and _may_be_address(points, kinds, left, right):
            return ODD
    for i in range(dropped - 1, -1, -1):
        made += 1
        cuts[made] = tail[i]
    if asked:
        for i in range(made - 1):
            start, middle, end = cuts[i], cuts[i + 1], cuts[i + 2]
            if kinds[middle] & PAIRED and _is_kept(
                pairs, points, start, end, middle - start, LONGEST_EXCEPTION
            ):
                return ODD
    return made


@njit(nogil=True, cache=True)
def _prefix(points: Points, kinds: Classes, start: Int, end: Int) -> Int:
    """Return the characters of the prefix rule that matches here; 0 for none."""
    point = points[start]
    if point == _DOT:
        run = 1
        while start + run < end and points[start + run] == _DOT:
            run += 1
        return run if run > 1 else 0
    if kinds[start] & PREFIX:
        return 1
    if point == _PLUS:
        return 0 if start + 1 < end and kinds[start + 1] & DIGIT else 1
    if point == _U and start + 2 < end and points[start + 1] == _S:
        return 3 if points[start + 2] == _DOLLAR else 0
    if (point in (_C, _A)) and start + 1 < end:
        return 2 if points[start + 1] == _DOLLAR else 0
    return 0


@njit(nogil=True, cache=True)
def _suffix(points: Points, kinds: Classes, start: Int, end: Int, units: Keys) -> Int:
    """Return the characters of the longest suffix rule that matches; 0 for none."""
    if start >= end:
        return 0
    last = end - 1
    point = points[last]
    if point == _DOT:
        return _full_stops(points, kinds, start, end)
    longest = 1 if kinds[last] & SUFFIX else 0
    if last > start:
        previous = points[last - 1]
        if point == _ELLIPSIS == previous:
            longest = 2
        if point in (_S, _S | _CASE) and previous in (_APOSTROPHE, _CURLY_APOSTROPHE):
            longest = 2
    for width in range(1, min(LONGEST_UNIT, last - start) + 1):
        if kinds[end - width] & DIGIT:
            break
        if kinds[end - width - 1] & DIGIT and _is_kept(
            units, points, end - width, end, 0, LONGEST_UNIT
        ):
            longest = max(longest, width)
    return longest


@njit(nogil=True, cache=True)
def _full_stops(points: Points, kinds: Classes, start: Int, end: Int) -> Int:
    """Return the characters of the suffix rule that matches a full stop at the end."""
    last = end - 1
    run = 1
    while last - run >= start and points[last - run] == _DOT:
        run += 1
    if run > 1:
        return run
    if last == start:
        return 0
    kind, point = kinds[last - 1], points[last - 1] & ~_CASE
    if kind & BEFORE_STOP:
        return 1
    if last - 1 > start:
        if kind & UPPER and kinds[last - 2] & UPPER:
            return 1
        if point in (_F, _C, _K) and points[last - 2] == _DEGREE:
            return 1
    return 0


@njit(nogil=True, cache=True)
def _cut_at_infixes(
    points: Points, kinds: Classes, start: Int, end: Int, cuts: Points, made: Int
) -> Int:
    """Cut at each infix, which is a token of its own, except at the very start.

    Returns:
        The number of cuts, with one at the end.
    """
    at = token = start
    while at < end:
        width = _infix(points, kinds, at, start, end)
        if width == 0:
            at += 1
            continue
        if at > start:
            if at > token:
                made += 1
                cuts[made] = at
            made += 1
            cuts[made] = token = at + width
        at += width
    if token < end:
        made += 1
        cuts[made] = end
    return made


@njit(nogil=True, cache=True)
def _infix(points: Points, kinds: Classes, at: Int, start: Int, end: Int) -> Int:
    """Return the characters of the infix rule that matches here; 0 for none."""
    point, kind = points[at], kinds[at]
    if kind & ICON or point == _ELLIPSIS:
        return 1
    if not kind & _ACTIVE:
        return 0
    before: Int = np.int64(kinds[at - 1]) if at > start else 0
    behind: Int = np.int64(kinds[at + 1]) if at + 1 < end else 0
    if point == _DOT:
        run = 1
        while at + run < end and points[at + run] == _DOT:
            run += 1
        if run > 1:
            return run
        return 1 if before & (LOWER | QUOTE) and behind & (UPPER | QUOTE) else 0
    if point == _COMMA:
        return 1 if before & behind & ALPHA else 0
    if (
        point in (_PLUS, _MINUS, _STAR, _CARET)
        and before & DIGIT
        and (behind & DIGIT or (at + 1 < end and points[at + 1] == _MINUS))
    ):
        return 1
    if kind & HYPHEN and before & (ALPHA | DIGIT):
        return _hyphens(points, kinds, at, end)
    if point in (_COLON, _LESS, _MORE, _EQUALS, _SLASH):
        return 1 if before & (ALPHA | DIGIT) and behind & ALPHA else 0
    return 0


@njit(nogil=True, cache=True)
def _hyphens(points: Points, kinds: Classes, at: Int, end: Int) -> Int:
    """Return the characters of a hyphen of any width before a letter; 0 where there is none."""
    point = points[at]
    most = 3 if point == _MINUS else 2 if point == _EM_DASH else 1
    width = 1
    while width < most and at + width < end and points[at + width] == point:
        width += 1
    return width if at + width < end and kinds[at + width] & ALPHA else 0


@njit(nogil=True, cache=True)
def _may_be_address(points: Points, kinds: Classes, start: Int, end: Int) -> bool:
    """Whether there is what a web address must have: a name's last full stop, or four numbers."""
    stops = 0
    for at in range(start + 1, end - 1):
        if points[at] == _DOT:
            stops += 1
            if (
                kinds[at - 1] & HOST
                and kinds[at + 1] & LOWER
                and at + 2 < end
                and kinds[at + 2] & LOWER
            ):
                return True
    return stops > 2


@njit(nogil=True, cache=True)
def keep_keys(points: Points, bounds: Counts, heads: Counts, table: Keys) -> None:
    """Store the keys of strings in a table that is less than half full.

    Args:
        points: the code points of the strings, one string after the other.
        bounds: where each starts, and the end of the last.
        heads: what else tells a string from others: of pairs the characters of the first token.
        table: filled; 0 is no key.
    """
    table[:] = 0
    for i in range(len(bounds) - 1):
        key = _key(points, bounds[i], bounds[i + 1], heads[i])
        slot = slot_of(key, len(table))
        while table[slot] != 0:
            slot = slot + 1 if slot + 1 < len(table) else 0
        table[slot] = key


@njit(nogil=True, cache=True)
def _key(points: Points, start: Int, end: Int, head: Int) -> Int:
    key = _KEY ^ np.uint64(head)
    for i in range(start, end):
        key = (key ^ np.uint64(points[i])) * _FNV_PRIME
    return key | np.uint64(1)


@njit(nogil=True, cache=True)
def _is_kept(table: Keys, points: Points, start: Int, end: Int, head: Int, longest: Int) -> bool:
    """Whether a string is in a table, or has the key of one that is."""
    if not 0 < end - start <= longest:
        return False
    return _has_key(table, _key(points, start, end, head))


@njit(nogil=True, cache=True)
def _has_key(table: Keys, key: Int) -> bool:
    slot = slot_of(key, len(table))
    while table[slot] != 0:
        if table[slot] == key:
            return True
        slot = slot + 1 if slot + 1 < len(table) else 0
    return False


@njit(nogil=True, cache=True)
def is_kept_word(table: Keys, data: Bytes, start: Int, end: Int) -> bool:
    """Say of ASCII letters what `_is_kept` says of their code points."""
    if end - start > LONGEST_EXCEPTION:
        return False
    key = _KEY
    for at in range(start, end):
        key = (key ^ np.uint64(data[at])) * _FNV_PRIME
    return _has_key(table, key | np.uint64(1))
