"""Tokens of texts in Arrow buffers, for `fineweb2_signals.py`: a kernel compiled by Numba."""

from typing import Final, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

from llm_assets.corpus.span_kernels import Classes
from llm_assets.corpus.word_kernels import Bytes, Counts, Int, Offsets, decode

Slots: TypeAlias = NDArray[np.int16]

WORD: Final = 1
"""Class bit of what words are made of: letters, marks, digits, connectors."""
LETTER: Final = 2
"""Class bit of a letter."""
SPACE: Final = 4
"""Class bit of whitespace."""
JOINER: Final = 8
"""Class bit of a sign that joins what stands at its sides to one word."""
ELISION: Final = 16
"""Class bit of a sign that ends a word, where another follows at once."""

TOKEN_COLUMNS: Final = ("words", "chars", "letter_words", "signs", "stop_words")
"""What `count_tokens` writes for each text: words, their characters, words with a letter, signs
that belong to no word, and different stop words."""

MOST_STOP_WORDS: Final = 64
SLOTS: Final = 256

_FULL_STOP: Final = 0x2E
_FNV_OFFSET: Final = np.uint64(0xCBF29CE484222325)
_FNV_PRIME: Final = np.uint64(0x100000001B3)


@njit(nogil=True, cache=True)
def count_tokens(
    data: Bytes,
    offsets: Offsets,
    classes: Classes,
    stop_data: Bytes,
    stop_offsets: Offsets,
    stop_slots: Slots,
    out: Counts,
) -> None:
    """Count the tokens of each text.

    Args:
        data: the texts' UTF-8 bytes.
        offsets: where each text starts, and the end of the last.
        classes: the class bits of every code point.
        stop_data: the stop words' UTF-8 bytes, of at most `MOST_STOP_WORDS` words.
        stop_offsets: where each of them starts, and the end of the last.
        stop_slots: filled by `place_stop_words`.
        out: filled with one row a text, with `TOKEN_COLUMNS`.
    """
    for row in range(len(offsets) - 1):
        words = chars = letter_words = signs = 0
        stop_words: Int = np.uint64(0)
        at, end = offsets[row], offsets[row + 1]
        while at < end:
            code_point, after = decode(data, at)
            kind = np.int64(classes[code_point])
            if not kind & WORD:
                if not kind & SPACE:
                    signs += 1
                    if code_point == _FULL_STOP:
                        while after < end and data[after] == _FULL_STOP:
                            after += 1
                at = after
                continue
            words += 1
            seen: Int = 0
            while True:
                start = at
                key = _FNV_OFFSET
                while kind & WORD:
                    seen |= kind
                    chars += 1
                    while at < after:
                        key = (key ^ np.uint64(data[at])) * _FNV_PRIME
                        at += 1
                    if at >= end:
                        break
                    code_point, after = decode(data, at)
                    kind = np.int64(classes[code_point])
                stop_words |= _stop_word_bit(
                    data, start, at - start, key, stop_data, stop_offsets, stop_slots
                )
                if at >= end or after >= end or not kind & (JOINER | ELISION):
                    break
                next_point, next_after = decode(data, after)
                next_kind = np.int64(classes[next_point])
                if not next_kind & WORD:
                    break
                chars += 1
                at = after
                if kind & ELISION:
                    break
                after, kind = next_after, next_kind
            letter_words += (seen & LETTER) // LETTER
        out[row, 0], out[row, 1], out[row, 2], out[row, 3] = words, chars, letter_words, signs
        out[row, 4] = _bit_count(stop_words)


@njit(nogil=True, cache=True)
def place_stop_words(stop_data: Bytes, stop_offsets: Offsets, stop_slots: Slots) -> None:
    """Fill a hash table of `SLOTS` slots with the places of the stop words; -1 is an empty slot."""
    stop_slots[:] = -1
    for word in range(len(stop_offsets) - 1):
        key = _FNV_OFFSET
        for at in range(stop_offsets[word], stop_offsets[word + 1]):
            key = (key ^ np.uint64(stop_data[at])) * _FNV_PRIME
        slot = _slot_of(key)
        while stop_slots[slot] >= 0:
            slot = (slot + 1) % SLOTS
        stop_slots[slot] = word


@njit(nogil=True, cache=True)
def _slot_of(key: Int) -> Int:
    return np.int64((np.uint64(key) >> np.uint64(32)) % np.uint64(SLOTS))


@njit(nogil=True, cache=True)
def _stop_word_bit(
    data: Bytes,
    start: Int,
    length: Int,
    key: Int,
    stop_data: Bytes,
    stop_offsets: Offsets,
    stop_slots: Slots,
) -> Int:
    """Return the bit of the stop word that these bytes are; 0 for other words."""
    slot = _slot_of(key)
    while stop_slots[slot] >= 0:
        word = np.int64(stop_slots[slot])
        first = stop_offsets[word]
        if stop_offsets[word + 1] - first == length and _same_as_stop_word(
            data, start, stop_data, first, length
        ):
            return np.uint64(1) << np.uint64(word)
        slot = (slot + 1) % SLOTS
    return np.uint64(0)


@njit(nogil=True, cache=True)
def _same_as_stop_word(data: Bytes, start: Int, stop_data: Bytes, first: Int, length: Int) -> bool:
    for i in range(length):  # noqa: SIM110 - Numba compiles no generator expressions
        if data[start + i] != stop_data[first + i]:
            return False
    return True


@njit(nogil=True, cache=True)
def _bit_count(bits: Int) -> Int:
    count = 0
    while bits:
        bits &= bits - np.uint64(1)
        count += 1
    return count
