"""The books: what became of every document ever seen, from the outcome of each stage."""

import polars as pl

from llm_assets.corpus.schema import LEDGER


def build_ledger(
    cleaned: pl.LazyFrame,
    duplicates: pl.LazyFrame | None,
    tokenized: pl.LazyFrame | None,
    training: pl.LazyFrame | None,
    left_out: pl.LazyFrame | None,
    part_location: str,
    contamination: pl.LazyFrame | None = None,
    passages: pl.LazyFrame | None = None,
    file_suffix: str | None = ".bin",
) -> pl.DataFrame:
    """Keep the books of one shard.

    Args:
        cleaned: rows of CLEANED: every record of the shard, with the hash of its text in the end.
        duplicates: rows of DUPLICATES, if that was decided.
        tokenized: rows of TOKENIZED, if there are tokens.
        training: rows of TRAINING_DOCUMENTS, if there are training parts.
        left_out: rows of LEFT_OUT, if there are training parts.
        part_location: the folder of the training parts, with the slash at its end.
        contamination: rows of CONTAMINATION, if evaluation sets were looked for.
        passages: rows of REPEATED_PASSAGES, if those were looked for.
        file_suffix: what follows a split's name in the name of the file with its tokens;
            None if no file has them, and then ranges are in no file.

    Returns:
        Rows of LEDGER, one for each row of `cleaned`, by `doc_id`. The stage is the last one that
        the document reached: it passed the stages before.
    """
    rows = cleaned.with_columns(stage=_cleaning_stage())
    rows = _judged_by_contamination(rows, contamination)
    rows = _judged_by_duplicates(rows, duplicates)
    rows = _judged_by_passages(rows, passages)
    rows = _with_tokens(rows, tokenized)
    rows = _placed_in_training(rows, training, left_out, part_location, file_suffix)
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


def _judged_by_contamination(
    rows: pl.LazyFrame, contamination: pl.LazyFrame | None
) -> pl.LazyFrame:
    """Drop what is contaminated; what was cut says so in its detail."""
    if contamination is None:
        return rows
    verdicts = contamination.select(
        "doc_id",
        "action",
        contaminated=pl.lit("contaminated_") + pl.col("benchmark"),
        match_share="share",
        least_share="threshold",
        match=pl.format(
            "{}{} item {}: {}",
            pl.when(pl.col("action") == "cut").then(pl.lit("cut: ")).otherwise(pl.lit("")),
            *("benchmark", "item", "matched_text"),
        ),
    )
    dropped = _KEPT & (pl.col("action") == "drop")

    def where(condition: pl.Expr, value: pl.Expr, column: str) -> pl.Expr:
        return pl.when(condition).then(value).otherwise(column).alias(column)

    return rows.join(verdicts, on="doc_id", how="left").with_columns(
        _stage(_KEPT, "contamination"),
        where(dropped, pl.lit("drop"), "verdict"),
        where(dropped, pl.col("contaminated"), "reason"),
        where(dropped, pl.col("match_share"), "measured"),
        where(dropped, pl.col("least_share"), "threshold"),
        where(_KEPT & pl.col("action").is_not_null(), pl.col("match"), "detail"),
    )


def _judged_by_duplicates(rows: pl.LazyFrame, duplicates: pl.LazyFrame | None) -> pl.LazyFrame:
    if duplicates is None:
        return rows.with_columns(duplicate_of=pl.lit(None, pl.String))
    verdicts = duplicates.select(
        "doc_id", "duplicate_of", "method", "similarity", least_similarity="threshold"
    )
    dropped = _KEPT & pl.col("duplicate_of").is_not_null()

    def where_dropped(value: pl.Expr, column: str) -> pl.Expr:
        return pl.when(dropped).then(value).otherwise(column).alias(column)

    return rows.join(verdicts, on="doc_id", how="left").with_columns(
        _stage(_KEPT, "near_duplicates"),
        where_dropped(pl.lit("drop"), "verdict"),
        where_dropped(pl.col("method") + "_duplicate", "reason"),
        where_dropped(pl.col("similarity"), "measured"),
        where_dropped(pl.col("least_similarity"), "threshold"),
    )


