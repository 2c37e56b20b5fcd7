"""Passages to cut, as ranges of bytes that leave no gaps of blank lines behind."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from llm_assets.corpus.passages.passage_kernels import NEWLINE, line_end_of, measure, strip
from llm_assets.corpus.word_kernels import Bytes, Int, Names, Offsets


@njit(nogil=True, cache=True)
def _lines_before_are_blank(data: Bytes, begin: Int, start: Int) -> bool:
    """Whether a line starts a text, or stands behind a blank one."""
    at = start - 1  # the newline
    while at > begin and (data[at - 1] == 0x20 or data[at - 1] == 0x09):
        at -= 1
    return bool(at <= begin or data[at - 1] == NEWLINE)


@njit(nogil=True, cache=True)
def _skip_blank_lines(data: Bytes, at: Int, end: Int) -> Int:
    """Return the start of the first line from here on that is not blank, or the end."""
    while at < end:
        line_end = line_end_of(data, at, end)
        start, stripped = strip(data, at, line_end)
        if start < stripped:
            return at
        at = min(line_end + 1, end)
    return at


@njit(nogil=True, cache=True)
def unite_cuts(
    data: Bytes,
    offsets: Offsets,
    firsts: Offsets,
    starts: Names,
    ends: Names,
    figures: NDArray[np.int64],
) -> Int:
    """Unite the passages to cut of each text into ranges, in place; return how many there are.

    Blank lines that a cut would leave behind one another, at the start or at the end of the text
    go with it.

    Args:
        data: the texts' bytes.
        offsets: where each text starts, and the end of the last.
        firsts: which passages are of which text, as `offsets` for `starts`.
        starts: bytes from the start of the text, ascending; receives the ranges' starts.
        ends: bytes from the start of the text; receives the ranges' ends.
        figures: zeros; receives ranges, characters cut, characters in all, and words left of each
            text.
    """
    written = 0
    for row in range(len(offsets) - 1):
        begin, end = offsets[row], offsets[row + 1]
        before = written
        at = firsts[row]
        while at < firsts[row + 1]:
            start, stop = begin + starts[at], begin + ends[at]
            is_behind_blank = _lines_before_are_blank(data, begin, start)
            at += 1
            while True:
                if is_behind_blank:
                    stop = _skip_blank_lines(data, stop, end)
                if at == firsts[row + 1] or begin + starts[at] > stop:
                    break
                stop = max(stop, begin + ends[at])
                at += 1
            if at == firsts[row + 1] and _skip_blank_lines(data, stop, end) == end:
                stop = end
                # What stands before may be blank up to another cut, and before that one.
                while True:
                    position = begin + ends[written - 1] if written > before else begin
                    first, last = strip(data, position, start)
                    if first < last or written == before:
                        start = last if first < last else begin
                        break
                    written -= 1
                    start = begin + starts[written]
            starts[written], ends[written] = start - begin, stop - begin
            written += 1
        figures[row, 0] = written - before
        position = begin
        for i in range(before, written):
            start, stop = begin + starts[i], begin + ends[i]
            halves, chars = measure(data, position, start)
            _, cut_chars = measure(data, start, stop)
            figures[row, 1] += cut_chars
            figures[row, 2] += chars + cut_chars
            figures[row, 3] += halves
            position = stop
        halves, chars = measure(data, position, end)
        figures[row, 2] += chars
        figures[row, 3] = (figures[row, 3] + halves) // 2
    return written
