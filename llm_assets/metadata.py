"""Figures of a shard -> metadata on its page in the Dagster UI: numbers, tables and pictures."""

import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from typing import Any

import dagster as dg
import polars as pl

from llm_assets.corpus.report import add_summaries, funnel
from llm_assets.io.object_store import ObjectStore
from llm_assets.io.shards import ShardVersion, Summary
from llm_assets.plots import (
    bar_chart,
    funnel_chart,
    heat_map,
    length_histogram,
    similarity_histogram,
)
from llm_assets.progress import ShardReport

Metadata = dict[str, Any]

_MOST_ROWS = 20
_MOST_CHARACTERS = 80

_DRAWN_AS_BARS = {
    "drop_reasons": "Why documents were dropped",
    "languages_kept": "Languages of kept documents",
}

_DRAWN_BY_PAIRS = ("pairs_by_similarity", "dropped_by_source_pair")
"""Counts by two names, which no table of one column shows."""

_OF_SETS = ("class_balance", "text_lengths")
"""Figures by fine-tuning set."""

_OF_MIXTURES = "mixture"
"""Figures of token budgets by source."""

_MARKUP = re.compile(r"[\\|`*\[\]!~]")
_AS_TEXT = {ord("<"): "&lt;", ord("&"): "&amp;", **dict.fromkeys(range(32), " ")}


def shard_metadata(
    report: ShardReport, entry: ShardVersion, store: ObjectStore, *, pictures: bool = True
) -> Metadata:
    """Return the metadata of one shard's materialization.

    Args:
        report: what the run did about the shard.
        entry: the version that stands now.
        store: where it is.
        pictures: whether to draw; a picture takes some 3 kB of the event log.
    """
    return {
        "dagster/row_count": entry.rows,
        "outcome": report.outcome,
        "size": dg.MetadataValue.int(entry.size_bytes),
        "content_version": entry.version,
        "stored_at": _address(entry, store),
        **_speed(report.rows, report.size_bytes, report.seconds),
        **summary_metadata(entry.summary, pictures=pictures),
    }


def corpus_metadata(reports: Sequence[ShardReport], entries: Sequence[ShardVersion]) -> Metadata:
    """Return the metadata of an asset that is made as a whole: its shards' figures added up."""
    return {
        "dagster/row_count": sum(report.rows for report in reports),
        "size": dg.MetadataValue.int(sum(report.size_bytes for report in reports)),
        "shards_up_to_date": sum(report.outcome == "up to date" for report in reports),
        "shards_unchanged": sum(report.outcome == "unchanged" for report in reports),
        "shards_published": sum(report.outcome == "published" for report in reports),
        **summary_metadata(total_summary(entries)),
    }


def total_summary(entries: Iterable[ShardVersion]) -> Summary:
    """Return the figures of all these shards, added up."""
    return reduce(add_summaries, (entry.summary for entry in entries), {})


def _address(entry: ShardVersion, store: ObjectStore) -> dg.MetadataValue[Any]:
    if entry.location.startswith("postgresql:"):
        return dg.MetadataValue.text(entry.location)
    return dg.MetadataValue.path(store.uri(entry.location))


def _speed(rows: int, size_bytes: int, seconds: float) -> Metadata:
    if seconds <= 0:
        return {}
    return {
        "seconds": round(seconds, 3),
        "rows_per_second": round(rows / seconds, 1),
        "megabytes_per_second": round(size_bytes / seconds / 1e6, 3),
    }


def summary_metadata(summary: Summary, *, pictures: bool = True) -> Metadata:
    """Turn additive figures into numbers, tables (counts by name) and pictures (histograms)."""
    metadata = funnel_metadata(summary) if pictures else {}
    for name, value in summary.items():
        if name in ("rows", "files"):
            continue
        if isinstance(value, int | float | str):
            metadata[name] = value
        elif name in _DRAWN_BY_PAIRS:
            metadata |= _pairs_picture(name, value) if pictures else {}
        elif name in _OF_SETS:
            from llm_assets.labelled_metadata import labelled_metadata

            metadata |= labelled_metadata(name, value, pictures=pictures)
        elif name == _OF_MIXTURES:
            from llm_assets.mixture_metadata import mixture_metadata

            metadata |= mixture_metadata(value, pictures=pictures)
        elif _is_histogram(value):
            metadata |= {name: _histogram(name, value)} if pictures else {}
        elif isinstance(value, Mapping) and value:
            metadata[name] = _table(name, value)
            if pictures and name in _DRAWN_AS_BARS:
                metadata[f"{name}_chart"] = _bars(name, value)
    return metadata


