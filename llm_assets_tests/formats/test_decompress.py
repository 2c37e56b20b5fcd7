"""Objects compressed in every way, whole, joined and damaged."""

import bz2
import gzip
import io
import lzma
from collections.abc import Callable

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_assets.formats.decompress import Decompressed, compression_of


def zstd(data: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(data)
    return bytes(sink.getvalue())


CODECS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "zstandard": zstd,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
}
TEXT = b"".join(b'{"text": "line %d"}\n' % number for number in range(5000))


def read(data: bytes, size: int = 1000) -> tuple[bytes, Decompressed]:
    source = Decompressed(io.BytesIO(data))
    parts = []
    while part := source.read(size):
        assert len(part) <= size
        parts.append(part)
    return b"".join(parts), source


@pytest.mark.parametrize("name", CODECS)
def test_what_was_compressed_comes_back(name: str) -> None:
    packed = CODECS[name](TEXT)
    assert compression_of(packed) == name
    data, source = read(packed)
    assert (data, source.fault, source.compression) == (TEXT, None, name)
    joined, source = read(packed + CODECS[name](b"more"))
    assert (joined, source.fault) == (TEXT + b"more", None)


@given(st.binary(max_size=300))
def test_what_is_not_compressed_stays(data: bytes) -> None:
    if compression_of(data) is None:
        assert read(data)[0] == data


def test_words_that_begin_like_bzip2_are_text() -> None:
    assert read(b"BZhang wrote this")[0] == b"BZhang wrote this"


@pytest.mark.parametrize("name", CODECS)
def test_nothing_compressed_is_nothing(name: str) -> None:
    data, source = read(CODECS[name](b""))
    assert (data, source.fault) == (b"", None)


@pytest.mark.parametrize("name", CODECS)
def test_a_cut_object_has_a_fault(name: str) -> None:
    packed = CODECS[name](TEXT)
    for size in range(20, len(packed) - 1, max(1, len(packed) // 40)):
        data, source = read(packed[:size])
        assert TEXT.startswith(data)
        assert source.fault is not None or name == "zstandard"
        assert source.read(10) == b""


@pytest.mark.parametrize("name", ["gzip", "zstandard", "xz", "bzip2"])
def test_a_bomb_is_put_out(name: str) -> None:
    data, source = read(CODECS[name](bytes(80 << 20)), 1 << 20)
    assert source.fault is not None
    assert source.fault.reason == "archive_limit"
    assert len(data) <= (33 << 20)


def test_a_failing_place_is_no_fault_of_the_bytes() -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 0:
                raise OSError(5, "Input/output error")
            return super().read(size)

    source = Decompressed(Broken(bz2.compress(TEXT)))
    with pytest.raises(OSError, match="Input/output error"):
        list(iter(source.read, b""))
