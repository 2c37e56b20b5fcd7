"""Lines and paragraphs of texts, and the marks at their ends: kernels compiled by Numba."""

from typing import Final

import numpy as np
from numba import njit

from llm_assets.corpus.span_kernels import Classes, decode_back
from llm_assets.corpus.word_kernels import Bytes, Counts, Int, Names, Offsets, decode

SPACE: Final = 1
"""Class bit of what is stripped."""

AS_IS: Final = 0
STRIP_TEXT: Final = 1
"""Whitespace around the text goes before it is cut."""
STRIP_EACH: Final = 2
"""Whitespace around each piece goes, and pieces without anything else."""

THREE_DOTS: Final = 1
SPACED_DOTS: Final = 2
ELLIPSIS: Final = 4

_NEWLINE: Final = 0x0A


@njit(nogil=True, cache=True)
def cut_at_newlines(
    data: Bytes,
    offsets: Offsets,
    least: Int,
    greedy: bool,
    strip: Int,
    classes: Classes,
    first: Offsets,
    starts: Names,
    lengths: Names,
) -> None:
    r"""Cut each text where newlines follow one another.

    Args:
        data: the texts' bytes.
        offsets: where each text starts, and the end of the last.
        least: newlines that make a cut.
        greedy: whether a cut takes all newlines that follow, as `\n{2,}` does and `\n\n` does not.
        strip: `AS_IS`, `STRIP_TEXT` or `STRIP_EACH`.
        classes: with the bit `SPACE`.
        first: filled with where each text's pieces start below, and the end of the last.
        starts: filled with bytes from the start of the text.
        lengths: filled with bytes.
    """
    total = np.int64(0)
    for row in range(len(offsets) - 1):
        first[row] = total
        text = at = offsets[row]
        end = offsets[row + 1]
        if strip == STRIP_TEXT:
            at, end = _stripped(data, at, end, classes)
        start = at
        while True:
            run = np.int64(0)
            while at + run < end and data[at + run] == _NEWLINE and (greedy or run < least):
                run += 1
            if at < end and run < least:
                at += max(run, 1)
                continue
            left, right = start, at
            if strip == STRIP_EACH:
                left, right = _stripped(data, start, at, classes)
            if strip != STRIP_EACH or left < right:
                starts[total], lengths[total] = left - text, right - left
                total += 1
            if at >= end:
                break
            at += run
            start = at
    first[len(offsets) - 1] = total


@njit(nogil=True, cache=True)
def cut_at_line_ends(
    data: Bytes, offsets: Offsets, first: Offsets, starts: Names, lengths: Names
) -> None:
    """Cut each text as `str.splitlines` does: at any line end of Unicode, none after the last."""
    total = np.int64(0)
    for row in range(len(offsets) - 1):
        first[row] = total
        text = start = at = offsets[row]
        end = offsets[row + 1]
        while at < end:
            if 0x1F < data[at] < 0xC2:  # nothing of a line end, as most bytes
                at += 1
                continue
            width = _line_end_width(data, at, end)
            if width:
                starts[total], lengths[total] = start - text, at - start
                total += 1
                start = at + width
            at += max(width, 1)
        if start < end:
            starts[total], lengths[total] = start - text, end - start
            total += 1
    first[len(offsets) - 1] = total


@njit(nogil=True, cache=True)
def count_marked(
    data: Bytes,
    offsets: Offsets,
    first: Offsets,
    starts: Names,
    lengths: Names,
    bullets: Counts,
    ellipses: Int,
    strip: bool,
    classes: Classes,
    out: Counts,
) -> None:
    """Count the pieces that start with a bullet and those that end in an ellipsis.

    Args:
        data: the texts' bytes.
        offsets: where each text starts, and the end of the last.
        first: where each text's pieces start below, and the end of the last.
        starts: bytes from the start of the text.
        lengths: bytes.
        bullets: code points.
        ellipses: which of `THREE_DOTS`, `SPACED_DOTS` and `ELLIPSIS` count.
        strip: whether whitespace around a piece is passed over.
        classes: with the bit `SPACE`.
        out: filled with one row a text: with a bullet; with an ellipsis.
    """
    for row in range(len(first) - 1):
        bullet = ellipsis = 0
        for piece in range(first[row], first[row + 1]):
            start = offsets[row] + np.int64(starts[piece])
            end = start + np.int64(lengths[piece])
            if strip:
                start, end = _stripped(data, start, end, classes)
            if start == end:
                continue
            code_point, _ = decode(data, start)
            for mark in bullets:
                bullet += mark == code_point
            ellipsis += _ends_in_ellipsis(data, start, end, ellipses)
        out[row, 0], out[row, 1] = bullet, ellipsis


@njit(nogil=True, cache=True)
def _stripped(data: Bytes, start: Int, end: Int, classes: Classes) -> tuple[Int, Int]:
    while start < end:
        code_point, after = decode(data, start)
        if not classes[code_point] & SPACE:
            break
        start = after
    while start < end:
        code_point, before = decode_back(data, end)
        if not classes[code_point] & SPACE:
            break
        end = before
    return start, end


@njit(nogil=True, cache=True)
def _line_end_width(data: Bytes, at: Int, end: Int) -> Int:
    r"""Return the bytes of the line end here: 0 for none, 2 for `\r\n`."""
    byte = data[at]
    if byte == 0x0D:
        return 2 if at + 1 < end and data[at + 1] == _NEWLINE else 1
    if byte < 0x20:
        return 1 if _NEWLINE <= byte <= 0x0C or 0x1C <= byte <= 0x1E else 0
    if byte == 0xC2:
        return 2 if data[at + 1] == 0x85 else 0
    if byte == 0xE2:
        return 3 if data[at + 1] == 0x80 and data[at + 2] | 1 == 0xA9 else 0
    return 0


@njit(nogil=True, cache=True)
def _ends_in_ellipsis(data: Bytes, start: Int, end: Int, ellipses: Int) -> bool:
    if ellipses & THREE_DOTS and _ends_in(data, start, end, 3, 0x2E2E2E):
        return True
    if ellipses & SPACED_DOTS and _ends_in(data, start, end, 5, 0x2E202E202E):
        return True
    return bool(ellipses & ELLIPSIS) and _ends_in(data, start, end, 3, 0xE280A6)


@njit(nogil=True, cache=True)
def _ends_in(data: Bytes, start: Int, end: Int, width: Int, packed: Int) -> bool:
    if end - start < width:
        return False
    tail = np.int64(0)
    for at in range(end - width, end):
        tail = tail << 8 | np.int64(data[at])
    return bool(tail == packed)
