"""Connecting rows that share a key: union-find over row numbers, compiled by Numba."""

from typing import Any, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int: TypeAlias = int | np.integer[Any]
Rows: TypeAlias = NDArray[np.uint32]
Keys: TypeAlias = NDArray[np.uint64]


@njit(nogil=True, cache=True)
def root_of(parents: Rows, row: Int) -> Int:
    """Return the smallest row that a row is connected with, and shorten the way there."""
    while parents[row] != row:
        parents[row] = parents[parents[row]]
        row = parents[row]
    return row


@njit(nogil=True, cache=True)
def unite(parents: Rows, one: Int, other: Int) -> None:
    """Connect two rows. The smaller root stays, so the outcome does not depend on the order."""
    one, other = root_of(parents, one), root_of(parents, other)
    if one < other:
        parents[other] = one
    else:
        parents[one] = other


@njit(nogil=True, cache=True)
def unite_equal(keys: Keys, rows: Rows, parents: Rows) -> None:
    """Connect rows of the same key; neighbours are enough, as equal keys stand together.

    Args:
        keys: in order.
        rows: the row of each key.
        parents: of every row, changed in place.
    """
    for at in range(1, len(keys)):
        if keys[at] == keys[at - 1]:
            unite(parents, rows[at - 1], rows[at])


@njit(nogil=True, cache=True)
def flatten(parents: Rows) -> None:
    """Make every row's parent its root."""
    for row in range(len(parents)):
        # Parents are smaller than their rows, and those before are flat already.
        parents[row] = parents[parents[row]]
