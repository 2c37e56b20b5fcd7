"""Objects -> rows of a raw asset: reads what changed, keeps the rows of what did not."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, BinaryIO

import polars as pl

from llm_assets.corpus.identity import digest, document_id
from llm_assets.corpus.schema import RAW
from llm_assets.formats.readers import guess_format, reader_of
from llm_assets.formats.record import HEAD_BYTES, Record, Unreadable
from llm_assets.io.shards import Advance, Previous
from llm_assets.recipe import Source
from llm_assets.sources.objects import (
    ObjectUnreadableError,
    Place,
    SourceChangedError,
    SourceError,
    SourceObject,
)
from llm_assets.sources.previous_rows import PreviousRows

READER_VERSION = "1"
"""Grows when a reader makes other records of the same bytes."""

_FRAME_BYTES = 32 << 20
_FRAME_ROWS = 4096
_HEAD_BYTES = 4096
_MOST_DETAIL = 200

_ADDRESS = re.compile(r"0x[0-9a-fA-F]+")

Row = dict[str, Any]


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
        kept = PreviousRows(previous if reusable_sources else None)
        batch = _Batch()
        for item in objects:
            if item.source in reusable_sources and kept.go_to(item):
                yield from batch.flush()
                yield from kept.take(item)
            else:
                yield from kept.flush()
                for row in self._read(item):
                    yield from batch.add(row)
            advance(1)
        yield from kept.flush()
        yield from batch.flush()

    def _read(self, item: SourceObject) -> Iterator[Row]:
        source = self.sources[item.source]
        locators = _Locators()
        for record in self._records(source, item):
            locator = locators.unique(_without_surrogates(record.locator))
            if isinstance(record, Record):
                yield _row(source, item, locator, record)
            else:
                yield _quarantine_row(source, item, locator, record)

    def _records(self, source: Source, item: SourceObject) -> Iterator[Record | Unreadable]:
        try:
            with self.places[item.source].open(item) as stream:
                yield from read_records(source, item.key, stream)
        except ObjectUnreadableError as error:
            yield Unreadable(locator="", reason="unreadable", detail=str(error))


def read_records(source: Source, key: str, stream: BinaryIO) -> Iterator[Record | Unreadable]:
    """Read one object with the reader that its source names or its own name and bytes suggest.

    A reader that fails, which it should never do, costs the rest of its object and no more.
    """
    head = stream.read(_HEAD_BYTES)
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
    try:
        fields = source.record_fields if source.kind == "records" else None
        yield from reader_of(name, fields)(stream, key)
    except Exception as error:
        if _may_pass(error):
            raise
        # Without addresses of objects, which differ from run to run.
        what = _ADDRESS.sub("0x", f"{type(error).__name__}: {error}")[:_MOST_DETAIL]
        yield Unreadable("", "malformed", f"the reader failed: {what}", head=head[:HEAD_BYTES])


def _may_pass(error: Exception) -> bool:
    """Tell an error of the machine or the place, after which the run must be repeated.

    Others are of the bytes: libraries raise OSError for a bad structure as well, without a number.
    """
    if isinstance(error, OSError):
        return error.errno is not None
    return isinstance(error, MemoryError | SourceError | SourceChangedError)


class _Locators:
    """Makes the locators of one object's records unique: a repeated one gets `#2`, `#3`, ..."""

    def __init__(self) -> None:
        self._last_number: dict[str, int] = {}

    def unique(self, locator: str) -> str:
        name, number = locator, self._last_number.get(locator, 0)
        while name in self._last_number:
            number += 1
            name = f"{locator}#{number}"
        self._last_number[locator] = max(number, 1)
        self._last_number.setdefault(name, 1)
        return name


def _row(source: Source, item: SourceObject, locator: str, record: Record) -> Row:
    return _identified(
        {
            **_origin(item, locator),
            "url": _text(record.url),
            "title": _text(record.title),
            "author": _text(record.author),
            "published_at": _in_utc(record.published_at),
            "license": _text(record.license) or source.license,
            "labels": _text(record.labels),
            "group_key": _text(record.group_key),
            "fetched_at": _in_utc(record.fetched_at),
            "media_type": _text(record.media_type),
            "encoding_hint": _text(record.encoding_hint),
            "language_hint": _text(record.language_hint) or source.language,
            "payload": record.payload,
        }
    )


def _quarantine_row(source: Source, item: SourceObject, locator: str, failure: Unreadable) -> Row:
    return _identified(
        {
            **_origin(item, locator),
            "license": source.license,
            "payload": failure.head[:HEAD_BYTES],
            "quarantine_reason": failure.reason,
            "quarantine_detail": _text(failure.detail),
            "quarantine_offset": failure.offset,
        }
    )


def _origin(item: SourceObject, locator: str) -> Row:
    return {
        "doc_id": document_id(item.source, item.key, locator),
        "source": item.source,
        "object_key": item.key,
        "object_uri": item.uri,
        "object_version": item.version,
        "locator": locator,
    }


def _identified(row: Row) -> Row:
    """Name everything of a row that later stages read: its id and the time of reading apart."""
    fields: list[str | bytes] = []
    for name in RAW.names():
        value = row.get(name)
        if value is not None and name not in ("doc_id", "input_hash", "fetched_at"):
            fields += [name, value if isinstance(value, bytes) else str(value)]
    return {**row, "input_hash": digest(fields)}


def _text(value: str | None) -> str | None:
    return None if value is None else _without_surrogates(value)


def _without_surrogates(value: str) -> str:
    """Replace lone surrogates, which a table cannot hold; a decoder of headers may leave some."""
    return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")


def _in_utc(value: datetime | None) -> datetime | None:
    """Return the time in UTC, which is taken for granted where no zone is named."""
    if value is None or value.tzinfo is None:
        return None if value is None else value.replace(tzinfo=UTC)
    try:
        return value.astimezone(UTC)
    except OverflowError:  # an hour outside the years 1 to 9999
        return None


class _Batch:
    """Rows on their way into a frame, bounded by bytes and by count."""

    def __init__(self) -> None:
        self._rows: list[Row] = []
        self._bytes = 0

    def add(self, row: Row) -> Iterator[pl.DataFrame]:
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
