"""Parquet files whose bytes depend on their rows alone."""

import itertools
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from llm_assets.io.parquet_file import SchemaMismatchError, write_table

SCHEMA = pl.Schema(
    {
        "doc_id": pl.String,
        "ids": pl.List(pl.UInt32),
        "payload": pl.Binary,
        "at": pl.Datetime("us", "UTC"),
    }
)


def table(rows: int) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "doc_id": [f"{row:032x}" for row in range(rows)],
            "ids": [[row] * (row % 7) for row in range(rows)],
            "payload": [
                bytes([row % 251]) * (row % 999) if row % 5 else None for row in range(rows)
            ],
            "at": [None] * rows,
        },
        schema=SCHEMA,
    )


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 20_000), max_size=40))
def test_batches_do_not_change_the_bytes(cuts: list[int]) -> None:
    whole = table(20_000)
    edges = sorted({0, *cuts, whole.height})
    pieces = [whole[a:b] for a, b in itertools.pairwise(edges)]
    with TemporaryDirectory() as folder:
        one = write_table(Path(folder, "one"), SCHEMA, [whole])
        many = write_table(Path(folder, "many"), SCHEMA, pieces)
        assert one.content_hash == many.content_hash
        assert_frame_equal(pl.read_parquet(Path(folder, "many")), whole)


def test_an_empty_table_has_its_columns(tmp_path: Path) -> None:
    written = write_table(tmp_path / "empty", SCHEMA, [])
    assert written.rows == 0
    assert pl.read_parquet(tmp_path / "empty").schema == SCHEMA


def test_other_columns_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(SchemaMismatchError, match="ids"):
        write_table(tmp_path / "x", SCHEMA, [table(3).drop("ids")])
