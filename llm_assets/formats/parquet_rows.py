"""Records as rows of a Parquet file, some at a time."""

import io
from collections.abc import Iterator
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from llm_assets.formats.payload import read_payload
from llm_assets.formats.record import HEAD_BYTES, QuarantineReason, Unreadable
from llm_assets.formats.record_fields import RecordFields
from llm_assets.formats.row import Row, bad_row

MAGIC = b"PAR1"

_BATCH_BYTES = 16 << 20
_MAX_BATCH_ROWS = 4096
_MAX_BATCH_BYTES = 512 << 20  # at worst: if each value were as large as its column chunk


def read_parquet_rows(stream: BinaryIO, fields: RecordFields) -> Iterator[Row | Unreadable]:
    """Yield the rows; where a page is damaged, those before it."""
    head = stream.read(16)
    stream.seek(0)
    if not head.startswith(MAGIC):
        payload = read_payload(stream)
        if isinstance(payload, Unreadable):
            yield payload
            return
        stream, head = io.BytesIO(payload), payload[:HEAD_BYTES]
        if not head.startswith(MAGIC):
            detail = "not a Parquet file" if payload else "no bytes"
            yield Unreadable("", "wrong_format" if payload else "empty", detail, head=head)
            return
    try:
        yield from _rows(stream, fields)
    except Exception as error:
        # Whatever the library raises on damaged metadata; a failing storage has a number.
        if isinstance(error, OSError) and error.errno is not None:
            raise
        yield Unreadable("", "malformed", _told(error), head=head[:HEAD_BYTES])


def _rows(stream: BinaryIO, fields: RecordFields) -> Iterator[Row | Unreadable]:
    place = 0
    for batch in _batches(stream, fields):
        try:
            rows = batch.to_pylist()
        except (ValueError, OverflowError, pa.ArrowException):
            # One value is no text or no date: one row after the other.
            yield from _one_by_one(batch, place)
        else:
            yield from (Row(values, place + n, "row") for n, values in enumerate(rows, start=1))
        place += batch.num_rows


def _one_by_one(batch: pa.RecordBatch, place: int) -> Iterator[Row | Unreadable]:
    for number in range(batch.num_rows):
        try:
            (values,) = batch.slice(number, 1).to_pylist()
        except (ValueError, OverflowError, pa.ArrowException) as error:
            undecodable = isinstance(error, UnicodeDecodeError)
            reason: QuarantineReason = "undecodable" if undecodable else "malformed"
            yield bad_row("", place + number + 1, reason, _told(error), "row")
        else:
            yield Row(values, place + number + 1, "row")


def _batches(stream: BinaryIO, fields: RecordFields) -> Iterator[pa.RecordBatch]:
    file = pq.ParquetFile(stream)
    names = set(file.schema_arrow.names)
    columns = [name for name in fields.columns or [] if name in names]
    for batch in file.iter_batches(_batch_rows(file.metadata), columns=columns or None):
        yield _in_microseconds(batch)


def _batch_rows(metadata: pq.FileMetaData) -> int:
    """Return how many rows to read at once, so that their values are of bounded size.

    A page of a few bytes may say that one long text stands in a million rows; no value is larger
    than its column's chunk.
    """
    row, value = 1, 1
    for group in map(metadata.row_group, range(metadata.num_row_groups)):
        row = max(row, group.total_byte_size // max(group.num_rows, 1))
        chunks = map(group.column, range(group.num_columns))
        value = max([value, *(chunk.total_uncompressed_size for chunk in chunks)])
    return max(1, min(_MAX_BATCH_ROWS, _BATCH_BYTES // row, _MAX_BATCH_BYTES // value))


def _in_microseconds(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Cut nanoseconds, which Python's times do not have."""
    for place, each in enumerate(batch.schema):
        if pa.types.is_timestamp(each.type) and each.type.unit == "ns":
            kind = pa.timestamp("us", each.type.tz)
            column = batch.column(place).cast(kind, safe=False)
            batch = batch.set_column(place, each.with_type(kind), column)
    return batch


def _told(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
