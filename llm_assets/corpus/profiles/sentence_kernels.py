"""How many sentences a line has at least and at most: kernels compiled by Numba.

Two splitters are to be spared: Punkt as NLTK has it, and spaCy's sentencizer behind its English
tokenizer. Both end a sentence where a period, question or exclamation mark follows a word of two or
more small letters and a space and a letter or digit follow it, unless the word is one of a few that
the caller names. Neither does so at any other character below U+0589, and neither before brackets
and quotes that close a line.
"""

from typing import Final, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

from llm_assets.corpus.word_kernels import Bytes, Int

Hashes: TypeAlias = NDArray[np.uint64]

_SPACE: Final = 0x20
_PERIOD: Final = ord(".")
_CLOSERS: Final = (ord('"'), ord("'"), ord(")"), ord("]"), ord("}"))
_FIRST_OTHER_LEAD: Final = 0xD6
"""Lead byte of U+0580 to U+05BF: the first full stop beyond ASCII is U+0589."""
_FNV_OFFSET: Final = np.uint64(0xCBF29CE484222325)
_FNV_PRIME: Final = np.uint64(0x100000001B3)


@njit(nogil=True, cache=True)
def bound_sentences(text: Bytes, start: Int, end: Int, unsure_words: Hashes) -> tuple[Int, Int]:
    """Bound the number of sentences of a line.

    Args:
        text: bytes of UTF-8.
        start: where the line starts.
        end: where it ends.
        unsure_words: sorted hashes (`hash_word`) of the words after which a period may be no end.

    Returns:
        How many sentences there are at least, and how many places more may be the end of one.
    """
    least, candidates = 1, 0
    end = _end_of_inside(text, start, end)
    letters = 0  # small letters up to here since a space or the start; -1 after something else
    key = _FNV_OFFSET
    for at in range(start, end):
        byte = np.int64(text[at])
        if 0x61 <= byte <= 0x7A:
            if letters >= 0:
                letters += 1
                key = (key ^ np.uint64(byte)) * _FNV_PRIME
            continue
        if byte == _SPACE:
            letters, key = 0, _FNV_OFFSET
            continue
        if _ends_sentences(byte):
            if letters > 1 and _is_followed(text, at, end) and not _contains(unsure_words, key):
                least += 1
            else:
                candidates += 1
        elif byte >= _FIRST_OTHER_LEAD:
            candidates += 1
        letters = -1
    return least, candidates


@njit(nogil=True, cache=True)
def hash_word(word: Bytes) -> np.uint64:
    """Hash a word's bytes by FNV-1a."""
    key = _FNV_OFFSET
    for byte in word:
        key = (key ^ np.uint64(byte)) * _FNV_PRIME
    return key


@njit(nogil=True, cache=True)
def _end_of_inside(text: Bytes, start: Int, end: Int) -> Int:
    """Return where a line's own end begins: a single mark, and what closes after it."""
    at = end
    while at > start and text[at - 1] in _CLOSERS:
        at -= 1
    if at > start and _ends_sentences(np.int64(text[at - 1])):
        at -= 1
        if at > start and _ends_sentences(np.int64(text[at - 1])):
            return end
    return at


@njit(nogil=True, cache=True)
def _ends_sentences(byte: Int) -> bool:
    return byte in (_PERIOD, ord("?"), ord("!"))


@njit(nogil=True, cache=True)
def _is_followed(text: Bytes, at: Int, end: Int) -> bool:
    """Tell whether a space and an ASCII letter or digit follow."""
    if end - at < 3 or text[at + 1] != _SPACE:
        return False
    byte = text[at + 2]
    return bool(0x30 <= byte <= 0x39 or 0x61 <= (byte | 0x20) <= 0x7A)


@njit(nogil=True, cache=True)
def _contains(hashes: Hashes, key: np.uint64) -> bool:
    low, high = 0, len(hashes)
    while low < high:
        middle = (low + high) // 2
        if hashes[middle] < key:
            low = middle + 1
        else:
            high = middle
    return bool(low < len(hashes) and hashes[low] == key)
