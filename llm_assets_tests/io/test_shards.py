"""Reading shards, and naming them as ingredients."""

from pathlib import Path

import polars as pl
import pytest

from llm_assets.io.object_store import LocalStore
from llm_assets.io.shards import NotMaterializedError, ShardedTable, ShardVersion
from llm_assets_tests.io.workshop import SCHEMA, files_task, frame_task


def version(shard: str, rows: int) -> ShardVersion:
    location = f"numbers/{shard}/v.parquet"
    return ShardVersion("numbers", shard, f"v-{shard}", location, "r", {}, rows, 1, {}, "run")


@pytest.fixture
def numbers(tmp_path: Path) -> ShardedTable:
    versions = {}
    for shard, rows in (("shard-0002", [3, 4]), ("shard-0001", [1])):
        versions[shard] = version(shard, len(rows))
        path = tmp_path / versions[shard].location
        path.parent.mkdir(parents=True)
        pl.DataFrame({"n": rows, "other": "x"}).write_parquet(path)
    return ShardedTable("numbers", versions, LocalStore(tmp_path))


def test_shards_are_in_order(numbers: ShardedTable) -> None:
    assert numbers.shards == ["shard-0001", "shard-0002"]
    assert [numbers.rows(shard) for shard in ("shard-0001", "shard-0002", "none")] == [1, 2, 0]


def test_a_shard_is_an_ingredient_by_its_version(numbers: ShardedTable) -> None:
    assert numbers.ingredient("shard-0002") == {"numbers/shard-0002": "v-shard-0002"}
    assert numbers.ingredient("none") == {}
    assert numbers.ingredients() == {
        "numbers/shard-0001": "v-shard-0001",
        "numbers/shard-0002": "v-shard-0002",
    }


def test_scanning_all_names_each_row_s_shard_in_order(numbers: ShardedTable) -> None:
    assert numbers.scan_all(["n"]).collect().to_dict(as_series=False) == {
        "n": [1, 3, 4],
        "shard": ["shard-0001", "shard-0002", "shard-0002"],
    }


def test_a_missing_shard_has_no_rows_to_scan(numbers: ShardedTable) -> None:
    rows = numbers.scan("shard-0001")
    assert rows is not None
    assert rows.collect()["n"].to_list() == [1]
    assert numbers.scan("none") is None


def test_what_was_never_materialized_says_so(numbers: ShardedTable) -> None:
    nothing = ShardedTable("numbers", {}, numbers.store)
    assert nothing.ingredients() == {}
    with pytest.raises(NotMaterializedError, match="numbers has no shard yet: materialize it"):
        nothing.scan_all(["n"])
    with pytest.raises(NotMaterializedError, match="numbers/none is not there: materialize it"):
        numbers.file("none", "x")


def test_tables_of_other_columns_have_another_schema_hash() -> None:
    task = frame_task("shard-0000")
    for other in (
        {"doc_id": pl.String, "n": pl.UInt64},
        {"doc_id": pl.String, "m": pl.Int64},
        {"n": pl.Int64, "doc_id": pl.String},
        {"doc_id": pl.String},
    ):
        assert frame_task("x", schema=pl.Schema(other)).schema_hash != task.schema_hash
    assert frame_task("shard-0001", schema=pl.Schema(SCHEMA)).schema_hash == task.schema_hash
    assert files_task("shard-0000", {}).schema_hash == ""
