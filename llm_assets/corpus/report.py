"""Figures of a shard that add up: the sum over shards is the figure of the corpus.

A summary has JSON values only: numbers; counts by name; and histograms, which share their edges.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import numpy as np
import polars as pl

from llm_assets.corpus.schema import SPLITS
from llm_assets.corpus.training.training_parts import WrittenParts

Summary = dict[str, Any]

LENGTH_EDGES: Final = tuple(round(10 ** (exponent / 4)) for exponent in range(4, 33))
"""Four bins a decade, from 10 to 100,000,000 characters."""

_MIXED = "(several)"


def summarize_raw(rows: pl.LazyFrame) -> Summary:
    """Summarize rows of RAW."""
    read = pl.col("quarantine_reason").is_null()
    figures = rows.select(
        "source", "media_type", "quarantine_reason", read=read, size=pl.col("payload").bin.size()
    ).collect(engine="streaming")
    good = figures.filter("read")
    return {
        "rows": figures.height,
        "payload_bytes": _total(good["size"]),
        "documents_by_source": _counts(good["source"]),
        "media_types": _counts(good["media_type"]),
        "quarantined": figures.height - good.height,
        "quarantine_reasons": _counts(figures["quarantine_reason"].drop_nulls()),
    }


def summarize_site_lines(rows: pl.LazyFrame) -> Summary:
    """Summarize rows of SITE_LINES: how many lines of each site are cut."""
    figures = rows.select("site").collect(engine="streaming")
    return {"rows": figures.height, "lines_by_site": _counts(figures["site"])}


def summarize_cleaned(rows: pl.LazyFrame) -> Summary:
    """Summarize rows of CLEANED."""
    figures = rows.select(
        "source",
        "verdict",
        "reason",
        "language",
        "script",
        "text_bytes",
        "text_chars",
        "cut_line_count",
        "pii_count",
        "pii_counts",
    ).collect(engine="streaming")
    kept, dropped, quarantined = (
        figures.filter(pl.col("verdict") == verdict) for verdict in ("keep", "drop", "quarantine")
    )
    return {
        "rows": figures.height,
        "kept_bytes": _total(kept["text_bytes"]),
        "redactions": _total(kept["pii_count"]),
        "redactions_by_kind": _kinds(kept["pii_counts"]),
        "lines_cut": _total(kept["cut_line_count"]),
        "verdicts": _counts(figures["verdict"]),
        "documents_by_source": _counts(figures["source"]),
        "kept_by_source": _counts(kept["source"]),
        "drop_reasons": _counts(dropped["reason"]),
        "quarantine_reasons": _counts(quarantined["reason"]),
        "languages_kept": _counts(kept["language"]),
        "languages_dropped": _counts(dropped["language"]),
        "scripts_kept": _counts(kept["script"]),
        "kept_text_length": _length_histogram(kept["text_chars"]),
    }


def summarize_signatures(rows: pl.LazyFrame) -> Summary:
    """Summarize rows of a signature table."""
    counts = rows.select("shingle_count").collect(engine="streaming")["shingle_count"]
    return {
        "rows": len(counts),
        "shingles": _total(counts),
        "too_short_for_shingles": int((counts == 0).sum()),
    }


SIMILARITY_BINS = 20
_LARGEST_GROUPS = 20


def summarize_duplicates(rows: pl.LazyFrame) -> Summary:
    """Summarize rows of DUPLICATES. Groups are counted where their best document is."""
    figures = rows.drop("text_hash", "decided_from").collect(engine="streaming")
    dropped = figures.filter(pl.col("duplicate_of").is_not_null())
    groups = figures.filter(pl.col("cluster_id") == pl.col("doc_id"))
    rejected = figures["rejected"].drop_nulls().explode().struct.field("similarity")
    return {
        "rows": figures.height,
        "documents_in_groups": figures["cluster_id"].len() - figures["cluster_id"].null_count(),
        "groups": groups.height,
        "dropped": dropped.height,
        "dropped_by_method": _counts(dropped["method"]),
        "rejected_pairs": len(rejected),
        "pairs_by_similarity": {
            "verified": _by_similarity(dropped["similarity"]),
            "rejected": _by_similarity(rejected),
        },
        "dropped_by_source_pair": _by_source_pair(dropped),
        "largest_duplicate_groups": _largest_groups(groups),
    }


def _by_similarity(similarities: pl.Series) -> dict[str, int]:
    """Count pairs by the lower end of a twentieth of the way from 0 to 1; 1 is one of its own."""
    # The sum is a float away from the limit at most: 0.15 / 0.05 is 2.9999999999999996.
    bins = (similarities.drop_nulls() * SIMILARITY_BINS + 1e-9).floor()
    return _counts((bins / SIMILARITY_BINS).round(2).cast(pl.String).alias("similarity"))


def _by_source_pair(dropped: pl.DataFrame) -> dict[str, dict[str, int]]:
    """Count dropped documents by their source and that of the document that stays."""
    pairs = dropped.group_by("source", "keeper_source").len().sort("source", "keeper_source")
    counts: dict[str, dict[str, int]] = {}
    for source, keeper_source, count in pairs.iter_rows():
        counts.setdefault(source, {})[keeper_source] = count
    return counts


def _largest_groups(groups: pl.DataFrame) -> dict[str, int]:
    """Return the sizes of the largest groups by the title and id of their best document."""
    largest = groups.sort(-pl.col("cluster_size").cast(pl.Int64), "doc_id").head(_LARGEST_GROUPS)
    return {
        f"{title or 'untitled'} ({source}, {doc_id})": size
        for title, source, doc_id, size in largest.select(
            "title", "source", "doc_id", "cluster_size"
        ).iter_rows()
    }


def summarize_tokenized(rows: pl.LazyFrame) -> Summary:
    """Summarize rows of TOKENIZED."""
    counts = rows.select("token_count").collect(engine="streaming")["token_count"]
    return {
        "rows": len(counts),
        "tokens": _total(counts),
        "tokens_per_document": _length_histogram(counts),
    }


def summarize_training(written: WrittenParts) -> Summary:
    """Summarize a shard's training parts. Tokens of splits are of their streams, with padding."""
    figures = written.documents.select(
        "source", "split", "token_length", begins=pl.col("first_token") == 0, copy="repeat"
    )
    begun = figures.filter("begins")
    sizes = written.sizes
    return {
        "rows": figures.height,
        "documents": int((begun["copy"] == 0).sum()),
        "tokens": sum(size.tokens for size in sizes.values()),
        "padding_tokens": sum(size.padding for size in sizes.values()),
        "sequences_by_split": {split: sizes[split].sequences for split in SPLITS},
        "tokens_by_split": {split: sizes[split].tokens for split in SPLITS},
        "padding_by_split": {split: sizes[split].padding for split in SPLITS},
        "documents_by_split": dict.fromkeys(SPLITS, 0) | _counts(begun["split"]),
        "tokens_by_source": _sums(figures, "source", "token_length"),
    }


