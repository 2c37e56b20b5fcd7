"""Lines and paragraphs of texts in Arrow buffers, counted: kernels compiled by Numba.

One pass over the bytes for each; nothing is kept of a line but, where it is the first of its kind,
its place. So a text of 100 million line ends takes no memory, and a long one what its distinct
lines need.
"""

from typing import Final

import numpy as np
from numba import njit

from llm_assets.corpus.byte_kernels import (
    KEY_START,
    add_to_key,
    count_first_of_characters,
    eight_bytes,
    first_bytes,
    first_marked,
    key_of,
    mark_first_newline,
    some_bytes,
)
from llm_assets.corpus.intern_kernels import FEW_SLOTS, fill_table, intern, room
from llm_assets.corpus.span_kernels import decode_back
from llm_assets.corpus.word_kernels import Bytes, Counts, Int, Offsets, decode

WHITESPACE: Final = 1
BULLET: Final = 2
TERMINAL: Final = 4
"""Class bit of what ends a sentence."""
TERMINAL_2024: Final = 8
"""Class bit of what ended one in FineWeb's release of May 2024."""

LINE_COLUMNS: Final = (
    *("raw_lines", "raw_terminal_2024", "raw_short"),
    *("lines", "bullet", "ellipsis", "terminal", "short"),
    *("repeated_lines", "repeated_line_chars"),
)
"""What `count_lines` writes for each text:

lines; with an end of 2024; short ones, blank lines among them all; then, without blank lines: how
many; with a bullet; with an ellipsis at the end; with a sentence's end; short ones; those that
stood before, and their characters.
"""

PARAGRAPH_COLUMNS: Final = ("paragraphs", "repeated_paragraphs", "repeated_paragraph_chars")
"""What `count_paragraphs` writes: how many; those that stood before, and their characters."""

_NEWLINE: Final = 0x0A
_DOTS: Final = 0x2E2E2E
_ELLIPSIS: Final = 0xE280A6  # U+2026 in UTF-8


@njit(nogil=True, cache=True)
def count_lines(
    data: Bytes, offsets: Offsets, classes: Bytes, short_chars: Int, out: Counts
) -> None:
    """Count the lines of each text and what they start with, end in and repeat.

    Args:
        data: the texts' bytes, less than 4 GiB a text.
        offsets: where each text starts, and the end of the last.
        classes: the class bits of each code point.
        short_chars: characters of the longest short line.
        out: filled with one row a text, with `LINE_COLUMNS`.
    """
    keys, pieces, table = room(_most_lines(offsets))
    out[:] = 0
    for row in range(len(offsets) - 1):
        text, end = offsets[row], offsets[row + 1]
        distinct, slots = np.int64(0), FEW_SLOTS
        fill_table(keys, 0, table, slots)
        start = text
        while True:
            stop, chars, key = _read_line(data, start, end)
            is_short = chars <= short_chars
            out[row, 0] += 1
            out[row, 2] += is_short
            last = np.int64(classes[decode_back(data, stop)[0]]) if start < stop else 0
            out[row, 1] += (last & TERMINAL_2024) != 0
            left, right = _stripped(data, start, stop, classes)
            if left < right:
                out[row, 3] += 1
                out[row, 4] += (classes[decode(data, left)[0]] & BULLET) != 0
                out[row, 5] += _ends_in_ellipsis(data, left, right)
                out[row, 6] += (last & TERMINAL) != 0
                out[row, 7] += is_short
                if 2 * distinct == slots:
                    slots *= 2
                    fill_table(keys, distinct, table, slots)
                piece = intern(
                    data, text, start, stop - start, key, distinct, keys, pieces, table, slots
                )
                if piece < distinct:
                    out[row, 8] += 1
                    out[row, 9] += chars
                else:
                    distinct += 1
            if stop == end:
                break
            start = stop + 1


@njit(nogil=True, cache=True)
def count_paragraphs(data: Bytes, offsets: Offsets, classes: Bytes, out: Counts) -> None:
    """Count the paragraphs of each text, without whitespace around it, and what they repeat.

    Args:
        data: the texts' bytes, less than 4 GiB a text.
        offsets: where each text starts, and the end of the last.
        classes: the class bits of each code point.
        out: filled with one row a text, with `PARAGRAPH_COLUMNS`.
    """
    keys, pieces, table = room(_most_lines(offsets))
    out[:] = 0
    for row in range(len(offsets) - 1):
        text = offsets[row]
        start, end = _stripped(data, text, offsets[row + 1], classes)
        distinct, slots = np.int64(0), FEW_SLOTS
        fill_table(keys, 0, table, slots)
        while start < end:
            stop, chars, key = _read_line(data, start, end)
            while stop < end and data[stop + 1] != _NEWLINE:
                stop, more, line_key = _read_line(data, stop + 1, end)
                chars += more + 1
                key = add_to_key(key, line_key)
            if stop - start <= 8:
                # Of so few bytes, the key alone tells; that of lines is not theirs alone.
                key = key_of(data, start, stop)
            left, right = _stripped(data, start, stop, classes)
            if left < right:
                out[row, 0] += 1
                if 2 * distinct == slots:
                    slots *= 2
                    fill_table(keys, distinct, table, slots)
                piece = intern(
                    data, text, start, stop - start, key, distinct, keys, pieces, table, slots
                )
                if piece < distinct:
                    out[row, 1] += 1
                    out[row, 2] += chars
                else:
                    distinct += 1
            while stop < end and data[stop] == _NEWLINE:
                stop += 1
            start = stop


@njit(nogil=True, cache=True)
def _most_lines(offsets: Offsets) -> Int:
    """Return how many lines that are not blank a text may have."""
    longest = np.int64(0)
    for row in range(len(offsets) - 1):
        longest = max(longest, offsets[row + 1] - offsets[row])
    return longest // 2 + 1


@njit(nogil=True, cache=True)
def _read_line(data: Bytes, start: Int, end: Int) -> tuple[Int, Int, Int]:
    """Return where the line ends, its characters, and a key of its bytes."""
    at, chars = start, np.int64(0)
    key: Int = KEY_START
    while at + 8 <= end:
        eight = eight_bytes(data, at)
        before = first_marked(mark_first_newline(eight))
        if before < 8:
            if before == 0:
                return at, chars, key
            eight = first_bytes(eight, before)
            # The zeros behind are counted as characters.
            chars += count_first_of_characters(eight) - (8 - before)
            return at + before, chars, add_to_key(key, eight)
        chars += count_first_of_characters(eight)
        key = add_to_key(key, eight)
        at += 8
    stop = at
    while stop < end and data[stop] != _NEWLINE:
        chars += (data[stop] & 0xC0) != 0x80
        stop += 1
    return stop, chars, add_to_key(key, some_bytes(data, at, stop)) if at < stop else key


@njit(nogil=True, cache=True)
def _stripped(data: Bytes, start: Int, end: Int, classes: Bytes) -> tuple[Int, Int]:
    """Return where the text between is without whitespace around it."""
    while start < end:
        code_point, after = decode(data, start)
        if not classes[code_point] & WHITESPACE:
            break
        start = after
    while start < end:
        code_point, before = decode_back(data, end)
        if not classes[code_point] & WHITESPACE:
            break
        end = before
    return start, end


@njit(nogil=True, cache=True)
def _ends_in_ellipsis(data: Bytes, start: Int, end: Int) -> bool:
    if end - start < 3:
        return False
    tail = np.int64(data[end - 3]) << 16 | np.int64(data[end - 2]) << 8 | np.int64(data[end - 1])
    return tail in (_DOTS, _ELLIPSIS)
