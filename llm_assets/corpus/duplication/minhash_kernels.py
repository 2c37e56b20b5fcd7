"""MinHash signatures in the native family, and band keys: kernels compiled by Numba.

A shingle's hash is permuted by a * h + b modulo 2^32 with odd a, once a minhash; the least value
over a text's shingles is the minhash. Shingles are never stored: a block of them is hashed, serves
all minhashes, and is overwritten. The innermost loop runs over the block and is made so that the
compiler does eight shingles with one AVX2 instruction: 4 ns a shingle for 112 minhashes, where a
loop over the minhashes with an `if` takes 87.
"""

from typing import Any, Final, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

from llm_assets.corpus.shingling.ngram_kernels import Members, write_windows
from llm_assets.corpus.shingling.token_kernels import Hashes, mix
from llm_assets.corpus.word_kernels import Int, Offsets

Words: TypeAlias = NDArray[np.uint32]
Minhashes: TypeAlias = NDArray[np.unsignedinteger[Any]]
Keys: TypeAlias = NDArray[np.uint64]

_BLOCK: Final = 1024
"""Shingles: 4 kB that stay in the first cache while all minhashes are lowered."""
_MOST: Final = np.uint32(0xFFFFFFFF)


@njit(nogil=True, cache=True)
def lower_minhashes(hashes: Words, factors: Words, terms: Words, minhashes: Words) -> None:
    """Lower each minhash to the least permuted hash of some shingles.

    Args:
        hashes: of the shingles.
        factors: a of each permutation.
        terms: b of each permutation.
        minhashes: the least so far.
    """
    for i in range(len(minhashes)):
        factor, term, least = factors[i], terms[i], minhashes[i]
        for j in range(len(hashes)):
            least = min(least, np.uint32(factor * hashes[j] + term))
        minhashes[i] = least


@njit(nogil=True, cache=True)
def fold_bands(minhashes: Minhashes, rows: Int, keys: Keys) -> None:
    """Write a 64-bit key of each band's minhashes, in which their order and the band count."""
    for band in range(len(keys)):
        key = mix(np.uint64(band + 1))
        for i in range(band * rows, (band + 1) * rows):
            key = mix(key ^ np.uint64(minhashes[i]))
        keys[band] = key


@njit(nogil=True, cache=True)
def fold_all(signatures: Hashes, rows: Int, keys: Keys) -> None:
    """Write the band keys of each signature, a row each."""
    for i in range(len(signatures)):
        fold_bands(signatures[i], rows, keys[i])


@njit(nogil=True, cache=True)
def sign_texts(
    first: Offsets,
    members: Members,
    shingle: Int,
    factors: Words,
    terms: Words,
    rows: Int,
    keys: Keys,
) -> None:
    """Write the band keys of each text.

    Args:
        first: where each text's members start, and the end of the last.
        members: hashes of tokens, or characters.
        shingle: members of a shingle.
        factors: a of each permutation.
        terms: b of each permutation.
        rows: minhashes of a band.
        keys: receives a row of keys a text, left as it is where a text has no shingle.
    """
    block = np.empty(_BLOCK, np.uint64)
    halves = np.empty(_BLOCK, np.uint32)
    minhashes = np.empty(len(factors), np.uint32)
    for row in range(len(first) - 1):
        end = first[row + 1] - shingle + 1
        if end <= first[row]:
            continue
        minhashes[:] = _MOST
        for start in range(first[row], end, _BLOCK):
            count = min(_BLOCK, end - start)
            write_windows(members, start, shingle, block, count)
            for i in range(count):
                halves[i] = block[i] >> np.uint64(32)
            lower_minhashes(halves[:count], factors, terms, minhashes)
        fold_bands(minhashes, rows, keys[row])


@njit(nogil=True, cache=True)
def sort_distinct(first: Offsets, hashes: Hashes, distinct_first: Offsets) -> None:
    """Sort each text's hashes in place and close up the distinct ones.

    Args:
        first: where each text's hashes start, and the end of the last.
        hashes: of the shingles; receives the distinct ones of all texts, without gaps.
        distinct_first: receives where each text's distinct hashes start, and the end of the last.
    """
    total = 0
    distinct_first[0] = 0
    for row in range(len(first) - 1):
        hashes[first[row] : first[row + 1]].sort()
        for i in range(first[row], first[row + 1]):
            if i == first[row] or hashes[i] != hashes[total - 1]:
                hashes[total] = hashes[i]
                total += 1
        distinct_first[row + 1] = total
