"""xxh64 and SHA-1 of spans of bytes: kernels compiled by Numba.

xxh64 is as the specification of xxHash has it (doc/xxhash_spec.md in Cyan4973/xxHash), with seed 0;
SHA-1 as FIPS 180-4. SHA-1 serves as a hash function of shingles, as FineWeb used it, not for
security.
"""

from typing import Final, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

from llm_assets.corpus.byte_kernels import eight_bytes
from llm_assets.corpus.word_kernels import Bytes, Int

Schedule: TypeAlias = NDArray[np.uint32]

_PRIME_1: Final = np.uint64(0x9E3779B185EBCA87)
_PRIME_2: Final = np.uint64(0xC2B2AE3D27D4EB4F)
_PRIME_3: Final = np.uint64(0x165667B19E3779F9)
_PRIME_4: Final = np.uint64(0x85EBCA77C2B2AE63)
_PRIME_5: Final = np.uint64(0x27D4EB2F165667C5)
_MINUS_PRIME_1: Final = np.uint64(-0x9E3779B185EBCA87 & 0xFFFFFFFFFFFFFFFF)
_PRIMES_1_AND_2: Final = np.uint64(0x9E3779B185EBCA87 + 0xC2B2AE3D27D4EB4F & 0xFFFFFFFFFFFFFFFF)

SCHEDULE_WORDS: Final = 80
"""Room that `sha1_eight` works in."""


@njit(nogil=True, cache=True, forceinline=True)
def _rotated(number: np.uint64, bits: Int) -> np.uint64:
    return number << np.uint64(bits) | number >> np.uint64(64 - bits)


@njit(nogil=True, cache=True, forceinline=True)
def _round(lane: np.uint64, word: np.uint64) -> np.uint64:
    return _rotated(lane + word * _PRIME_2, 31) * _PRIME_1


@njit(nogil=True, cache=True, forceinline=True)
def _merged(key: np.uint64, lane: np.uint64) -> np.uint64:
    return (key ^ _round(np.uint64(0), lane)) * _PRIME_1 + _PRIME_4


@njit(nogil=True, cache=True)
def xxh64(data: Bytes, start: Int, end: Int) -> np.uint64:
    """Return the xxh64 of the bytes from start to end."""
    at = start
    key = _PRIME_5
    if end - at >= 32:
        one, two, three, four = _PRIMES_1_AND_2, _PRIME_2, np.uint64(0), _MINUS_PRIME_1
        while end - at >= 32:
            one = _round(one, eight_bytes(data, at))
            two = _round(two, eight_bytes(data, at + 8))
            three = _round(three, eight_bytes(data, at + 16))
            four = _round(four, eight_bytes(data, at + 24))
            at += 32
        key = _rotated(one, 1) + _rotated(two, 7) + _rotated(three, 12) + _rotated(four, 18)
        key = _merged(_merged(_merged(_merged(key, one), two), three), four)
    key += np.uint64(end - start)
    while end - at >= 8:
        key ^= _round(np.uint64(0), eight_bytes(data, at))
        key = _rotated(key, 27) * _PRIME_1 + _PRIME_4
        at += 8
    if end - at >= 4:
        four_bytes = np.uint64(0)
        for i in range(4):
            four_bytes |= np.uint64(data[at + i]) << np.uint64(8 * i)
        key = _rotated(key ^ four_bytes * _PRIME_1, 23) * _PRIME_2 + _PRIME_3
        at += 4
    while at < end:
        key = _rotated(key ^ np.uint64(data[at]) * _PRIME_5, 11) * _PRIME_1
        at += 1
    key = (key ^ (key >> np.uint64(33))) * _PRIME_2
    key = (key ^ (key >> np.uint64(29))) * _PRIME_3
    return key ^ (key >> np.uint64(32))


@njit(nogil=True, cache=True, forceinline=True)
def _rotated_word(word: np.uint32, bits: Int) -> np.uint32:
    return np.uint32(word << np.uint32(bits)) | np.uint32(word >> np.uint32(32 - bits))


@njit(nogil=True, cache=True, forceinline=True)
def _swapped(word: np.uint32) -> np.uint32:
    """Return the four bytes of a word in the other order."""
    outer = (word & np.uint32(0xFF)) << np.uint32(24) | word >> np.uint32(24)
    inner = (word & np.uint32(0xFF00)) << np.uint32(8) | word >> np.uint32(8) & np.uint32(0xFF00)
    return np.uint32(outer | inner)


@njit(nogil=True, cache=True)
def _padded_word(data: Bytes, end: Int, at: Int) -> np.uint32:
    """Return the four bytes at a place of a message, of its padding where it has ended."""
    word = np.uint32(0)
    for i in range(at, at + 4):
        byte = np.uint32(data[i]) if i < end else np.uint32(0x80 if i == end else 0)
        word = np.uint32(word << np.uint32(8)) | byte
    return word


@njit(nogil=True, cache=True)
def _load_block(data: Bytes, start: Int, end: Int, at: Int, words: Schedule) -> None:
    """Write the sixteen words of a block, with the message's bits behind the padding."""
    for i in range(16):
        words[i] = _padded_word(data, end, at + 4 * i)
    if at + 64 >= end + 9:
        bits = np.uint64(end - start) << np.uint64(3)
        words[14], words[15] = np.uint32(bits >> np.uint64(32)), np.uint32(bits)


@njit(nogil=True, cache=True)
def _extend(words: Schedule) -> None:
    """Write the message schedule behind a block's sixteen words."""
    for i in range(16, SCHEDULE_WORDS):
        words[i] = _rotated_word(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1)


@njit(nogil=True, cache=True)
def sha1_eight(data: Bytes, start: Int, end: Int, words: Schedule) -> np.uint64:
    """Return the first eight bytes of the SHA-1 of the bytes from start to end, the first lowest.

    Args:
        data: the bytes.
        start: of the message.
        end: of the message.
        words: `SCHEDULE_WORDS` to work in.
    """
    h0, h1, h2 = np.uint32(0x67452301), np.uint32(0xEFCDAB89), np.uint32(0x98BADCFE)
    h3, h4 = np.uint32(0x10325476), np.uint32(0xC3D2E1F0)
    for at in range(start, end + 9, 64):
        _load_block(data, start, end, at, words)
        _extend(words)
        a, b, c, d, e = h0, h1, h2, h3, h4
        for i in range(SCHEDULE_WORDS):
            if i < 20:
                chosen = np.uint32(b & c | ~b & d) + np.uint32(0x5A827999)
            elif i < 40:
                chosen = np.uint32(b ^ c ^ d) + np.uint32(0x6ED9EBA1)
            elif i < 60:
                chosen = np.uint32(b & c | b & d | c & d) + np.uint32(0x8F1BBCDC)
            else:
                chosen = np.uint32(b ^ c ^ d) + np.uint32(0xCA62C1D6)
            a, b, c, d, e = (
                np.uint32(_rotated_word(a, 5) + chosen + e + words[i]),
                a,
                _rotated_word(b, 30),
                c,
                d,
            )
        h0, h1, h2 = np.uint32(h0 + a), np.uint32(h1 + b), np.uint32(h2 + c)
        h3, h4 = np.uint32(h3 + d), np.uint32(h4 + e)
    return np.uint64(_swapped(h1)) << np.uint64(32) | np.uint64(_swapped(h0))
