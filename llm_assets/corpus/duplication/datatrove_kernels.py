"""MinHash signatures as datatrove 0.10 makes them: kernels compiled by Numba.

A shingle is the bytes of some words with single spaces between, so the words of a text are written
once, one space apart, and a shingle is a span of that. What is done with its hash h for a minhash
is (h * a + b) modulo 2^61 - 1 where product and sum are modulo 2^64, as NumPy's unsigned integers
are in the original.
"""

from typing import Final, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

from llm_assets.corpus.duplication.digest_kernels import SCHEDULE_WORDS, sha1_eight, xxh64
from llm_assets.corpus.shingling.token_kernels import Hashes
from llm_assets.corpus.word_kernels import Bytes, Int, Names, Offsets

Parameters: TypeAlias = NDArray[np.uint64]

_BLOCK: Final = 1024
_PRIME: Final = np.uint64((1 << 61) - 1)
_PRIME_BITS: Final = np.uint64(61)
_SPACE: Final = 0x20


@njit(nogil=True, cache=True)
def join_words(
    data: Bytes, offsets: Offsets, first: Offsets, starts: Names, lengths: Names, joined: Bytes
) -> Offsets:
    """Write the words of each text with a space behind each, and replace starts by places there.

    Args:
        data: the texts' UTF-8 bytes.
        offsets: where each text starts, and the end of the last.
        first: where each text's words start, and the end of the last.
        starts: of the words, from the start of their text; receives where they start in the joined
            words of their text.
        lengths: of the words.
        joined: receives the words of all texts.

    Returns:
        Where each text's joined words start, and the end of the last.
    """
    joined_first = np.zeros(len(offsets), np.int64)
    count = np.int64(0)
    for row in range(len(offsets) - 1):
        for word in range(first[row], first[row + 1]):
            start = offsets[row] + np.int64(starts[word])
            starts[word] = count - joined_first[row]
            for i in range(start, start + np.int64(lengths[word])):
                joined[count] = data[i]
                count += 1
            joined[count] = _SPACE
            count += 1
        joined_first[row + 1] = count
    return joined_first


@njit(nogil=True, cache=True)
def hash_shingles(
    joined: Bytes,
    starts: Names,
    lengths: Names,
    size: Int,
    with_sha1: bool,
    hashes: Hashes,
) -> None:
    """Hash windows of words, as many as there is room for, from the first word on.

    Args:
        joined: the words of a text, one space apart.
        starts: of the words.
        lengths: of the words.
        size: words of a window.
        with_sha1: whether by the first eight bytes of SHA-1, the first lowest, not by xxh64.
        hashes: receives the hashes.
    """
    schedule = np.empty(SCHEDULE_WORDS, np.uint32)
    for i in range(len(hashes)):
        last = i + size - 1
        start, end = np.int64(starts[i]), np.int64(starts[last]) + np.int64(lengths[last])
        if with_sha1:
            hashes[i] = sha1_eight(joined, start, end, schedule)
        else:
            hashes[i] = xxh64(joined, start, end)


@njit(nogil=True, cache=True)
def lower_minhashes(
    hashes: Hashes, factors: Parameters, terms: Parameters, minhashes: Hashes
) -> None:
    """Lower each minhash to the least permuted hash of some shingles."""
    for i in range(len(minhashes)):
        factor, term, least = factors[i], terms[i], minhashes[i]
        for j in range(len(hashes)):
            permuted = hashes[j] * factor + term
            permuted = (permuted & _PRIME) + (permuted >> _PRIME_BITS)
            # Below the prime where the subtraction wraps around.
            least = min(least, min(permuted, permuted - _PRIME))
        minhashes[i] = least


@njit(nogil=True, cache=True)
def sign_joined(
    joined: Bytes,
    joined_first: Offsets,
    first: Offsets,
    starts: Names,
    lengths: Names,
    size: Int,
    with_sha1: bool,
    factors: Parameters,
    terms: Parameters,
    signatures: Hashes,
) -> None:
    """Write the signature of each text, as it was where a text has no shingle.

    The arguments are those of the kernels above, for all texts.
    """
    block = np.empty(_BLOCK, np.uint64)
    for row in range(len(first) - 1):
        words = joined[joined_first[row] : joined_first[row + 1]]
        for start in range(first[row], first[row + 1] - size + 1, _BLOCK):
            count = min(_BLOCK, first[row + 1] - size + 1 - start)
            hashes = block[:count]
            hash_shingles(words, starts[start:], lengths[start:], size, with_sha1, hashes)
            lower_minhashes(hashes, factors, terms, signatures[row])


@njit(nogil=True, cache=True)
def hash_joined(
    joined: Bytes,
    joined_first: Offsets,
    first: Offsets,
    starts: Names,
    lengths: Names,
    size: Int,
    with_sha1: bool,
    shingle_first: Offsets,
    hashes: Hashes,
) -> None:
    """Write the hashes of all shingles of each text.

    Args:
        joined: the words of all texts.
        joined_first: where each text's joined words start, and the end of the last.
        first: where each text's words start, and the end of the last.
        starts: of the words.
        lengths: of the words.
        size: words of a window.
        with_sha1: whether by SHA-1.
        shingle_first: where each text's shingles start, and the end of the last.
        hashes: receives the hashes.
    """
    for row in range(len(first) - 1):
        words = joined[joined_first[row] : joined_first[row + 1]]
        of_row = hashes[shingle_first[row] : shingle_first[row + 1]]
        start = first[row]
        hash_shingles(words, starts[start:], lengths[start:], size, with_sha1, of_row)
