"""Find one's way in HTML as a parser writes it back: kernels compiled by Numba.

Every tag is closed there, attribute values are quoted, and `<` and `>` are escaped in them and in
text, so tags end at the next `>`. Only what stands in scripts and the like is as the page had it.
"""

from typing import Any, Final, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int: TypeAlias = int | np.integer[Any]
Bytes: TypeAlias = NDArray[np.uint8]
Keys: TypeAlias = NDArray[np.uint64]
Values: TypeAlias = NDArray[np.int32]

# Bytes that mean something in markup.
LT, GT, SLASH, BANG, AMPERSAND, SEMICOLON, QUOTE, EQUALS, DASH, BLANK, NEWLINE = map(
    ord, '<>/!&;"=- \n'
)

_BASIS: Final = np.uint64(0xCBF29CE484222325)
_PRIME: Final = np.uint64(0x100000001B3)
_ONE: Final = np.uint64(1)


@njit(nogil=True, cache=True)
def hash_start() -> Int:
    """Return the 64-bit FNV-1a hash of nothing."""
    return _BASIS


@njit(nogil=True, cache=True)
def hash_on(state: Int, byte: Int) -> Int:
    """Take a byte into an FNV-1a hash."""
    return (np.uint64(state) ^ np.uint64(byte)) * _PRIME


def name_hash(name: str) -> int:
    """Return the FNV-1a hash of a name, as the kernels compute it."""
    state = int(_BASIS)
    for byte in name.encode():
        state = (state ^ byte) * int(_PRIME) % 2**64
    return state


def open_table(values: dict[int, int]) -> tuple[Keys, Values]:
    """Make a table for `look_up`, at most a quarter full; no key may be 0."""
    size = 1 << max(4, (4 * len(values) - 1).bit_length())
    keys, held = np.zeros(size, np.uint64), np.zeros(size, np.int32)
    for key, value in sorted(values.items()):
        slot = key % size
        while keys[slot]:
            slot = (slot + 1) % size
        keys[slot], held[slot] = key, value
    return keys, held


@njit(nogil=True, cache=True)
def look_up(key: Int, keys: Keys, values: Values) -> Int:
    """Return what an open table holds for a key; 0 if it does not."""
    mask = np.uint64(len(keys) - 1)
    slot = key & mask
    while keys[slot] != 0:
        if keys[slot] == key:
            return np.int64(values[slot])
        slot = (slot + _ONE) & mask
    return np.int64(0)


@njit(nogil=True, cache=True)
def after_space(data: Bytes, at: Int) -> Int:
    """Return where white space, `&nbsp;` with it, ends."""
    size = len(data)
    while at < size:
        if data[at] == BLANK or 0x09 <= data[at] <= 0x0D:
            at += 1
        elif (
            data[at] == AMPERSAND
            and at + 5 < size
            and data[at + 1] == 0x6E
            and data[at + 5] == SEMICOLON
        ):
            at += 6  # no other entity that starts with n is written
        else:
            break
    return at


@njit(nogil=True, cache=True)
def after_text(data: Bytes, at: Int) -> Int:
    """Return where the next tag starts."""
    size = len(data)
    while at < size and data[at] != LT:
        at += 1
    return at


@njit(nogil=True, cache=True)
def tag_name(data: Bytes, at: Int) -> tuple[Int, Int]:
    """Return the hash of the tag name here and where it ends."""
    state = hash_start()
    size = len(data)
    while at < size and data[at] != BLANK and data[at] != GT:
        state = hash_on(state, data[at])
        at += 1
    return state, at


@njit(nogil=True, cache=True)
def after_tag(data: Bytes, at: Int) -> Int:
    """Return where the tag that we are in ends."""
    size = len(data)
    while at < size and data[at] != GT:
        at += 1
    return min(at + 1, size)


@njit(nogil=True, cache=True)
def after_declaration(data: Bytes, at: Int) -> Int:
    """Return where the comment or document type that starts here ends."""
    size = len(data)
    if not (at + 3 < size and data[at + 2] == DASH and data[at + 3] == DASH):
        return after_tag(data, at)
    at += 4
    while at + 2 < size:
        if data[at] == DASH and data[at + 1] == DASH and data[at + 2] == GT:
            return at + 3
        at += 1
    return size


@njit(nogil=True, cache=True)
def same_name(data: Bytes, at: Int, name: Int, name_end: Int) -> bool:
    """Tell whether the tag name at `at` is the one at `name`."""
    length = name_end - name
    if at + length >= len(data):
        return False
    for i in range(length):
        if data[at + i] != data[name + i]:
            return False
    return bool(data[at + length] == GT or data[at + length] == BLANK)


@njit(nogil=True, cache=True)
def after_raw(data: Bytes, at: Int, name: Int, name_end: Int) -> Int:
    """Return where the text of a script or the like ends: at its end tag."""
    size = len(data)
    while at < size:
        is_end = data[at] == LT and at + 1 < size and data[at + 1] == SLASH
        if is_end and same_name(data, at + 2, name, name_end):
            return at
        at += 1
    return size


@njit(nogil=True, cache=True)
def after_element(data: Bytes, name: Int, name_end: Int) -> Int:
    """Return where the element of this name ends, elements of the same name within counted."""
    size = len(data)
    depth, at = 1, name_end
    while at < size:
        if data[at] != LT:
            at += 1
        elif at + 1 < size and data[at + 1] == BANG:
            at = after_declaration(data, at)
        else:
            closing = at + 1 < size and data[at + 1] == SLASH
            if same_name(data, at + 1 + closing, name, name_end):
                depth += -1 if closing else 1
                if depth == 0:
                    return after_tag(data, at)
            at += 1
    return size


@njit(nogil=True, cache=True)
def holds(data: Bytes, at: Int, end: Int, text: bytes) -> bool:
    """Tell whether a text stands between two places."""
    for i in range(at, end - len(text) + 1):
        k = 0
        while k < len(text) and data[i + k] == text[k]:
            k += 1
        if k == len(text):
            return True
    return False
