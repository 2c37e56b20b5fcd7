"""Hashes of windows over a sequence, each made from the one before: kernels compiled by Numba.

A window's hash is a polynomial of its members modulo 2^64, so order counts; the window one further
costs two multiplications however long it is. Members are hashes of tokens, or code points. Behind
the polynomial comes a mix, whose every bit depends on all of its bits.
"""

from typing import Any, Final, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

from llm_assets.corpus.shingling.token_kernels import Hashes, mix
from llm_assets.corpus.word_kernels import Int, Offsets

Members: TypeAlias = NDArray[np.unsignedinteger[Any]]

_BASE: Final = np.uint64(0x9E3779B97F4A7C15)


def count_windows(first: Offsets, size: int) -> Offsets:
    """Return where each row's windows start, and the end of the last, if all are written."""
    counts = np.maximum(np.diff(first) - (size - 1), 0)
    starts: Offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    return starts


@njit(nogil=True, cache=True)
def write_windows(members: Members, start: Int, size: Int, hashes: Hashes, count: Int) -> None:
    """Hash so many windows in a row, the first of which starts at `start`."""
    leaving = np.uint64(1)
    rolling = np.uint64(0)
    for i in range(start, start + size - 1):
        rolling = rolling * _BASE + members[i]
        leaving *= _BASE
    for i in range(count):
        rolling = rolling * _BASE + members[start + i + size - 1]
        hashes[i] = mix(rolling)
        rolling -= leaving * members[start + i]


@njit(nogil=True, cache=True)
def hash_windows(
    first_members: Offsets,
    members: Members,
    size: Int,
    first: Offsets,
    hashes: Hashes,
) -> None:
    """Hash all windows of each row.

    Args:
        first_members: where each row's members start, and the end of the last.
        members: hashes of tokens, or code points.
        size: members of a window.
        first: where each row's windows start, and the end of the last.
        hashes: receives the windows' hashes.
    """
    for row in range(len(first) - 1):
        start, end = first[row], first[row + 1]
        if end > start:
            write_windows(members, first_members[row], size, hashes[start:end], end - start)
