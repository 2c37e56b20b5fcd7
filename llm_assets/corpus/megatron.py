"""Megatron-LM's indexed data set: `<name>.bin` holds the tokens, `<name>.idx` says whose they are.

The layout is that of `megatron/core/datasets/indexed_dataset.py` (version 1), little-endian:
nine bytes of magic; version (uint64); type code (uint8); number of sequences and of document
bounds (uint64 each); each sequence's length in tokens (int32) and first byte in `.bin` (int64); the
index of each document's first sequence, and the end (int64). Here a document is one sequence.
"""

import struct
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

MAGIC = b"MMIDIDX\x00\x00"
_VERSION = 1
_HEADER = struct.Struct("<9sQBQQ")
_TYPE_CODES: dict[str, int] = {"<u2": 8, "<i4": 4}
_TYPES = {code: np.dtype(name) for name, code in _TYPE_CODES.items()}


class MegatronWriter:
    """Writes one data set, document after document; tokens go to disk at once.

    Until it is closed there is no `.idx`. About 12 bytes a document are held in memory.
    """

    def __init__(self, stem: Path, dtype: np.dtype[Any]) -> None:
        """Start `<stem>.bin`.

        Args:
            stem: the path without its suffix.
            dtype: uint16 or int32.
        """
        self._dtype = dtype.newbyteorder("<")
        self._code = _TYPE_CODES[self._dtype.str]
        self._lengths: list[NDArray[np.int32]] = []
        self._index = stem.with_name(stem.name + ".idx")
        self._tokens = stem.with_name(stem.name + ".bin").open("wb")

    def append(self, values: NDArray[np.uint32], lengths: NDArray[np.int64]) -> None:
        """Add documents.

        Args:
            values: their tokens, end to end.
            lengths: how many of them each document has.

        Raises:
            ValueError: if the lengths do not add up, or an id does not fit the type: it would
                silently become another token.
        """
        if int(lengths.sum()) != len(values):
            raise ValueError(f"{len(values)} tokens, but lengths that add up to {lengths.sum()}")
        if len(values) and values.max() > np.iinfo(self._dtype).max:
            raise ValueError(f"token {values.max()} does not fit {self._dtype.name}")
        self._tokens.write(values.astype(self._dtype).data)
        self._lengths.append(lengths.astype("<i4"))

    def close(self) -> None:
        """Complete `.bin` and write `.idx`."""
        self._tokens.close()
        lengths = np.concatenate([np.zeros(0, "<i4"), *self._lengths])
        count = len(lengths)
        ends = np.cumsum(lengths, dtype="<i8") * self._dtype.itemsize
        with self._index.open("wb") as stream:
            stream.write(_HEADER.pack(MAGIC, _VERSION, self._code, count, count + 1))
            stream.write(lengths.data)
            stream.write(np.concatenate([np.zeros(1, "<i8"), ends])[:count].data)
            stream.write(np.arange(count + 1, dtype="<i8").data)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self.close()
        else:
            self._tokens.close()


class MegatronReader:
    """Reads a data set by memory mapping: only the pages that are asked for."""

    def __init__(self, stem: Path) -> None:
        """Open `<stem>.bin` and `<stem>.idx`.

        Raises:
            ValueError: if `.idx` is no index of a known version and type, or is cut short.
        """
        index = stem.with_name(stem.name + ".idx").read_bytes()
        try:
            magic, version, code, count, bounds = _HEADER.unpack_from(index)
            if (magic, version) != (MAGIC, _VERSION) or code not in _TYPES:
                raise ValueError("unknown magic, version or type")
            at = _HEADER.size
            self.lengths = np.frombuffer(index, "<i4", count, at)
            self._starts = np.frombuffer(index, "<i8", count, at + 4 * count)
            self.document_bounds = np.frombuffer(index, "<i8", bounds, at + 12 * count)
        except (struct.error, ValueError) as error:
            raise ValueError(f"{stem}.idx is no Megatron index: {error}") from error
        dtype = _TYPES[code]
        self._starts = self._starts // dtype.itemsize
        path = stem.with_name(stem.name + ".bin")
        # An empty file cannot be mapped.
        self.tokens: NDArray[Any] = (
            np.memmap(path, dtype, mode="r") if path.stat().st_size else np.zeros(0, dtype)
        )

    def __len__(self) -> int:
        return len(self.lengths)

    def __getitem__(self, place: int) -> NDArray[Any]:
        """Return the tokens of one document."""
        start = int(self._starts[place])
        return self.tokens[start : start + int(self.lengths[place])]
