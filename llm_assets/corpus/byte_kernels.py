"""Eight bytes of a text at a time: what the other kernels' inner loops are made of.

A byte a step, with a branch that the processor cannot foresee at the end of each word, is what
bounds a loop over text. Eight bytes fit a register, and most words are shorter. All of this is for
little-endian machines, as are the wheels of Numba.
"""

from typing import Any, Final

import numpy as np
from numba import njit, types
from numba.extending import intrinsic

from llm_assets.corpus.word_kernels import Bytes, Int

_ONES: Final = np.uint64(0x0101010101010101)
_HIGH_BITS: Final = np.uint64(0x8080808080808080)
_LOW_BITS: Final = np.uint64(0x7F7F7F7F7F7F7F7F)
_TO_CASE: Final = np.uint64(0x2020202020202020)
_NEWLINES: Final = np.uint64(0x0A0A0A0A0A0A0A0A)
# Added to a byte below 0x80, these set its high bit from the named character on.
_FROM_SIGN: Final = np.uint64(0x5F5F5F5F5F5F5F5F)  # "!", the first behind the space
_FROM_A: Final = np.uint64(0x1F1F1F1F1F1F1F1F)  # "a"
_BEHIND_Z: Final = np.uint64(0x0505050505050505)  # "{"
_ALL: Final = np.uint64(0xFFFFFFFFFFFFFFFF)


def _load_eight(_context: Any, data: Any, _at: Any) -> tuple[Any, Any]:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        place = builder.gep(array.data, [arguments[1]])
        number = context.get_value_type(types.uint64).as_pointer()
        return builder.load(builder.bitcast(place, number), align=1)

    return types.uint64(data, types.int64), generate


def _count_trailing_zeros(_context: Any, _number: Any) -> tuple[Any, Any]:
    def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], context.get_constant(types.boolean, False))

    return types.uint64(types.uint64), generate


eight_bytes: Final[Any] = intrinsic(_load_eight)
"""Takes bytes and a place, and returns the eight from there on as one number, the first lowest. All
must be there."""
_trailing_zeros: Final[Any] = intrinsic(_count_trailing_zeros)


@njit(nogil=True, cache=True, forceinline=True)
def first_marked(marks: Int) -> Int:
    """Return the first byte whose high bit is set; 8 if there is none."""
    return np.int64(_trailing_zeros(marks) >> np.uint64(3))


@njit(nogil=True, cache=True, forceinline=True)
def first_bytes(eight: Int, count: Int) -> Int:
    """Return so many of the eight bytes, at least one, and zeros behind them."""
    return eight & (_ALL >> np.uint64(64 - 8 * count))


@njit(nogil=True, cache=True, forceinline=True)
def mark_spaces_and_others(eight: Int) -> Int:
    """Mark the bytes that are not printable ASCII: space, controls, and all beyond."""
    return (~((eight & _LOW_BITS) + _FROM_SIGN) | eight) & _HIGH_BITS


@njit(nogil=True, cache=True, forceinline=True)
def mark_letters(eight: Int) -> Int:
    """Mark the ASCII letters among bytes that are all ASCII."""
    small = (eight & _LOW_BITS) | _TO_CASE
    return (small + _FROM_A) & ~(small + _BEHIND_Z) & _HIGH_BITS


@njit(nogil=True, cache=True, forceinline=True)
def mark_first_newline(eight: Int) -> Int:
    """Mark the first newline, and perhaps bytes behind it."""
    others = eight ^ _NEWLINES
    return (others - _ONES) & ~others & _HIGH_BITS


@njit(nogil=True, cache=True, forceinline=True)
def count_first_of_characters(eight: Int) -> Int:
    """Return how many of eight bytes of UTF-8 are a character's first."""
    continued = (eight >> np.uint64(7)) & ~(eight >> np.uint64(6)) & _ONES
    return 8 - np.int64((continued * _ONES) >> np.uint64(56))


@njit(nogil=True, cache=True, forceinline=True)
def some_bytes(data: Bytes, start: Int, end: Int) -> Int:
    """Return at least one and less than eight bytes as one number, the first lowest."""
    if start + 8 <= len(data):
        return first_bytes(eight_bytes(data, start), end - start)
    number = np.uint64(0)
    for at in range(start, end):
        number |= np.uint64(data[at]) << np.uint64(8 * (at - start))
    return number


@njit(nogil=True, cache=True, forceinline=True)
def same_bytes(data: Bytes, one: Int, other: Int, length: Int) -> bool:
    """Tell whether so many bytes are the same at two places."""
    while length >= 8:
        if eight_bytes(data, one) != eight_bytes(data, other):
            return False
        one, other, length = one + 8, other + 8, length - 8
    if length == 0:
        return True
    return bool(some_bytes(data, one, one + length) == some_bytes(data, other, other + length))


KEY_START: Final = np.uint64(0xCBF29CE484222325)


@njit(nogil=True, cache=True, forceinline=True)
def add_to_key(key: Int, eight: Int) -> Int:
    """Return the key of what was read before and of these bytes."""
    key = (key ^ eight) * np.uint64(0x9E3779B97F4A7C15)
    return key ^ (key >> np.uint64(32))


@njit(nogil=True, cache=True, forceinline=True)
def key_of(data: Bytes, start: Int, end: Int) -> Int:
    """Return a key of bytes: the same bytes have the same."""
    key: Int = KEY_START
    while start + 8 <= end:
        key = add_to_key(key, eight_bytes(data, start))
        start += 8
    return add_to_key(key, some_bytes(data, start, end)) if start < end else key
