"""Lines and paragraphs in Arrow buffers: where they stand, how long they are, and what names them.

A text comes twice, as it is and in lower case. Lower-casing moves bytes (a capital I with a dot
grows by one) but neither makes nor takes away a newline, so both are walked line by line together:
places are those of the text, names and sizes those of the lower case.
"""

from typing import Final

import numpy as np
from numba import njit

from llm_assets.corpus.byte_kernels import eight_bytes, first_marked, mark_first_newline
from llm_assets.corpus.passages.hash_kernels import FIRST_SEED, SECOND_SEED, Hashes, hash_bytes
from llm_assets.corpus.word_kernels import Bytes, Int, Names, Offsets, decode

NEWLINE: Final = 0x0A


@njit(nogil=True, cache=True)
def _is_space(code: Int) -> bool:
    """Whether a character is whitespace to `str.strip`."""
    if code < 0x80:
        return bool(code == 0x20 or 0x09 <= code <= 0x0D or 0x1C <= code <= 0x1F)
    if code < 0x1680:
        return bool(code == 0x85 or code == 0xA0)
    return bool(
        0x2000 <= code <= 0x200A
        or code == 0x3000
        or code == 0x2028
        or code == 0x2029
        or code == 0x202F
        or code == 0x205F
        or code == 0x1680
    )


@njit(nogil=True, cache=True)
def _is_unspaced(code: Int) -> bool:
    """Whether a character is of a script without spaces: there two count as a word."""
    if code < 0x0E00:
        return False
    return bool(
        code < 0x10A0  # Thai, Lao, Tibetan, Myanmar
        or 0x1780 <= code < 0x1800  # Khmer
        or 0x3041 <= code < 0x3100  # Hiragana, Katakana
        or 0x3400 <= code < 0xA000  # Han, and Yi behind it
        or 0xF900 <= code < 0xFB00
        or 0x20000 <= code < 0x40000
    )


@njit(nogil=True, cache=True)
def line_end_of(data: Bytes, at: Int, end: Int) -> Int:
    """Return the place of the next newline, or the end."""
    while at + 8 <= end:
        marks = mark_first_newline(eight_bytes(data, at))
        if marks:
            return at + first_marked(marks)
        at += 8
    while at < end and data[at] != NEWLINE:
        at += 1
    return at


@njit(nogil=True, cache=True)
def strip(data: Bytes, start: Int, end: Int) -> tuple[Int, Int]:
    """Return where a piece starts and ends without the whitespace around it."""
    while start < end:
        code, after = decode(data, start)
        if not _is_space(code):
            break
        start = after
    while start < end:
        last = end - 1
        while last > start and data[last] & 0xC0 == 0x80:
            last -= 1
        code, _ = decode(data, last)
        if not _is_space(code):
            break
        end = last
    return start, end


@njit(nogil=True, cache=True)
def measure(data: Bytes, start: Int, end: Int) -> tuple[Int, Int]:
    """Return twice the words of a piece, and its characters.

    Twice, so that halves of words add up over pieces: see `_is_unspaced`.
    """
    halves = chars = 0
    inside = False
    while start < end:
        code, start = decode(data, start)
        chars += 1
        if _is_unspaced(code):
            halves += 1
            inside = False
        elif _is_space(code):
            inside = False
        elif not inside:
            halves += 2
            inside = True
    return halves, chars


@njit(nogil=True, cache=True)
def find_passages(
    data: Bytes,
    offsets: Offsets,
    low: Bytes,
    low_offsets: Offsets,
    salts: Hashes,
    by_paragraph: bool,
    min_words: Int,
    min_chars: Int,
    rows: Names,
    starts: Names,
    ends: Names,
    hashes: Hashes,
    checks: Names,
) -> Int:
    """Find the passages that are long enough; return how many there are.

    Args:
        data: the texts' bytes.
        offsets: where each text starts, and the end of the last.
        low: the same texts in lower case.
        low_offsets: the same for `low`.
        salts: a number for each text: passages of texts with different ones differ.
        by_paragraph: whether a passage ends at a blank line, and not at every newline.
        min_words: least words of a passage.
        min_chars: least characters.
        rows: receives the text of each passage; this and the following have room for all.
        starts: receives bytes from the start of the text to that of the passage's first line.
        ends: receives bytes from the start of the text to behind the newline of its last line.
        hashes: receives the hash of the stripped passage in lower case.
        checks: receives 32 bits of another hash of it.
    """
    found = 0
    for row in range(len(offsets) - 1):
        at, end = offsets[row], offsets[row + 1]
        low_at, low_end = low_offsets[row], low_offsets[row + 1]
        start = passage_end = at
        first = last = low_at  # of the open passage, stripped; empty where none is open
        while True:
            line_end, low_line_end = line_end_of(data, at, end), line_end_of(low, low_at, low_end)
            here, there = strip(low, low_at, low_line_end)
            is_blank = here == there
            if not is_blank:
                if first == last:
                    start, first = at, here
                last, passage_end = there, min(line_end + 1, end)
            is_last = line_end >= end
            if first < last and (is_blank or is_last or not by_paragraph):
                halves, chars = measure(low, first, last)
                if halves >= 2 * min_words and chars >= min_chars:
                    rows[found] = row
                    starts[found], ends[found] = start - offsets[row], passage_end - offsets[row]
                    hashes[found] = hash_bytes(low, first, last, FIRST_SEED ^ salts[row])
                    checks[found] = hash_bytes(low, first, last, SECOND_SEED) >> np.uint64(32)
                    found += 1
                last = first
            if is_last:
                break
            at, low_at = line_end + 1, low_line_end + 1
    return found
