"""Duplicate n-grams that are equal if they are without their spaces: kernels compiled by Numba.

datatrove joins the words of an n-gram before it compares, so that "ab c" equals "a bc", and n-grams
cannot be told apart by the names of their words. They are compared byte by byte, where a rolling
hash lets them be equal.
"""

from typing import Final

import numpy as np
from numba import njit

from llm_assets.corpus.byte_kernels import eight_bytes
from llm_assets.corpus.ngram_kernels import DUPLICATE_SIZES, count_chars
from llm_assets.corpus.span_kernels import Keys, longest_run
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

_BASE: Final = np.uint64(0x9E3779B97F4A7C15)  # odd, so that powers of it never vanish
_WINDOW: Final = 16
"""Bytes that n-grams which are equal begin with; where no other n-gram begins so, none is looked
at: that passes over two words in three of the conformance documents."""
_SLOTS: Final = 8  # a word, so that one in eight seems to begin as another does and does not
_POWERS: Final = 1 << 10
_LARGEST: Final = DUPLICATE_SIZES[-1]


@njit(nogil=True, cache=True)
def measure_joined_duplicates(
    data: Bytes,
    offsets: Offsets,
    first: Offsets,
    starts: Names,
    lengths: Names,
    char_ends: Names,
    duplicate: Counts,
) -> None:
    """Measure the n-grams that stood before, reading on behind each one found.

    Args:
        data: the texts' bytes.
        offsets: where each text starts, and the end of the last.
        first: where each text's words start below, and the end of the last.
        starts: bytes from the start of the text.
        lengths: bytes.
        char_ends: the characters of words up to and with each one.
        duplicate: filled with one row a text: their characters; by `DUPLICATE_SIZES`.
    """
    longest = longest_run(first)
    joined = np.empty(longest_run(offsets) + _WINDOW, np.uint8)
    places = np.empty(longest + 1, np.uint32)
    hashes = np.empty(longest + 1, np.uint64)
    table = np.empty(table_size(longest), np.uint32)
    candidates = np.empty(longest, np.uint32)
    seen = np.empty(_SLOTS * longest + 1, np.uint8)
    powers = np.empty(_POWERS, np.uint64)
    powers[0] = 1
    for i in range(1, _POWERS):
        powers[i] = powers[i - 1] * _BASE
    duplicate[:] = 0
    for row in range(len(first) - 1):
        start, end = first[row], first[row + 1]
        words = end - start
        if words <= DUPLICATE_SIZES[0]:
            continue
        _join(data, offsets[row], starts[start:end], lengths[start:end], joined, places, hashes)
        before = char_ends[start - 1] if start else np.uint32(0)
        left = _find_recurring(joined, places[: words + 1], seen, candidates)
        for size in range(DUPLICATE_SIZES[0], min(_LARGEST, words) + 1):
            duplicate[row, size - DUPLICATE_SIZES[0]] = _joined_duplicate_chars(
                joined,
                places[: words + 1],
                hashes,
                candidates[:left],
                powers,
                table,
                char_ends[start:end],
                before,
                size,
            )


@njit(nogil=True, cache=True)
def _join(
    data: Bytes,
    text: Int,
    starts: Names,
    lengths: Names,
    joined: Bytes,
    places: Names,
    hashes: Keys,
) -> None:
    """Join the words, and hash what is joined up to each of them."""
    at = np.int64(0)
    key = np.uint64(0)
    for word in range(len(starts)):
        places[word], hashes[word] = at, key
        start = text + np.int64(starts[word])
        for i in range(start, start + np.int64(lengths[word])):
            joined[at] = data[i]
            key = key * _BASE + np.uint64(data[i]) + np.uint64(1)
            at += 1
    places[len(starts)], hashes[len(starts)] = at, key


@njit(nogil=True, cache=True)
def _find_recurring(joined: Bytes, places: Names, seen: Bytes, candidates: Names) -> Int:
    """Find the words where an n-gram of the smallest size, or a longer one, may begin again.

    There its first bytes seem to be those at another word, or it is shorter than these.

    Returns:
        How many are in `candidates`.
    """
    words = len(places) - 1
    smallest = DUPLICATE_SIZES[0]
    slots = _SLOTS * words + 1
    seen[:slots] = 0
    for word in range(words):
        slot = _window_slot(joined, places[word], slots)
        seen[slot] = min(seen[slot] + 1, 2)
    total = np.int64(0)
    for word in range(words - smallest + 1):
        is_short = places[word + smallest] - places[word] < _WINDOW
        if is_short or seen[_window_slot(joined, places[word], slots)] > 1:
            candidates[total] = word
            total += 1
    return total


@njit(nogil=True, cache=True)
def _window_slot(joined: Bytes, place: Int, slots: Int) -> Int:
    one = eight_bytes(joined, np.int64(place))
    other = eight_bytes(joined, np.int64(place) + 8)
    return slot_of(one * _BASE ^ other, slots)


@njit(nogil=True, cache=True)
def _joined_duplicate_chars(
    joined: Bytes,
    places: Names,
    hashes: Keys,
    candidates: Names,
    powers: Keys,
    table: Names,
    char_ends: Names,
    chars_before: Int,
    size: Int,
) -> Int:
    """Return the characters of joined n-grams that stood before, in one reading."""
    words = len(places) - 1
    slots = table_size(len(candidates))
    table[:slots] = NO_NAME
    chars = read = np.int64(0)
    for candidate in candidates:
        at = np.int64(candidate)
        if at < read or at + size > words:
            continue
        start = np.int64(places[at])
        length = np.int64(places[at + size]) - start
        key = hashes[at + size] - hashes[at] * _power(powers, length)
        slot = slot_of(key, slots)
        while True:
            other = np.int64(table[slot])
            if other == NO_NAME:
                table[slot] = at
                break
            begin = np.int64(places[other])
            if (
                np.int64(places[other + size]) - begin == length
                and hashes[other + size] - hashes[other] * _power(powers, length) == key
                and same_bytes(joined, start, begin, length)
            ):
                chars += count_chars(char_ends, chars_before, at, at + size)
                read = at + size
                break
            slot = slot + 1 if slot + 1 < slots else 0
    return chars


@njit(nogil=True, cache=True)
def _power(powers: Keys, exponent: Int) -> Int:
    if exponent < len(powers):
        return np.uint64(powers[exponent])
    power, base = np.uint64(1), np.uint64(_BASE)
    while exponent:
        if exponent & 1:
            power *= base
        base *= base
        exponent >>= 1
    return np.uint64(power)
