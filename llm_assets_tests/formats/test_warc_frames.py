"""Cutting WARC files into records, whole and damaged."""

import gzip
import io

import pytest

from llm_assets.formats import warc_frames
from llm_assets.formats.record import Unreadable
from llm_assets.formats.warc_frames import Frame, read_frames
from llm_assets_tests.formats.builders import warc_members, warc_record

ONE, TWO, THREE = (warc_record(f"block {n}".encode() * 100, n) for n in (1, 2, 3))
BLOCKS = {n: f"block {n}".encode() * 100 for n in (1, 2, 3)}


def frames(data: bytes) -> list[Frame | Unreadable]:
    return list(read_frames(io.BytesIO(data), lambda header: True))


def blocks(found: list[Frame | Unreadable]) -> list[bytes]:
    return [item.block for item in found if isinstance(item, Frame)]


def faults(found: list[Frame | Unreadable]) -> list[tuple[str, int]]:
    return [(item.reason, item.offset) for item in found if isinstance(item, Unreadable)]


WAYS_TO_PACK = {
    "plain": ONE + TWO + THREE,
    "a member a record": warc_members(ONE, TWO, THREE),
    "one member": gzip.compress(ONE + TWO + THREE),
    "members of a fixed size": b"".join(
        gzip.compress((ONE + TWO + THREE)[at : at + 700]) for at in range(0, 3000, 700)
    ),
}


@pytest.mark.parametrize("way", WAYS_TO_PACK)
def test_records_come_in_order_however_they_are_packed(way: str) -> None:
    found = frames(WAYS_TO_PACK[way])
    assert blocks(found) == list(BLOCKS.values())
    assert faults(found) == []


def test_offsets_lead_to_the_record_or_its_member() -> None:
    assert [f.offset for f in frames(ONE + TWO)] == [0, len(ONE)]
    assert [f.offset for f in frames(warc_members(ONE, TWO))] == [0, len(gzip.compress(ONE))]


def test_headers_may_end_in_line_feeds_only() -> None:
    assert blocks(frames(b"WARC/1.0\ncontent-length: 3\n\nabc\n\n" + TWO)) == [b"abc", BLOCKS[2]]


def test_unwanted_records_are_stepped_over() -> None:
    found = read_frames(io.BytesIO(ONE + TWO + THREE), lambda header: b":2>" in header)
    assert blocks(list(found)) == [BLOCKS[2]]


@pytest.mark.parametrize("cut", [3, 500, 700])
def test_a_file_that_ends_inside_a_record_is_truncated(cut: int) -> None:
    assert faults(frames(ONE + TWO[:cut])) == [("truncated", len(ONE))]
    packed = warc_members(TWO)
    found = frames(warc_members(ONE) + packed[: 1 + len(packed) * cut // 900])
    assert faults(found) == [("truncated", len(warc_members(ONE)))]
    assert blocks(found) == [BLOCKS[1]]


def test_a_record_that_its_member_cuts_off_does_not_eat_the_next() -> None:
    found = frames(warc_members(ONE, TWO[:300], THREE))
    assert blocks(found) == [BLOCKS[1], BLOCKS[3]]
    assert faults(found) == [("truncated", len(warc_members(ONE)))]


def test_a_wrong_checksum_damns_its_record_only() -> None:
    damaged = bytearray(warc_members(TWO))
    damaged[-8] ^= 1
    found = frames(warc_members(ONE) + bytes(damaged) + warc_members(THREE))
    assert blocks(found) == [BLOCKS[1], BLOCKS[3]]
    assert faults(found) == [("malformed", len(warc_members(ONE)))]


@pytest.mark.parametrize(
    "broken",
    [
        b"garbage between records\r\n\r\n",
        b"WARC/1.0\r\nWARC-Type: response\r\n\r\nno length\r\n\r\n",
        b"WARC/1.0\r\nContent-Length: many\r\n\r\nx\r\n\r\n",
        b"WARC/1.0\r\n" + b"X: y\r\n" * 30_000 + b"\r\n\r\n",
    ],
)
def test_the_next_record_is_found_behind_a_broken_one(broken: bytes) -> None:
    found = frames(ONE + broken + THREE)
    assert blocks(found) == [BLOCKS[1], BLOCKS[3]]
    assert faults(found) == [("malformed", len(ONE))]


def test_a_length_that_is_too_short_leaves_a_trace() -> None:
    short = ONE.replace(b"Content-Length: 700", b"Content-Length: 650")
    found = frames(short + TWO)
    assert blocks(found) == [BLOCKS[1][:650], BLOCKS[2]]
    assert [reason for reason, _ in faults(found)] == ["malformed"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (gzip.compress(b""), "empty"),
        (b"filedesc://x.arc 0.0.0.0 20080430 text/plain 77\n", "wrong_format"),
        (gzip.compress(b"filedesc://x.arc"), "wrong_format"),
        (b"<html>" * 99_999, "wrong_format"),
    ],
)
def test_what_is_no_archive_is_told_once(data: bytes, reason: str) -> None:
    assert faults(frames(data)) == [(reason, 0)]


def test_a_record_over_the_limit_is_stepped_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warc_frames, "MAX_RECORD_BYTES", 699)
    found = frames(ONE + warc_record(b"small", 2))
    assert faults(found) == [("too_large", 0)]
    assert blocks(found) == [b"small"]


def test_endless_damage_ends() -> None:
    broken = b"WARC/1.0\r\nX: y\r\n\r\n"
    found = faults(frames(broken * 5000))
    assert len(found) == warc_frames.MAX_FAULTS + 1
