"""The PostgreSQL IO manager: what the tables hold, and what readers see while they change."""

import random
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from llm_assets.corpus.schema import LEDGER
from llm_assets.io.catalog import Catalog
from llm_assets.io.postgres import PostgresIOManager, read_table
from llm_assets.io.postgres_table import PostgresTable, UnsupportedColumnError
from llm_assets.io.shards import Advance, FrameTask, Previous, ShardVersion
from llm_assets.services.embedded_postgres import EmbeddedPostgres
from llm_assets_tests.io.workshop import (
    SCHEMA,
    SHARDS,
    Workshop,
    files_task,
    frame_task,
    open_workshop,
    sharded,
)

ALL = ("shard-0000", "shard-0003")
ONE = ("shard-0000", "shard-0000")
UTC_TIME = pl.Datetime("us", "UTC")

EVERY_TYPE = pl.Schema(
    [
        ("doc_id", pl.String()),
        ("a string", pl.String()),
        ("int8", pl.Int8()),
        ("int16", pl.Int16()),
        ("int32", pl.Int32()),
        ("int64", pl.Int64()),
        ("uint8", pl.UInt8()),
        ("uint16", pl.UInt16()),
        ("uint32", pl.UInt32()),
        ("uint64", pl.UInt64()),
        ("float32", pl.Float32()),
        ("float64", pl.Float64()),
        ("truth", pl.Boolean()),
        ('by"tes', pl.Binary()),
        ("day", pl.Date()),
        ("time", UTC_TIME),
    ]
)


@pytest.fixture
def workshop(tmp_path: Path, database_url: str) -> Workshop:
    return open_workshop(tmp_path, database_url)


def publish(
    workshop: Workshop, rows: pl.DataFrame, shard: str = "shard-0000", corpus: str = "corpus"
) -> ShardVersion:
    """Publish a table as a shard of the asset `numbers`, without Dagster."""
    catalog = replace(workshop.catalog, corpus=corpus)
    manager = PostgresIOManager(workshop.store, catalog, workshop.watcher)
    task = table_task(rows, shard)
    current = catalog.current("numbers", [shard]).get(shard)
    _, entry = manager._bring_up_to_date(task, "numbers", current, "run")
    return entry


def table_task(rows: pl.DataFrame, shard: str = "shard-0000") -> FrameTask:
    def make(previous: Previous | None, advance: Advance) -> Iterator[pl.DataFrame]:
        assert previous is None
        yield from rows.iter_slices(2)
        advance(rows.height)

    return FrameTask(
        shard=shard,
        made_from={"rows": str(rows.hash_rows().to_list()), "columns": str(rows.schema)},
        recipe_fingerprint="recipe",
        schema=rows.schema,
        make=make,
        describe=lambda table: {"rows": table.select(pl.len()).collect().item()},
    )


def stored(workshop: Workshop, schema: pl.Schema, corpus: str = "corpus") -> pl.DataFrame:
    with workshop.catalog.connect() as connection:
        return read_table(connection, "numbers", corpus, schema)


def numbers(*values: int, shard: str = "shard-0000") -> pl.DataFrame:
    rows = [(f"{shard}/{value:06}", value) for value in values]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


# --- what a table holds ------------------------------------------------------------------------


def test_every_type_and_every_null_comes_back(workshop: Workshop) -> None:
    largest = {
        "int8": 127, "int16": 2**15 - 1, "int32": 2**31 - 1, "int64": 2**63 - 1,
        "uint8": 255, "uint16": 2**16 - 1, "uint32": 2**32 - 1, "uint64": 2**63 - 1,
    }  # fmt: skip
    rows = [
        {
            "doc_id": "1", "a string": "ü \t\\N '\"", **largest, "float32": 0.5, "float64": 1e300,
            "truth": True, 'by"tes': b"\x00\xff", "day": date(2024, 2, 29),
            "time": datetime(2024, 1, 1, 12, 30, 0, 1, tzinfo=UTC),
        },
        {
            "doc_id": "2", "a string": "", "int64": -(2**63), "float32": float("inf"),
            "float64": float("-inf"), "truth": False, 'by"tes': b"", "day": date(1, 1, 1),
            "time": datetime(1, 1, 1, tzinfo=UTC),
        },
        {"doc_id": "3"},
    ]  # fmt: skip
    table = pl.DataFrame(rows, schema=EVERY_TYPE)
    publish(workshop, table)
    assert_frame_equal(stored(workshop, EVERY_TYPE), table)


TIMES = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))
VALUES = st.tuples(
    st.none() | st.text(st.characters(exclude_categories=["Cs"])),
    st.none() | st.integers(-(2**63), 2**63 - 1),
    st.none() | st.floats(allow_nan=False),
    st.none() | st.binary(),
    st.none() | TIMES,
)