def funnel_metadata(summary: Summary, name: str = "funnel") -> Metadata:
    """Return a picture of how many documents each stage left, if the figures are a ledger's."""
    if not summary.keys() >= {"rows", "verdicts", "lost_at", "kept_by_split"}:
        return {}
    return {name: picture(funnel_chart(funnel(summary)), "documents left after each stage")}


def _is_histogram(value: Any) -> bool:
    return isinstance(value, Mapping) and set(value) == {"edges", "counts"}


def picture(svg: bytes, alternative: str) -> dg.MetadataValue[Any]:
    """Return a picture that the UI shows beside the other metadata."""
    data = base64.b64encode(svg).decode("ascii")
    return dg.MetadataValue.md(f"![{alternative}](data:image/svg+xml;base64,{data})")


def _histogram(name: str, value: Mapping[str, Any]) -> dg.MetadataValue[Any]:
    title = name.replace("_", " ")
    unit = "tokens" if "token" in name else "characters"
    return picture(length_histogram(value, title.capitalize(), unit), title)


def _pairs_picture(name: str, value: Mapping[str, Mapping[str, int]]) -> Metadata:
    """Draw counts by two names, if there are any."""
    if not any(value.values()):
        return {}
    if name == "pairs_by_similarity":
        drawn = similarity_histogram(value["verified"], value["rejected"])
        return {name: picture(drawn, "pairs that were verified and rejected, by similarity")}
    drawn = heat_map(value, "Duplicates by source", "dropped document", "document that stays")
    return {name: picture(drawn, "dropped documents by their source and the keeper's")}


def _bars(name: str, counts: Mapping[str, int]) -> dg.MetadataValue[Any]:
    title = _DRAWN_AS_BARS[name]
    return picture(bar_chart(counts, title), title)


def _table(name: str, counts: Mapping[str, Any]) -> dg.MetadataValue[Any]:
    """Show counts by name as a Markdown table, largest first."""
    total = sum(counts.values())
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    rows = [(_cell(key), count) for key, count in ranked[:_MOST_ROWS]]
    if len(ranked) > _MOST_ROWS:
        rest = ranked[_MOST_ROWS:]
        rows.append((f"{len(rest):,} more", sum(count for _, count in rest)))
    lines = [f"| {name.replace('_', ' ')} | count | share |", "|---|---:|---:|"]
    lines += [f"| {key} | {count:,} | {_share(count, total)} |" for key, count in rows]
    return dg.MetadataValue.md("\n".join(lines))


def frame_table(frame: pl.DataFrame) -> dg.MetadataValue[Any]:
    """Show a small table as Markdown, with numbers to the right."""
    marks = ["---:" if kind.is_numeric() else "---" for kind in frame.dtypes]
    lines = [
        f"| {' | '.join(name.replace('_', ' ') for name in frame.columns)} |",
        f"|{'|'.join(marks)}|",
    ]
    lines += [
        f"| {' | '.join(_shown(value) for value in row)} |"
        for row in frame.head(_MOST_ROWS).iter_rows()
    ]
    return dg.MetadataValue.md("\n".join(lines))


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    return f"{value:,}" if isinstance(value, int) else _cell(str(value))


def _share(count: float, total: float) -> str:
    return f"{count / total:.1%}" if total else ""


def _cell(text: str) -> str:
    """Keep a value from a document from breaking out of its table cell, or being more than text."""
    shown = text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]}..."
    return _MARKUP.sub(r"\\\g<0>", shown).translate(_AS_TEXT)
