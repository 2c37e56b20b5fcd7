"""A WARC file, plain or gzip, cut into its records; what is damaged is named and stepped over.

Why not fastwarc's iterator: measured on its 2.0.1, it ends without an error where a file is cut
off, ignores checksums, and gives up at the first damaged gzip member or wrong length. zlib is 20
times as fast as the extraction behind it; warcio is the oracle in the tests.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from llm_assets.formats.inflate import MAX_RECORD_BYTES, Fault, Inflated
from llm_assets.formats.record import HEAD_BYTES, QuarantineReason, Unreadable

MAX_FAULTS = 1000
"""After so many damaged places the rest of an object is left unread."""

_MAX_HEADER_BYTES = 1 << 16
_VERSION = b"WARC/"
_ARC = b"filedesc://"
_HEADER_END = re.compile(rb"\r?\n\r?\n")
_NEXT_RECORD = re.compile(rb"\nWARC/[01]\.\d\r?\n")
_NEXT_RECORD_BYTES = 11  # of a match of the above
_LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,18})[ \t]*\r?$", re.I | re.M)


@dataclass(frozen=True, slots=True)
class Frame:
    """One record: its header lines and its block.

    `offset` is where it starts in the object; in a gzip file, where its member starts.
    """

    offset: int
    header: bytes
    block: bytes


def read_frames(stream: BinaryIO, wanted: Callable[[bytes], bool]) -> Iterator[Frame | Unreadable]:
    """Yield the records whose header is `wanted`, and every damaged place, in order.

    The other records are only stepped over. Memory is bounded by `MAX_RECORD_BYTES`.
    """
    window = _Window(Inflated(stream))
    head = window.peek(HEAD_BYTES)
    if not head and window.fault is None:
        yield Unreadable("", "empty", "no bytes")
        return
    if head.startswith(_ARC):
        yield Unreadable("", "wrong_format", "an ARC file, the format before WARC", head=head)
        return
    faults = 0
    for item in _all_segments(window, wanted):
        yield item
        faults += isinstance(item, Unreadable)
        if faults >= MAX_FAULTS:
            yield _unreadable(window.offset, "malformed", f"left unread after {faults} faults")
            return


def _all_segments(
    window: "_Window", wanted: Callable[[bytes], bool]
) -> Iterator[Frame | Unreadable]:
    yield from _segment(window, wanted)
    while window.next_segment():
        yield from _segment(window, wanted)


def _segment(window: "_Window", wanted: Callable[[bytes], bool]) -> Iterator[Frame | Unreadable]:
    """Yield what stands in one segment.

    A record waits until what follows it is reached: its checksum stands behind its data.
    """
    waiting: Frame | Unreadable | None = None
    while True:
        window.skip_blank_lines()
        head = window.peek(HEAD_BYTES)
        if not head and window.fault is not None:
            yield _damaged(window.fault, waiting)
            return
        if waiting is not None:
            yield waiting
        if not head:
            return
        waiting = _read_record(window, head, wanted)


def _read_record(
    window: "_Window", head: bytes, wanted: Callable[[bytes], bool]
) -> Frame | Unreadable | None:
    """Read what starts here: a record, or what is wrong with it; None for an unwanted record."""
    start = window.offset
    if not head.startswith(_VERSION[: len(head)]):
        found = window.skip_to_record()
        reason: QuarantineReason = "malformed" if start or found else "wrong_format"
        return _unreadable(start, reason, "no WARC record starts here", head)
    header = window.take_header()
    if header is None:
        if window.at_end:
            return _unreadable(start, "truncated", "ends inside a record's header", head)
        window.skip_to_record()
        detail = f"a record's header is longer than {_MAX_HEADER_BYTES} bytes"
        return _unreadable(start, "malformed", detail, head)
    length = _LENGTH.search(header)
    if length is None:
        window.skip_to_record()
        return _unreadable(start, "malformed", "a record without a length", head)
    return _read_block(window, Frame(start, header, b""), int(length[1]), wanted)


def _read_block(
    window: "_Window", frame: Frame, length: int, wanted: Callable[[bytes], bool]
) -> Frame | Unreadable | None:
    keep = wanted(frame.header) and length <= MAX_RECORD_BYTES
    block = window.take(length) if keep else b""
    size = len(block) if keep else window.skip(length)
    head = frame.header[:HEAD_BYTES]
    if size < length:
        detail = f"ends after {size} of a record's {length} bytes"
        return _unreadable(frame.offset, "truncated", detail, head)
    if keep:
        return Frame(frame.offset, frame.header, block)
    if wanted(frame.header):
        detail = f"a record of {length} bytes, over {MAX_RECORD_BYTES}"
        return _unreadable(frame.offset, "too_large", detail, head)
    return None


def _damaged(fault: Fault, record: Frame | Unreadable | None) -> Unreadable:
    head = (
        b"" if record is None else record.head if isinstance(record, Unreadable) else record.header
    )
    return _unreadable(fault.offset, fault.reason, fault.detail, head[:HEAD_BYTES])


def _unreadable(
    offset: int, reason: QuarantineReason, detail: str, head: bytes = b""
) -> Unreadable:
    return Unreadable(f"@{offset}", reason, detail, offset, head)


class _Window:
    """A sliding view of one segment.

    A segment is the whole of a plain file. Of a gzip file it is a member; members that go on in
    the middle of a record, as block-wise compressors write them, belong to the segment before.
    """

    def __init__(self, source: Inflated) -> None:
        self._source = source
        self._buffer = bytearray()
        self._passed = 0  # plain bytes already taken or skipped
        self._member_offset = 0
        self._ended = False
        self._upcoming: bytes | None = None  # first bytes of the next segment
        self.fault: Fault | None = None

    @property
    def offset(self) -> int:
        """Where the view stands in the object; in a gzip file, the start of its member."""
        return self._member_offset if self._source.compressed else self._passed

    @property
    def at_end(self) -> bool:
        return self._ended and not self._buffer

    def peek(self, size: int) -> bytes:
        """Return the next bytes, `size` of them if the segment has them, and stay."""
        while len(self._buffer) < size and self._fill():
            pass
        return bytes(self._buffer[:size])

    def take(self, size: int) -> bytes:
        """Return the next bytes, `size` of them if the segment has them, and pass them."""
        taken = self.peek(size)
        self._pass(len(taken))
        return taken

    def skip(self, size: int) -> int:
        """Pass `size` bytes, or those that the segment has; return how many."""
        left = size
        while left and (self._buffer or self._fill()):
            step = min(left, len(self._buffer))
            self._pass(step)
            left -= step
        return size - left

    def skip_blank_lines(self) -> None:
        while self._buffer or self._fill():
            blank = len(self._buffer) - len(self._buffer.lstrip(b"\r\n"))
            self._pass(blank)
            if self._buffer:
                return

    def take_header(self) -> bytes | None:
        """Return the lines before the blank one; None, and all passed, where there is none."""
        searched = 0
        while not (end := _HEADER_END.search(self._buffer, searched)):
            searched = max(0, len(self._buffer) - 3)
            if len(self._buffer) > _MAX_HEADER_BYTES or not self._fill():
                self._pass(len(self._buffer))
                return None
        header = bytes(self._buffer[: end.start()])
        self._pass(end.end())
        return header

    def skip_to_record(self) -> bool:
        """Pass everything before the next record's first line; False if the segment has none."""
        while not (found := _NEXT_RECORD.search(self._buffer)):
            self._pass(max(0, len(self._buffer) - _NEXT_RECORD_BYTES))
            if not self._fill():
                self._pass(len(self._buffer))
                return False
        self._pass(found.start() + 1)
        return True

    def next_segment(self) -> bool:
        """Go to the next segment; False at the end of the object."""
        if self._upcoming is None:
            if self.fault is None or not self._source.next_member():
                return False
            self._upcoming = b""
        self._buffer = bytearray(self._upcoming)
        self._upcoming = None
        self._member_offset = self._source.offset
        self.fault = self._source.fault
        self._ended = self.fault is not None
        return True

    def _pass(self, size: int) -> None:
        del self._buffer[:size]
        self._passed += size

    def _fill(self) -> bool:
        """Bring in more of the segment; False at its end."""
        if self._ended:
            return False
        data = self._source.read()
        while not data and self._source.fault is None:
            if not self._source.next_member():
                self._ended = True
                return False
            data = self._first_bytes()
            if self._source.fault is not None or data.startswith(_VERSION):
                self._upcoming, self._ended = data, True
                return False
        if not data:
            self.fault, self._ended = self._source.fault, True
            return False
        self._member_offset = self._source.offset
        self._buffer += data
        return True

    def _first_bytes(self) -> bytes:
        data = b""
        while len(data) < len(_VERSION) and (more := self._source.read()):
            data += more
        return data
