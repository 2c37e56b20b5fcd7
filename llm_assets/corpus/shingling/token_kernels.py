"""Normalised tokens of texts in Arrow buffers: kernels compiled by Numba.

One pass over the UTF-8 finds the tokens and hashes their normalised characters; no normalised text
is ever made. A hash is FNV-1a over code points, in 64 bits, behind it the finalizer of MurmurHash3:
it depends on nothing but the characters, and must never change, since signatures are kept.
"""

from typing import Final, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

from llm_assets.corpus.shingling.characters import (
    ALONE,
    DIGIT,
    NOTHING,
    POINT,
    SEPARATES,
    SEVERAL,
    Characters,
)
from llm_assets.corpus.word_kernels import Bytes, Int, Offsets, decode

Hashes: TypeAlias = NDArray[np.uint64]
Places: TypeAlias = NDArray[np.uint32]

ZERO: Final = 0x30
"""The character that any number stands for."""
SPACE: Final = 0x20

_FNV_START: Final = np.uint64(0xCBF29CE484222325)
_FNV_PRIME: Final = np.uint64(0x00000100000001B3)
_NOWHERE: Final = np.int64(-1)
_APART: Final = ALONE | DIGIT | NOTHING | SEPARATES | SEVERAL


@njit(nogil=True, cache=True, forceinline=True)
def mix(number: Int) -> np.uint64:
    """Spread 64 bits over 64 bits, one to one: the finalizer of MurmurHash3."""
    mixed = np.uint64(number)
    mixed = (mixed ^ (mixed >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    mixed = (mixed ^ (mixed >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return mixed ^ (mixed >> np.uint64(33))


@njit(nogil=True, cache=True, forceinline=True)
def hash_code(key: np.uint64, code_point: Int) -> np.uint64:
    """Add a code point to the hash of those before it."""
    return (key ^ np.uint64(code_point)) * _FNV_PRIME


@njit(nogil=True, cache=True)
def hash_several(key: np.uint64, at: Int, several: Characters) -> np.uint64:
    """Add a series of code points to the hash of those before it."""
    while several[at] != 0:
        key = hash_code(key, several[at])
        at += 1
    return key


@njit(nogil=True, cache=True)
def digits_end(data: Bytes, at: Int, end: Int, kinds: Bytes) -> Int:
    """Return where a run of digits ends that may start here."""
    while at < end:
        code_point, after = decode(data, at)
        if not kinds[code_point] & DIGIT:
            break
        at = after
    return at


@njit(nogil=True, cache=True)
def number_end(data: Bytes, at: Int, end: Int, kinds: Bytes) -> Int:
    """Return where the number ends whose first digit is here: digits, once with a point between."""
    at = digits_end(data, at, end, kinds)
    if at < end:
        code_point, after = decode(data, at)
        if kinds[code_point] & POINT:
            behind = digits_end(data, after, end, kinds)
            if behind > after:
                return behind
    return at


@njit(nogil=True, cache=True, forceinline=True)
def put_token(
    place: Int, key: np.uint64, start: Int, end: Int, hashes: Hashes, starts: Places, ends: Places
) -> None:
    """Write a token's hash, and from where to where it is if there is room for that."""
    hashes[place] = mix(key)
    if len(ends):
        starts[place], ends[place] = start, end


@njit(nogil=True, cache=True)
def cut_tokens(
    data: Bytes,
    offsets: Offsets,
    kinds: Bytes,
    mapped: Characters,
    several: Characters,
    first: Offsets,
    hashes: Hashes,
    starts: Places,
    ends: Places,
) -> None:
    """Find the tokens of each text.

    Args:
        data: the texts' UTF-8 bytes.
        offsets: where each text starts, and the end of the last.
        kinds: the kind bits of every code point.
        mapped: what stands for a code point.
        several: the series of those that stand for several.
        first: receives where each text's tokens start, and the end of the last.
        hashes: receives the tokens' hashes.
        starts: receives where a token starts, in bytes from the start of its text.
        ends: receives where it ends; both have no room where places are not asked for.
    """
    count = np.int64(0)
    first[0] = 0
    for row in range(len(offsets) - 1):
        begin, end = offsets[row], offsets[row + 1]
        at: Int = begin
        start: Int = _NOWHERE
        key = _FNV_START
        while at < end:
            code_point, after = decode(data, at)
            kind = kinds[code_point]
            if not kind & _APART:
                key = hash_code(key, mapped[code_point])
                start = start if start >= 0 else at
                at = after
                continue
            if kind & (SEPARATES | ALONE) and start >= 0:
                put_token(count, key, start - begin, at - begin, hashes, starts, ends)
                count, start, key = count + 1, _NOWHERE, _FNV_START
            if kind & NOTHING:
                # A mark belongs to the token before it, even to one that is whole already.
                if start < 0 and count > first[row] and len(ends) and ends[count - 1] == at - begin:
                    ends[count - 1] = after - begin
            elif not kind & SEPARATES:
                if kind & DIGIT:
                    after = number_end(data, at, end, kinds)
                    key = hash_code(key, ZERO)
                elif kind & SEVERAL:
                    key = hash_several(key, mapped[code_point], several)
                else:
                    key = hash_code(key, mapped[code_point])
                start = start if start >= 0 else at
                if kind & ALONE:
                    put_token(count, key, start - begin, after - begin, hashes, starts, ends)
                    count, start, key = count + 1, _NOWHERE, _FNV_START
            at = after
        if start >= 0:
            put_token(count, key, start - begin, end - begin, hashes, starts, ends)
            count += 1
        first[row + 1] = count


@njit(nogil=True, cache=True)
def read_characters(
    data: Bytes,
    offsets: Offsets,
    kinds: Bytes,
    mapped: Characters,
    several: Characters,
    first: Offsets,
    characters: Places,
) -> None:
    """Write each text's normalised characters, a single space between words.

    Args:
        data: the texts' UTF-8 bytes.
        offsets: where each text starts, and the end of the last.
        kinds: the kind bits of every code point.
        mapped: what stands for a code point.
        several: the series of those that stand for several.
        first: receives where each text's characters start, and the end of the last.
        characters: receives the characters, no more than the texts have bytes.
    """
    count = np.int64(0)
    first[0] = 0
    for row in range(len(offsets) - 1):
        at, end = offsets[row], offsets[row + 1]
        spaced = False
        while at < end:
            code_point, after = decode(data, at)
            kind = kinds[code_point]
            if kind & SEPARATES:
                spaced = count > first[row]
            elif not kind & NOTHING:
                if spaced:
                    characters[count] = SPACE
                    count += 1
                    spaced = False
                if kind & DIGIT:
                    after = number_end(data, at, end, kinds)
                    characters[count] = ZERO
                    count += 1
                elif kind & SEVERAL:
                    place = mapped[code_point]
                    while several[place] != 0:
                        characters[count] = several[place]
                        place += 1
                        count += 1
                else:
                    characters[count] = mapped[code_point]
                    count += 1
            at = after
        first[row + 1] = count
