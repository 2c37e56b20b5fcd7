"""How much of a text its repeated n-grams make up, by three readings: kernels compiled by Numba.

All take n-grams for equal if their words are, and build on the names of n-grams that
`ngram_kernels.py` makes. datatrove does so for its shorter n-grams only; for the longer ones see
`joined_ngram_kernels.py`.
"""

from typing import Final

import numpy as np
from numba import njit

from llm_assets.corpus.ngram_kernels import (
    DUPLICATE_SIZES,
    TOP_SIZES,
    count_chars,
    forget_unrepeated,
    most_frequent,
    name_longer,
    top_chars,
)
from llm_assets.corpus.span_kernels import longest_run
from llm_assets.corpus.word_kernels import NO_NAME, Counts, Int, Names, Offsets, table_size

_LARGEST_TOP: Final = TOP_SIZES[-1]
_LARGEST: Final = DUPLICATE_SIZES[-1]


@njit(nogil=True, cache=True)
def measure_dolma_ngrams(
    first: Offsets, names: Names, char_ends: Names, top: Counts, duplicate: Counts, whole: Counts
) -> None:
    """Measure n-grams in characters, spaces left out, every copy counted.

    Args:
        first: where each text's words start in `names`, and the end of the last.
        names: a name a word; overwritten.
        char_ends: the characters of words up to and with each one.
        top: filled with one row a text: of the first of the most frequent n-grams, all copies, even
            where it occurs once; by `TOP_SIZES`.
        duplicate: filled likewise: of all that occur twice or more; by `DUPLICATE_SIZES`.
        whole: filled likewise: of all n-grams; they overlap.
    """
    longest = longest_run(first)
    other_names, counts = np.empty(longest, np.uint32), np.empty(longest, np.uint32)
    table = np.empty(table_size(longest), np.uint32)
    top[:] = 0
    duplicate[:] = 0
    whole[:] = 0
    for row in range(len(first) - 1):
        start, end = first[row], first[row + 1]
        words = end - start
        shorter, longer = names[start:end], other_names[:words]
        ends = char_ends[start:end]
        before = char_ends[start - 1] if start else np.uint32(0)
        repeated = forget_unrepeated(shorter, counts)
        for size in range(2, min(_LARGEST, words) + 1):
            grams = longer[: words - size + 1]
            if repeated:
                name_longer(shorter, grams, table)
                repeated = forget_unrepeated(grams, counts)
            else:
                grams[:] = NO_NAME
            if size <= _LARGEST_TOP:
                best, copies = most_frequent(grams, counts)
                chars = copies * count_chars(ends, before, best, best + size)
                top[row, size - TOP_SIZES[0]] = chars
            else:
                column = size - DUPLICATE_SIZES[0]
                for i in range(len(grams)):
                    chars = count_chars(ends, before, i, i + size)
                    whole[row, column] += chars
                    if grams[i] != NO_NAME:
                        duplicate[row, column] += chars
            shorter, longer = longer, shorter


@njit(nogil=True, cache=True)
def measure_dclm_ngrams(
    first: Offsets, names: Names, char_ends: Names, top: Counts, duplicate: Counts
) -> None:
    """Measure n-grams in characters of words, those that occur once left out.

    Args:
        first: where each text's words start in `names`, and the end of the last.
        names: a name a word; overwritten.
        char_ends: the characters of words up to and with each one.
        top: filled with one row a text: of the longest of the most frequent n-grams, all copies; by
            `TOP_SIZES`.
        duplicate: filled likewise: of words in n-grams that occur twice or more; by
            `DUPLICATE_SIZES`.
    """
    longest = longest_run(first)
    other_names, counts = np.empty(longest, np.uint32), np.empty(longest, np.uint32)
    table = np.empty(table_size(longest), np.uint32)
    top[:] = 0
    duplicate[:] = 0
    for row in range(len(first) - 1):
        start, end = first[row], first[row + 1]
        words = end - start
        shorter, longer = names[start:end], other_names[:words]
        ends = char_ends[start:end]
        before = char_ends[start - 1] if start else np.uint32(0)
        repeated = forget_unrepeated(shorter, counts)
        for size in range(2, min(_LARGEST, words) + 1):
            if repeated == 0:
                break
            grams = longer[: words - size + 1]
            name_longer(shorter, grams, table)
            repeated = forget_unrepeated(grams, counts)
            if size <= _LARGEST_TOP:
                top[row, size - TOP_SIZES[0]] = _longest_top_chars(
                    grams, counts, ends, before, size
                )
            else:
                duplicate[row, size - DUPLICATE_SIZES[0]] = _covered_chars(
                    grams, ends, before, size
                )
            shorter, longer = longer, shorter


@njit(nogil=True, cache=True)
def measure_datatrove_tops(first: Offsets, names: Names, char_ends: Names, top: Counts) -> None:
    """Measure the first of the most frequent n-grams of each text, with spaces between words.

    Args:
        first: where each text's words start in `names`, and the end of the last.
        names: a name a word; overwritten.
        char_ends: the characters of words up to and with each one.
        top: filled with one row a text: characters of all copies; by `TOP_SIZES`.
    """
    longest = longest_run(first)
    other_names, counts = np.empty(longest, np.uint32), np.empty(longest, np.uint32)
    table = np.empty(table_size(longest), np.uint32)
    top[:] = 0
    for row in range(len(first) - 1):
        start, end = first[row], first[row + 1]
        shorter, longer = names[start:end], other_names[: end - start]
        before = char_ends[start - 1] if start else np.uint32(0)
        forget_unrepeated(shorter, counts)
        for size in range(2, min(_LARGEST_TOP, end - start) + 1):
            grams = longer[: end - start - size + 1]
            name_longer(shorter, grams, table)
            forget_unrepeated(grams, counts)
            top[row, size - TOP_SIZES[0]] = top_chars(
                grams, counts, char_ends[start:end], before, size
            )
            shorter, longer = longer, shorter


@njit(nogil=True, cache=True)
def _longest_top_chars(
    names: Names, counts: Names, char_ends: Names, chars_before: Int, size: Int
) -> Int:
    """Return the characters of the longest of the most frequent n-grams; 0 if none repeats."""
    copies, longest = np.int64(1), np.int64(0)
    for i in range(len(names)):
        if names[i] == i and counts[i] >= copies:
            if counts[i] > copies:
                copies, longest = np.int64(counts[i]), np.int64(0)
            longest = max(longest, np.int64(count_chars(char_ends, chars_before, i, i + size)))
    return copies * longest


@njit(nogil=True, cache=True)
def _covered_chars(names: Names, char_ends: Names, chars_before: Int, size: Int) -> Int:
    """Return the characters of words in some n-gram that has a name."""
    chars = np.int64(0)
    covered = 0
    for i in range(len(names)):
        if names[i] != NO_NAME:
            chars += count_chars(char_ends, chars_before, max(i, covered), i + size)
            covered = i + size
    return chars
