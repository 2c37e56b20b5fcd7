"""A release as Iceberg tables, in a real PostgreSQL, read back by pyiceberg and DuckDB."""

import os
from pathlib import Path

import pytest

from llm_assets.io.object_store import LocalStore, ObjectStore, open_store
from llm_assets.releases.iceberg import namespace_of, open_catalog, register_release
from llm_assets.releases.manifest import ReleaseError
from llm_assets_tests.releases.tiny import Shard, Tiny, document, release

FIRST: Shard = {"train": [document("a", "one"), document("b", "two")]}
SECOND: Shard = {"train": [document("c", "three")], "test": [document("d", "four")]}


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    if request.param == "folder":
        return LocalStore(tmp_path / "store")
    return open_store(request.getfixturevalue("s3_prefix") + "store", tmp_path / "cache")


def test_each_release_can_be_read(store: ObjectStore, database_url: str) -> None:
    catalog = open_catalog(database_url, store, os.environ)
    done = register_release(release(store, Tiny({"shard-0000": FIRST}), "v1"), catalog)
    assert [(each.table, each.rows, each.is_new) for each in done] == [("tiny.train", 2, True)]
    both = release(store, Tiny({"shard-0000": FIRST, "shard-0001": SECOND}), "v2")
    register_release(both, catalog)
    train = catalog.load_table("tiny.train")

    def sequences(version: str) -> list[list[int]]:
        snapshot = train.snapshot_by_name(version)
        assert snapshot is not None
        rows = train.scan(snapshot_id=snapshot.snapshot_id).to_arrow()
        return sorted(rows["input_ids"].to_pylist())

    first = [list(row.ids) for row in FIRST["train"]]
    every = [*first, *(list(row.ids) for row in SECOND["train"])]
    assert sequences("v1") == sorted(first)
    assert sequences("v2") == sorted(every)
    query = (
        train.scan().to_duckdb("train").execute("select count(*), sum(len(input_ids)) from train")
    )
    assert query.fetchone() == (len(every), sum(map(len, every)))
    assert catalog.load_table("tiny.test").scan().to_arrow().num_rows == 1


def test_registering_twice_does_nothing(tmp_path: Path, database_url: str) -> None:
    store = LocalStore(tmp_path / "store")
    made = release(store, Tiny({"shard-0000": FIRST}))
    catalog = open_catalog(database_url, store, {})
    register_release(made, catalog)
    before = dict(store.keys())
    assert [each.is_new for each in register_release(made, catalog)] == [False]
    assert dict(store.keys()) == before


def test_a_split_that_has_lost_its_rows_is_empty(tmp_path: Path, database_url: str) -> None:
    store = LocalStore(tmp_path / "store")
    catalog = open_catalog(database_url, store, {})
    register_release(release(store, Tiny({"shard-0000": SECOND}), "v1"), catalog)
    files = dict(store.keys("training_split/"))
    register_release(release(store, Tiny({"shard-0000": FIRST}), "v2"), catalog)
    test = catalog.load_table("tiny.test")
    assert test.scan().to_arrow().num_rows == 0
    assert set(files) <= set(dict(store.keys("training_split/")))  # no file of v1 is gone


def test_another_content_under_the_same_name_is_refused(tmp_path: Path, database_url: str) -> None:
    first, second = LocalStore(tmp_path / "first"), LocalStore(tmp_path / "second")
    register_release(
        release(first, Tiny({"shard-0000": FIRST})), open_catalog(database_url, first, {})
    )
    catalog = open_catalog(database_url, second, {})
    with pytest.raises(ReleaseError, match="other content"):
        register_release(release(second, Tiny({"shard-0000": SECOND})), catalog)


def test_a_release_without_parquet_says_what_to_do(tmp_path: Path, database_url: str) -> None:
    store = LocalStore(tmp_path / "store")
    made = release(store, Tiny({"shard-0000": FIRST}, formats=("megatron",)))
    with pytest.raises(ReleaseError, match=r"add parquet to recipe\.formats"):
        register_release(made, open_catalog(database_url, store, {}))


def test_namespaces_need_no_quotes() -> None:
    assert namespace_of("My-Corpus.2026") == "my_corpus_2026"
