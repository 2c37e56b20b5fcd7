"""How many tokens and sequences a stored file holds, by its own index or header."""

import io
import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from llm_assets.io.object_store import ObjectStore
from llm_assets.releases.manifest import ReleaseFile

_IDX_HEADER = struct.Struct("<9sQBQQ")
_NPY_HEADER_BYTES = 1 << 12
_ITEM_BYTES = {4: 4, 8: 2}
"""Bytes of a token by the code of its type in `.idx`: int32, uint16."""


class UnreadableFileError(Exception):
    """A file is not of its format."""


@dataclass(frozen=True)
class StoredCount:
    """What a file says; None where it does not say."""

    tokens: int | None = None
    sequences: int | None = None
    token_file_bytes: int | None = None
    """Of the `.bin` that an `.idx` speaks of."""


@dataclass(frozen=True)
class NumpyHeader:
    """What stands before the tokens of a `.npy` file."""

    offset: int
    """Bytes in front of the first token."""
    shape: tuple[int, ...]
    dtype: np.dtype[Any]


def count_stored(store: ObjectStore, key: str, file: ReleaseFile) -> StoredCount:
    """Count what a file of a training format holds, reading as little of it as possible.

    Raises:
        UnreadableFileError: if it is not of its format.
    """
    try:
        if key.endswith(".idx"):
            return _count_index(store.read_bytes(key))
        if file.format == "npy":
            shape = numpy_header(store, key).shape
            return StoredCount(int(np.prod(shape)), shape[0] if len(shape) == 2 else None)
        if file.format == "parquet":
            return StoredCount(sequences=store.scan_parquet(key).select(pl.len()).collect().item())
        if key.endswith("/index.json"):
            index = json.loads(store.read_bytes(key))
            return StoredCount(sequences=sum(shard["samples"] for shard in index["shards"]))
    except (ValueError, KeyError, TypeError, struct.error, pl.exceptions.PolarsError) as error:
        raise UnreadableFileError(str(error).partition("\n")[0]) from None
    return StoredCount()


def numpy_header(store: ObjectStore, key: str) -> NumpyHeader:
    """Read the header of a `.npy` file.

    Raises:
        ValueError: if it is none, or not in row order.
    """
    stream = io.BytesIO(store.read_bytes(key, 0, _NPY_HEADER_BYTES))
    version = np.lib.format.read_magic(stream)
    read = (
        np.lib.format.read_array_header_1_0
        if version == (1, 0)
        else np.lib.format.read_array_header_2_0
    )
    shape, in_columns, dtype = read(stream)
    if in_columns and len(shape) > 1:
        raise ValueError("the array is in column order")
    return NumpyHeader(stream.tell(), shape, dtype)


def _count_index(index: bytes) -> StoredCount:
    magic, version, code, count, _ = _IDX_HEADER.unpack_from(index)
    if magic != b"MMIDIDX\x00\x00" or version != 1 or code not in _ITEM_BYTES:
        raise ValueError("unknown magic, version or type")
    lengths = np.frombuffer(index, "<i4", count, _IDX_HEADER.size)
    tokens = int(lengths.sum(dtype=np.int64))
    return StoredCount(tokens, count, tokens * _ITEM_BYTES[code])


def differences(expected: Sequence[tuple[str, int]], found: StoredCount) -> list[str]:
    """Say where a file counts otherwise than the manifest."""
    return [
        f"it holds {value:,} {name}, not {wanted:,}"
        for name, wanted in expected
        if (value := getattr(found, name)) is not None and value != wanted
    ]