@settings(max_examples=30, deadline=None)
@given(st.lists(VALUES, max_size=6))
def test_any_value_comes_back(shared: Workshop, values: list[tuple[Any, ...]]) -> None:
    schema = pl.Schema(
        [("doc_id", pl.String()), ("text", pl.String()), ("int", pl.Int64()),
         ("float", pl.Float64()), ("bytes", pl.Binary()), ("time", UTC_TIME)]
    )  # fmt: skip
    rows = [(f"{index:03}", *row) for index, row in enumerate(values)]
    table = pl.DataFrame(rows, schema=schema, orient="row")
    publish(shared, table)
    shown = table.with_columns(
        pl.col("text").str.replace_all("\0", "\N{SYMBOL FOR NULL}", literal=True)
    )
    assert_frame_equal(stored(shared, schema), shown)


@pytest.fixture(scope="module")
def shared(
    postgres_server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Workshop]:
    with psycopg.connect(postgres_server.url, autocommit=True) as connection:
        connection.execute("create database shared_by_examples")
    url = postgres_server.database_url("shared_by_examples")
    yield open_workshop(tmp_path_factory.mktemp("shared"), url)
    with psycopg.connect(postgres_server.url, autocommit=True) as connection:
        connection.execute("drop database shared_by_examples with (force)")


def test_nul_characters_are_shown(workshop: Workshop) -> None:
    table = pl.DataFrame(
        {"doc_id": ["\0a\0"], "title": [None]}, schema_overrides={"title": pl.String}
    )
    publish(workshop, table)
    assert stored(workshop, table.schema)["doc_id"].to_list() == ["␀a␀"]


def test_times_are_read_in_utc_whatever_the_session_s_zone(workshop: Workshop) -> None:
    table = pl.DataFrame(
        {"doc_id": ["a"], "time": [datetime(2024, 7, 1, 23, 30, tzinfo=UTC)]},
        schema={"doc_id": pl.String, "time": UTC_TIME},
    )
    publish(workshop, table)
    with workshop.catalog.connect() as connection:
        connection.execute("set time zone 'Asia/Tokyo'")
        assert_frame_equal(read_table(connection, "numbers", "corpus", table.schema), table)


def test_a_shard_without_rows(workshop: Workshop) -> None:
    publish(workshop, numbers(1))
    entry = publish(workshop, numbers())
    assert entry.rows == 0
    assert stored(workshop, SCHEMA).is_empty()


def test_the_ledger_s_columns_all_have_a_counterpart(workshop: Workshop) -> None:
    publish(workshop, pl.DataFrame(schema=LEDGER))
    assert stored(workshop, LEDGER).schema == LEDGER


def test_a_type_without_a_counterpart_is_named(workshop: Workshop) -> None:
    with pytest.raises(UnsupportedColumnError, match=r"column tokens: .* no List"):
        publish(workshop, pl.DataFrame({"doc_id": ["a"], "tokens": [[1]]}))
    assert workshop.current() == {}


def test_documents_are_found_by_an_index(workshop: Workshop) -> None:
    table = numbers(1).with_columns(url=pl.lit("http://x"))
    publish(workshop, table)
    with workshop.catalog.connect() as connection:
        connection.execute("set enable_seqscan = off")
        for column in ("doc_id", "url"):
            plan = connection.execute(
                f"explain select * from llm_assets.numbers where {column} = 'x'"
            ).fetchall()
            assert any("Index" in row["QUERY PLAN"] for row in plan)


def test_long_urls_do_not_fail_their_shard(workshop: Workshop) -> None:
    """As an index by order would: it refuses what it cannot compress below 2,704 bytes."""
    url = "http://x/" + "".join(random.Random(0).choices("0123456789abcdef", k=100_000))
    publish(workshop, numbers(1).with_columns(url=pl.lit(url)))
    with workshop.catalog.connect() as connection:
        connection.execute("set enable_seqscan = off")
        found = connection.execute(
            "select n from llm_assets.numbers where url = %s", (url,)
        ).fetchall()
    assert found == [{"n": 1}]


# --- versions ----------------------------------------------------------------------------------


def test_the_version_names_the_content(workshop: Workshop, tmp_path: Path) -> None:
    first = publish(workshop, numbers(1, 2, 3))
    other = publish(workshop, numbers(1, 2, 4))
    again = publish(workshop, numbers(1, 2, 3))
    assert first.version == again.version != other.version
    assert first.location == "postgresql:llm_assets.numbers"
    assert (first.rows, first.summary) == (3, {"rows": 3})
    elsewhere = publish(workshop, numbers(1, 2, 3), corpus="elsewhere")
    assert elsewhere.version == first.version


