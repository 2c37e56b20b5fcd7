"""The decision about each kept document: what it shares with evaluation sets, and what is done."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import polars as pl

from llm_assets.corpus.contamination.cut_ranges import Range, ranges_around
from llm_assets.corpus.contamination.evaluation_index import NgramIndex
from llm_assets.corpus.contamination.matches import Matches, find_matches
from llm_assets.corpus.cuts import RANGE, apply_cuts, without_dropped

Action = Literal["drop", "cut"]

CONTAMINATION: Final = pl.Schema(
    {
        "doc_id": pl.String(),
        "text_hash": pl.String(),  # of the text that was looked through
        "action": pl.String(),  # drop or cut; null where nothing is done
        "benchmark": pl.String(),  # the set with the most n-grams in common; null where none has
        "item": pl.UInt32(),  # its item with the most, counted from 1
        "items": pl.List(pl.Struct({"benchmark": pl.String(), "item": pl.UInt32()})),
        "ngram_count": pl.UInt32(),  # different n-grams in common
        "share": pl.Float64(),  # of the document's words, covered by these
        "threshold": pl.Float64(),  # from which share on something is done
        "matched_text": pl.String(),  # the longest passage in common, or its start
        "cuts": pl.List(RANGE),  # bytes of the text that go; null unless cut
    }
)
"""One row: one kept document that was looked through."""

MATCHED_CHARS: Final = 300
"""Of a passage in common, shown as evidence."""
LEAST_BYTES: Final = 200
"""What a cut document must have left (GPT-3 dropped shorter pieces)."""
MOST_CUTS: Final = 10
"""A document with more is full of items (GPT-3 dropped what fell into more than 10 pieces)."""

_GROUP_BYTES: Final = 1 << 24
"""Texts looked through at once: their tokens take some five bytes for each of theirs."""


@dataclass(frozen=True)
class ContaminationRule:
    """What is done to contaminated documents."""

    action: Action
    share: float
    """Of a document's words, from which on something is done; at 0 one match is enough."""


def judge_contamination(
    documents: pl.DataFrame, index: NgramIndex, rule: ContaminationRule
) -> pl.DataFrame:
    """Look documents through.

    Args:
        documents: `doc_id`, `text` and `text_hash`.
        index: what to look for.
        rule: what to do where it is found.

    Returns:
        Rows of CONTAMINATION, one for each document, in order.
    """
    size = pl.col("text").str.len_bytes().fill_null(0).cast(pl.Int64)
    groups = documents.select("doc_id", "text", "text_hash").with_columns(
        group=(size.cum_sum() - size) // _GROUP_BYTES
    )
    rows = [pl.DataFrame(schema=CONTAMINATION)]
    rows += [
        _judge(group.drop("group"), index, rule)
        for group in groups.partition_by("group", maintain_order=True)
    ]
    return pl.concat(rows)


def _judge(documents: pl.DataFrame, index: NgramIndex, rule: ContaminationRule) -> pl.DataFrame:
    matches = find_matches(documents["text"], index)
    found = _evidence(matches, index, rule)
    shown = _passages(documents["text"], matches)
    decided = _decisions(documents, matches, found, index, rule)
    return (
        documents.drop("text")
        .with_row_index("row")
        .join(found, on="row", how="left", maintain_order="left")
        .join(shown, on="row", how="left", maintain_order="left")
        .join(decided, on="row", how="left", maintain_order="left")
        .with_columns(pl.col("ngram_count").fill_null(0), pl.col("share").fill_null(0.0))
        .match_to_schema(CONTAMINATION, extra_columns="ignore")
    )


def _evidence(matches: Matches, index: NgramIndex, rule: ContaminationRule) -> pl.DataFrame:
    """Return what contaminated rows have in common with which items."""
    pairs = (
        matches.ngrams.unique()
        .join(index.owners, on="ngram")
        .explode("items")
        .rename({"items": "item"})
    )
    by_item = pairs.group_by("row", "benchmark", "item").agg(shared=pl.len())
    by_benchmark = pairs.group_by("row", "benchmark").agg(total=pl.col("ngram").n_unique())
    ranked = by_item.join(by_benchmark, on=["row", "benchmark"]).sort(
        "row", "total", "benchmark", "shared", "item", descending=[False, True, False, True, False]
    )
    every = pl.struct("benchmark", "item").sort_by("benchmark", "item")
    counts = matches.ngrams.group_by("row").agg(ngram_count=pl.col("ngram").n_unique())
    return (
        ranked.group_by("row")
        .agg(pl.col("benchmark").first(), pl.col("item").first(), items=every)
        .join(counts, on="row")
        .join(_shares(matches), on="row")
        .with_columns(threshold=pl.lit(rule.share))
    )


