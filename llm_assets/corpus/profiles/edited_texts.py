"""Texts that a compiled kernel edits: from a column through Arrow buffers into a column."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
import polars as pl
import pyarrow as pa

from llm_assets.corpus.spans import arrow_buffers, text_groups
from llm_assets.corpus.word_kernels import Bytes, Counts, Offsets

EditKernel: TypeAlias = Callable[[Bytes, Offsets, Bytes, Offsets, Counts], None]
"""Takes the bytes and offsets of a batch and fills in the bytes and offsets of what is left of the
texts, never more than there was, and the counts, a row a text."""


def edit_texts(
    texts: pl.Series, counted: Sequence[str], kernel: EditKernel
) -> tuple[pl.Series, pl.DataFrame]:
    """Edit texts group by group, which bounds the memory.

    Args:
        texts: strings; null stays null.
        counted: what the kernel counts of each text.
        kernel: edits and counts.

    Returns:
        What is left of the texts, and the counts, which of a null are those of an empty text.
    """
    data, offsets = arrow_buffers(texts.fill_null(""))
    counts: Counts = np.empty((len(texts), len(counted)), np.int64)
    left: list[pl.Series] = [pl.Series(dtype=pl.String)]
    row = 0
    for group in text_groups(offsets):
        rows = slice(row, row + len(group) - 1)
        left.append(_edit_group(data, group, counts[rows], kernel))
        row = rows.stop
    edited = pl.select(pl.when(texts.is_not_null()).then(pl.concat(left)))
    return edited.to_series().alias("text"), pl.DataFrame(
        counts, schema=list(counted), orient="row"
    )


def _edit_group(data: Bytes, offsets: Offsets, counts: Counts, kernel: EditKernel) -> pl.Series:
    left = np.empty(offsets[-1] - offsets[0], np.uint8)
    left_offsets = np.empty_like(offsets)
    kernel(data, offsets, left, left_offsets, counts)
    buffers = pa.py_buffer(left_offsets), pa.py_buffer(left[: left_offsets[-1]].copy())
    return pl.Series(pa.LargeStringArray.from_buffers(len(counts), *buffers))
