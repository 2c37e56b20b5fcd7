"""Sequences -> the samples of MDS shards, all of a batch at once.

A packed sequence has one column of fixed shape: its sample is its tokens' bytes. A document has
three of variable size: `doc_id` and `source` in UTF-8, and `tokens` as an array that says its own
shape: a byte (number of axes << 2 | code of the length's type), the length, the tokens.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from llm_assets.corpus.part_formats.part import PartLayout
from llm_assets.corpus.part_formats.token_arrays import sequence_arrays, storable

_ONE_AXIS = 1 << 2
_LENGTH_TYPES = ("<u1", "<u2", "<u4")
"""Types of an array's length, by their code: the smallest that holds it is used."""


@dataclass(frozen=True, slots=True)
class EncodedSamples:
    """Samples end to end."""

    data: memoryview | NDArray[np.uint8]
    """Their bytes."""
    sizes: NDArray[np.int64]
    """How many of them each sample has."""

    def run(self, rows: slice) -> "EncodedSamples":
        """Return some of the samples, without copying them."""
        start = int(self.sizes[: rows.start].sum())
        sizes = self.sizes[rows]
        return EncodedSamples(self.data[start : start + int(sizes.sum())], sizes)


class SampleEncoder:
    """Knows the columns of a layout."""

    def __init__(self, layout: PartLayout) -> None:
        """Take the columns from the layout."""
        self._layout = layout
        dtype = storable(layout.token_dtype)
        tokens = f"ndarray:{dtype.name}"
        self.names, self.encodings = ["doc_id", "source", "tokens"], ["str", "str", tokens]
        self.sizes: list[int | None] = [None, None, None]
        if (length := layout.sequence_length) is not None:
            self.names, self.encodings = ["tokens"], [f"{tokens}:{length}"]
            self.sizes = [length * dtype.itemsize]

    def encode(self, sequences: pl.DataFrame) -> EncodedSamples:
        """Encode a batch's sequences."""
        values, lengths = sequence_arrays(sequences["input_ids"], self._layout)
        if self._layout.sequence_length is not None:
            return EncodedSamples(values.view(np.uint8), lengths * values.itemsize)
        names = [_binary_of(sequences[name]) for name in ("doc_id", "source")]
        shapes, shape_sizes = _shapes(lengths)
        sizes = [
            *(pc.binary_length(name).to_numpy() for name in names),
            shape_sizes + lengths * values.itemsize,
        ]
        head = np.stack(sizes, axis=1).astype("<u4")
        columns = [
            _binary(head, np.full(len(lengths), head.itemsize * head.shape[1])),
            *names,
            _binary(shapes, shape_sizes),
            _binary(values, lengths * values.itemsize),
        ]
        return _joined(columns)


def _shapes(lengths: NDArray[np.int64]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return how MDS writes each array's shape, end to end, and the bytes each of them takes."""
    codes = (lengths > 0xFF).astype(np.int64) + (lengths > 0xFFFF)
    sizes = 1 + (1 << codes)
    starts = np.cumsum(sizes) - sizes
    shapes = np.zeros(int(sizes.sum()), np.uint8)
    shapes[starts] = _ONE_AXIS | codes
    for code, kind in enumerate(_LENGTH_TYPES):
        chosen = codes == code
        digits = lengths[chosen].astype(kind).view(np.uint8).reshape(-1, 1 << code)
        for place in range(1 << code):
            shapes[starts[chosen] + 1 + place] = digits[:, place]
    return shapes, sizes


def _binary_of(texts: pl.Series) -> pa.LargeBinaryArray:
    """Return texts as their UTF-8."""
    plain = texts.fill_null("").rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    return plain.cast(pa.large_binary())


def _binary(values: NDArray[Any], sizes: NDArray[np.int64]) -> pa.LargeBinaryArray:
    """Cut an array's bytes into values of these sizes, without copying them."""
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(values))]
    return pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(sizes), buffers)


def _joined(columns: list[pa.LargeBinaryArray]) -> EncodedSamples:
    """Join columns row by row."""
    nothing = pa.scalar(b"", pa.large_binary())
    joined = pc.binary_join_element_wise(*columns, nothing)
    _nulls, offsets, data = joined.buffers()
    ends = np.frombuffer(offsets, "<i8")[joined.offset : joined.offset + len(joined) + 1]
    held = memoryview(b"") if data is None else memoryview(data)[int(ends[0]) : int(ends[-1])]
    return EncodedSamples(held, np.diff(ends))
