"""Word n-grams of texts whose words have names: kernels compiled by Numba.

What makes n-grams cheap and exact: an n-gram is named by the position of its first occurrence, so
the n-gram at i is the pair (its first n-1 words, its last n-1 words) of two such names, and it can
repeat only where both of them do. Level n is therefore built from level n-1, at few positions, and
two n-grams are equal if and only if their words are: no hash is trusted.
"""

from typing import Final

import numpy as np
from numba import njit

from llm_assets.corpus.word_kernels import (
    NO_NAME,
    Bytes,
    Counts,
    Int,
    Names,
    Offsets,
    slot_of,
    table_size,
)

TOP_SIZES: Final = (2, 3, 4)
DUPLICATE_SIZES: Final = (5, 6, 7, 8, 9, 10)


@njit(nogil=True, cache=True)
def measure_ngrams(
    first_words: Offsets,
    names: Names,
    char_ends: Names,
    glued: Bytes,
    top: Counts,
    duplicate: Counts,
) -> None:
    """Measure, in characters, how much of each text its repeated n-grams make up.

    Args:
        first_words: where each text's words start in `names`, and the end of the last.
        names: a name a word, as `name_words` gives them; overwritten.
        char_ends: the characters of words up to and with each one.
        glued: 1 for a word that no space parts from the one before; empty if there are none.
        top: filled with one row a text: characters of the most frequent n-gram, by `TOP_SIZES`.
        duplicate: filled likewise: characters of n-grams that stood before, by `DUPLICATE_SIZES`.
    """
    longest = np.int64(0)
    for row in range(len(first_words) - 1):
        longest = max(longest, first_words[row + 1] - first_words[row])
    other_names = np.empty(longest, np.uint32)
    table = np.empty(table_size(longest), np.uint32)
    counts = table[:longest]  # n-grams are counted when the table of their names has served
    top[:] = 0
    duplicate[:] = 0
    for row in range(len(first_words) - 1):
        first, end = first_words[row], first_words[row + 1]
        shorter, longer = names[first:end], other_names[: end - first]
        ends = char_ends[first:end]
        chars_before = char_ends[first - 1] if first else np.uint32(0)
        repeated = forget_unrepeated(shorter, counts)
        for size in range(2, min(DUPLICATE_SIZES[-1], end - first) + 1):
            if repeated == 0 and size > TOP_SIZES[-1]:
                break
            grams = longer[: end - first - size + 1]
            name_longer(shorter, grams, table)
            repeated = forget_unrepeated(grams, counts)
            if size <= TOP_SIZES[-1]:
                chars = top_chars(grams, counts, ends, chars_before, size)
                if len(glued):
                    chars -= _missing_spaces(grams, counts, glued[first:end], size)
                top[row, size - TOP_SIZES[0]] = chars
            else:
                chars = _duplicate_chars(grams, counts, ends, chars_before, size)
                duplicate[row, size - DUPLICATE_SIZES[0]] = chars
            shorter, longer = longer, shorter


@njit(nogil=True, cache=True)
def forget_unrepeated(names: Names, counts: Names) -> Int:
    """Count each name into `counts`, take it from what occurs once, and return how many stay."""
    counts[: len(names)] = 0
    for name in names:
        if name != NO_NAME:
            counts[name] += 1
    repeated = 0
    for i in range(len(names)):
        if names[i] != NO_NAME:
            if counts[names[i]] == 1:
                names[i] = NO_NAME
            else:
                repeated += 1
    return repeated


@njit(nogil=True, cache=True)
def name_longer(shorter: Names, longer: Names, table: Names) -> None:
    """Name the n-grams by the names of the (n-1)-grams at the same positions."""
    candidates = 0
    for i in range(len(longer)):
        longer[i] = NO_NAME
        candidates += shorter[i] != NO_NAME and shorter[i + 1] != NO_NAME
    size = table_size(candidates)
    table[:size] = NO_NAME
    if candidates == 0:
        return
    for i in range(len(longer)):
        if shorter[i] == NO_NAME or shorter[i + 1] == NO_NAME:
            continue
        slot = slot_of(np.uint64(shorter[i]) << np.uint64(32) | np.uint64(shorter[i + 1]), size)
        while True:
            other = table[slot]
            if other == NO_NAME:
                table[slot] = longer[i] = i
                break
            if shorter[other] == shorter[i] and shorter[other + 1] == shorter[i + 1]:
                longer[i] = other
                break
            slot = slot + 1 if slot + 1 < size else 0


@njit(nogil=True, cache=True)
def count_chars(char_ends: Names, chars_before: Int, start: Int, end: Int) -> Int:
    """Count the characters of the words from `start` to before `end`, without spaces."""
    before = char_ends[start - 1] if start else chars_before
    return (np.int64(char_ends[end - 1]) - np.int64(before)) & 0xFFFFFFFF


@njit(nogil=True, cache=True)
def top_chars(names: Names, counts: Names, char_ends: Names, chars_before: Int, size: Int) -> Int:
    """Return the characters of the most frequent n-gram, of the first of equals.

    Its occurrences may overlap, and are counted with one space between words.
    """
    best, times = most_frequent(names, counts)
    return times * (count_chars(char_ends, chars_before, best, best + size) + size - 1)


@njit(nogil=True, cache=True)
def most_frequent(names: Names, counts: Names) -> tuple[Int, Int]:
    """Return where the most frequent n-gram first occurs, of equals the first, and how often."""
    best, best_count = 0, np.int64(1)
    for i in range(len(names)):
        if names[i] == i and counts[i] > best_count:
            best, best_count = i, np.int64(counts[i])
    return best, best_count


@njit(nogil=True, cache=True)
def _missing_spaces(names: Names, counts: Names, glued: Bytes, size: Int) -> Int:
    """Return the spaces that the most frequent n-gram lacks, in all its occurrences as in one."""
    best, times = most_frequent(names, counts)
    missing = np.int64(0)
    for i in range(best + 1, best + size):
        missing += glued[i]
    return times * missing


@njit(nogil=True, cache=True)
def _duplicate_chars(
    names: Names, counts: Names, char_ends: Names, chars_before: Int, size: Int
) -> Int:
    """Return the characters of n-grams met before, reading on behind each one found.

    So no character counts twice, and the first copy not at all. Spaces are not counted.
    `counts` becomes 0 for the n-grams met.
    """
    chars = at = 0
    while at < len(names):
        name = names[at]
        if name == NO_NAME:
            at += 1
        elif counts[name]:
            counts[name] = 0
            at += 1
        else:
            chars += count_chars(char_ends, chars_before, at, at + size)
            at += size
    return chars
