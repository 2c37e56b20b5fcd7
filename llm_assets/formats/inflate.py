"""Bytes of an object that may be gzip-compressed, member by member, with damage reported.

zlib rather than fastwarc's reader: that one ends silently where a file is cut off, does not look at
checksums and stops at the first damaged member. Here every member is checked, and what stands
behind a damaged one is found again.
"""

import zlib
from dataclasses import dataclass
from typing import BinaryIO

from llm_assets.formats.record import QuarantineReason

GZIP_MAGIC = b"\x1f\x8b\x08"
MAX_RECORD_BYTES = 256 << 20
"""The most that one record may hold, decompressed: 256 MiB."""

_CHUNK = 1 << 16
_GZIP_WINDOW = 31  # zlib's way of saying: a gzip header and trailer
_RESERVED_FLAGS = 0xE0  # RFC 1952, 2.3.1.2: must be zero
_FLAGS_AT = 3
_PROBE_BYTES = 4096  # enough for any header in use, and some deflated data
# Deflate cannot exceed 1032:1; markup and prose stay below 30:1. A small member may be all zeros.
_MAX_RATIO = 250
_RATIO_FLOOR = 32 << 20


@dataclass(frozen=True, slots=True)
class Fault:
    """Where and why the bytes of an object could not be trusted any more."""

    reason: QuarantineReason
    detail: str
    offset: int


class Inflated:
    """Forward reader over the members of an object; a plain object is one member.

    `offset` is where the current member starts in the object, `fault` what ended it early.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._input = b""  # read, but not yet consumed
        self._position = 0  # bytes of the object read so far
        self._origin = stream.tell()
        self._refill()
        self.compressed = self._input.startswith(GZIP_MAGIC)
        self.offset = 0
        self.fault: Fault | None = None
        self._member = _Member()

    def read(self, size: int = _CHUNK) -> bytes:
        """Return at most `size` bytes of the current member; none at its end or at a fault."""
        if not self.compressed:
            data, self._input = self._input[:size], self._input[size:]
            return data or self._stream.read(size)
        data = b""
        while not data and self.fault is None and not self._member.complete:
            data = self._inflate(size)
        return data

    def next_member(self) -> bool:
        """Go to the next member that can be read; False at the end of the object.

        Bytes between members that are neither padding nor a member set `fault`: they stand for an
        empty damaged member.
        """
        if not self.compressed:
            return False
        if self.fault is not None:
            return self._resume()
        self._skip_padding()
        self.offset = self._position - len(self._input)
        if not self._input:
            return False
        self._member = _Member()
        if GZIP_MAGIC.startswith(self._input):
            self._fail("truncated", "the object ends inside a gzip header")
        elif not self._input.startswith(GZIP_MAGIC):
            self._fail("malformed", "bytes between gzip members that are no gzip member")
        return True

    def _inflate(self, size: int) -> bytes:
        member = self._member
        if not self._input and not member.pending:
            self._refill()
        ended = not self._input and not member.pending
        try:
            data, self._input = member.inflate(self._input, size)
        except zlib.error as error:
            self._fail("malformed", f"damaged gzip data: {error}")
            return b""
        if member.expands_too_much:
            self._fail("archive_limit", f"gzip data expands more than {_MAX_RATIO} times")
            return b""
        if ended and not data and not member.complete:
            self._fail("truncated", "the object ends inside gzip data")
        return data

    def _fail(self, reason: QuarantineReason, detail: str) -> None:
        self.fault = Fault(reason, detail, self.offset)

    def _refill(self) -> None:
        more = self._stream.read(_CHUNK)
        self._position += len(more)
        self._input += more

    def _skip_padding(self) -> None:
        """Skip zeros, which tapes and block devices leave behind, and bring a magic in whole."""
        self._input = self._input.lstrip(b"\0")
        while len(self._input) < len(GZIP_MAGIC):
            before = self._position
            self._refill()
            if self._position == before:
                return
            self._input = self._input.lstrip(b"\0")

    def _resume(self) -> bool:
        """Find the next member behind the start of the damaged one.

        An error shows late, so the search starts at the member, not where the error showed.
        """
        self.fault = None
        self._seek(self.offset + 1)
        while True:
            found = self._input.find(GZIP_MAGIC)
            if found < 0:
                self._drop(max(0, len(self._input) - len(GZIP_MAGIC) + 1))
            else:
                self._drop(found)
                if self._at_member():
                    self.offset = self._position - len(self._input)
                    self._member = _Member()
                    return True
                self._drop(1)
            if len(self._input) < len(GZIP_MAGIC):
                before = self._position
                self._refill()
                if self._position == before:
                    self._input, self.offset = b"", self._position
                    return False

    def _at_member(self) -> bool:
        if len(self._input) < _PROBE_BYTES:
            self._refill()
        return _inflates(self._input[:_PROBE_BYTES])

    def _seek(self, offset: int) -> None:
        self._stream.seek(self._origin + offset)
        self._position, self._input = offset, b""
        self._refill()

    def _drop(self, count: int) -> None:
        self._input = self._input[count:]


class _Member:
    """The inflating state of one gzip member."""

    def __init__(self) -> None:
        self._inflater = zlib.decompressobj(_GZIP_WINDOW)
        self._consumed = 0
        self._produced = 0

    @property
    def complete(self) -> bool:
        return self._inflater.eof

    @property
    def pending(self) -> bytes:
        """Input taken over but not inflated yet."""
        return self._inflater.unconsumed_tail

    @property
    def expands_too_much(self) -> bool:
        return self._produced > max(_RATIO_FLOOR, _MAX_RATIO * self._consumed)

    def inflate(self, data: bytes, size: int) -> tuple[bytes, bytes]:
        """Return inflated bytes, and the input that belongs to what follows this member."""
        source = self.pending + data
        out = self._inflater.decompress(source, size)
        left = self._inflater.unused_data
        self._consumed += len(source) - len(self.pending) - len(left)
        self._produced += len(out)
        return out, left


def _inflates(head: bytes) -> bool:
    """Tell a member from three bytes that only look like its start."""
    if len(head) <= _FLAGS_AT or head[_FLAGS_AT] & _RESERVED_FLAGS:
        return False
    try:
        return bool(zlib.decompressobj(_GZIP_WINDOW).decompress(head, 512))
    except zlib.error:
        return False
