from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from polars.testing import assert_frame_equal

from llm_assets.corpus.part_formats import parquet_part
from llm_assets.corpus.part_formats.part import PartBatch, PartLayout
from llm_assets.corpus.schema import PACKED_PART, TRAINING_PART
from llm_assets_tests.corpus.part_formats.batches import (
    INT32,
    STRANGE,
    UINT16,
    batch,
    batches,
    frame,
    packed,
    write,
)

BIG = [("big", "web", "", [2**31 - 1, 0])]


def test_rows_come_back(tmp_path: Path) -> None:
    write("parquet", tmp_path, INT32, batches([*STRANGE, *BIG], [1, 3]))
    found = pl.read_parquet(tmp_path / "train.parquet")
    assert found.schema == TRAINING_PART
    expected = frame([*STRANGE, *BIG]).cast({"input_ids": pl.List(pl.Int32)})
    assert_frame_equal(found, expected)


def test_packed_rows_come_back(tmp_path: Path) -> None:
    content = packed([[1, 2, 3], [4, 5, 6]])
    write("parquet", tmp_path, PartLayout(np.dtype(np.uint16), 3), [content])
    found = pl.read_parquet(tmp_path / "train.parquet")
    assert found.schema == PACKED_PART
    assert_frame_equal(found, content.sequences.cast(dict(PACKED_PART)))


@pytest.mark.parametrize(("layout", "schema"), [(UINT16, TRAINING_PART), (3, PACKED_PART)])
def test_an_empty_part_has_its_columns(
    tmp_path: Path, layout: PartLayout | int, schema: pl.Schema
) -> None:
    if isinstance(layout, int):
        layout = PartLayout(np.dtype(np.uint16), layout)
    write("parquet", tmp_path, layout, [])
    found = pl.read_parquet(tmp_path / "train.parquet")
    assert (found.schema, found.height) == (schema, 0)


def test_other_readers_see_plain_strings_and_lists(tmp_path: Path) -> None:
    write("parquet", tmp_path, UINT16, [batch(STRANGE)])
    schema = pq.read_schema(tmp_path / "train.parquet")
    assert schema.field("input_ids").type.value_type == pa.int32()
    assert pa.types.is_large_string(schema.field("text").type)


def test_row_groups_are_bounded_in_rows_and_bytes(tmp_path: Path) -> None:
    short = [(f"{row}", "web", "", [1]) for row in range(10_000)]
    write("parquet", tmp_path / "rows", UINT16, batches(short, [1, 5_000]))
    assert _group_rows(tmp_path / "rows" / "train.parquet") == [4_096, 4_096, 1_808]
    ids = np.arange(5_000_000, dtype=np.uint32) % 50_000
    long = pl.Series("input_ids", ids.reshape(5, -1)).cast(pl.List(pl.UInt32))
    rows = batch([(f"{row}", "web", "", [1]) for row in range(5)])
    content = PartBatch(rows.sequences.with_columns(long), rows.documents)
    write("parquet", tmp_path / "bytes", UINT16, [content] * 4)
    # Of 4 MB each, that is eight to 32 MiB.
    assert _group_rows(tmp_path / "bytes" / "train.parquet") == [8, 8, 4]


def test_packed_row_groups_are_bounded_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_part, "GROUP_BYTES", 300)
    # Three tokens, and two pieces of another document each.
    layout = PartLayout(np.dtype(np.uint16), 3)
    write("parquet", tmp_path, layout, [packed([[1, 2, 3]] * 7)])
    assert _group_rows(tmp_path / "train.parquet") == [3, 3, 1]


def _group_rows(path: Path) -> list[int]:
    file = pq.read_metadata(path)
    return [file.row_group(place).num_rows for place in range(file.num_row_groups)]
