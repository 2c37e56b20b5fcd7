"""What Gopher's quality rules count of words, by three readings: kernels compiled by Numba."""

from typing import Final

import numpy as np
from numba import njit

from llm_assets.corpus.span_kernels import Classes
from llm_assets.corpus.word_kernels import STOP_WORDS, Bytes, Counts, Int, Names, Offsets, decode

SPACE: Final = 1
LETTER: Final = 2
PUNCTUATION: Final = 4
SYMBOL: Final = 8
ALPHANUMERIC: Final = 16

TOKEN_COUNTS: Final = ("tokens", "words", "chars", "letter_tokens", "stop_words")
"""What `count_tokens` writes: tokens; those with a character that is no punctuation, and their
characters; tokens with a letter; distinct stop words."""

SPLIT_COUNTS: Final = (
    *("words", "chars", "letter_words", "symbol_words", "stop_words", "caseless_stop_words"),
    *("twice_median_chars", "opened_words"),
)
"""What `count_split_words` writes: words between whitespace; their characters; words with a letter;
words with a symbol; stop words in small letters, and in any; twice the median of the words'
characters; words between ASCII whitespace or NULs that start with an alphanumeric character."""

_LONGEST_STOP_WORD: Final = 4
_CASE: Final = 0x20
_HISTOGRAM: Final = 1 << 8


@njit(nogil=True, cache=True)
def count_tokens(
    data: Bytes,
    offsets: Offsets,
    first: Offsets,
    starts: Names,
    lengths: Names,
    classes: Classes,
    out: Counts,
) -> None:
    """Count the tokens of each text.

    Args:
        data: the texts' bytes.
        offsets: where each text starts, and the end of the last.
        first: where each text's tokens start below, and the end of the last.
        starts: bytes from the start of the text.
        lengths: bytes.
        classes: with the bits `LETTER` and `PUNCTUATION`.
        out: filled with one row a text, with `TOKEN_COUNTS`.
    """
    for row in range(len(first) - 1):
        words = chars = letters = np.int64(0)
        met: Int = 0
        for token in range(first[row], first[row + 1]):
            start = at = offsets[row] + np.int64(starts[token])
            end = start + np.int64(lengths[token])
            every, some, size = PUNCTUATION, np.int64(0), 0
            while at < end:
                code_point, at = decode(data, at)
                every &= classes[code_point]
                some |= classes[code_point]
                size += 1
            if not every:
                words += 1
                chars += size
            letters += some & LETTER != 0
            met |= _stop_word_bit(data, start, end, 0)
        out[row, 0], out[row, 1], out[row, 2] = first[row + 1] - first[row], words, chars
        out[row, 3], out[row, 4] = letters, 0
        while met:
            met &= met - 1
            out[row, 4] += 1


@njit(nogil=True, cache=True)
def count_split_words(data: Bytes, offsets: Offsets, classes: Classes, out: Counts) -> None:
    """Count the words between whitespace of each text.

    Args:
        data: the texts' bytes.
        offsets: where each text starts, and the end of the last.
        classes: with the bits `SPACE`, `LETTER`, `SYMBOL` and `ALPHANUMERIC`.
        out: filled with one row a text, with `SPLIT_COUNTS`.
    """
    histogram = np.empty(_HISTOGRAM, np.int64)
    for row in range(len(offsets) - 1):
        words = chars = letters = symbols = stop_words = caseless = opened = np.int64(0)
        histogram[:] = 0
        at = start = offsets[row]
        end = offsets[row + 1]
        size, some = 0, np.int64(0)
        is_open = True
        while at <= end:
            code_point, after = decode(data, at) if at < end else (0x20, end + 1)
            kind = np.int64(classes[code_point])
            opened += is_open and kind & ALPHANUMERIC != 0
            is_open = bool(code_point in (0x20, 0) or 0x09 <= code_point <= 0x0D)
            if not kind & SPACE:
                some |= kind
                size += 1
            elif size:
                words += 1
                chars += size
                histogram[min(size, _HISTOGRAM - 1)] += 1
                letters += some & LETTER != 0
                symbols += some & SYMBOL != 0
                stop_words += _stop_word_bit(data, start, at, 0) != 0
                caseless += _stop_word_bit(data, start, at, _CASE) != 0
                size, some = 0, np.int64(0)
            if kind & SPACE:
                start = after
            at = after
        out[row, 0], out[row, 1], out[row, 2], out[row, 3] = words, chars, letters, symbols
        out[row, 4], out[row, 5], out[row, 7] = stop_words, caseless, opened
        out[row, 6] = _twice_median(histogram, words)
        if out[row, 6] < 0:
            out[row, 6] = _long_twice_median(data, offsets[row], end, words, classes)


@njit(nogil=True, cache=True)
def find_split_words(
    data: Bytes, offsets: Offsets, classes: Classes, first: Offsets, starts: Names, lengths: Names
) -> None:
    """Find the words between whitespace of each text.

    Args:
        data: the texts' bytes.
        offsets: where each text starts, and the end of the last.
        classes: with the bit `SPACE`.
        first: filled with where each text's words start below, and the end of the last.
        starts: filled with bytes from the start of the text.
        lengths: filled with bytes.
    """
    total = np.int64(0)
    for row in range(len(offsets) - 1):
        first[row] = total
        text = at = start = offsets[row]
        while at < offsets[row + 1]:
            code_point, after = decode(data, at)
            if classes[code_point] & SPACE:
                if start < at:
                    starts[total], lengths[total] = start - text, at - start
                    total += 1
                start = after
            at = after
        if start < at:
            starts[total], lengths[total] = start - text, at - start
            total += 1
    first[len(offsets) - 1] = total


@njit(nogil=True, cache=True)
def _twice_median(histogram: Counts, words: Int) -> Int:
    """Return the sum of the two lengths in the middle; -1 where they are beyond the histogram."""
    if words == 0:
        return 0
    total = met = np.int64(0)
    low, high = (words + 1) // 2, words // 2 + 1
    for size in range(len(histogram) - 1):
        before = met
        met += histogram[size]
        if before < low <= met:
            total += size
        if before < high <= met:
            return total + size
    return np.int64(-1)


@njit(nogil=True, cache=True)
def _long_twice_median(data: Bytes, start: Int, end: Int, words: Int, classes: Classes) -> Int:
    """Return the sum of the two lengths in the middle, whatever they are."""
    sizes = np.zeros(words, np.int64)
    word = size = 0
    at = start
    while at < end:
        code_point, at = decode(data, at)
        if not classes[code_point] & SPACE:
            size += 1
            sizes[word] = size
        elif size:
            word, size = word + 1, 0
    sizes.sort()
    return np.int64(sizes[(words - 1) // 2] + sizes[words // 2])


@njit(nogil=True, cache=True)
def _stop_word_bit(data: Bytes, start: Int, end: Int, case: Int) -> Int:
    """Return the bit of the stop word that these bytes spell; 0 for other words.

    Args:
        data: the texts' bytes.
        start: of the word.
        end: of the word.
        case: set in each byte before it is compared: 0x20 makes ASCII letters small.
    """
    # A NUL at the end would pack as nothing does.
    if end - start > _LONGEST_STOP_WORD or data[end - 1] == 0:
        return 0
    packed = np.int64(0)
    for i in range(start, end):
        packed |= (np.int64(data[i]) | case) << 8 * (i - start)
    for bit, stop_word in enumerate(STOP_WORDS):
        if packed == stop_word:
            return 1 << bit
    return 0
