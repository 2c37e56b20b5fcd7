"""Which pieces of a text are the same: a hash table over its bytes, compiled by Numba.

A text's pieces are given numbers from 0 in the order in which they first occur. The table has room
for the distinct pieces alone and grows with them, so that 50 million words of one letter take no
more of it than one alphabet. Keys only find candidates: pieces are one if their bytes are.
"""

from typing import Final, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

from llm_assets.corpus.byte_kernels import same_bytes
from llm_assets.corpus.word_kernels import NO_NAME, Bytes, Int, Names, slot_of

Keys: TypeAlias = NDArray[np.uint64]
Pieces: TypeAlias = NDArray[np.uint32]
"""A row a distinct piece: where it starts in its text, and its length, in bytes."""

FEW_SLOTS: Final = 512
"""Of the table, for each text to begin with."""


@njit(nogil=True, cache=True)
def room(most: Int) -> tuple[Keys, Pieces, Names]:
    """Return space for so many distinct pieces: their keys, the pieces, and the table's slots.

    The system gives memory only to what is then written, so room that is not used costs nothing;
    arrays that were to grow would cost a third of the kernel's speed.
    """
    most_slots = FEW_SLOTS
    while most_slots < 2 * most:
        most_slots *= 2
    return (
        np.empty(most, np.uint64),
        np.empty((most, 2), np.uint32),
        np.empty(most_slots, np.uint32),
    )


@njit(nogil=True, cache=True)
def fill_table(keys: Keys, distinct: Int, table: Names, slots: Int) -> None:
    """Make a new table of so many slots, with the first pieces."""
    table[:slots] = NO_NAME
    for piece in range(distinct):
        slot = slot_of(keys[piece], slots)
        while table[slot] != NO_NAME:
            slot = slot + 1 if slot + 1 < slots else 0
        table[slot] = piece


@njit(nogil=True, cache=True, forceinline=True)
def intern(
    data: Bytes,
    text: Int,
    start: Int,
    length: Int,
    key: Int,
    distinct: Int,
    keys: Keys,
    pieces: Pieces,
    table: Names,
    slots: Int,
) -> Int:
    """Return the number of a piece: that of the same piece met before, else `distinct`.

    Args:
        data: the texts' bytes.
        text: where the piece's text starts in them.
        start: where the piece starts in them.
        length: of the piece in bytes.
        key: equal for equal pieces; `key_of` them if they are of eight bytes or fewer.
        distinct: pieces in the table; there must be room for one more.
        keys: by piece.
        pieces: by piece.
        table: as `fill_table` made it.
        slots: of it, at least twice as many as pieces; double them before they are less.
    """
    slot = slot_of(key, slots)
    while True:
        piece = table[slot]
        if piece == NO_NAME:
            table[slot] = distinct
            keys[distinct] = key
            pieces[distinct, 0], pieces[distinct, 1] = start - text, length
            return distinct
        if (
            keys[piece] == key
            and pieces[piece, 1] == length
            # Eight bytes have a key of their own.
            and (length <= 8 or same_bytes(data, text + np.int64(pieces[piece, 0]), start, length))
        ):
            return np.int64(piece)
        slot = slot + 1 if slot + 1 < slots else 0
