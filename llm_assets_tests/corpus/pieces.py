"""Pieces of texts as strings again, for tests to compare."""

from collections.abc import Callable, Sequence

import polars as pl

from llm_assets.corpus.spans import Spans, arrow_buffers
from llm_assets.corpus.word_kernels import Bytes, Offsets


def strings_of(find: Callable[[Bytes, Offsets], Spans], texts: Sequence[str]) -> list[list[str]]:
    """Find pieces in a column of texts; return those of each text."""
    data, offsets = arrow_buffers(pl.Series(texts, dtype=pl.String))
    return cut_out(data, offsets, find(data, offsets))


def cut_out(data: Bytes, offsets: Offsets, spans: Spans) -> list[list[str]]:
    """Return the pieces of each text."""
    first, starts, lengths = (column.tolist() for column in spans)
    return [
        [
            data[text + starts[i] : text + starts[i] + lengths[i]].tobytes().decode()
            for i in range(begin, end)
        ]
        for text, begin, end in zip(offsets[:-1].tolist(), first[:-1], first[1:], strict=True)
    ]
