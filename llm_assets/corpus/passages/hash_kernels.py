"""64-bit hashes of bytes, the same on every machine and in every release."""

from typing import Final, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

from llm_assets.corpus.byte_kernels import eight_bytes, some_bytes
from llm_assets.corpus.word_kernels import Bytes, Int, Names, Offsets, slot_of, table_size

Hashes: TypeAlias = NDArray[np.uint64]
Flags: TypeAlias = NDArray[np.uint8]

FIRST_SEED: Final = np.uint64(0x243F6A8885A308D3)  # digits of pi, as good as any
SECOND_SEED: Final = np.uint64(0x13198A2E03707344)


@njit(nogil=True, cache=True)
def mix(number: Int) -> Int:
    """Spread 64 bits over 64 bits, one to one: the finalizer of MurmurHash3."""
    number = np.uint64(number)
    number = (number ^ (number >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    number = (number ^ (number >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return number ^ (number >> np.uint64(33))


@njit(nogil=True, cache=True)
def hash_bytes(data: Bytes, start: Int, end: Int, seed: Int) -> Int:
    """Return a 64-bit hash of bytes: the same on every machine and in every release.

    Every eight bytes are mixed in full, so that two texts with a few different digits in several
    places collide no more often than any others (a multiplication alone would not do that).
    """
    value: Int = np.uint64(seed)
    at = start
    while at + 8 <= end:
        value = mix(value ^ eight_bytes(data, at))
        at += 8
    if at < end:
        value = mix(value ^ some_bytes(data, at, end))
    return mix(value ^ np.uint64(end - start))


@njit(nogil=True, cache=True)
def hash_strings(data: Bytes, offsets: Offsets, hashes: Hashes) -> None:
    """Hash each string as a whole."""
    for row in range(len(offsets) - 1):
        hashes[row] = hash_bytes(data, offsets[row], offsets[row + 1], FIRST_SEED)


@njit(nogil=True, cache=True)
def mix_together(one: Hashes, other: Hashes) -> Hashes:
    """Mix two columns; for one value of the second, different values of the first differ."""
    mixed = np.empty_like(one)
    for i in range(len(one)):
        mixed[i] = mix(one[i] ^ mix(other[i] + SECOND_SEED))
    return mixed


@njit(nogil=True, cache=True)
def mark_first(rows: Names, hashes: Hashes, checks: Names, is_first: Flags) -> None:
    """Tell which passages stand in their text for the first time; a text's are in one run."""
    begin = 0
    while begin < len(rows):
        end = begin
        while end < len(rows) and rows[end] == rows[begin]:
            end += 1
        size = table_size(end - begin)
        table = np.full(size, -1, np.int64)
        for i in range(begin, end):
            slot = slot_of(hashes[i], size)
            while table[slot] >= 0 and (
                hashes[table[slot]] != hashes[i] or checks[table[slot]] != checks[i]
            ):
                slot = slot + 1 if slot + 1 < size else 0
            is_first[i] = table[slot] < 0
            if is_first[i]:
                table[slot] = i
        begin = end
