"""Which of the repeated spans of a corpus are worth telling."""

from collections.abc import Callable
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

MOST_SPANS: Final = 100
MOST_PLACES: Final = 10
"""Places of a span with a row each."""
CANDIDATES: Final = 4 * MOST_SPANS
"""Spans of which places are looked up: most overlap with larger ones."""
_EXCERPT_TOKENS: Final = 40
_EXCERPT_CHARS: Final = 120

Decode = Callable[[pl.Series], pl.Series]
"""Turns lists of token ids into texts."""

SPANS: Final = pl.Schema(
    {"first": pl.Int64(), "length": pl.Int64(), "copies": pl.UInt32(), "size": pl.Int64()}
)
"""One row: one span by a place of it, its tokens, and copies that it has at most."""


def rank_spans(spans: pl.DataFrame) -> pl.DataFrame:
    """Sort spans by tokens times copies, those told several times once."""
    size = pl.col("length") * pl.col("copies").cast(pl.Int64)
    return (
        spans.group_by("first", "length")
        .agg(pl.col("copies").max())
        .with_columns(size=size)
        .sort(["size", "length", "first"], descending=[True, True, False])
    )


def choose_largest(places: pl.DataFrame) -> pl.DataFrame:
    """Choose the largest spans, without those of which a larger one has more than half.

    Args:
        places: `first`, `length` and `at` of every place. Spans told from different places of
            theirs are one.

    Returns:
        `span`, `length`, `copies`, `first` and `at` of every place of the chosen.
    """
    found = places.with_columns(
        start=pl.col("at").min().over("first", "length"),
        copies=pl.len().over("first", "length"),
    ).select("length", "copies", "at", first="start")
    found = found.unique()
    ranked = rank_spans(found)
    taken: list[tuple[int, int]] = []
    chosen = []
    for i, (first, length) in enumerate(ranked.select("first", "length").iter_rows()):
        shared = (min(end, first + length) - max(start, first) for start, end in taken)
        if all(2 * each <= length for each in shared):
            taken.append((first, first + length))
            chosen.append(i)
    spans = ranked[chosen[:MOST_SPANS]].with_columns(span=pl.int_range(1, pl.len() + 1))
    return found.join(spans.select("first", "length", "span"), on=["first", "length"])


def first_places(places: pl.DataFrame, tokens: NDArray[np.uint32], decode: Decode) -> pl.DataFrame:
    """Return the first places of each span, with the `excerpt` that begins it."""
    spans = places.select("span", "first", "length").unique().sort("span")
    begins = [
        tokens[first : first + min(length, _EXCERPT_TOKENS)].tolist()
        for first, length in spans.select("first", "length").iter_rows()
    ]
    texts = decode(pl.Series(begins, dtype=pl.List(pl.UInt32))).cast(pl.String)
    spans = spans.select("span", excerpt=texts.str.slice(0, _EXCERPT_CHARS))
    return (
        places.sort("span", "at")
        .group_by("span", maintain_order=True)
        .head(MOST_PLACES)
        .join(spans, on="span", maintain_order="left")
    )
