"""Runs of text without spaces, taken out for a segmenter and cut as it says: compiled by Numba."""

from typing import Final

import numpy as np
from numba import njit

from llm_assets.corpus.byte_kernels import eight_bytes, first_marked, mark_spaces_and_others
from llm_assets.corpus.word_kernels import (
    CUT,
    LETTER,
    NUMBER,
    SEPARATOR,
    Bytes,
    Counts,
    Int,
    Names,
    Offsets,
    class_of,
    decode,
    skip_separators,
)

_NEWLINE: Final = 0x0A


@njit(nogil=True, cache=True)
def find_runs(
    data: Bytes,
    offsets: Offsets,
    classes: Bytes,
    runs: Counts,
    longest: Int,
    most: Int,
    row: Int,
    at: Int,
    starts: Offsets,
    ends: Offsets,
    is_rest: Bytes,
) -> tuple[Int, Int, Int]:
    """Find what stands between separators and has a letter of a script with the class bit `CUT`.

    Args:
        data: the texts' bytes.
        offsets: where each text starts, and the end of the last.
        classes: the class bits of each code point below `CLASSIFIED`.
        runs: how many there are in each text; a text with none is passed over.
        longest: bytes; a longer run is found in pieces that follow on one another.
        most: runs after which to stop; the last may be more pieces.
        row: the text to go on with.
        at: the byte in it to go on at, if that is behind its start.
        starts: filled with the byte where each run starts.
        ends: filled with the byte where each run ends.
        is_rest: filled with 1 for a piece that follows on another of its run, else 0.

    Returns:
        How many were found, pieces counted one by one, and the text and byte to go on with.
    """
    total = 0
    while row < len(offsets) - 1:
        end = np.int64(offsets[row + 1])
        text = np.int64(offsets[row])
        at = skip_separators(data, max(at, text), end, classes)
        while runs[row] and at < end:
            if total >= most:
                return total, row, at
            start = at
            at, seen = _run_end(data, at, end, classes)
            piece = start
            while seen & CUT and piece < at:
                piece_end = min(piece + longest, at)
                while piece_end < at and data[piece_end] & 0xC0 == 0x80:
                    piece_end -= 1
                starts[total], ends[total] = piece, piece_end
                is_rest[total] = piece > start
                total += 1
                piece = piece_end
            at = skip_separators(data, at, end, classes)
        row += 1
    return total, row, at


@njit(nogil=True, cache=True)
def _run_end(data: Bytes, at: Int, end: Int, classes: Bytes) -> tuple[Int, Int]:
    """Return where the run at a byte ends, and its characters' class bits, ASCII ones left out."""
    seen: Int = np.int64(0)
    while at < end:
        if data[at] < 0x80 and at + 8 <= end:
            plain = first_marked(mark_spaces_and_others(eight_bytes(data, at)))
            at += plain
            if plain == 8:
                continue
        code_point, after = decode(data, at)
        kind = class_of(code_point, classes)
        if kind & SEPARATOR:
            break
        seen |= kind
        at = after
    return at, seen


@njit(nogil=True, cache=True)
def join_runs(data: Bytes, starts: Offsets, ends: Offsets, joined: Bytes) -> None:
    """Write the runs one after the other, a newline behind each."""
    to = 0
    for run in range(len(starts)):
        length = ends[run] - starts[run]
        joined[to : to + length] = data[starts[run] : ends[run]]
        joined[to + length] = _NEWLINE
        to += length + 1


@njit(nogil=True, cache=True)
def place_cuts(
    data: Bytes,
    starts: Offsets,
    ends: Offsets,
    is_rest: Bytes,
    classes: Bytes,
    segment_ends: Names,
    cuts: Offsets,
    total: Int,
) -> Int:
    """Cut the runs before each segment that has a letter or number, but for a run's first.

    So punctuation stays with the word before it, as it does where there are spaces.

    Args:
        data: the texts' bytes.
        starts: the byte where each run starts.
        ends: the byte where each run ends.
        is_rest: 1 for a piece that follows on another of its run, whose first word is cut off too.
        classes: the class bits of each code point below `CLASSIFIED`.
        segment_ends: where segments end in the joined runs, in units of UTF-16.
        cuts: filled with the bytes before which to cut, from `total` on.
        total: cuts there are already.

    Returns:
        How many there are now.
    """
    segment = 0
    units = np.int64(0)
    for run in range(len(starts)):
        start = at = starts[run]
        end = ends[run]
        has_word = is_rest[run] != 0
        seen: Int = 0
        while at < end:
            code_point, at = decode(data, at)
            units += 1 if code_point < 0x10000 else 2
            seen |= class_of(code_point, classes)
            if units < segment_ends[segment]:
                continue
            segment += 1
            if seen & (LETTER | NUMBER):
                if has_word:
                    cuts[total] = start
                    total += 1
                has_word = True
            start, seen = at, 0
        units += 1
        segment += 1
    return total
