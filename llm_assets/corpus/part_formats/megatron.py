"""Megatron-LM's indexed data set: `<name>.bin` holds the tokens, `<name>.idx` says whose they are.

The layout is that of `megatron/core/datasets/indexed_dataset.py` (version 1), little-endian:
nine bytes of magic; version (uint64); type code (uint8); number of sequences and of document
bounds (uint64 each); each sequence's length in tokens (int32) and first byte in `.bin` (int64); the
index of each document's first sequence, and the end (int64). Here every sequence, be it a document
or a packed row, is a document of Megatron's.
"""

import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from llm_assets.corpus.part_formats.part import PartBatch, PartLayout, PartWriter
from llm_assets.corpus.part_formats.partial_file import PartialFile
from llm_assets.corpus.part_formats.token_arrays import sequence_arrays, storable

MAGIC = b"MMIDIDX\x00\x00"
_VERSION = 1
_HEADER = struct.Struct("<9sQBQQ")
_TYPE_CODES: dict[str, int] = {"<u2": 8, "<i4": 4}
_TYPES = {code: np.dtype(name) for name, code in _TYPE_CODES.items()}


class MegatronWriter(PartWriter):
    """Writes one data set; tokens go to disk at once. Four bytes a sequence are held in memory."""

    def __init__(self, stem: Path, layout: PartLayout) -> None:
        """Start `<stem>.bin`.

        Args:
            stem: the path without its suffix.
            layout: type and length of sequences.
        """
        self._layout = layout
        self._dtype = storable(layout.token_dtype)
        self._lengths: list[NDArray[np.int32]] = []
        self._index_path = stem.with_name(stem.name + ".idx")
        self._tokens = PartialFile(stem.with_name(stem.name + ".bin"))

    def append(self, batch: PartBatch) -> None:
        """Add sequences."""
        values, lengths = sequence_arrays(batch.sequences["input_ids"], self._layout)
        self._tokens.stream.write(values.data)
        self._lengths.append(lengths.astype("<i4"))

    def close(self) -> None:
        """Complete `.bin`, then write `.idx`: an index never stands beside half its tokens."""
        self._tokens.complete()
        lengths = np.concatenate([np.zeros(0, "<i4"), *self._lengths])
        count = len(lengths)
        ends = np.cumsum(lengths, dtype="<i8") * self._dtype.itemsize
        index = PartialFile(self._index_path)
        try:
            code = _TYPE_CODES[self._dtype.str]
            index.stream.write(_HEADER.pack(MAGIC, _VERSION, code, count, count + 1))
            index.stream.write(lengths.data)
            index.stream.write(np.concatenate([np.zeros(1, "<i8"), ends])[:count].data)
            index.stream.write(np.arange(count + 1, dtype="<i8").data)
            index.complete()
        finally:
            index.abandon()

    def abandon(self) -> None:
        """Remove `.bin`, unless it is complete."""
        self._tokens.abandon()


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