def summarize_ledger(rows: pl.LazyFrame) -> Summary:
    """Summarize rows of LEDGER."""
    figures = rows.select(
        "source", "stage", "verdict", "reason", "language", "token_count", "split"
    ).collect(engine="streaming")
    kept = figures.filter(pl.col("verdict") == "keep")
    lost = figures.filter(pl.col("verdict") != "keep")
    return {
        "rows": figures.height,
        "kept_tokens": _total(kept["token_count"]),
        "verdicts": _counts(figures["verdict"]),
        "lost_at": _counts(lost["stage"]),
        "lost_because": _counts(lost["reason"]),
        "kept_by_source": _counts(kept["source"]),
        "kept_by_split": _counts(kept["split"].drop_nulls()),
        "kept_tokens_by_language": _sums(kept, "language", "token_count"),
    }


def add_summaries(first: Summary, second: Summary) -> Summary:
    """Add up two summaries of one asset; the order of additions does not matter.

    Numbers add up, by name where they are named; edges of histograms stay, their counts add up;
    a text that differs becomes "(several)".

    Raises:
        ValueError: if two histograms have different edges.
    """
    return {
        name: _add(first.get(name), second.get(name)) for name in [*first, *_new(first, second)]
    }


def _new(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[str]:
    return [name for name in second if name not in first]


def _add(first: Any, second: Any) -> Any:
    if first is None or second is None:
        return second if first is None else first
    if isinstance(first, dict) and isinstance(first.get("edges"), list):
        return _add_histograms(first, second)
    if isinstance(first, dict):
        return add_summaries(first, second)
    if isinstance(first, str):
        return first if first == second else _MIXED
    return first + second


def _add_histograms(first: Summary, second: Summary) -> Summary:
    if first["edges"] != second["edges"]:
        raise ValueError("histograms with different edges cannot be added up")
    counts = [a + b for a, b in zip(first["counts"], second["counts"], strict=True)]
    return {"edges": first["edges"], "counts": counts}


class FunnelStep(NamedTuple):
    """How many documents were still there."""

    stage: str
    documents: int
    share: float
    """Of all records seen, from 0 to 1."""


def funnel(ledger: Summary) -> list[FunnelStep]:
    """Return how many documents each stage left, from the summary of the ledger."""
    seen = ledger["rows"]
    lost = ledger["lost_at"]
    quarantined = ledger["verdicts"].get("quarantine", 0)
    # A record that cleaning cannot make text of counts as unreadable, as it does in the verdicts.
    left = [
        ("seen", seen),
        ("readable", seen - quarantined),
        ("passed cleaning", seen - lost.get("raw", 0) - lost.get("cleaned_text", 0)),
    ]
    if "contamination" in lost:
        left.append(("no evaluation set", left[-1][1] - lost["contamination"]))
    left.append(("not a duplicate", left[-1][1] - lost.get("near_duplicates", 0)))
    if "repeated_passages" in lost:
        left.append(("more than repeated", left[-1][1] - lost["repeated_passages"]))
    left.append(("in the training split", sum(ledger["kept_by_split"].values())))
    return [FunnelStep(name, count, count / seen if seen else 0.0) for name, count in left]


def _total(column: pl.Series) -> int:
    return int(column.sum() or 0)


def _counts(column: pl.Series) -> dict[str, int]:
    """Count values by name, in the order of names."""
    counted = column.fill_null("unknown").value_counts(name="count").sort(column.name)
    return {str(name): int(count) for name, count in counted.iter_rows()}


def _sums(frame: pl.DataFrame, by: str, column: str) -> dict[str, int]:
    """Add up a column by name, in the order of names."""
    sums = (
        frame.group_by(pl.col(by).fill_null("unknown"))
        .agg(pl.col(column).cast(pl.UInt64).sum())
        .sort(by)
    )
    return {str(name): int(total) for name, total in sums.iter_rows()}


def _kinds(counts: pl.Series) -> dict[str, int]:
    """Add up counts by kind, of kinds that occur, in the order of names."""
    totals = counts.drop_nulls().struct.unnest().sum().to_dicts()
    return {kind: count for row in totals for kind, count in sorted(row.items()) if count}


def _length_histogram(lengths: pl.Series) -> Summary:
    """Count lengths between fixed edges; what lies beyond is in the first or the last bin."""
    inside = lengths.drop_nulls().clip(LENGTH_EDGES[0], LENGTH_EDGES[-1]).to_numpy()
    counts, _ = np.histogram(inside, LENGTH_EDGES)
    return {"edges": list(LENGTH_EDGES), "counts": counts.tolist()}
