"""Eight bytes at a time, against one at a time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from llm_assets.corpus import byte_kernels as kernels

COMPILES = settings(deadline=None)  # the first call compiles
eights = st.one_of(
    st.binary(min_size=8, max_size=8),
    st.text(" aZ!\n~\x7f`{[@", min_size=8, max_size=8).map(str.encode),
)


@njit
def read_eight(data: np.ndarray, at: int) -> np.uint64:
    return kernels.eight_bytes(data, at)


def number(eight: bytes) -> np.uint64:
    return np.uint64(int.from_bytes(eight, "little"))


def array(data: bytes) -> np.ndarray:
    return np.frombuffer(data, np.uint8)


def marked(marks: np.uint64) -> list[bool]:
    return [bool(int(marks) >> (8 * i + 7) & 1) for i in range(8)]


@COMPILES
@given(st.binary(min_size=8, max_size=40), st.data())
def test_reads_eight_bytes_anywhere(data: bytes, draw: st.DataObject) -> None:
    at = draw.draw(st.integers(0, len(data) - 8))
    assert int(read_eight(array(data), at)) == int(number(data[at : at + 8]))


@COMPILES
@given(eights)
def test_marks(eight: bytes) -> None:
    others = [not 0x20 < byte < 0x80 for byte in eight]
    assert marked(kernels.mark_spaces_and_others(number(eight))) == others
    first = next((i for i, byte in enumerate(eight) if byte == 0x0A), 8)
    marks = np.uint64(kernels.mark_first_newline(number(eight)))
    assert kernels.first_marked(marks) == first


@COMPILES
@given(st.binary(min_size=8, max_size=8).map(lambda data: bytes(byte & 0x7F for byte in data)))
def test_letters_of_ascii(eight: bytes) -> None:
    letters = [chr(byte).isalpha() for byte in eight]
    assert marked(kernels.mark_letters(number(eight))) == letters


@COMPILES
@given(st.text(min_size=8), st.data())
def test_counts_characters(text: str, draw: st.DataObject) -> None:
    data = text.encode()
    at = draw.draw(st.integers(0, len(data) - 8))
    first = [byte & 0xC0 != 0x80 for byte in data[at : at + 8]]
    assert kernels.count_first_of_characters(number(data[at : at + 8])) == sum(first)


@COMPILES
@given(st.binary(min_size=1, max_size=30), st.binary(max_size=9), st.integers(0, 29), st.booleans())
def test_bytes_are_the_same_if_they_are(
    data: bytes, between: bytes, place: int, is_changed: bool
) -> None:
    other = bytearray(data)
    if is_changed:
        other[place % len(data)] ^= 1
    both = array(data + between + bytes(other))
    start = len(data) + len(between)
    assert kernels.same_bytes(both, 0, start, len(data)) == (not is_changed)
    same_key = kernels.key_of(both, 0, len(data)) == kernels.key_of(both, start, len(both))
    assert same_key == (not is_changed)


def test_keys_of_a_line_do_not_depend_on_what_stands_behind_it() -> None:
    one = array(b"abc" + b"x" * 8)
    assert kernels.key_of(one, 0, 3) == kernels.key_of(array(b"abc"), 0, 3)


@pytest.mark.parametrize("length", range(1, 8))
def test_some_bytes_at_the_end_of_the_data(length: int) -> None:
    data = bytes(range(1, 10))
    start = len(data) - length
    assert kernels.some_bytes(array(data), start, len(data)) == number(data[start:])
