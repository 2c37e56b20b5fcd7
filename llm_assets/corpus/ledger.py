"""The books: what became of every document ever seen, from the outcome of each stage."""

import polars as pl

from llm_assets.corpus.schema import LEDGER

NOT_SAMPLED = "not_sampled"
"""The reason of a good document that the mixture leaves out: its source's weight is below 1."""


def build_ledger(
    cleaned: pl.LazyFrame,
    duplicates: pl.LazyFrame | None,
    tokenized: pl.LazyFrame | None,
    training: pl.LazyFrame | None,
    part_location: str,
) -> pl.DataFrame:
    """Keep the books of one shard.

    Args:
        cleaned: rows of CLEANED: every record of the shard.
        duplicates: rows of DUPLICATES, if that was decided.
        tokenized: rows of TOKENIZED, if there are tokens.
        training: rows of TRAINING_DOCUMENTS, if there are training parts.
        part_location: the folder of the training parts, with the slash at its end.

    Returns:
        Rows of LEDGER, one for each row of `cleaned`, by `doc_id`. The stage is the last one that
        the document reached: it passed the stages before.
    """
    rows = cleaned.with_columns(stage=_cleaning_stage())
    rows = _judged_by_duplicates(rows, duplicates)
    rows = _with_tokens(rows, tokenized)
    rows = _placed_in_training(rows, training, part_location)
    return (
        rows.select(LEDGER.names())
        .sort("doc_id")
        .collect(engine="streaming")
        .match_to_schema(LEDGER)
    )


_KEPT = pl.col("verdict") == "keep"


def _cleaning_stage() -> pl.Expr:
    """A record that could not be read has its place in the object; cleaning knows of no place."""
    unread = (pl.col("verdict") == "quarantine") & pl.col("offset").is_not_null()
    return pl.when(unread).then(pl.lit("raw")).otherwise(pl.lit("cleaned_text"))


def _stage(condition: pl.Expr, name: str) -> pl.Expr:
    return pl.when(condition).then(pl.lit(name)).otherwise("stage").alias("stage")


def _judged_by_duplicates(rows: pl.LazyFrame, duplicates: pl.LazyFrame | None) -> pl.LazyFrame:
    if duplicates is None:
        return rows.with_columns(duplicate_of=pl.lit(None, pl.String))
    verdicts = duplicates.select("doc_id", "duplicate_of", "method", "similarity")
    dropped = _KEPT & pl.col("duplicate_of").is_not_null()

    def where_dropped(value: pl.Expr, column: str) -> pl.Expr:
        return pl.when(dropped).then(value).otherwise(column).alias(column)

    return rows.join(verdicts, on="doc_id", how="left").with_columns(
        _stage(_KEPT, "near_duplicates"),
        where_dropped(pl.lit("drop"), "verdict"),
        where_dropped(pl.col("method") + "_duplicate", "reason"),
        where_dropped(pl.col("similarity"), "measured"),
    )


def _with_tokens(rows: pl.LazyFrame, tokenized: pl.LazyFrame | None) -> pl.LazyFrame:
    if tokenized is None:
        return rows.with_columns(token_count=pl.lit(None, pl.UInt32))
    counts = tokenized.select("doc_id", "text_hash", "token_count")
    return rows.join(counts, on=["doc_id", "text_hash"], how="left").with_columns(
        _stage(_KEPT & pl.col("token_count").is_not_null(), "tokenized_corpus")
    )


def _placed_in_training(
    rows: pl.LazyFrame, training: pl.LazyFrame | None, part_location: str
) -> pl.LazyFrame:
    if training is None:
        return rows.with_columns(split=pl.lit(None, pl.String), tokens=pl.lit(None, pl.String))
    left_out = _KEPT & pl.col("split").is_null()
    return rows.join(_ranges(training, part_location), on="doc_id", how="left").with_columns(
        _stage(_KEPT, "training_split"),
        pl.when(left_out).then(pl.lit("drop")).otherwise("verdict").alias("verdict"),
        pl.when(left_out).then(pl.lit(NOT_SAMPLED)).otherwise("reason").alias("reason"),
    )


def _ranges(training: pl.LazyFrame, part_location: str) -> pl.LazyFrame:
    """Return each document's split and token ranges, these as JSON."""
    token_range = pl.struct(
        file=pl.concat_str(pl.lit(part_location), "split", pl.lit(".bin")),
        offset="token_offset",
        length="token_length",
    )
    return (
        training.with_columns(range=token_range.struct.json_encode())
        .sort("doc_id", "repeat")
        .group_by("doc_id", maintain_order=True)
        .agg(pl.col("split").first(), tokens=pl.col("range").str.join(","))
        .with_columns(tokens=pl.concat_str(pl.lit("["), "tokens", pl.lit("]")))
    )