def partitions(workshop: Workshop) -> dict[str, int]:
    """Return the tables that hold rows, by name, with their object ids: a new table has another."""
    with workshop.catalog.connect() as connection:
        return {
            row["relname"]: row["oid"]
            for row in connection.execute(
                "select relname, oid::int8 as oid from pg_class where relkind = 'r' "
                "and relnamespace = 'llm_assets'::regnamespace and relname like 'numbers%'"
            )
        }


def test_identical_content_is_not_written_again(workshop: Workshop) -> None:
    rows = numbers(1, 2)
    publish(workshop, rows)
    before = partitions(workshop)
    other_recipe = replace(table_task(rows), recipe_fingerprint="other")
    manager = PostgresIOManager(workshop.store, workshop.catalog, workshop.watcher)
    report, entry = manager._bring_up_to_date(
        other_recipe, "numbers", workshop.current()["shard-0000"], "run"
    )
    assert report.outcome == "unchanged"
    assert entry.recipe_fingerprint == "other"
    assert partitions(workshop) == before
    publish(workshop, numbers(3))
    assert len(partitions(workshop)) == 1
    assert partitions(workshop) != before


def test_shards_are_replaced_one_by_one(workshop: Workshop) -> None:
    values = {shard: [index] for index, shard in enumerate(SHARDS)}
    asset = sharded(
        lambda shards: [frame_task(shard, values[shard]) for shard in shards], manager="postgres"
    )
    workshop.run(asset, shards=ALL)
    values["shard-0002"] = [20, 21]
    workshop.run(asset, shards=ALL)
    assert stored(workshop, SCHEMA)["n"].to_list() == [0, 1, 20, 21, 3]
    assert [outcome for _, outcome in workshop.outcomes].count("up to date") == 3
    assert len(partitions(workshop)) == 4


def test_progress_reaches_the_watcher(workshop: Workshop) -> None:
    publish(workshop, numbers(1, 2, 3))
    assert workshop.watcher.documents == 3


def test_shards_that_the_corpus_no_longer_has_lose_their_rows(workshop: Workshop) -> None:
    for partition_keys, last in ((SHARDS, "shard-0003"), (SHARDS[:2], "shard-0001")):
        asset = sharded(
            lambda shards: [frame_task(shard, [int(shard[-1])]) for shard in shards],
            manager="postgres",
            partitions=dg.StaticPartitionsDefinition(partition_keys),
        )
        workshop.run(asset, shards=("shard-0000", last))
    assert stored(workshop, SCHEMA)["n"].to_list() == [0, 1]
    assert list(workshop.current()) == SHARDS[:2]


# --- columns that come and go ------------------------------------------------------------------

WIDE = pl.Schema([*SCHEMA.items(), ("extra", pl.String())])


def wide(*values: int, shard: str = "shard-0000") -> pl.DataFrame:
    return numbers(*values, shard=shard).with_columns(extra=pl.lit("x"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (numbers(1), wide(1)),
        (wide(1), numbers(1)),
        (numbers(1), numbers(1).with_columns(n=pl.lit("text"))),
        (numbers(1), numbers(1).rename({"n": "m"})),
        (numbers(1), numbers(1).rename({"n": "corpus_"}).with_columns(shard_=pl.lit(1))),
    ],
    ids=["added", "dropped", "of another type", "renamed", "several"],
)
def test_columns_change_with_the_asset(
    workshop: Workshop, before: pl.DataFrame, after: pl.DataFrame
) -> None:
    publish(workshop, before)
    publish(workshop, after)
    assert_frame_equal(stored(workshop, after.schema), after)
    with workshop.catalog.connect() as connection:
        names = connection.execute("select * from llm_assets.numbers").description
    assert names is not None
    assert {column.name for column in names} == {"corpus", "shard", *after.columns}


def test_an_empty_table_gets_new_columns_too(workshop: Workshop) -> None:
    publish(workshop, numbers())
    publish(workshop, wide())
    assert stored(workshop, WIDE).schema == WIDE


def test_other_shards_are_made_anew_after_a_change_of_columns(workshop: Workshop) -> None:
    """They lack the column until then; and an older release that comes back makes its own again."""
    for shard in SHARDS[:2]:
        publish(workshop, numbers(1, shard=shard), shard)
    publish(workshop, numbers(1), corpus="other")
    publish(workshop, wide(1), "shard-0000")
    current = workshop.current()
    assert current["shard-0000"].schema_hash == table_task(wide(1)).schema_hash
    assert current["shard-0001"].schema_hash == ""
    assert (
        replace(workshop.catalog, corpus="other").current("numbers")["shard-0000"].schema_hash == ""
    )
    publish(workshop, wide(1, shard="shard-0001"), "shard-0001")
    assert stored(workshop, WIDE)["extra"].to_list() == ["x", "x"]
    for corpus in ("corpus", "other"):
        publish(workshop, numbers(1), "shard-0000", corpus)
        assert stored(workshop, SCHEMA, corpus).height == (2 if corpus == "corpus" else 1)


