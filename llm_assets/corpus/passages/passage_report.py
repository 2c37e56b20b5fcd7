"""Figures of repeated passages and spans that add up over shards."""

from collections.abc import Mapping
from typing import Final

import polars as pl

from llm_assets.corpus.report import Summary

MOST_SITES: Final = 500
"""Of a shard: a summary is one entry of the catalog. All sites are in the table's rows."""
OTHER_SITES: Final = "(other sites)"


def summarize_passages(rows: pl.LazyFrame, excerpts: Mapping[str, int]) -> Summary:
    """Summarize rows of REPEATED_PASSAGES.

    Args:
        rows: of one shard.
        excerpts: how the most repeated passages that are kept in this shard begin, and how many
            documents have them.
    """
    figures = (
        rows.group_by("site")
        .agg(
            pl.len(),
            pl.col("cut_passages").cast(pl.UInt64).sum(),
            pl.col("cut_chars").sum(),
            dropped=(pl.col("action") == "drop").sum(),
        )
        .collect(engine="streaming")
    )
    return {
        "rows": _total(figures, "len"),
        "passages_cut": _total(figures, "cut_passages"),
        "characters_cut": _total(figures, "cut_chars"),
        "documents_dropped": _total(figures, "dropped"),
        "passages_cut_by_site": _by_site(figures, "cut_passages"),
        "characters_cut_by_site": _by_site(figures, "cut_chars"),
        "documents_of_the_most_repeated": dict(excerpts),
    }


def summarize_substrings(rows: pl.LazyFrame, totals: pl.DataFrame, shares: str) -> Summary:
    """Summarize a shard of the report on repeated spans.

    Args:
        rows: of REPEATED_SUBSTRINGS.
        totals: `source`, `tokens`, `repeated` and `redundant` of the shard.
        shares: what `describe_shares` says of the whole corpus: the same for every shard.
    """
    shown = rows.select("span", "copies", "token_length", "excerpt", "is_first")
    largest = shown.filter("is_first").collect(engine="streaming")
    return {
        "rows": rows.select(pl.len()).collect().item(),
        "tokens": _total(totals, "tokens"),
        "tokens_in_repeated_spans": _total(totals, "repeated"),
        "tokens_in_later_copies": _total(totals, "redundant"),
        "share_of_tokens_in_repeated_spans": shares,
        "tokens_in_repeated_spans_by_source": _by_source(totals, "repeated"),
        "tokens_in_later_copies_by_source": _by_source(totals, "redundant"),
        "tokens_of_the_largest_spans": {
            f"{copies} x {length}: {excerpt} (span {span})": copies * length
            for span, copies, length, excerpt, _ in largest.sort("span").iter_rows()
        },
    }


def describe_shares(totals: pl.DataFrame) -> str:
    """Say for each source which share of its tokens stands in a repeated span."""
    every = totals.group_by("source").agg(pl.col("tokens", "repeated").sum())
    ranked = every.with_columns(
        share=pl.col("repeated") / pl.max_horizontal("tokens", pl.lit(1))
    ).sort(["share", "source"], descending=[True, False])
    return ", ".join(
        f"{source} {share:.2%}" for source, share in ranked.select("source", "share").iter_rows()
    )


def _total(frame: pl.DataFrame, column: str) -> int:
    return int(frame[column].sum() or 0)


def _by_source(totals: pl.DataFrame, column: str) -> dict[str, int]:
    return {str(k): int(v) for k, v in totals.sort("source").select("source", column).iter_rows()}


def _by_site(figures: pl.DataFrame, column: str) -> dict[str, int]:
    """Return the sites with the most, and the others together."""
    ranked = figures.select("site", column).sort([column, "site"], descending=[True, False])
    counts = {str(site): int(count) for site, count in ranked.head(MOST_SITES).iter_rows()}
    rest = _total(ranked[MOST_SITES:], column)
    return counts | ({OTHER_SITES: rest} if rest else {})
