"""The script of most letters of texts in Arrow buffers: a kernel compiled by Numba."""

from typing import Final

import numpy as np
from numba import njit

from llm_assets.corpus.word_kernels import Bytes, Int, Offsets, decode

CHARACTERS_WITH_SCRIPT: Final = 0x40000
"""No code point beyond is a letter."""

NONE: Final = 0
HAN: Final = 1
"""Characters of simplified and traditional Chinese and of Japanese alike."""
SIMPLIFIED: Final = 2
TRADITIONAL: Final = 3
KANA: Final = 4

_SCRIPTS: Final = 256

_LEAST_KANA: Final = 20
"""One of so many characters must be kana: Japanese has about half, the Chinese page that names a
Japanese product a few."""
_CLEAR: Final = 4
"""So many times the other's characters tell simplified and traditional apart. A Chinese text has
about one in three that only one of them uses; both quote names of the other."""


@njit(nogil=True, cache=True)
def find_scripts(data: Bytes, offsets: Offsets, table: Bytes, latin: Int, out: Bytes) -> None:
    """Find the script of most letters of each text.

    Args:
        data: the texts' bytes.
        offsets: where each text starts, and the end of the last.
        table: the script of each code point below `CHARACTERS_WITH_SCRIPT`; `NONE` for what is
            no letter.
        latin: the script of the ASCII letters.
        out: filled with a script a text, the first of equals; `NONE` without letters.
    """
    counts = np.empty(_SCRIPTS, np.int64)
    for row in range(len(offsets) - 1):
        counts[:] = 0
        ascii_letters = np.int64(0)
        at, end = offsets[row], offsets[row + 1]
        while at < end:
            byte = data[at]
            if byte < 0x80:
                ascii_letters += np.uint8((byte | 0x20) - 0x61) < 26
                at += 1
                continue
            code_point, at = decode(data, at)
            if code_point < CHARACTERS_WITH_SCRIPT:
                counts[table[code_point]] += 1
        counts[latin] += ascii_letters
        out[row] = _most_frequent(counts)


@njit(nogil=True, cache=True)
def _most_frequent(counts: Offsets) -> Int:
    """Return the script with most letters, where Han and kana are one that is named afterwards."""
    kana, simplified, traditional = counts[KANA], counts[SIMPLIFIED], counts[TRADITIONAL]
    han = counts[HAN] + simplified + traditional
    best, most = NONE, np.int64(0)
    for script in range(KANA + 1, _SCRIPTS):
        if counts[script] > most:
            best, most = script, counts[script]
    if han + kana <= most:
        return best
    if _LEAST_KANA * kana >= han + kana:
        return KANA
    if simplified > _CLEAR * traditional:
        return SIMPLIFIED
    if traditional > _CLEAR * simplified:
        return TRADITIONAL
    return HAN
