"""Fitting pieces of documents together into sequences of one length, compiled by Numba."""

from typing import TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int64s: TypeAlias = NDArray[np.int64]
Tokens: TypeAlias = NDArray[np.uint32]


@njit(nogil=True, cache=True)
def fit_best(sizes: Int64s, capacity: int) -> Int64s:
    """Put each item into the bin with the least room that is enough for it, else into a new one.

    Given from the largest to the smallest this is best-fit decreasing. The least room is found in
    a tree over all rooms that counts the bins that have it: O(log capacity) an item.

    Args:
        sizes: of the items, from 1 to `capacity`.
        capacity: of each bin.

    Returns:
        The bin of each item, numbered from 0 in the order in which they are opened.
    """
    leaves = 1
    while leaves <= capacity:
        leaves *= 2
    counts = np.zeros(2 * leaves, np.int32)  # of a node: bins whose room is a leaf below it
    last = np.full(capacity + 1, -1, np.int64)  # by room: the bin that had it last
    before = np.empty(len(sizes), np.int64)  # by bin: another one with the same room
    bins = np.empty(len(sizes), np.int64)
    opened = 0
    for item in range(len(sizes)):
        size = sizes[item]
        node = leaves + size
        if counts[node] == 0:
            # Up to where there are bins at the right, then down to the leftmost of these.
            while node > 1 and (node % 2 == 1 or counts[node + 1] == 0):
                node //= 2
            if node > 1:
                node += 1
                while node < leaves:
                    node *= 2
                    if counts[node] == 0:
                        node += 1
        if node > 1:
            room = node - leaves
            chosen = last[room]
            last[room] = before[chosen]
            while node >= 1:
                counts[node] -= 1
                node //= 2
        else:
            room, chosen = capacity, opened
            opened += 1
        bins[item] = chosen
        left = room - size
        if left > 0:
            before[chosen] = last[left]
            last[left] = chosen
            node = leaves + left
            while node >= 1:
                counts[node] += 1
                node //= 2
    return bins


@njit(nogil=True, cache=True)
def copy_pieces(
    source: Tokens, starts: Int64s, lengths: Int64s, places: Int64s, target: Tokens
) -> None:
    """Copy pieces of an array to places in another.

    Args:
        source: where from.
        starts: of each piece, in `source`.
        lengths: of each piece.
        places: of each piece, in `target`.
        target: where to.
    """
    for piece in range(len(starts)):
        start, place = starts[piece], places[piece]
        for token in range(lengths[piece]):
            target[place + token] = source[start + token]
