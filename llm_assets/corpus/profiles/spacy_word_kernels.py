"""Texts cut as spaCy's English tokenizer cuts them, over Arrow buffers: kernels compiled by Numba.

Chunks between whitespace are cut by `spacy_rule_kernels.py`; those that are odd are left whole, for
`spacy_words.py` to ask spaCy itself.
"""

from typing import Final

import numpy as np
from numba import njit

from llm_assets.corpus.byte_kernels import eight_bytes, first_marked, mark_letters
from llm_assets.corpus.profiles.spacy_rule_kernels import (
    ODD,
    SPACE,
    Points,
    cut_chunk,
    is_kept_word,
)
from llm_assets.corpus.span_kernels import Classes, Keys
from llm_assets.corpus.word_kernels import (
    NO_NAME,
    Bytes,
    Int,
    Names,
    Offsets,
    decode,
    same_bytes,
    slot_of,
    table_size,
)

_BLANK: Final = 0x20
_CASE: Final = 0x20
_HIGH_BITS: Final = np.uint64(0x8080808080808080)


@njit(nogil=True, cache=True)
def cut_texts(
    data: Bytes,
    offsets: Offsets,
    classes: Classes,
    exceptions: Keys,
    units: Keys,
    pairs: Keys,
    first: Offsets,
    starts: Names,
    lengths: Names,
    odd: Offsets,
) -> Int:
    """Cut each text into tokens; a chunk that spaCy has to be asked about is one.

    Args:
        data: the texts' bytes.
        offsets: where each text starts, and the end of the last.
        classes: the class bits of each code point.
        exceptions: keys of chunks that have an exception, as `keep_keys` stores them.
        units: keys of what is a suffix behind a digit.
        pairs: keys of the first two tokens that the rules would make of an exception.
        first: filled with where each text's tokens start below, and the end of the last.
        starts: filled with bytes from the start of the text.
        lengths: filled with bytes.
        odd: filled with the indices of tokens that are whole odd chunks.

    Returns:
        How many of them there are.
    """
    longest = _longest_chunk(data, offsets)
    points, kinds = np.empty(longest, np.int32), np.empty(longest, np.uint16)
    places, cuts = np.empty(longest + 1, np.uint32), np.empty(longest + 1, np.int32)
    tail = np.empty(longest + 1, np.int32)
    total = odd_total = np.int64(0)
    for row in range(len(offsets) - 1):
        first[row] = total
        text = at = offsets[row]
        end = offsets[row + 1]
        while at < end:
            behind = _skip_letters(data, at, end)
            made: Int = 1
            if behind > at and (behind == end or data[behind] == _BLANK):  # two chunks in three
                starts[total], lengths[total] = at - text, behind - at
                if is_kept_word(exceptions, data, at, behind):
                    made = ODD
                at = behind + 1
            else:
                size, at = _read_chunk(data, text, at, end, classes, points, kinds, places)
                if size == 0:
                    continue
                made = cut_chunk(points, kinds, size, exceptions, units, pairs, cuts, tail)
                if made == ODD:
                    cuts[0], cuts[1] = 0, size
                for i in range(1 if made == ODD else made):
                    starts[total + i] = places[cuts[i]]
                    lengths[total + i] = places[cuts[i + 1]] - places[cuts[i]]
            if made == ODD:
                odd[odd_total] = total
                odd_total += 1
                made = 1
            total += made
    first[len(offsets) - 1] = total
    return odd_total


@njit(nogil=True, cache=True)
def _skip_letters(data: Bytes, at: Int, end: Int) -> Int:
    """Return where the ASCII letters from here on end."""
    while at + 8 <= end:
        eight = eight_bytes(data, at)
        letters = first_marked(~mark_letters(eight) & _HIGH_BITS | eight & _HIGH_BITS)
        at += letters
        if letters < 8:
            return at
    while at < end and 0x61 <= data[at] | _CASE <= 0x7A:
        at += 1
    return at