# --- corpora and names -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["c" * 63, "with 'quotes' and \"more\"", "schlüssel; drop table x", "%s{}"]
)
def test_corpora_of_any_name_share_a_database(workshop: Workshop, name: str) -> None:
    publish(workshop, numbers(1))
    publish(workshop, numbers(2), corpus=name)
    publish(workshop, numbers(3), corpus=name + "x")
    publish(workshop, numbers(4), corpus=name)
    values = {
        corpus: stored(workshop, SCHEMA, corpus)["n"].to_list()
        for corpus in ("corpus", name, name + "x")
    }
    assert values == {"corpus": [1], name: [4], name + "x": [3]}


def test_assets_with_long_names_keep_apart(workshop: Workshop) -> None:
    names = ["a" * 60 + suffix for suffix in ("x", "y")]
    for index, name in enumerate(names):
        with workshop.catalog.connect() as connection:
            PostgresTable(name, "corpus").replace_shard(connection, "shard-0000", numbers(index))
    for index, name in enumerate(names):
        with workshop.catalog.connect() as connection:
            assert read_table(connection, name, "corpus", SCHEMA)["n"].to_list() == [index]


# --- readers and other runs meanwhile ----------------------------------------------------------


def test_a_reader_sees_the_old_shard_or_the_new_one(workshop: Workshop) -> None:
    """Every version has one value in all of its rows, and a row count of its own."""
    versions = [numbers(*range(count)).with_columns(n=pl.lit(count)) for count in (40, 400)]
    schema = versions[0].schema
    publish(workshop, versions[0])
    seen: list[tuple[int, int, int]] = []
    done = threading.Event()

    def read() -> None:
        with workshop.catalog.connect() as connection:
            connection.autocommit = True
            while not done.is_set():
                row = connection.execute(
                    "select count(*) as rows, min(n) as low, max(n) as high from llm_assets.numbers"
                ).fetchone()
                assert row is not None
                seen.append((row["rows"], row["low"], row["high"]))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for turn in range(20):
        publish(workshop, versions[(turn + 1) % 2])
    done.set()
    for reader in readers:
        reader.join()
    assert set(seen) == {(40, 40, 40), (400, 400, 400)}
    assert stored(workshop, schema).height == 40


def test_shards_published_at_the_same_time_do_not_block_each_other_for_ever(
    workshop: Workshop,
) -> None:
    failures: list[BaseException] = []

    def work(shard: str) -> None:
        try:
            for turn in range(8):
                publish(workshop, numbers(*range(turn), shard=shard), shard)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=[shard]) for shard in SHARDS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert stored(workshop, SCHEMA).height == 4 * 7
    assert len(partitions(workshop)) == 4


def test_of_two_runs_on_one_shard_the_later_gives_way(workshop: Workshop) -> None:
    publish(workshop, numbers(1))
    stale = workshop.current()["shard-0000"]
    publish(workshop, numbers(2))
    manager = PostgresIOManager(workshop.store, workshop.catalog, workshop.watcher)
    report, _ = manager._bring_up_to_date(table_task(numbers(3)), "numbers", stale, "late run")
    assert report.outcome == "published"
    assert stored(workshop, SCHEMA)["n"].to_list() == [3]
    assert len(partitions(workshop)) == 1, "what was copied in vain is gone"


def test_frames_of_other_columns_are_refused(workshop: Workshop) -> None:
    task = frame_task("shard-0000", [1], schema=WIDE)
    result = workshop.run(
        sharded(lambda _: [task], manager="postgres"), shards=ONE, raise_on_error=False
    )
    assert not result.success
    assert workshop.current() == {}


def test_a_server_that_is_gone_fails_the_run_with_one_message(workshop: Workshop) -> None:
    asset = sharded(lambda _: [frame_task("shard-0000", [1])], manager="postgres")
    workshop.catalog = Catalog("postgresql://corpus:secret@127.0.0.1:1/x", "corpus")
    result = workshop.run(asset, shards=ONE, raise_on_error=False)
    (failure,) = (event for event in result.all_events if event.is_step_failure)
    error = failure.step_failure_data.error
    assert error is not None
    while error.cause is not None:
        error = error.cause
    assert error.cls_name == "CatalogUnreachableError"
    assert "secret" not in str(failure.step_failure_data)


def test_folders_of_files_have_no_place_in_a_table(workshop: Workshop) -> None:
    result = workshop.run(
        sharded(lambda _: [files_task("shard-0000", {})], manager="postgres"),
        shards=ONE,
        raise_on_error=False,
    )
    assert not result.success
    assert workshop.current() == {}
