"""Pieces of texts and what they repeat: kernels compiled by Numba, for `spans.py`."""

from typing import TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

from llm_assets.corpus.word_kernels import (
    NO_NAME,
    Bytes,
    Counts,
    Int,
    Names,
    Offsets,
    same_bytes,
    slot_of,
    table_size,
)

Classes: TypeAlias = NDArray[np.uint16]
Keys: TypeAlias = NDArray[np.uint64]


@njit(nogil=True, cache=True)
def name_spans(
    data: Bytes,
    offsets: Offsets,
    first: Offsets,
    starts: Names,
    lengths: Names,
    names: Names,
    char_ends: Names,
) -> None:
    """Name each piece by the position in its text where it first occurs.

    Args:
        data: the texts' bytes, less than 4 GiB a text.
        offsets: where each text starts, and the end of the last.
        first: where each text's pieces start in the arrays below, and the end of the last.
        starts: bytes from the start of the text.
        lengths: bytes.
        names: filled with a name a piece: two of a text are equal if their names are.
        char_ends: filled with the characters of pieces up to and with this one, in the whole
            batch; they wrap at 2^32, differences of them do not.
    """
    longest = longest_run(first)
    table = np.empty(table_size(longest), np.uint32)
    tags = np.empty(table_size(longest), np.uint32)  # of the keys: most other keys end here
    chars = np.int64(0)
    for row in range(len(first) - 1):
        base, text = first[row], offsets[row]
        total = first[row + 1] - base
        size = table_size(total)
        table[:size] = NO_NAME
        for piece in range(total):
            start, length = text + np.int64(starts[base + piece]), np.int64(lengths[base + piece])
            key = np.uint64(0xCBF29CE484222325)  # FNV-1a
            for at in range(start, start + length):
                key = (key ^ np.uint64(data[at])) * np.uint64(0x100000001B3)
                chars += (data[at] & 0xC0) != 0x80
            char_ends[base + piece] = chars & 0xFFFFFFFF
            tag = np.uint32(key & np.uint64(0xFFFFFFFF))
            slot = slot_of(key, size)
            while True:
                other = table[slot]
                if other == NO_NAME:
                    table[slot] = names[base + piece] = piece
                    tags[slot] = tag
                    break
                if (
                    tags[slot] == tag
                    and lengths[base + other] == length
                    and same_bytes(data, start, text + np.int64(starts[base + other]), length)
                ):
                    names[base + piece] = other
                    break
                slot = slot + 1 if slot + 1 < size else 0


@njit(nogil=True, cache=True)
def count_repeated(first: Offsets, names: Names, char_ends: Names, out: Counts) -> None:
    """Count the pieces of each text that another piece equals.

    Args:
        first: where each text's pieces start, and the end of the last.
        names: a name a piece.
        char_ends: characters of pieces up to and with each one.
        out: filled with one row a text: pieces; their characters; pieces that stood before, and
            their characters; pieces that occur twice or more, all copies, and their characters.
    """
    longest = longest_run(first)
    counts = np.empty(longest, np.uint32)
    for row in range(len(first) - 1):
        base, end = first[row], first[row + 1]
        counts[: end - base] = 0
        for i in range(base, end):
            counts[names[i]] += 1
        chars = later = later_chars = copies = copy_chars = np.int64(0)
        before = char_ends[base - 1] if base else np.uint32(0)
        for i in range(base, end):
            length = (np.int64(char_ends[i]) - np.int64(before)) & 0xFFFFFFFF
            before = char_ends[i]
            chars += length
            if names[i] != i - base:
                later += 1
                later_chars += length
            if counts[names[i]] > 1:
                copies += 1
                copy_chars += length
        out[row, 0], out[row, 1] = end - base, chars
        out[row, 2], out[row, 3] = later, later_chars
        out[row, 4], out[row, 5] = copies, copy_chars


@njit(nogil=True, cache=True)
def decode_back(data: Bytes, end: Int) -> tuple[Int, Int]:
    """Return the code point before a byte of valid UTF-8, and where it starts."""
    at = end - 1
    while data[at] & 0xC0 == 0x80:
        at -= 1
    lead = np.int64(data[at])
    code_point = lead if lead < 0x80 else lead & (0xFF >> (end - at + 1))
    for i in range(at + 1, end):
        code_point = code_point << 6 | np.int64(data[i]) & 0x3F
    return code_point, at


@njit(nogil=True, cache=True)
def longest_run(first: Offsets) -> Int:
    """Return the largest difference of numbers that follow one another."""
    longest = np.int64(0)
    for row in range(len(first) - 1):
        longest = max(longest, first[row + 1] - first[row])
    return longest
