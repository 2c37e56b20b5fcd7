"""Figures on evaluation sets and on what was found of them; summaries add up over shards."""

from typing import Any, Final

import polars as pl

Summary = dict[str, Any]

_EXAMPLES: Final = 5
_EXAMPLE_CHARS: Final = 120

REPORT: Final = pl.Schema(
    {
        "benchmark": pl.String(),
        "items": pl.UInt32(),
        "items_without_ngrams": pl.UInt32(),  # too short, or nothing but numbers or template
        "items_found": pl.UInt32(),
        "share_found": pl.Float64(),  # of all items
        "documents": pl.UInt32(),  # with something of the set
        "dropped": pl.UInt32(),
        "cut": pl.UInt32(),
        "largest_share": pl.Float64(),  # of a document's words
        "example": pl.String(),  # of the document with the most n-grams
    }
)
"""One row: one evaluation set, and what the corpus has of it."""


def summarize_ngrams(rows: pl.LazyFrame) -> Summary:
    """Summarize rows of EVALUATION_NGRAMS."""
    ngrams = rows.collect(engine="streaming")
    known = ngrams.filter(pl.col("ngram_hash").is_not_null())
    return {
        "rows": ngrams.height,
        "ngrams_by_benchmark": _counts(known),
        "items_by_benchmark": _counts(_items(ngrams)),
        "items_without_ngrams_by_benchmark": _counts(_items(_unknown(ngrams))),
    }


def summarize_contamination(rows: pl.LazyFrame) -> Summary:
    """Summarize rows of CONTAMINATION. An item counts once for each document that has it."""
    found = _found(rows).collect(engine="streaming")
    items = found.select("doc_id", "items").explode("items").unnest("items")
    cuts = found.filter(action="cut").select(pl.col("cuts").explode())
    size = pl.col("cuts").struct.field("end") - pl.col("cuts").struct.field("start")
    return {
        "rows": int(rows.select(pl.len()).collect().item()),
        "contaminated": found.height,
        "dropped": found.filter(action="drop").height,
        "cut": found.filter(action="cut").height,
        "bytes_cut": int(cuts.select(size.cast(pl.UInt64).sum()).item() or 0),
        "documents_by_benchmark": _counts(items.select("doc_id", "benchmark").unique()),
        "items_by_benchmark": _counts(items),
        "ngrams_in_examples": _examples(found),
    }


def report_by_benchmark(contamination: pl.LazyFrame, ngrams: pl.LazyFrame) -> pl.DataFrame:
    """Count what the corpus has of each evaluation set, every item once.

    Args:
        contamination: rows of CONTAMINATION, of all shards.
        ngrams: rows of EVALUATION_NGRAMS.

    Returns:
        Rows of REPORT, by name.
    """
    index = ngrams.select("benchmark", "ngram_hash", "items").collect()
    found = _found(contamination).collect(engine="streaming")
    exploded = found.explode("items").with_columns(
        benchmark=pl.col("items").struct.field("benchmark"),
        item=pl.col("items").struct.field("item"),
    )
    documents = exploded.unique(["doc_id", "benchmark"]).group_by("benchmark")
    return (
        _items(index)
        .group_by("benchmark")
        .agg(items=pl.len())
        .join(
            _items(_unknown(index)).group_by("benchmark").agg(items_without_ngrams=pl.len()),
            on="benchmark",
            how="left",
        )
        .join(
            exploded.group_by("benchmark").agg(items_found=pl.col("item").n_unique()),
            on="benchmark",
            how="left",
        )
        .join(
            documents.agg(
                documents=pl.len(),
                dropped=(pl.col("action") == "drop").sum(),
                cut=(pl.col("action") == "cut").sum(),
                largest_share=pl.col("share").max(),
                example=pl.col("matched_text")
                .sort_by(pl.col("ngram_count"), "doc_id", descending=[True, False])
                .first()
                .str.head(_EXAMPLE_CHARS),
            ),
            on="benchmark",
            how="left",
        )
        .with_columns(pl.col(pl.UInt32).fill_null(0))
        .with_columns(share_found=pl.col("items_found") / pl.col("items"))
        .match_to_schema(REPORT, missing_columns="raise", integer_cast="upcast")
        .sort("benchmark")
    )


def _found(contamination: pl.LazyFrame) -> pl.LazyFrame:
    columns = ("doc_id", "action", "benchmark", "item", "items", "ngram_count", "share", "cuts")
    return contamination.filter(pl.col("benchmark").is_not_null()).select(*columns, "matched_text")


def _items(ngrams: pl.DataFrame) -> pl.DataFrame:
    """Return every item of these n-grams once."""
    return ngrams.select("benchmark", item="items").explode("item").unique()


def _unknown(ngrams: pl.DataFrame) -> pl.DataFrame:
    return ngrams.filter(pl.col("ngram_hash").is_null())


def _counts(rows: pl.DataFrame) -> dict[str, int]:
    counted = rows.group_by("benchmark").len().sort("benchmark")
    return {str(name): int(count) for name, count in counted.iter_rows()}


def _examples(found: pl.DataFrame) -> dict[str, int]:
    """Return passages in common of the documents with the most n-grams, by set and item."""
    most = found.sort("ngram_count", "doc_id", descending=[True, False]).head(_EXAMPLES)
    rows = most.select(
        pl.format(
            "{} {}: {}", "benchmark", "item", pl.col("matched_text").str.head(_EXAMPLE_CHARS)
        ).alias("name"),
        "ngram_count",
    )
    return dict(rows.unique("name", keep="first", maintain_order=True).iter_rows())
