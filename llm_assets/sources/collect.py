"""Objects -> rows of a raw asset: reads what changed, keeps the rows of what did not."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

import polars as pl

from llm_assets.corpus.identity import digest, document_id
from llm_assets.corpus.schema import RAW
from llm_assets.formats.readers import READERS, guess_format
from llm_assets.formats.record import HEAD_BYTES, Record, Unreadable
from llm_assets.io.shards import Advance, Previous
from llm_assets.recipe import Source
from llm_assets.sources.objects import Place, SourceObject

READER_VERSION = "1"
"""Grows when a reader makes other records of the same bytes."""

_FRAME_BYTES = 32 << 20
_FRAME_ROWS = 4096

ObjectName = tuple[str, str, str]
"""Source, key and version of an object."""


@dataclass(frozen=True)
class Collector:
    """Reads the objects of one kind of source."""

    sources: Mapping[str, Source]
    places: Mapping[str, Place]

    def collect(
        self,
        objects: list[SourceObject],
        previous: Previous | None,
        reusable_sources: frozenset[str],
        advance: Advance,
    ) -> Iterator[pl.DataFrame]:
        """Yield the rows of `objects`, which are sorted by source and key, in that order.

        Rows of an object whose version stands in `previous` are taken from there, provided that
        its source is read as it was then.
        """
        kept = _PreviousRows(previous if reusable_sources else None)
        batch = _Batch()
        for item in objects:
            frames = kept.rows_of(item) if item.source in reusable_sources else None
            if frames is not None:
                yield from batch.flush()
                yield from frames
            else:
                for row in self._read(item):
                    yield from batch.add(row)
            advance(1)
        yield from batch.flush()

    def _read(self, item: SourceObject) -> Iterator[dict[str, Any]]:
        source = self.sources[item.source]
        seen: dict[str, int] = {}
        with self.places[item.source].open(item) as stream:
            for record in read_records(source, item.key, stream):
                copies = seen.get(record.locator, 0)
                seen[record.locator] = copies + 1
                locator = f"{record.locator}#{copies + 1}" if copies else record.locator
                if isinstance(record, Record):
                    yield _row(source, item, locator, record)
                else:
                    yield _quarantine_row(source, item, locator, record)


def read_records(source: Source, key: str, stream: BinaryIO) -> Iterator[Record | Unreadable]:
    """Read one object with the reader that its source names or its own name and bytes suggest."""
    head = stream.read(4096)
    stream.seek(0)
    name = source.format or guess_format(source.kind, key, head)
    if name is None:
        yield Unreadable(
            locator="",
            reason="wrong_format",
            detail=f"neither its name nor its first bytes say what it is; a source of kind "
            f"'{source.kind}' can name a format",
            head=head[:HEAD_BYTES],
        )
        return
    yield from READERS[name](stream, key)


def _row(source: Source, item: SourceObject, locator: str, record: Record) -> dict[str, Any]:
    row = {
        "doc_id": document_id(item.source, item.key, locator),
        "source": item.source,
        "object_key": item.key,
        "object_uri": item.uri,
        "object_version": item.version,
        "locator": locator,
        "url": record.url,
        "title": record.title,
        "author": record.author,
        "published_at": record.published_at,
        "license": record.license or source.license,
        "labels": record.labels,
        "group_key": record.group_key,
        "fetched_at": record.fetched_at,
        "media_type": record.media_type,
        "encoding_hint": record.encoding_hint,
        "language_hint": record.language_hint or source.language,
        "payload": record.payload,
    }
    row["input_hash"] = _input_hash(row)
    return row


def _quarantine_row(
    source: Source, item: SourceObject, locator: str, failure: Unreadable
) -> dict[str, Any]:
    row = {
        "doc_id": document_id(item.source, item.key, locator),
        "source": item.source,
        "object_key": item.key,
        "object_uri": item.uri,
        "object_version": item.version,
        "locator": locator,
        "license": source.license,
        "payload": failure.head[:HEAD_BYTES],
        "quarantine_reason": failure.reason,
        "quarantine_detail": failure.detail,
        "quarantine_offset": failure.offset,
    }
    row["input_hash"] = _input_hash(row)
    return row


def _input_hash(row: Mapping[str, Any]) -> str:
    """Name everything of a row that later stages read: its own identity apart."""
    fields: list[str | bytes] = []
    for name in RAW.names():
        value = row.get(name)
        if value is not None and name not in ("doc_id", "input_hash", "fetched_at"):
            fields += [name, value if isinstance(value, bytes) else str(value)]
    return digest(fields)


class _Batch:
    """Rows on their way into a frame, bounded by bytes and by count."""

    def __init__(self) -> None:
        self._rows: list[dict[str, Any]] = []
        self._bytes = 0

    def add(self, row: dict[str, Any]) -> Iterator[pl.DataFrame]:
        self._rows.append(row)
        self._bytes += len(row["payload"])
        if self._bytes >= _FRAME_BYTES or len(self._rows) >= _FRAME_ROWS:
            yield from self.flush()

    def flush(self) -> Iterator[pl.DataFrame]:
        if self._rows:
            yield pl.DataFrame(
                {name: [row.get(name) for row in self._rows] for name in RAW.names()}, schema=RAW
            )
        self._rows, self._bytes = [], 0


class _PreviousRows:
    """Walks the previous version of a shard beside the new listing; both are in one order."""

    def __init__(self, previous: Previous | None) -> None:
        self._groups = iter(()) if previous is None else _object_groups(previous.scan())
        self._next = next(self._groups, None)

    def rows_of(self, item: SourceObject) -> list[pl.DataFrame] | None:
        """Return the rows of just this version of the object; None if they are not there."""
        frames: list[pl.DataFrame] = []
        while self._next is not None and self._next[0][:2] <= (item.source, item.key):
            name, frame = self._next
            if name == (item.source, item.key, item.version):
                frames.append(frame)
            self._next = next(self._groups, None)
        return frames or None


def _object_groups(rows: pl.LazyFrame) -> Iterator[tuple[ObjectName, pl.DataFrame]]:
    """Cut a raw table, read in order, where the object changes."""
    columns = ["source", "object_key", "object_version"]
    batches: Iterable[pl.DataFrame] = rows.collect_batches(maintain_order=True, lazy=True)
    for batch in batches:
        start = 0
        runs = batch.select(pl.struct(columns).rle().alias("run")).unnest("run")
        for length, value in runs.iter_rows():
            name = (value["source"], value["object_key"], value["object_version"])
            yield name, batch[start : start + length]
            start += length
