"""What other rules and limits would change: verdicts reached anew from stored signals, compared."""

from collections.abc import Sequence
from typing import Final

import polars as pl

from llm_assets.corpus.profiles.url_rules import URL_REASONS
from llm_assets.corpus.verdicts import Judging, reach_verdicts

CHANGE: Final = pl.Schema(
    {
        "doc_id": pl.String,
        "source": pl.String,
        "language": pl.String,
        "name": pl.String,  # title, URL or object
        "text_chars": pl.UInt64,
        "kept_now": pl.Boolean,
        "reason_now": pl.String,
        "kept_then": pl.Boolean,
        "reason_then": pl.String,
        "measured": pl.Float64,  # what decides then, or decided now where it is kept then
        "threshold": pl.Float64,
    }
)
"""One row: one readable document, and its verdict now and then."""


def compare_verdicts(rows: pl.LazyFrame, sources: Sequence[str], judging: Judging) -> pl.DataFrame:
    """Put other settings to the documents of some sources.

    Args:
        rows: rows of CLEANED; their texts are not read.
        sources: the sources that `judging` is for.
        judging: the settings to try.

    Returns:
        Rows of CHANGE. Documents that are refused for their URL now, and would not be then, are
        left out: nothing was measured of them.

    Raises:
        UnmeasuredError: if a signal that is asked was not measured.
    """
    now = (
        rows.filter(pl.col("source").is_in(list(sources)), pl.col("verdict") != "quarantine")
        .drop("text")
        .collect()
    )
    then = reach_verdicts(now, judging)
    kept_then = then["verdict"] == "keep"
    deciding = pl.when(kept_then)
    return (
        now.select(
            "doc_id",
            "source",
            "language",
            pl.coalesce("title", "url", "object_key").alias("name"),
            "text_chars",
            kept_now=pl.col("verdict") == "keep",
            reason_now="reason",
            kept_then=kept_then,
            reason_then=then["reason"],
            measured=deciding.then("measured").otherwise(then["measured"]),
            threshold=deciding.then("threshold").otherwise(then["threshold"]),
        )
        .filter(~_is_refused("reason_now") | _is_refused("reason_then"))
        .cast(CHANGE)
    )


def _is_refused(column: str) -> pl.Expr:
    return pl.col(column).is_in(URL_REASONS).fill_null(value=False)


def count_changes(changes: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Count documents kept now and then.

    Args:
        changes: rows of CHANGE.
        by: columns to count by, such as `source` and `language`.

    Returns:
        The columns `by`, `documents`, `kept_now`, `kept_then`, `newly_kept` and `newly_dropped`;
        the largest groups first.
    """
    now, then = pl.col("kept_now"), pl.col("kept_then")
    return (
        changes.group_by(by)
        .agg(
            documents=pl.len(),
            kept_now=now.sum(),
            kept_then=then.sum(),
            newly_kept=(then & ~now).sum(),
            newly_dropped=(now & ~then).sum(),
        )
        .sort("documents", *by, descending=[True, *(False for _ in by)])
    )


def count_reasons(changes: pl.DataFrame) -> pl.DataFrame:
    """Count why documents are dropped: `reason`, `dropped_now`, `dropped_then`; by name."""
    now = changes.filter(~pl.col("kept_now"))["reason_now"].value_counts(name="dropped_now")
    then = changes.filter(~pl.col("kept_then"))["reason_then"].value_counts(name="dropped_then")
    return (
        now.rename({"reason_now": "reason"})
        .join(then.rename({"reason_then": "reason"}), on="reason", how="full", coalesce=True)
        .with_columns(pl.col("dropped_now", "dropped_then").fill_null(0))
        .sort("reason")
    )


def examples(changes: pl.DataFrame, *, kept_then: bool, most: int) -> pl.DataFrame:
    """Choose documents whose verdict would change, in the order of their ids, which are hashes.

    Args:
        changes: rows of CHANGE.
        kept_then: whether to show what would be kept, or what would be dropped.
        most: how many.
    """
    changed = pl.col("kept_now") != pl.col("kept_then")
    chosen = changes.filter(changed, pl.col("kept_then") == kept_then)
    return chosen.sort("doc_id").head(most)
