"""The bytes of an object, whatever it is compressed with: gzip, zstandard, bzip2, xz, or nothing.

Unlike archives, whose members are documents (see `inflate`), the object is one stream: what stands
behind damage in it is lost, and the fault says so.
"""

import bz2
import lzma
from collections.abc import Callable
from typing import BinaryIO, Protocol

import pyarrow as pa

from llm_assets.formats.inflate import GZIP_MAGIC, Fault, Inflated
from llm_assets.formats.record import QuarantineReason

_MAGICS: tuple[tuple[bytes, str], ...] = (
    (b"\x28\xb5\x2f\xfd", "zstandard"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
)
_BZIP2_BLOCKS = (b"1AY&SY", b"\x17rE8P\x90")  # a block, or the end of an empty stream, at byte 4
_CHUNK = 1 << 18
# As in `inflate`: JSON of one repeated row stays below, a bomb does not.
_MAX_RATIO = 250
_RATIO_FLOOR = 32 << 20
_XZ_MEMORY = 256 << 20  # the largest preset needs 65 MiB


class _Decoder(Protocol):
    """What `bz2` and `lzma` have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


def compression_of(head: bytes) -> str | None:
    """Name what an object is compressed with, by its first bytes; None for nothing known."""
    if head.startswith(GZIP_MAGIC):
        return "gzip"
    for magic, name in _MAGICS:
        # "BZh" may begin a text as well.
        if head.startswith(magic) and (name != "bzip2" or head[4:10] in _BZIP2_BLOCKS):
            return name
    return None


class Decompressed:
    """Forward reader over the decompressed bytes; `fault` is what ended them early."""

    def __init__(self, stream: BinaryIO) -> None:
        start = stream.tell()
        self.compression = compression_of(stream.read(16))
        stream.seek(start)
        self.fault: Fault | None = None
        self._counted = _Counted(stream)
        self._produced = 0
        self._read = self._reader(stream)

    def read(self, size: int = _CHUNK) -> bytes:
        """Return some bytes, at most `size`; none at the end or at a fault."""
        if self.fault is not None:
            return b""
        try:
            data = self._read(size)
        except (lzma.LZMAError, EOFError, ValueError, pa.ArrowException) as error:
            # Of a pipe that fails, too, a codec may say no more than this; it has a number.
            return self._fail("malformed", f"damaged {self.compression} data: {error}")
        except OSError as error:
            if error.errno is not None:
                raise
            return self._fail("malformed", f"damaged {self.compression} data: {error}")
        self._produced += len(data)
        if self._expands_too_much:
            detail = f"{self.compression} data expands more than {_MAX_RATIO} times"
            return self._fail("archive_limit", detail)
        return data

    @property
    def _expands_too_much(self) -> bool:
        """Whether this is a bomb; of gzip, `inflate` sees to that member by member."""
        if self.compression in (None, "gzip"):
            return False
        return self._produced > max(_RATIO_FLOOR, _MAX_RATIO * self._counted.count)

    def _reader(self, stream: BinaryIO) -> Callable[[int], bytes]:
        if self.compression == "zstandard":
            frames = pa.CompressedInputStream(pa.PythonFile(self._counted, "r"), "zstd")
            return lambda size: bytes(frames.read(size))
        if self.compression == "bzip2":
            return _Streams(self._counted, bz2.BZ2Decompressor, b"BZh").read
        if self.compression == "xz":
            return _Streams(self._counted, _xz_decoder, b"\xfd7zXZ\x00").read
        inflated = Inflated(stream)
        return lambda size: self._inflate(inflated, size)

    def _inflate(self, source: Inflated, size: int) -> bytes:
        while True:
            if data := source.read(size):
                return data
            if source.fault is not None:
                self.fault = source.fault
                return b""
            if not source.next_member():
                return b""

    def _fail(self, reason: QuarantineReason, detail: str) -> bytes:
        # Without line ends and at a length that a table shows.
        self.fault = Fault(reason, " ".join(detail.split())[:200], 0)
        return b""


class _Streams:
    """Reads the streams of a bzip2 or xz object one after the other, as one."""

    def __init__(self, stream: "_Counted", new: Callable[[], _Decoder], magic: bytes) -> None:
        self._stream, self._new, self._magic = stream, new, magic
        self._decoder = new()
        self._input = b""

    def read(self, size: int) -> bytes:
        """Return some bytes.

        Raises:
            EOFError: if the object ends inside a stream.
            OSError, lzma.LZMAError: if the data is damaged.
        """
        while True:
            if self._decoder.eof:
                self._input = self._decoder.unused_data or self._stream.read(_CHUNK)
                # Padding, or something appended, ends the object, as for the tools of these names.
                if not self._input.startswith(self._magic):
                    return b""
                self._decoder = self._new()
            if not self._input and self._decoder.needs_input:
                self._input = self._stream.read(_CHUNK)
                if not self._input:
                    raise EOFError("the object ends inside it")
            data = self._decoder.decompress(self._input, size)
            self._input = b""
            if data:
                return data


def _xz_decoder() -> lzma.LZMADecompressor:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)


class _Counted:
    """A stream that counts what is read of it."""

    closed = False

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.count = 0

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self.count += len(data)
        return data

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        """Leave the stream to whoever opened it."""
