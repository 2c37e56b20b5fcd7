"""One Parquet file a table: its bytes depend on the rows alone."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from llm_assets.io import parquet_file
from llm_assets.io.parquet_file import SchemaMismatchError, file_hash, write_table

SCHEMA = pl.Schema(
    {
        "doc_id": pl.String,
        "source": pl.String,
        "payload": pl.Binary,
        "token_ids": pl.List(pl.UInt32),
        "at": pl.Datetime("us", "UTC"),
        "score": pl.Float64,
        "count": pl.UInt64,
        "kept": pl.Boolean,
    }
)

TIMES = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "doc_id": st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
            "source": st.none() | st.sampled_from(["a", "b"]),
            "payload": st.none() | st.binary(max_size=50),
            "token_ids": st.none() | st.lists(st.integers(0, 2**32 - 1), max_size=5),
            "at": st.none() | TIMES,
            "score": st.none() | st.floats(allow_nan=False),
            "count": st.none() | st.integers(0, 2**64 - 1),
            "kept": st.none() | st.booleans(),
        }
    ),
    max_size=40,
)


def batches(table: pl.DataFrame, cuts: Sequence[int]) -> Iterator[pl.DataFrame]:
    """Cut a table at any places, empty pieces included."""
    ends = [*sorted(min(cut, table.height) for cut in cuts), table.height]
    start = 0
    for end in ends:
        yield table[start:end]
        start = end


@settings(deadline=None)
@given(ROWS, st.lists(st.integers(0, 40)), st.integers(1, 12), st.integers(1, 900))
def test_batches_do_not_matter(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[dict[str, object]],
    cuts: list[int],
    group_rows: int,
    group_bytes: int,
) -> None:
    folder = tmp_path_factory.mktemp("rows")
    table = pl.DataFrame(rows, schema=SCHEMA)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parquet_file, "_GROUP_ROWS", group_rows)
        patch.setattr(parquet_file, "_GROUP_BYTES", group_bytes)
        whole = write_table(folder / "whole", SCHEMA, [table])
        cut = write_table(folder / "cut", SCHEMA, batches(table, cuts))
    assert (folder / "whole").read_bytes() == (folder / "cut").read_bytes()
    assert (whole.content_hash, whole.rows) == (cut.content_hash, table.height)
    assert_frame_equal(pl.read_parquet(folder / "cut"), table)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(0, 20_000), max_size=40))
def test_batches_do_not_matter_for_groups_of_full_size(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("rows")
    table = pl.DataFrame(
        {
            "doc_id": [f"{row:032x}" for row in range(20_000)],
            "ids": [[row] * (row % 7) for row in range(20_000)],
            "payload": [bytes([row % 251]) * (row % 999) or None for row in range(20_000)],
        },
        schema={"doc_id": pl.String, "ids": pl.List(pl.UInt32), "payload": pl.Binary},
    )
    whole = write_table(folder / "whole", table.schema, [table])
    cut = write_table(folder / "cut", table.schema, batches(table, cuts))
    assert whole.content_hash == cut.content_hash
    assert len(groups_of(folder / "cut")) == 2


def groups_of(path: Path) -> list[int]:
    metadata = pq.read_metadata(path)
    return [metadata.row_group(index).num_rows for index in range(metadata.num_row_groups)]


def test_a_row_group_ends_with_the_row_that_fills_it_by_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_file, "_GROUP_ROWS", 4)
    table = pl.DataFrame({"n": range(11)}, schema={"n": pl.Int64})
    write_table(tmp_path / "x", table.schema, table.iter_slices(3))
    assert groups_of(tmp_path / "x") == [4, 4, 3]


def test_a_row_group_ends_with_the_row_that_fills_it_by_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_file, "_GROUP_BYTES", 1000)
    sizes = [10, 10, 2000, 10, 400, 400, 10, 5000, 5000]  # 64 more each
    table = pl.DataFrame({"payload": [b"x" * size for size in sizes]})
    write_table(tmp_path / "x", table.schema, table.iter_slices(2))
    assert groups_of(tmp_path / "x") == [3, 3, 2, 1]


@pytest.mark.parametrize("kind", [pl.UInt16, pl.UInt32])
def test_lists_of_ids_are_written_in_streams_and_smaller_groups(
    tmp_path: Path, kind: type[pl.DataType]
) -> None:
    lists = [None, [], [1, 65_535], *([list(range(1_000))] * 9_000)]
    table = pl.DataFrame({"ids": lists}, {"ids": pl.List(kind)})
    write_table(tmp_path / "x", table.schema, table.iter_slices(700))
    metadata = pq.read_metadata(tmp_path / "x")
    assert metadata.num_row_groups == 3
    assert "BYTE_STREAM_SPLIT" in metadata.row_group(0).column(0).encodings
    assert pl.read_parquet(tmp_path / "x").equals(table)


def test_one_row_larger_than_a_group_is_a_group_of_its_own(tmp_path: Path) -> None:
    table = pl.DataFrame({"payload": [b"a", b"x" * (70 << 20), b"b"]})
    written = write_table(tmp_path / "x", table.schema, [table])
    assert groups_of(tmp_path / "x") == [2, 1]
    assert written.size_bytes < 1 << 20
    assert pl.read_parquet(tmp_path / "x").equals(table)


def test_a_table_without_rows_has_its_columns(tmp_path: Path) -> None:
    written = write_table(tmp_path / "none", SCHEMA, [])
    again = write_table(tmp_path / "empty", SCHEMA, [pl.DataFrame(schema=SCHEMA)] * 2)
    assert written.rows == 0
    assert written.content_hash == again.content_hash
    assert pl.read_parquet(tmp_path / "none").schema == SCHEMA


def test_the_hash_names_the_bytes(tmp_path: Path) -> None:
    frame = pl.DataFrame({"n": [1]})
    one = write_table(tmp_path / "a", frame.schema, [frame])
    other = write_table(tmp_path / "b", frame.schema, [frame + 1])
    assert one.content_hash == file_hash(tmp_path / "a") != other.content_hash
    assert one.size_bytes == (tmp_path / "a").stat().st_size
    assert len(one.content_hash) == 32


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pl.DataFrame({"a": ["x"], "b": [1]}), "a is declared as Int64 and is String"),
        (pl.DataFrame({"a": [1]}), "b is declared as Int64 and is absent"),
        (pl.DataFrame({"a": [1], "b": [1], "c": [1]}), "c is declared as absent and is Int64"),
        (pl.DataFrame({"b": [1], "a": [1]}), "columns are out of order: b, a"),
        (pl.DataFrame({"b": []}, schema={"b": pl.Int64}), "a is declared as Int64 and is absent"),
    ],
)
def test_a_frame_of_other_columns_is_refused(
    tmp_path: Path, frame: pl.DataFrame, message: str
) -> None:
    schema = pl.Schema({"a": pl.Int64, "b": pl.Int64})
    good = pl.DataFrame({"a": [1], "b": [2]})
    with pytest.raises(SchemaMismatchError, match=message):
        write_table(tmp_path / "x", schema, [good, frame])


def test_a_full_group_is_written_before_the_next_frame_is_drawn(tmp_path: Path) -> None:
    written_before = []

    def frames() -> Iterator[pl.DataFrame]:
        for number in range(5):
            written_before.append((tmp_path / "x").stat().st_size)
            yield pl.DataFrame({"n": range(number, number + 20_000)})

    write_table(tmp_path / "x", pl.Schema({"n": pl.Int64}), frames())
    assert written_before == sorted(set(written_before))


def test_statistics_let_readers_skip_groups(tmp_path: Path) -> None:
    table = pl.DataFrame({"n": range(40_000)})
    write_table(tmp_path / "x", table.schema, [table])
    statistics = pq.read_metadata(tmp_path / "x").row_group(1).column(0).statistics
    assert (statistics.min, statistics.max) == (16_384, 32_767)
