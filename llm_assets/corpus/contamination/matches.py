"""Where texts say what an evaluation set says: the n-grams they share, and what these cover."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from llm_assets.corpus.contamination.evaluation_index import NgramIndex, Positions
from llm_assets.corpus.shingling.ngrams import hash_ngrams
from llm_assets.corpus.shingling.tokens import Tokens, find_tokens


@dataclass(frozen=True, slots=True)
class Matches:
    """What was found in a batch of texts."""

    tokens: Tokens
    ngrams: pl.DataFrame
    """One row: one place where an n-gram of the index stands: `row` of the text, `ngram`."""
    spans: pl.DataFrame
    """One row: tokens in a row that matching n-grams cover: `row` of the text, `first` token and
    `behind` it, counted over the batch. In order, without overlaps."""


def find_matches(texts: pl.Series, index: NgramIndex) -> Matches:
    """Find the n-grams of an index in texts; null is the empty text.

    Only where the first words of an n-gram stand, by their hash, all of its words are looked at,
    by another hash: text that shares nothing with the index costs one hash a word.

    Two texts with other words are taken for the same when both of their 64-bit hashes are. With a
    million n-grams and a trillion words of corpus, a first hash is met by accident 0.05 times on
    the average; the second then still has to fit too.
    """
    tokens = find_tokens(texts)
    first_heads, heads = hash_ngrams(tokens, index.head_words)
    places = index.find_heads(heads)
    rows = np.searchsorted(first_heads, places, side="right") - 1
    starts = places - first_heads[rows] + tokens.first[rows]
    begins, behind, numbers = index.find_ngrams(tokens, starts, tokens.first[rows + 1])
    row_of = np.searchsorted(tokens.first, begins, side="right") - 1
    ngrams = pl.DataFrame({"row": row_of, "ngram": numbers}, _NGRAMS)
    return Matches(tokens, ngrams, _united(row_of, begins, behind))


_NGRAMS = pl.Schema({"row": pl.UInt32(), "ngram": pl.UInt32()})


def _united(rows: Positions, begins: Positions, behind: Positions) -> pl.DataFrame:
    spans = pl.DataFrame({"row": rows, "first": begins, "behind": behind})
    return (
        spans.cast({"row": pl.UInt32})
        .sort("row", "first")
        # Tokens are counted over the batch: a row starts behind all of those before.
        .with_columns(reached=pl.col("behind").cum_max().shift(1))
        .with_columns(
            span=(pl.col("first") >= pl.col("reached")).fill_null(value=True).cum_sum(),
        )
        .group_by("row", "span", maintain_order=True)
        .agg(pl.col("first").min(), pl.col("behind").max())
        .drop("span")
    )
