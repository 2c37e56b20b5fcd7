"""Word boundaries of Unicode (UAX #29) in Arrow buffers: kernels compiled by Numba."""

from typing import Final

import numpy as np
from numba import njit

from llm_assets.corpus.span_kernels import Classes
from llm_assets.corpus.word_kernels import Bytes, Int, Names, Offsets, decode

# Values of Word_Break, as bits, so that a rule's set of values is one mask.
LETTER: Final = 1 << 0  # ALetter
HEBREW: Final = 1 << 1
NUMERIC: Final = 1 << 2
KATAKANA: Final = 1 << 3
EXTENDER: Final = 1 << 4  # ExtendNumLet: underscores
SKIPPED: Final = 1 << 5  # Extend, Format and ZWJ, to which WB4 is blind
MID_LETTER: Final = 1 << 6
MID_NUMBER: Final = 1 << 7
MID_BOTH: Final = 1 << 8  # MidNumLet
SINGLE_QUOTE: Final = 1 << 9
DOUBLE_QUOTE: Final = 1 << 10
REGIONAL: Final = 1 << 11
LINE_END: Final = 1 << 12  # CR, LF and Newline
SPACE: Final = 1 << 13  # WSegSpace
PICTOGRAPH: Final = 1 << 14
ALPHANUMERIC: Final = 1 << 15  # by general category: not one of Word_Break

_ANY_LETTER: Final = LETTER | HEBREW
_JOINED: Final = _ANY_LETTER | NUMERIC
_IN_LETTERS: Final = MID_LETTER | MID_BOTH | SINGLE_QUOTE
_IN_NUMBERS: Final = MID_NUMBER | MID_BOTH | SINGLE_QUOTE
_CR: Final = 0x0D
_LF: Final = 0x0A
_ZWJ: Final = 0x200D


@njit(nogil=True, cache=True)
def find_words(
    data: Bytes, offsets: Offsets, classes: Classes, first: Offsets, starts: Names, lengths: Names
) -> None:
    """Find the words of each text that start with a letter or a number.

    Args:
        data: the texts' bytes.
        offsets: where each text starts, and the end of the last.
        classes: the class bits of each code point.
        first: filled with where each text's words start below, and the end of the last.
        starts: filled with bytes from the start of the text.
        lengths: filled with bytes.
    """
    total = np.int64(0)
    for row in range(len(offsets) - 1):
        first[row] = total
        text, end = offsets[row], offsets[row + 1]
        start = at = text
        code_point, after = decode(data, at) if at < end else (0, at)
        kind = np.int64(classes[code_point])
        opens = kind & ALPHANUMERIC
        # What stands before, and before that, as WB4 sees it.
        last = np.int64(0) if kind & SKIPPED else kind
        before_last = np.int64(0)
        flags_before: Int = 1 if last & REGIONAL else 0
        at = after
        while at < end:
            last_point, last_kind = code_point, kind
            code_point, after = decode(data, at)
            kind = np.int64(classes[code_point])
            joined = _is_joined_plainly(last_point, last_kind, code_point, kind)
            if joined < 0:
                joined = _is_joined(
                    before_last, last, kind, flags_before, data, after, end, classes
                )
            if not joined:
                if opens:
                    starts[total], lengths[total] = start - text, at - start
                    total += 1
                start = at
                opens = kind & ALPHANUMERIC
            if not kind & SKIPPED:
                before_last, last = last, kind
                flags_before = flags_before + 1 if kind & REGIONAL else 0
            at = after
        if opens and start < end:
            starts[total], lengths[total] = start - text, end - start
            total += 1
    first[len(offsets) - 1] = total


@njit(nogil=True, cache=True)
def _is_joined_plainly(last_point: Int, last: Int, code_point: Int, kind: Int) -> Int:
    """Say by WB3 to WB4, which see every character: 1 no boundary, 0 a boundary, -1 neither."""
    if last & kind & _ANY_LETTER:  # most often; nothing before WB5 says otherwise
        return 1
    if last & LINE_END:
        return 1 if last_point == _CR and code_point == _LF else 0
    if kind & LINE_END:
        return 0
    if last_point == _ZWJ and kind & PICTOGRAPH:
        return 1
    if last & kind & SPACE or kind & SKIPPED:
        return 1
    return -1


@njit(nogil=True, cache=True)
def _is_joined(
    before_last: Int,
    last: Int,
    kind: Int,
    flags_before: Int,
    data: Bytes,
    after: Int,
    end: Int,
    classes: Classes,
) -> bool:
    """Say by WB5 to WB999, which do not see what WB4 skips."""
    if last & _JOINED and kind & _JOINED:  # WB5, 8 to 10
        return True
    if last & (_JOINED | KATAKANA | EXTENDER) and kind & EXTENDER:  # WB13a
        return True
    if last & EXTENDER and kind & (_JOINED | KATAKANA):  # WB13b
        return True
    if last & kind & KATAKANA:  # WB13
        return True
    if last & kind & REGIONAL:  # WB15, 16
        return flags_before % 2 == 1
    if kind & _ANY_LETTER:  # WB7
        if before_last & _ANY_LETTER and last & _IN_LETTERS:
            return True
        return bool(before_last & kind & HEBREW and last & DOUBLE_QUOTE)  # WB7c
    if kind & NUMERIC:  # WB11
        return bool(before_last & NUMERIC and last & _IN_NUMBERS)
    if last & HEBREW and kind & SINGLE_QUOTE:  # WB7a
        return True
    if last & _ANY_LETTER and kind & _IN_LETTERS:  # WB6
        return bool(_next_kind(data, after, end, classes) & _ANY_LETTER)
    if last & HEBREW and kind & DOUBLE_QUOTE:  # WB7b
        return bool(_next_kind(data, after, end, classes) & HEBREW)
    if last & NUMERIC and kind & _IN_NUMBERS:  # WB12
        return bool(_next_kind(data, after, end, classes) & NUMERIC)
    return False


@njit(nogil=True, cache=True)
def _next_kind(data: Bytes, at: Int, end: Int, classes: Classes) -> Int:
    while at < end:
        code_point, at = decode(data, at)
        kind = np.int64(classes[code_point])
        if not kind & SKIPPED:
            return kind
    return np.int64(0)
