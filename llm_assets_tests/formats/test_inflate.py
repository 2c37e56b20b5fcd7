"""gzip members, whole and damaged."""

import gzip
import io
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_assets.formats.inflate import Inflated

Members = list[tuple[int, bytes, str | None]]


def members(data: bytes) -> Members:
    """Return offset, bytes and reason of a fault of every member."""
    source = Inflated(io.BytesIO(data))
    found: Members = []
    while True:
        content = b"".join(iter(source.read, b""))
        fault = source.fault
        found.append((source.offset, content, None if fault is None else fault.reason))
        if not source.next_member():
            return found


NOISE = random.Random(3).randbytes(5000)
FIRST, SECOND, THIRD = (gzip.compress(part, mtime=0) for part in (b"first", NOISE, b"third"))


def test_a_plain_object_is_one_member() -> None:
    assert members(b"x" * 200_000) == [(0, b"x" * 200_000, None)]
    assert members(b"") == [(0, b"", None)]


@given(st.lists(st.binary(max_size=2000), min_size=1, max_size=5), st.integers(0, 20))
def test_members_come_one_by_one_whatever_padding_follows(parts: list[bytes], zeros: int) -> None:
    packed = [gzip.compress(part, mtime=0) for part in parts]
    found = members(b"".join(packed) + b"\0" * zeros)
    assert [content for _, content, _ in found] == parts
    assert [offset for offset, _, _ in found] == [
        sum(map(len, packed[:place])) for place in range(len(packed))
    ]
    assert {reason for _, _, reason in found} == {None}


def test_the_stream_may_stand_anywhere_at_first() -> None:
    stream = io.BytesIO(b"skipped" + FIRST + SECOND[:-9] + THIRD)
    stream.seek(7)
    source = Inflated(stream)
    assert source.read() == b"first"
    assert source.next_member()
    assert NOISE.startswith(b"".join(iter(source.read, b"")))
    assert source.next_member()
    assert (source.offset, source.read()) == (len(FIRST + SECOND) - 9, b"third")


@pytest.mark.parametrize("cut", [1, 4, 8, 200])
def test_an_object_that_ends_inside_a_member_is_truncated(cut: int) -> None:
    offset, content, reason = members(FIRST + SECOND[:-cut])[-1]
    assert (offset, reason) == (len(FIRST), "truncated")
    assert NOISE.startswith(content)


@pytest.mark.parametrize("place", [12, 2000, -6])  # in the data, and in the checksum
def test_what_follows_a_damaged_member_is_found_again(place: int) -> None:
    damaged = bytearray(SECOND)
    damaged[place] ^= 0xFF
    found = members(FIRST + bytes(damaged) + THIRD)
    assert found[0] == (0, b"first", None)
    assert found[1][0] == len(FIRST)
    assert found[1][2] == "malformed"
    assert found[-1] == (len(FIRST + SECOND), b"third", None)


def test_a_magic_inside_damaged_data_is_not_taken_for_a_member() -> None:
    damaged = SECOND[:100] + b"\x1f\x8b\x08\x00" * 50 + SECOND[300:]
    assert members(FIRST + damaged + THIRD)[-1] == (len(FIRST + damaged), b"third", None)


def test_bytes_between_members_are_reported() -> None:
    found = members(FIRST + b"garbage" + THIRD)
    assert [reason for _, _, reason in found] == [None, "malformed", None]
    assert found[1][0] == len(FIRST)


def test_a_bomb_is_stopped_long_before_its_end() -> None:
    bomb = gzip.compress(bytes(200 << 20), 9, mtime=0)
    (_, content, reason), after = members(bomb + THIRD)
    assert reason == "archive_limit"
    assert len(content) <= 64 << 20
    assert after[1:] == (b"third", None)


def test_a_long_repetitive_text_is_no_bomb() -> None:
    text = b"All work and no play makes Jack a dull boy.\n" * 100_000
    assert members(gzip.compress(text)) == [(0, text, None)]
