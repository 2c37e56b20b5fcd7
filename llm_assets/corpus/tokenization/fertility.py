"""Fertility: how many tokens a tokenizer needs for a character and for a word, by language.

A language that needs twice the tokens has half the context and costs twice the training.
"""

import polars as pl

from llm_assets.corpus.tokenization.tokenize import Tokenizer
from llm_assets.corpus.words import measure_words

FERTILITY = pl.Schema(
    {
        "language": pl.String(),
        "documents": pl.Int64(),
        "characters": pl.Int64(),
        "words": pl.Int64(),  # in scripts without spaces too
        "tokens": pl.Int64(),
        "tokens_per_character": pl.Float64(),
        "tokens_per_word": pl.Float64(),  # null where there are no words
        "unknown_share": pl.Float64(),  # of tokens: what the vocabulary cannot say
    }
)
"""One row: one language."""


def measure_fertility(texts: pl.DataFrame, tokenizer: Tokenizer) -> pl.DataFrame:
    """Measure fertility.

    Args:
        texts: `language` and `text` of documents, without null texts.
        tokenizer: the vocabulary.

    Returns:
        Rows of FERTILITY, those with the most characters first.
    """
    ids = tokenizer.encode(texts["text"])
    unknown = tokenizer.unknown_id
    unknown_count = pl.lit(0) if unknown is None else pl.col("ids").list.count_matches(unknown)
    measured = texts.select(
        pl.col("language").fill_null("und"),
        characters=pl.col("text").str.len_chars().cast(pl.Int64),
        words=measure_words(texts["text"], ngrams=False)["count"],
        ids=ids,
    )
    sums = measured.group_by("language").agg(
        pl.len().cast(pl.Int64).alias("documents"),
        pl.col("characters", "words").sum(),
        pl.col("ids").list.len().cast(pl.Int64).sum().alias("tokens"),
        unknown_count.cast(pl.Int64).sum().alias("unknown"),
    )
    rated = sums.with_columns(
        tokens_per_character=_ratio("tokens", "characters"),
        tokens_per_word=_ratio("tokens", "words"),
        unknown_share=_ratio("unknown", "tokens").fill_null(0.0),
    )
    return rated.sort("characters", "language", descending=[True, False]).match_to_schema(
        FERTILITY, extra_columns="ignore"
    )


def _ratio(above: str, below: str) -> pl.Expr:
    return pl.when(pl.col(below) > 0).then(pl.col(above) / pl.col(below))