def _shares(matches: Matches) -> pl.DataFrame:
    sizes = pl.DataFrame({"size": np.diff(matches.tokens.first)}).with_row_index("row")
    covered = matches.spans.group_by("row").agg(covered=(pl.col("behind") - pl.col("first")).sum())
    return covered.join(sizes, on="row").select("row", share=pl.col("covered") / pl.col("size"))


def _passages(texts: pl.Series, matches: Matches) -> pl.DataFrame:
    """Return the longest passage in common of each row that has one; the first of equally long."""
    longest = matches.spans.sort(
        pl.col("row"), pl.col("first") - pl.col("behind"), maintain_order=True
    ).unique("row", keep="first", maintain_order=True)
    first, behind = longest["first"].to_numpy(), longest["behind"].to_numpy()
    start = matches.tokens.starts[first]
    passages = pl.DataFrame(
        {
            "text": texts.gather(longest["row"]),
            "start": start,
            "length": matches.tokens.ends[behind - 1] - start,
        }
    ).select(
        matched_text=pl.col("text")
        .cast(pl.Binary)
        .bin.slice(pl.col("start"), pl.col("length"))
        .cast(pl.String)
        .str.head(MATCHED_CHARS)
    )
    return longest.select("row").hstack(passages)


def _decisions(
    documents: pl.DataFrame,
    matches: Matches,
    found: pl.DataFrame,
    index: NgramIndex,
    rule: ContaminationRule,
) -> pl.DataFrame:
    """Return `row`, `action` and `cuts` of rows to which something is done."""
    rows = found.filter(pl.col("share") >= rule.share).select("row").sort("row")
    if rule.action == "drop" or rows.is_empty():
        nothing = pl.lit(None, CONTAMINATION["cuts"])
        return rows.with_columns(action=pl.lit("drop"), cuts=nothing)
    cuts = [
        {"row": row, "cuts": [{"start": start, "end": end} for start, end in ranges]}
        for row, ranges in _cuts_of(documents["text"], matches, rows)
    ]
    tried = pl.DataFrame(cuts, {"row": pl.UInt32, "cuts": CONTAMINATION["cuts"]})
    fails = _is_hopeless(documents, tried, index)
    return tried.with_columns(
        action=pl.when(fails).then(pl.lit("drop")).otherwise(pl.lit("cut")),
        cuts=pl.when(~fails).then("cuts"),
    )


def _cuts_of(
    texts: pl.Series, matches: Matches, rows: pl.DataFrame
) -> Iterator[tuple[int, list[Range]]]:
    """Yield what is cut from each of these rows."""
    tokens = matches.tokens
    chosen = matches.spans.join(rows, on="row", how="semi", maintain_order="left")
    for (row,), spans in chosen.group_by("row", maintain_order=True):
        of_row = slice(tokens.first[row], tokens.first[row + 1])
        places = [(first - of_row.start, behind - of_row.start) for first, behind in _pairs(spans)]
        yield row, ranges_around(texts[row], places, tokens.starts[of_row], tokens.ends[of_row])


def _pairs(spans: pl.DataFrame) -> list[tuple[Any, ...]]:
    return spans.select("first", "behind").rows()


def _is_hopeless(documents: pl.DataFrame, tried: pl.DataFrame, index: NgramIndex) -> pl.Series:
    """Tell which documents cannot be saved by these cuts.

    They leave too little, or too many pieces; or what they bring together matches again.
    """
    uncut = documents[tried["row"]]
    texts = apply_cuts(uncut, uncut.select("doc_id").with_columns(tried["cuts"]))["text"]
    again = pl.Series(np.unique(find_matches(texts, index).ngrams["row"]), dtype=pl.UInt32)
    places = pl.Series(np.arange(len(texts)), dtype=pl.UInt32)
    short = texts.str.strip_chars().str.len_bytes() < LEAST_BYTES
    return short | (tried["cuts"].list.len() > MOST_CUTS) | places.is_in(again.implode())


def without_contaminated(
    documents: pl.LazyFrame, contamination: pl.LazyFrame | None
) -> pl.LazyFrame:
    """Return documents without those that are dropped for what they share with evaluation sets.

    Args:
        documents: rows with a `doc_id`.
        contamination: rows of CONTAMINATION; None where nothing was looked for.
    """
    return without_dropped(documents, [] if contamination is None else [contamination])