def _judged_by_passages(rows: pl.LazyFrame, passages: pl.LazyFrame | None) -> pl.LazyFrame:
    """Drop documents of which too little is left without what others have too."""
    if passages is None:
        return rows
    judged = passages.filter(pl.col("action") == "drop").select(
        "doc_id", why="reason", words_left="measured", least_words="threshold"
    )
    dropped = _KEPT & pl.col("why").is_not_null()

    def where_dropped(value: pl.Expr, column: str) -> pl.Expr:
        return pl.when(dropped).then(value).otherwise(column).alias(column)

    return rows.join(judged, on="doc_id", how="left").with_columns(
        _stage(_KEPT, "repeated_passages"),
        where_dropped(pl.lit("drop"), "verdict"),
        where_dropped(pl.col("why"), "reason"),
        where_dropped(pl.col("words_left"), "measured"),
        where_dropped(pl.col("least_words"), "threshold"),
    )


def _with_tokens(rows: pl.LazyFrame, tokenized: pl.LazyFrame | None) -> pl.LazyFrame:
    if tokenized is None:
        return rows.with_columns(token_count=pl.lit(None, pl.UInt32))
    counts = tokenized.select("doc_id", "text_hash", "token_count")
    return rows.join(counts, on=["doc_id", "text_hash"], how="left").with_columns(
        _stage(_KEPT & pl.col("token_count").is_not_null(), "tokenized_corpus")
    )


def _placed_in_training(
    rows: pl.LazyFrame,
    training: pl.LazyFrame | None,
    left_out: pl.LazyFrame | None,
    part_location: str,
    file_suffix: str | None,
) -> pl.LazyFrame:
    if training is None or left_out is None:
        return rows.with_columns(split=pl.lit(None, pl.String), tokens=pl.lit(None, pl.String))
    reasons = left_out.select("doc_id", why_left_out="reason")
    missing = _KEPT & pl.col("split").is_null()
    return (
        rows.join(_ranges(training, part_location, file_suffix), on="doc_id", how="left")
        .join(reasons, on="doc_id", how="left")
        .with_columns(
            _stage(_KEPT, "training_split"),
            pl.when(missing).then(pl.lit("drop")).otherwise("verdict").alias("verdict"),
            pl.when(missing).then("why_left_out").otherwise("reason").alias("reason"),
        )
    )


def _ranges(training: pl.LazyFrame, part_location: str, file_suffix: str | None) -> pl.LazyFrame:
    """Return each document's split and token ranges, these as JSON; null if no file has them."""
    begins = pl.col("token_offset") != pl.col("token_offset").shift() + pl.col("length").shift()
    token_range = pl.struct(
        file=pl.concat_str(pl.lit(part_location), "split", pl.lit(file_suffix, pl.String)),
        offset="token_offset",
        length="length",
    )
    return (
        training.with_columns(length=pl.col("token_length").cast(pl.UInt64))
        .sort("doc_id", "repeat", "first_token")
        # Pieces that stand side by side are one range, however often packing cut the document.
        .with_columns(run=begins.fill_null(value=True).cum_sum().over("doc_id", "repeat"))
        .group_by("doc_id", "repeat", "run", maintain_order=True)
        .agg(pl.col("split", "token_offset").first(), pl.col("length").sum())
        .with_columns(range=token_range.struct.json_encode())
        .group_by("doc_id", maintain_order=True)
        .agg(pl.col("split").first(), tokens=pl.col("range").str.join(","))
        .with_columns(tokens=pl.concat_str(pl.lit("["), "tokens", pl.lit("]")))
        .with_columns(tokens=pl.lit(None, pl.String) if file_suffix is None else "tokens")
    )
