"""Rows of Parquet files."""

import gzip
import io
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings

from llm_assets.formats import parquet_rows
from llm_assets.formats.parquet_rows import read_parquet_rows
from llm_assets.formats.record import Unreadable
from llm_assets.formats.record_fields import GUESSED, RecordFields
from llm_assets.formats.record_paths import parse_path
from llm_assets.formats.row import Row
from llm_assets_tests.formats.test_tabular import TABLES


def written(table: pa.Table, **options: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, **options)
    return sink.getvalue()


def rows(data: bytes, fields: RecordFields = GUESSED) -> list[Row | Unreadable]:
    return list(read_parquet_rows(io.BytesIO(data), fields))


def values(data: bytes) -> list[Any]:
    return [row.values if isinstance(row, Row) else row.reason for row in rows(data)]


TABLE = pa.table(
    {
        "text": ["a", None, "c"],
        "stars": [5, None, 1],
        "score": [0.5, float("inf"), None],
        "tags": [["x"], [], None],
        "user": [{"name": "n"}, None, {"name": None}],
        "at": pa.array([1_714_996_800_000_000_001] * 3, pa.timestamp("ns", "UTC")),
    }
)


def test_values_are_as_they_are() -> None:
    first, second, third = values(written(TABLE))
    at = datetime(2024, 5, 6, 12, tzinfo=UTC)
    assert first == {
        "text": "a",
        "stars": 5,
        "score": 0.5,
        "tags": ["x"],
        "user": {"name": "n"},
        "at": at,
    }
    assert second["text"] is second["stars"] is second["user"] is None
    assert third["user"] == {"name": None}


@settings(max_examples=30)
@given(TABLES)
def test_written_tables_come_back(table: list[list[str]]) -> None:
    names = [f"c{place}" for place in range(len(table[0]) if table else 1)]
    frame = pl.DataFrame(table, dict.fromkeys(names, pl.String), orient="row")
    sink = io.BytesIO()
    frame.write_parquet(sink)
    assert values(sink.getvalue()) == frame.to_dicts()


def test_only_the_columns_that_are_read_are_read() -> None:
    fields = RecordFields(
        text=(parse_path("text"),), id=parse_path("stars"), author=parse_path("user.name")
    )
    first = rows(written(TABLE), fields)[0]
    assert isinstance(first, Row)
    assert set(first.values) == {"text", "stars", "user"}


def test_many_rows_come_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_rows, "_MAX_BATCH_BYTES", 200_000)
    texts = [f"text {number % 7} " * 30 for number in range(5000)]
    data = written(pa.table({"text": texts}), row_group_size=1100)
    found = rows(data)
    assert [row.values["text"] for row in found if isinstance(row, Row)] == texts
    assert [row.place for row in found if isinstance(row, Row)] == list(range(1, 5001))


def test_a_long_text_in_many_rows_is_not_written_out_at_once() -> None:
    """What stands in the file once, and would take 4 GB."""
    text = pa.DictionaryArray.from_arrays(pa.array([0] * 4000, pa.int32()), ["x" * 1_000_000])
    data = written(pa.table({"text": text}))
    assert len(data) < 100_000
    largest = max(batch.num_rows for batch in parquet_rows._batches(io.BytesIO(data), GUESSED))
    assert largest <= 600


def test_a_text_that_is_none_costs_its_row_only() -> None:
    binary = pa.array([b"fine", b"\xff\xfe", b"too"])
    data = written(pa.table({"text": pa.Array.from_buffers(pa.string(), 3, binary.buffers())}))
    assert values(data) == [{"text": "fine"}, "undecodable", {"text": "too"}]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"PAR1", "malformed"),
        (b"PAR1" + bytes(100) + b"PAR1", "malformed"),
        (b"a,b\n1,2\n", "wrong_format"),
        (gzip.compress(b"a,b\n1,2\n"), "wrong_format"),
    ],
    ids=["empty", "magic", "zeros", "csv", "csv-gz"],
)
def test_what_is_no_parquet_file(data: bytes, reason: str) -> None:
    assert values(data) == [reason]


def test_a_file_in_gzip() -> None:
    assert values(gzip.compress(written(TABLE)))[0]["text"] == "a"


def test_a_failing_place_is_no_fault_of_the_bytes() -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 0:
                raise OSError(5, "Input/output error")
            return super().read(size)

    with pytest.raises(OSError, match="Input/output error"):
        list(read_parquet_rows(Broken(written(TABLE)), GUESSED))
