"""Figures of a shard -> metadata on its page in the Dagster UI: numbers, tables and pictures."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from llm_assets.io.object_store import ObjectStore
from llm_assets.io.shards import ShardVersion, Summary
from llm_assets.progress import ShardReport

Metadata = dict[str, Any]

_MOST_ROWS = 20


def shard_metadata(report: ShardReport, entry: ShardVersion, store: ObjectStore) -> Metadata:
    """Return the metadata of one shard's materialization."""
    return {
        "dagster/row_count": entry.rows,
        "outcome": report.outcome,
        "size": dg.MetadataValue.int(entry.size_bytes),
        "content_version": entry.version,
        "stored_at": _address(entry, store),
        **_speed(report.rows, report.size_bytes, report.seconds),
        **summary_metadata(entry.summary),
    }


def corpus_metadata(
    reports: Sequence[ShardReport], entries: Sequence[ShardVersion]
) -> Metadata:
    """Return the metadata of an asset that is made as a whole: its shards' figures added up."""
    from llm_assets.corpus.report import add_summaries

    total: Summary = {}
    for entry in entries:
        total = add_summaries(total, entry.summary) if total else entry.summary
    return {
        "dagster/row_count": sum(report.rows for report in reports),
        "size": dg.MetadataValue.int(sum(report.size_bytes for report in reports)),
        "shards_up_to_date": sum(report.outcome == "up to date" for report in reports),
        "shards_unchanged": sum(report.outcome == "unchanged" for report in reports),
        "shards_published": sum(report.outcome == "published" for report in reports),
        **summary_metadata(total),
    }


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


def summary_metadata(summary: Summary) -> Metadata:
    """Turn additive figures into numbers, tables (counts by name) and pictures (histograms)."""
    metadata: Metadata = {}
    for name, value in summary.items():
        if name == "rows" or name == "files":
            continue
        if isinstance(value, int | float | str):
            metadata[name] = value
        elif _is_histogram(value):
            metadata[name] = _histogram(name, value)
        elif isinstance(value, Mapping) and value:
            metadata[name] = _table(name, value)
    return metadata


def _is_histogram(value: Any) -> bool:
    return isinstance(value, Mapping) and set(value) == {"edges", "counts"}


def picture(png: bytes, alternative: str) -> dg.MetadataValue[Any]:
    """Return a picture that the UI shows beside the other metadata."""
    data = base64.b64encode(png).decode("ascii")
    return dg.MetadataValue.md(f"![{alternative}](data:image/png;base64,{data})")


def _histogram(name: str, value: Mapping[str, Any]) -> dg.MetadataValue[Any]:
    from llm_assets.plots import length_histogram

    return picture(length_histogram(value), name.replace("_", " "))


def _table(name: str, counts: Mapping[str, Any]) -> dg.MetadataValue[Any]:
    """Show counts by name as a Markdown table, largest first."""
    total = sum(counts.values())
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    lines = [f"| {name.replace('_', ' ')} | count | share |", "|---|---:|---:|"]
    lines += [
        f"| {_cell(key)} | {count:,} | {count / total:.1%} |" if total else f"| {_cell(key)} | 0 | |"
        for key, count in ranked[:_MOST_ROWS]
    ]
    if len(ranked) > _MOST_ROWS:
        rest = sum(count for _, count in ranked[_MOST_ROWS:])
        lines.append(f"| {len(ranked) - _MOST_ROWS} more | {rest:,} | {rest / total:.1%} |")
    return dg.MetadataValue.md("\n".join(lines))


def _cell(text: str) -> str:
    """Keep a value from a document from breaking out of its table cell."""
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
