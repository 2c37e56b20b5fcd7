"""The IO managers: what is made, what is left alone, and what readers see meanwhile."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from llm_assets.io.catalog import Catalog
from llm_assets.io.object_store import LocalStore, StorageError, open_store
from llm_assets.io.shards import (
    Advance,
    FilesTask,
    FrameTask,
    Previous,
    RowsWithdrawnError,
    ShardedTable,
    ShardVersion,
    Summary,
)
from llm_assets_tests.io import killed_run
from llm_assets_tests.io.workshop import (
    SCHEMA,
    SHARDS,
    Workshop,
    figures,
    files_task,
    frame_task,
    open_workshop,
    sharded,
    table,
    whole,
)

ONE = ("shard-0000", "shard-0000")
ALL = ("shard-0000", "shard-0003")


@pytest.fixture
def workshop(tmp_path: Path, database_url: str) -> Workshop:
    return open_workshop(tmp_path, database_url)


def keys(workshop: Workshop) -> list[str]:
    listing = list(workshop.store.keys())
    return [key for key, _ in listing]


def metadata_by_shard(result: dg.ExecuteInProcessResult) -> dict[str | None, dict[str, object]]:
    return {
        event.partition: {
            name: value.value for name, value in event.materialization.metadata.items()
        }
        for event in result.get_asset_materialization_events()
    }


# --- what is made ------------------------------------------------------------------------------


def test_a_shard_is_made_and_published(workshop: Workshop) -> None:
    result = workshop.run(sharded(lambda _: [frame_task("shard-0000", [1, 2])]), shards=ONE)
    entry = workshop.current()["shard-0000"]
    assert workshop.rows("shard-0000") == [1, 2]
    assert keys(workshop) == [f"numbers/shard-0000/{entry.version}.parquet"] == [entry.location]
    assert entry.rows == 2
    assert entry.size_bytes == workshop.store.open_local(entry.location).stat().st_size
    assert entry.summary == {"rows": 2, "total": 3}
    assert entry.made_from == {"numbers": "[1, 2]"}
    assert entry.recipe_fingerprint == "recipe"
    assert entry.schema_hash == frame_task("x").schema_hash
    assert entry.run_id == result.run_id
    assert workshop.outcomes == [("shard-0000", "published")]
    assert workshop.watcher.worked_on == [("numbers", "shard-0000", 2)]
    assert workshop.watcher.documents == 2


def test_a_shard_that_is_up_to_date_is_not_made(workshop: Workshop) -> None:
    calls: list[int] = []

    def make(_previous: Previous | None, _advance: Advance) -> Iterator[pl.DataFrame]:
        calls.append(1)
        yield table("shard-0000", [1])

    asset = sharded(lambda _: [frame_task("shard-0000", made_from={"a": "1"}, make=make)])
    workshop.run(asset, shards=ONE)
    before = workshop.current()
    workshop.run(asset, shards=ONE)
    assert workshop.outcomes == [("shard-0000", "up to date")]
    assert len(calls) == 1
    assert workshop.current() == before


@pytest.mark.parametrize("change", ["ingredients", "recipe"])
def test_other_ingredients_and_the_same_content_leave_file_and_version(
    workshop: Workshop, change: str
) -> None:
    workshop.run(sharded(lambda _: [frame_task("shard-0000", [1], {"a": "1"})]), shards=ONE)
    before, inode = workshop.current()["shard-0000"], _inode(workshop)
    made_from, recipe = ({"a": "2"}, "recipe") if change == "ingredients" else ({"a": "1"}, "new")
    asset = sharded(lambda _: [frame_task("shard-0000", [1], made_from, recipe)])
    workshop.run(asset, shards=ONE)
    after = workshop.current()["shard-0000"]
    assert workshop.outcomes == [("shard-0000", "unchanged")]
    assert (after.version, after.location) == (before.version, before.location)
    assert (after.made_from, after.recipe_fingerprint) == (made_from, recipe)
    assert _inode(workshop) == inode, "the file was not written again"
    workshop.run(asset, shards=ONE)
    assert workshop.outcomes == [("shard-0000", "up to date")]


def _inode(workshop: Workshop) -> int:
    location = workshop.current()["shard-0000"].location
    return workshop.store.open_local(location).stat().st_ino


def test_other_columns_are_made_anew_without_the_old_rows(workshop: Workshop) -> None:
    seen: list[Previous | None] = []
    wide = pl.Schema({**SCHEMA, "extra": pl.Int64})

    def make(previous: Previous | None, _advance: Advance) -> Iterator[pl.DataFrame]:
        seen.append(previous)
        yield table("shard-0000", [1]).with_columns(extra=pl.lit(0, pl.Int64))

    workshop.run(sharded(lambda _: [frame_task("shard-0000", [1], {"a": "1"})]), shards=ONE)
    task = frame_task("shard-0000", made_from={"a": "1"}, schema=wide, make=make)
    workshop.run(sharded(lambda _: [task]), shards=ONE)
    assert workshop.outcomes == [("shard-0000", "published")]
    assert seen == [None]


def test_a_shard_is_made_from_its_previous_version(workshop: Workshop) -> None:
    def make(previous: Previous | None, _advance: Advance) -> Iterator[pl.DataFrame]:
        if previous is not None:
            assert previous.version.made_from == {"numbers": "[1, 2]"}
            yield previous.scan().collect()
        yield table("shard-0000", [3])

    workshop.run(sharded(lambda _: [frame_task("shard-0000", [1, 2])]), shards=ONE)
    workshop.run(sharded(lambda _: [frame_task("shard-0000", made_from={}, make=make)]), shards=ONE)
    assert workshop.rows("shard-0000") == [1, 2, 3]


def test_a_run_over_many_shards_skips_those_that_are_up_to_date(workshop: Workshop) -> None:
    numbers = {shard: [1] for shard in SHARDS}
    asset = sharded(lambda shards: [frame_task(shard, numbers[shard]) for shard in shards])
    workshop.run(asset, shards=ALL)
    assert workshop.outcomes == [(shard, "published") for shard in SHARDS]
    numbers["shard-0002"] = [1, 2]
    workshop.run(asset, shards=ALL)
    assert workshop.outcomes == [
        ("shard-0000", "up to date"),
        ("shard-0001", "up to date"),
        ("shard-0002", "published"),
        ("shard-0003", "up to date"),
    ]


def test_shards_are_published_one_by_one(workshop: Workshop) -> None:
    seen: list[list[str]] = []

    def tasks(shards: list[str]) -> Iterator[FrameTask]:
        for shard in shards:
            seen.append(list(workshop.current()))
            yield frame_task(shard, [1])

    workshop.run(sharded(tasks), shards=ALL)
    assert seen == [SHARDS[:count] for count in range(4)]


def test_an_asset_without_partitions_has_several_shards(workshop: Workshop) -> None:
    result = workshop.run(whole(lambda: [frame_task(shard, [1, 2]) for shard in SHARDS]))
    assert list(workshop.current()) == SHARDS
    metadata = metadata_by_shard(result)[None]
    assert metadata["dagster/row_count"] == 8
    assert metadata["total"] == 12
    assert metadata["shards_published"] == 4
    result = workshop.run(
        whole(lambda: [frame_task(shard, [1, 2, int(shard[-1])]) for shard in SHARDS])
    )
    assert metadata_by_shard(result)[None]["shards_published"] == 4


def test_every_materialization_has_its_own_shard_s_figures(workshop: Workshop) -> None:
    numbers = {shard: list(range(index + 1)) for index, shard in enumerate(SHARDS)}
    asset = sharded(lambda shards: [frame_task(shard, numbers[shard]) for shard in shards])
    metadata = metadata_by_shard(workshop.run(asset, shards=ALL))
    assert sorted(metadata) == SHARDS
    assert [metadata[shard]["dagster/row_count"] for shard in SHARDS] == [1, 2, 3, 4]
    assert [metadata[shard]["total"] for shard in SHARDS] == [0, 1, 3, 6]
    for shard in SHARDS:
        entry = workshop.current()[shard]
        assert metadata[shard]["content_version"] == entry.version
        assert metadata[shard]["stored_at"] == workshop.store.uri(entry.location)
        assert metadata[shard]["outcome"] == "published"
    again = metadata_by_shard(workshop.run(asset, shards=("shard-0001", "shard-0002")))
    assert {shard: values["outcome"] for shard, values in again.items()} == {
        "shard-0001": "up to date",
        "shard-0002": "up to date",
    }
    assert again["shard-0002"]["total"] == 3


def test_the_page_of_the_ledger_shows_the_whole_corpus(workshop: Workshop) -> None:
    ledger = {"rows": 1, "verdicts": {"keep": 1}, "lost_at": {}, "kept_by_split": {"train": 1}}
    asset = sharded(
        lambda shards: [frame_task(shard, [1], describe=lambda _: ledger) for shard in shards]
    )
    workshop.run(asset, shards=("shard-0000", "shard-0001"))
    for outcome in ("published", "up to date"):
        result = workshop.run(asset, shards=("shard-0002", "shard-0003"))
        *others, latest = (
            event.materialization.metadata for event in result.get_asset_materialization_events()
        )
        assert latest["outcome"].value == outcome
        assert {"funnel", "funnel_of_the_corpus"} <= latest.keys()
        for metadata in others:
            assert ("funnel" in metadata) == (outcome == "published")
            assert "funnel_of_the_corpus" not in metadata


def test_shards_that_the_corpus_no_longer_has_are_retired(workshop: Workshop) -> None:
    workshop.run(
        sharded(lambda shards: [frame_task(shard, [1]) for shard in shards]),
        whole(lambda: [frame_task(shard, [1]) for shard in SHARDS], name="wide"),
        shards=ALL,
    )
    fewer = dg.StaticPartitionsDefinition(SHARDS[:2])
    workshop.run(
        sharded(lambda shards: [frame_task(shard, [1]) for shard in shards], partitions=fewer),
        shards=("shard-0001", "shard-0001"),
    )
    workshop.run(whole(lambda: [frame_task(shard, [1]) for shard in SHARDS[:2]], name="wide"))
    assert list(workshop.current()) == SHARDS[:2]
    assert list(workshop.current("wide")) == SHARDS[:2]


def test_an_asset_of_no_tasks_forgets_nothing(workshop: Workshop) -> None:
    workshop.run(whole(lambda: [frame_task("all", [1])]))
    workshop.run(whole(list))
    assert list(workshop.current()) == ["all"]


# --- folders of files --------------------------------------------------------------------------


def test_a_folder_of_files_is_published_under_one_version(workshop: Workshop) -> None:
    files = {"train.bin": b"\x00\x01", "sub/test.idx": b"", "train.idx": b"x"}
    workshop.run(sharded(lambda _: [files_task("shard-0000", files)], manager="files"), shards=ONE)
    entry = workshop.current()["shard-0000"]
    assert entry.location == f"numbers/shard-0000/{entry.version}/"
    assert keys(workshop) == [entry.location + name for name in sorted(files)]
    assert entry.size_bytes == 3
    assert entry.rows == 3
    assert sorted(entry.summary["files"]) == sorted(files)
    for name, content in files.items():
        assert workshop.store.open_local(entry.location + name).read_bytes() == content
    assert workshop.watcher.documents == 3


@pytest.mark.parametrize(
    "files", [{"a": b"2"}, {"b": b"1"}, {"a": b"1", "b": b""}, {}, {"a/b": b"1"}]
)
def test_any_change_to_a_folder_is_another_version(
    workshop: Workshop, files: dict[str, bytes]
) -> None:
    for content in ({"a": b"1"}, files):
        workshop.run(
            sharded(lambda _, f=content: [files_task("shard-0000", f)], manager="files"),  # type: ignore[misc]
            shards=ONE,
        )
        assert workshop.outcomes == [("shard-0000", "published")]


def test_the_same_folder_by_another_recipe_is_unchanged(workshop: Workshop) -> None:
    for recipe, outcome in (("one", "published"), ("two", "unchanged"), ("two", "up to date")):
        task = files_task("shard-0000", {"a": b"1"}, recipe)
        workshop.run(sharded(lambda _, t=task: [t], manager="files"), shards=ONE)  # type: ignore[misc]
        assert workshop.outcomes == [("shard-0000", outcome)]
    assert len(keys(workshop)) == 1


# --- what downstream reads ---------------------------------------------------------------------


def read_downstream(
    workshop: Workshop, asset: dg.AssetsDefinition, shards: tuple[str, str] | None, wide: bool
) -> ShardedTable:
    """Materialize an asset that reads `asset`, and return what it was given."""
    given: list[ShardedTable] = []
    partitions = {} if wide else {"partitions_def": asset.partitions_def}

    @dg.asset(
        backfill_policy=dg.BackfillPolicy.single_run(),
        **partitions,
    )
    def reader(numbers: ShardedTable) -> None:
        given.append(numbers)

    workshop.run(asset, reader, shards=shards, only="reader")
    return given[0]


@pytest.fixture
def numbers(workshop: Workshop) -> dg.AssetsDefinition:
    asset = sharded(lambda shards: [frame_task(shard, [int(shard[-1])]) for shard in shards])
    workshop.run(asset, shards=("shard-0000", "shard-0002"))
    return asset


def test_a_run_s_own_shards_are_read(workshop: Workshop, numbers: dg.AssetsDefinition) -> None:
    one = read_downstream(workshop, numbers, ("shard-0001", "shard-0001"), wide=False)
    assert one.shards == ["shard-0001"]
    rows = one.scan("shard-0001")
    assert rows is not None
    assert rows.collect()["n"].to_list() == [1]
    some = read_downstream(workshop, numbers, ("shard-0001", "shard-0002"), wide=False)
    assert some.shards == ["shard-0001", "shard-0002"]


def test_missing_shards_are_missing(workshop: Workshop, numbers: dg.AssetsDefinition) -> None:
    table = read_downstream(workshop, numbers, ("shard-0002", "shard-0003"), wide=False)
    assert table.shards == ["shard-0002"]
    assert table.scan("shard-0003") is None


def test_a_wide_asset_reads_all_shards(workshop: Workshop, numbers: dg.AssetsDefinition) -> None:
    table = read_downstream(workshop, numbers, None, wide=True)
    assert table.shards == SHARDS[:3]
    assert table.scan_all(["n"]).collect()["n"].to_list() == [0, 1, 2]


def test_a_sharded_asset_reads_all_shards_of_a_wide_one(workshop: Workshop) -> None:
    given: list[ShardedTable] = []

    @dg.asset(partitions_def=dg.StaticPartitionsDefinition(SHARDS))
    def reader(wide: ShardedTable) -> None:
        given.append(wide)

    wide_asset = whole(lambda: [frame_task(shard, [1]) for shard in SHARDS], name="wide")
    workshop.run(wide_asset)
    workshop.run(wide_asset, reader, shards=("shard-0001", "shard-0001"), only="reader")
    assert given[0].shards == SHARDS


# --- what goes wrong ---------------------------------------------------------------------------


def failing_task(shard: str) -> FrameTask:
    def make(_previous: Previous | None, _advance: Advance) -> Iterator[pl.DataFrame]:
        yield table(shard, range(100_000))
        raise ArithmeticError("mid-way")

    return frame_task(shard, made_from={"other": "1"}, make=make)


def failing_files_task(shard: str) -> FilesTask:
    def make(folder: Path, _advance: Advance) -> Summary:
        (folder / "a").write_text("half")
        raise ArithmeticError("mid-way")

    return FilesTask(shard, {"other": "1"}, "recipe", make)


@pytest.mark.parametrize("manager", ["parquet", "files", "postgres"])
def test_readers_stay_on_the_old_version_when_making_fails(
    workshop: Workshop, manager: str
) -> None:
    good: FrameTask | FilesTask = frame_task("shard-0000", [1])
    bad: FrameTask | FilesTask = failing_task("shard-0000")
    if manager == "files":
        good, bad = files_task("shard-0000", {"a": b"1"}), failing_files_task("shard-0000")
    workshop.run(sharded(lambda _: [good], manager=manager), shards=ONE)  # type: ignore[list-item, return-value]
    before, files = workshop.current(), keys(workshop)
    failed = workshop.run(
        sharded(lambda _: [bad], manager=manager),  # type: ignore[list-item, return-value]
        shards=ONE,
        raise_on_error=False,
    )
    assert not failed.success
    assert workshop.current() == before
    assert keys(workshop) == files
    assert isinstance(workshop.store, LocalStore)
    assert list((workshop.store.root / ".scratch").iterdir()) == []


def test_shards_before_the_one_that_fails_stay_published(workshop: Workshop) -> None:
    def tasks(shards: list[str]) -> list[FrameTask]:
        return [
            failing_task(shard) if shard == "shard-0002" else frame_task(shard, [1])
            for shard in shards
        ]

    assert not workshop.run(sharded(tasks), shards=ALL, raise_on_error=False).success
    assert list(workshop.current()) == SHARDS[:2]
    asset = sharded(lambda shards: [frame_task(shard, [1]) for shard in shards])
    workshop.run(asset, shards=ALL)
    assert workshop.outcomes == [
        ("shard-0000", "up to date"),
        ("shard-0001", "up to date"),
        ("shard-0002", "published"),
        ("shard-0003", "published"),
    ]


@pytest.mark.parametrize("fails", [False, True])
def test_what_tasks_share_lives_until_the_last_is_done(workshop: Workshop, fails: bool) -> None:
    events: list[str] = []

    def tasks(shards: list[str]) -> Iterator[FrameTask]:
        events.append("opened")
        try:
            for shard in shards:
                yield failing_task(shard) if fails else frame_task(shard, [1], describe=describe)
        finally:
            events.append("closed")

    def describe(rows: pl.LazyFrame) -> Summary:
        events.append("made")
        return figures(rows)

    result = workshop.run(sharded(tasks), shards=("shard-0000", "shard-0001"), raise_on_error=False)
    assert result.success is not fails
    assert events == ["opened", *([] if fails else ["made", "made"]), "closed"]


def test_a_frame_of_other_columns_fails_the_run(workshop: Workshop) -> None:
    task = frame_task("shard-0000", [1], schema=pl.Schema({"n": pl.Int64}))
    result = workshop.run(sharded(lambda _: [task]), shards=ONE, raise_on_error=False)
    assert not result.success
    assert workshop.current() == {}


def test_a_store_that_fails_is_one_clear_message(
    workshop: Workshop, s3_prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    workshop.store = open_store(s3_prefix, tmp_path)
    result = workshop.run(
        sharded(lambda _: [frame_task("shard-0000", [1])]), shards=ONE, raise_on_error=False
    )
    (failure,) = (event for event in result.all_events if event.is_step_failure)
    error = failure.step_failure_data.error
    assert error is not None
    assert error.cause is not None
    assert error.cause.cls_name == StorageError.__name__
    assert error.cause.cause is None, "the innermost cause is the message for people"
    assert workshop.current() == {}


# --- other runs --------------------------------------------------------------------------------


def racing(
    workshop: Workshop, numbers: list[int], made_from: dict[str, str], times: int
) -> FrameTask:
    """A task during which another run publishes the shard first, a few times."""
    left = [times]

    def make(_previous: Previous | None, _advance: Advance) -> Iterator[pl.DataFrame]:
        yield table("shard-0000", numbers)
        if left[0]:
            left[0] -= 1
            _publish_elsewhere(workshop, left[0])

    return frame_task("shard-0000", made_from=made_from, make=make)


def _publish_elsewhere(workshop: Workshop, number: int) -> None:
    current = workshop.current().get("shard-0000")
    other = ShardVersion(
        "numbers", "shard-0000", f"other-{number}", "elsewhere", "recipe",
        {"other": str(number)}, 1, 1, {}, "other run",
        schema_hash=frame_task("x").schema_hash,
    )  # fmt: skip
    workshop.catalog.publish(other, current.revision if current else 0)


@pytest.mark.parametrize("times", [1, 4])
def test_a_shard_that_another_run_published_is_made_again(workshop: Workshop, times: int) -> None:
    workshop.run(sharded(lambda _: [racing(workshop, [7], {"mine": "1"}, times)]), shards=ONE)
    assert workshop.rows("shard-0000") == [7]
    assert workshop.outcomes == [("shard-0000", "published")]
    assert workshop.current()["shard-0000"].revision == times + 1


def test_a_shard_that_another_run_made_from_the_same_is_left_to_it(workshop: Workshop) -> None:
    workshop.run(sharded(lambda _: [racing(workshop, [7], {"other": "0"}, 1)]), shards=ONE)
    assert workshop.outcomes == [("shard-0000", "up to date")]
    assert workshop.current()["shard-0000"].version == "other-0"


def test_a_shard_that_is_always_taken_away_fails_in_the_end(workshop: Workshop) -> None:
    result = workshop.run(
        sharded(lambda _: [racing(workshop, [7], {"mine": "1"}, 99)]),
        shards=ONE,
        raise_on_error=False,
    )
    (failure,) = (event for event in result.all_events if event.is_step_failure)
    assert "other runs kept publishing it first" in str(failure.step_failure_data)


# --- kill -9 -----------------------------------------------------------------------------------

STANDS = {
    ("before the file is put", "parquet"): "old",
    ("after the file is put", "parquet"): "old",
    ("before the commit", "parquet"): "old",
    ("after the commit", "parquet"): "new",
    ("after the file is put", "files"): "old",
    ("before the commit", "files"): "old",
    ("before the commit", "postgres"): "old",
}


@pytest.fixture(scope="module")
def killer() -> Iterator[Callable[..., int]]:
    """Something to call with a run that is to be killed; returns the signal that ended it."""
    with subprocess.Popen(
        [sys.executable, killed_run.__file__],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        questions, answers = process.stdin, process.stdout

        def run(*case: str) -> int:
            questions.write(json.dumps(case) + "\n")
            questions.flush()
            return int(answers.readline())

        yield run
        questions.close()


@pytest.mark.parametrize(("moment", "manager"), STANDS)
def test_a_killed_run_leaves_one_version_and_the_next_gives_the_same_bytes(
    killer: Callable[..., int], tmp_path: Path, database_url: str, moment: str, manager: str
) -> None:
    workshop = open_workshop(tmp_path, database_url)
    first: FrameTask | FilesTask = frame_task("shard-0000", [1])
    second: FrameTask | FilesTask = frame_task("shard-0000", [2, 2])
    if manager == "files":
        first, second = (files_task("shard-0000", {"a": x, "b": x}) for x in (b"1", b"2"))
    workshop.run(sharded(lambda _: [first], manager=manager), shards=ONE)  # type: ignore[list-item, return-value]
    old = workshop.current()["shard-0000"]
    assert killer(moment, manager, str(tmp_path), database_url) == signal.SIGKILL
    stands = workshop.current()["shard-0000"]
    assert (stands == old) == (STANDS[moment, manager] == "old")
    if manager != "postgres":
        _readable(workshop, stands)
    workshop.run(sharded(lambda _: [second], manager=manager), shards=ONE)  # type: ignore[list-item, return-value]
    after = workshop.current()["shard-0000"]
    elsewhere = open_workshop(tmp_path / "elsewhere", database_url)
    elsewhere.catalog = replace(elsewhere.catalog, corpus="elsewhere")
    elsewhere.run(sharded(lambda _: [second], manager=manager), shards=ONE)  # type: ignore[list-item, return-value]
    rebuilt = elsewhere.current()["shard-0000"]
    assert (after.version, after.location) == (rebuilt.version, rebuilt.location)
    if manager != "postgres":
        _readable(workshop, after)


def _readable(workshop: Workshop, entry: ShardVersion) -> None:
    if entry.location.endswith("/"):
        for name in entry.summary["files"]:
            assert workshop.store.exists(entry.location + name)
    else:
        assert workshop.store.scan_parquet(entry.location).collect().height == entry.rows


def test_the_same_protocol_on_s3(s3_prefix: str, database_url: str, tmp_path: Path) -> None:
    catalog = Catalog(database_url, "corpus")
    catalog.prepare()
    workshop = Workshop(open_store(s3_prefix, tmp_path), catalog)
    for numbers, outcome in (([1], "published"), ([1], "up to date"), ([2], "published")):
        asset = sharded(lambda _, n=numbers: [frame_task("shard-0000", n)])  # type: ignore[misc]
        result = workshop.run(asset, shards=ONE)
        assert workshop.outcomes == [("shard-0000", outcome)]
        assert workshop.rows("shard-0000") == numbers
    stored_at = metadata_by_shard(result)["shard-0000"]["stored_at"]
    assert str(stored_at).startswith(s3_prefix)
    workshop.run(
        sharded(lambda _: [files_task("shard-0000", {"a": b"1"})], "folder", "files"), shards=ONE
    )
    folder = workshop.current("folder")
    path = ShardedTable("folder", folder, workshop.store).file("shard-0000", "a")
    assert path.read_bytes() == b"1"


def test_rows_that_are_taken_back_are_made_anew(workshop: Workshop) -> None:
    asked: list[bool] = []

    def make(previous: Previous | None, advance: Advance) -> Iterator[pl.DataFrame]:
        asked.append(previous is not None)
        yield table("shard-0000", [1] if len(asked) == 2 else [7])
        if len(asked) == 2:
            raise RowsWithdrawnError
        advance(1)

    workshop.run(sharded(lambda _: [frame_task("shard-0000", made_from={"a": "1"}, make=make)]),
                 shards=ONE)  # fmt: skip
    workshop.run(sharded(lambda _: [frame_task("shard-0000", made_from={"a": "2"}, make=make)]),
                 shards=ONE)  # fmt: skip
    assert asked == [False, True, False]
    assert workshop.rows("shard-0000") == [7]