@njit(nogil=True, cache=True)
def _read_chunk(
    data: Bytes,
    text: Int,
    at: Int,
    end: Int,
    classes: Classes,
    points: Points,
    kinds: Classes,
    places: Names,
) -> tuple[Int, Int]:
    """Decode characters up to the next whitespace, their classes and places in the text too.

    Returns:
        How many they are, and where to read on.
    """
    size = 0
    while at < end:
        code_point, after = decode(data, at)
        kind = classes[code_point]
        if kind & SPACE:
            places[size] = at - text
            return size, after
        points[size], kinds[size], places[size] = code_point, kind, at - text
        size += 1
        at = after
    places[size] = at - text
    return size, at


@njit(nogil=True, cache=True)
def name_odd(
    data: Bytes, bounds: Offsets, lengths: Offsets, names: Offsets, distinct: Offsets
) -> Int:
    """Name odd chunks by their order of first occurrence.

    Args:
        data: the texts' bytes.
        bounds: where each chunk starts in them.
        lengths: the bytes of each.
        names: filled with a name a chunk.
        distinct: filled with the index of the first chunk of each name.

    Returns:
        How many names there are.
    """
    size = table_size(len(bounds))
    table = np.full(size, NO_NAME, np.uint32)
    total = np.int64(0)
    for chunk in range(len(bounds)):
        start, length = bounds[chunk], lengths[chunk]
        key = np.uint64(0xCBF29CE484222325)  # FNV-1a
        for at in range(start, start + length):
            key = (key ^ np.uint64(data[at])) * np.uint64(0x100000001B3)
        slot = slot_of(key, size)
        while True:
            name = table[slot]
            if name == NO_NAME:
                table[slot] = names[chunk] = total
                distinct[total] = chunk
                total += 1
                break
            other = distinct[name]
            if lengths[other] == length and same_bytes(data, start, bounds[other], length):
                names[chunk] = name
                break
            slot = slot + 1 if slot + 1 < size else 0
    return total


@njit(nogil=True, cache=True)
def splice(
    first: Offsets,
    starts: Names,
    lengths: Names,
    places: Offsets,
    ends: Offsets,
    entries: Offsets,
    entry_first: Offsets,
    entry_starts: Names,
    entry_lengths: Names,
    new_first: Offsets,
    new_starts: Names,
    new_lengths: Names,
) -> None:
    """Replace some tokens by others.

    Args:
        first: where each text's tokens start below, and the end of the last.
        starts: bytes from the start of the text.
        lengths: bytes.
        places: the tokens to replace, from each of these, ascending,
        ends: to before each of these.
        entries: by which entry.
        entry_first: where each entry's tokens start below, and the end of the last.
        entry_starts: bytes from the start of the first token that is replaced.
        entry_lengths: bytes.
        new_first: filled as `first`.
        new_starts: filled as `starts`.
        new_lengths: filled as `lengths`.
    """
    total = np.int64(0)
    change = np.int64(0)
    for row in range(len(first) - 1):
        new_first[row] = total
        token = first[row]
        while token < first[row + 1]:
            if change < len(places) and places[change] == token:
                entry = entries[change]
                for i in range(entry_first[entry], entry_first[entry + 1]):
                    new_starts[total] = starts[token] + entry_starts[i]
                    new_lengths[total] = entry_lengths[i]
                    total += 1
                token = ends[change]
                change += 1
            else:
                new_starts[total], new_lengths[total] = starts[token], lengths[token]
                total += 1
                token += 1
    new_first[len(first) - 1] = total


@njit(nogil=True, cache=True)
def _longest_chunk(data: Bytes, offsets: Offsets) -> Int:
    """Return a number of bytes that no run without ASCII whitespace exceeds."""
    longest = np.int64(0)
    for row in range(len(offsets) - 1):
        run = np.int64(0)
        for at in range(offsets[row], offsets[row + 1]):
            byte = data[at]
            run += 1
            if byte <= 0x20 and (byte == 0x20 or byte >= 0x1C or 0x09 <= byte <= 0x0D):
                run = np.int64(0)
            longest = max(longest, run)
    return longest
