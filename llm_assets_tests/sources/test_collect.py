"""Collecting: read what changed, keep the rows of what did not, and equal a rebuild."""

import errno
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import BinaryIO

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from llm_assets.corpus.identity import digest, document_id
from llm_assets.corpus.schema import RAW
from llm_assets.formats.readers import READERS
from llm_assets.formats.record import HEAD_BYTES, Record, Unreadable
from llm_assets.io import parquet_file
from llm_assets.io.parquet_file import write_table
from llm_assets.io.shards import ShardVersion
from llm_assets.recipe import Source
from llm_assets.sources import collect as collect_module
from llm_assets.sources.collect import Collector, read_records
from llm_assets.sources.objects import (
    ObjectUnreadableError,
    SourceChangedError,
    SourceError,
    SourceObject,
)
from llm_assets.sources.watch import settings_of

VERSION = ShardVersion("raw_web", "shard-0000", "v", "l", "r", {}, 0, 0, {}, "run")


@dataclass
class Memory:
    """A place in memory; it counts what is opened."""

    source: str
    contents: dict[str, bytes]
    errors: dict[str, Exception] = field(default_factory=dict)
    opened: list[str] = field(default_factory=list)

    def objects(self) -> Iterator[SourceObject]:
        for key, content in self.contents.items():
            version = digest((content,))
            yield SourceObject(self.source, key, f"mem://{key}", version, len(content))

    @contextmanager
    def open(self, item: SourceObject) -> Iterator[BinaryIO]:
        self.opened.append(item.key)
        if item.key in self.errors:
            raise self.errors[item.key]
        yield io.BytesIO(self.contents[item.key])


@dataclass
class Stored:
    """The version of a shard that stands."""

    path: Path
    version: ShardVersion = VERSION

    def scan(self) -> pl.LazyFrame:
        return pl.scan_parquet(self.path)


def read_lines(stream: BinaryIO, _key: str) -> Iterator[Record | Unreadable]:
    """One record a line, named by its first letter; a line with ! cannot be read."""
    offset = 0
    for line in stream:
        if line.startswith(b"!"):
            yield Unreadable(line[:1].decode(), "malformed", "a line with !", offset, line)
        else:
            yield Record(line[:1].decode("utf-8", "replace"), line, "text/plain")
        offset += len(line)


@pytest.fixture(autouse=True)
def lines_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(READERS, "text", read_lines)  # type: ignore[arg-type]


def source(name: str = "books", license: str | None = None) -> Source:
    return Source(name=name, kind="books", location="x", format="text", license=license)


def collect(
    places: Mapping[str, Memory],
    sources: Mapping[str, Source] | None = None,
    previous: Stored | None = None,
    reusable: frozenset[str] = frozenset(),
) -> list[pl.DataFrame]:
    objects = sorted(item for place in places.values() for item in place.objects())
    collector = Collector(sources or {name: source(name) for name in places}, places)
    return list(collector.collect(objects, previous, reusable, lambda _count: None))


def rows(frames: list[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat([pl.DataFrame(schema=RAW), *frames])


def rows_of(content: bytes) -> pl.DataFrame:
    return rows(collect({"books": Memory("books", {"a": content})}))


# --- rows --------------------------------------------------------------------------------------


def test_a_record_is_a_row() -> None:
    place = Memory("books", {"x/a": b"one\ntwo\n"})
    table = rows(collect({"books": place}, {"books": source(license="CC0-1.0")}))
    assert table.schema == RAW
    (item,) = place.objects()
    first = table.row(0, named=True)
    assert first == {
        **dict.fromkeys(RAW.names()),
        "doc_id": document_id("books", "x/a", "o"),
        "source": "books",
        "object_key": "x/a",
        "object_uri": "mem://x/a",
        "object_version": item.version,
        "locator": "o",
        "license": "CC0-1.0",
        "media_type": "text/plain",
        "payload": b"one\n",
        "input_hash": first["input_hash"],
    }
    assert table["locator"].to_list() == ["o", "t"]


def test_what_a_record_says_comes_before_what_its_source_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def reader(_stream: BinaryIO, _key: str) -> Iterator[Record]:
        yield Record("1", b"", "text/plain", license="own", language_hint="fr")
        yield Record("2", b"", "text/plain")

    monkeypatch.setitem(READERS, "text", reader)  # type: ignore[arg-type]
    mine = Source(
        name="books", kind="books", location="x", format="text", license="all", language="de"
    )
    table = rows(collect({"books": Memory("books", {"a": b""})}, {"books": mine}))
    assert table["license"].to_list() == ["own", "all"]
    assert table["language_hint"].to_list() == ["fr", "de"]


def test_repeated_locators_are_told_apart() -> None:
    table = rows_of(b"a\na\nb\na\n")
    assert table["locator"].to_list() == ["a", "a#2", "b", "a#3"]
    assert table["doc_id"].n_unique() == 4


@given(st.lists(st.sampled_from(["", "a", "a#2", "a#2#2", "a#3", "#2"]), max_size=12))
def test_locators_are_unique_whatever_the_reader_gives(locators: list[str]) -> None:
    def reader(_stream: BinaryIO, _key: str) -> Iterator[Record]:
        for locator in locators:
            yield Record(locator, b"", "text/plain")

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(READERS, "text", reader)  # type: ignore[arg-type]
        table = rows(collect({"books": Memory("books", {"a": b""})}))
    assert table["doc_id"].n_unique() == len(locators)
    assert table["locator"].n_unique() == len(locators)


def test_rows_are_in_the_order_of_source_and_key() -> None:
    places = {
        name: Memory(name, dict.fromkeys(["b", "a/x", "a.x", "ü"], b"1\n")) for name in ("w", "b")
    }
    table = rows(collect(places))
    names = list(table.select("source", "object_key").iter_rows())
    assert names == sorted(names)
    assert len(names) == 8


def test_progress_counts_objects() -> None:
    place = Memory("books", {"a": b"1\n2\n", "b": b"", "c": b"1\n"})
    counted: list[int] = []
    collector = Collector({"books": source()}, {"books": place})
    list(collector.collect(sorted(place.objects()), None, frozenset(), counted.append))
    assert counted == [1, 1, 1]


def test_the_format_is_guessed_where_none_is_named() -> None:
    plain = Source(name="books", kind="books", location="x")
    place = Memory("books", {"a.txt": b"1\n", "b.bin": b"\x7fELF\x00\x01"})
    table = rows(collect({"books": place}, {"books": plain}))
    assert table["quarantine_reason"].to_list() == [None, "wrong_format"]
    detail = table["quarantine_detail"][1]
    assert "a source of kind 'books' can name a format" in detail
    assert table["payload"][1] == b"\x7fELF\x00\x01"


# --- what names a row's input ------------------------------------------------------------------


def hash_of(monkeypatch: pytest.MonkeyPatch, **changed: object) -> str:
    record = {"locator": "1", "payload": b"x", "media_type": "text/plain", **changed}

    def reader(_stream: BinaryIO, _key: str) -> Iterator[Record]:
        yield Record(**record)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setitem(READERS, "text", reader)  # type: ignore[arg-type]
        return str(rows_of(b"")["input_hash"][0])


TIME = datetime(2024, 1, 1, 12, tzinfo=UTC)


def test_the_input_hash_names_everything_but_the_time_of_reading(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain = hash_of(monkeypatch)
    assert hash_of(monkeypatch, fetched_at=TIME) == plain
    changes: list[dict[str, object]] = [
        {"locator": "2"}, {"payload": b"y"}, {"media_type": "text/html"}, {"url": "u"},
        {"title": "u"}, {"author": "u"}, {"published_at": TIME}, {"license": "u"},
        {"labels": "u"}, {"group_key": "u"}, {"encoding_hint": "u"}, {"language_hint": "u"},
    ]  # fmt: skip
    hashes = [hash_of(monkeypatch, **change) for change in changes]
    assert len({plain, *hashes}) == len(changes) + 1


def test_times_are_utc_and_the_same_moment_is_the_same_input(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moment = TIME.astimezone(timezone(timedelta(hours=9)))
    naive = TIME.replace(tzinfo=None)
    hashes = {hash_of(monkeypatch, published_at=time) for time in (TIME, moment, naive)}
    assert len(hashes) == 1


def test_a_time_outside_the_calendar_is_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    zone = timezone(timedelta(hours=9))

    def reader(_stream: BinaryIO, _key: str) -> Iterator[Record]:
        yield Record("1", b"", "x", published_at=datetime(1, 1, 1, tzinfo=zone))
        yield Record("2", b"", "x", published_at=TIME.astimezone(zone), fetched_at=TIME)

    monkeypatch.setitem(READERS, "text", reader)  # type: ignore[arg-type]
    table = rows_of(b"")
    assert table["published_at"].to_list() == [None, TIME]
    assert table["fetched_at"].to_list() == [None, TIME]


def test_broken_text_from_a_reader_fits_into_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    def reader(_stream: BinaryIO, _key: str) -> Iterator[Record | Unreadable]:
        yield Record("\ud800", b"", "x\udfff", url="\ud800/", title="\0ok")
        yield Unreadable("\udcff", "malformed", "\udcff")

    monkeypatch.setitem(READERS, "text", reader)  # type: ignore[arg-type]
    table = rows_of(b"")
    assert table["url"].to_list() == ["?/", None]
    assert table["title"].to_list() == ["\0ok", None]
    assert table["locator"].to_list() == ["?", "?#2"]
    assert table["quarantine_detail"].to_list() == [None, "?"]


# --- what cannot be read -----------------------------------------------------------------------


def test_an_unreadable_record_is_a_row_with_its_reason() -> None:
    table = rows_of(b"one\n!" + b"x" * 1000 + b"\ntwo\n")
    bad = table.row(1, named=True)
    assert bad["quarantine_reason"] == "malformed"
    assert bad["quarantine_detail"] == "a line with !"
    assert bad["quarantine_offset"] == 4
    assert bad["payload"] == b"!" + b"x" * (HEAD_BYTES - 1)
    assert table["quarantine_reason"].to_list() == [None, "malformed", None]


def test_an_object_that_its_place_does_not_hand_out_is_a_row_and_the_others_are_read() -> None:
    place = Memory("books", {"a": b"1\n", "b": b"1\n", "c": b"1\n"})
    place.errors["b"] = ObjectUnreadableError("Permission denied")
    table = rows(collect({"books": place}))
    assert table["quarantine_reason"].to_list() == [None, "unreadable", None]
    assert table["quarantine_detail"][1] == "Permission denied"


@pytest.mark.parametrize(
    "error",
    [
        SourceChangedError("x"),
        SourceError("x"),
        OSError(errno.EIO, "x"),
        MemoryError(),
    ],
)
def test_errors_that_may_pass_fail_the_run(error: Exception) -> None:
    place = Memory("books", {"a": b"1\n"})
    place.errors["a"] = error
    with pytest.raises(type(error)):
        collect({"books": place})


def failing_reader(error: Exception) -> object:
    def reader(stream: BinaryIO, _key: str) -> Iterator[Record]:
        yield Record("1", stream.read(1), "text/plain")
        raise error

    return reader


@pytest.mark.parametrize(
    ("error", "detail"),
    [
        (ValueError("no\nsense"), "the reader failed: ValueError: no\nsense"),
        (OSError("not a gzip file"), "the reader failed: OSError: not a gzip file"),
        (KeyError(), "the reader failed: KeyError: "),
        (RecursionError("deep"), "the reader failed: RecursionError: deep"),
        (ValueError("x" * 999), "the reader failed: ValueError: " + "x" * 188),
        (TypeError("<obj at 0x7f00ab>"), "the reader failed: TypeError: <obj at 0x>"),
    ],
)
def test_a_reader_that_fails_costs_the_rest_of_its_object(
    monkeypatch: pytest.MonkeyPatch, error: Exception, detail: str
) -> None:
    monkeypatch.setitem(READERS, "text", failing_reader(error))  # type: ignore[arg-type]
    table = rows(collect({"books": Memory("books", {"a": b"abc", "b": b"def"})}))
    assert table["payload"].to_list() == [b"a", b"abc", b"d", b"def"]
    assert table["quarantine_reason"].to_list() == [None, "malformed"] * 2
    assert table["quarantine_detail"][1] == detail


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "full"), MemoryError()])
def test_a_machine_that_fails_a_reader_fails_the_run(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setitem(READERS, "text", failing_reader(error))  # type: ignore[arg-type]
    with pytest.raises(type(error)):
        rows_of(b"abc")


def test_reading_one_object_alone() -> None:
    records = list(read_records(source(), "a", io.BytesIO(b"one\n!two\n")))
    assert [type(record) for record in records] == [Record, Unreadable]


# --- frames ------------------------------------------------------------------------------------


def test_frames_are_bounded_by_rows_and_by_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collect_module, "_FRAME_ROWS", 4)
    monkeypatch.setattr(collect_module, "_FRAME_BYTES", 100)
    content = {"a": b"1\n" * 10, "b": b"x" * 500 + b"\n" + b"1\n" * 2, "c": b"1\n"}
    frames = collect({"books": Memory("books", content)})
    assert [frame.height for frame in frames] == [4, 4, 3, 3]


@pytest.fixture
def many(tmp_path: Path) -> tuple[Memory, Stored]:
    """A thousand objects of one row each, in row groups of a hundred."""
    place = Memory("books", {f"{number:04}": b"%d\n" % number for number in range(1000)})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parquet_file, "_GROUP_ROWS", 100)
        write_table(tmp_path / "before", RAW, collect({"books": place}))
    place.opened.clear()
    return place, Stored(tmp_path / "before")


def test_one_change_among_many_objects_makes_few_frames(many: tuple[Memory, Stored]) -> None:
    place, before = many
    place.contents["0500"] = b"changed\n"
    frames = collect({"books": place}, previous=before, reusable=frozenset({"books"}))
    assert place.opened == ["0500"]
    assert_frame_equal(rows(frames), rows(collect({"books": place})))
    assert len(frames) <= 13, "as many as row groups, and three for the change"


def test_a_large_object_is_kept_in_frames_no_larger_than_they_were_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_file, "_GROUP_ROWS", 100)
    place = Memory("books", {"large": b"".join(b"%d\n" % number for number in range(1000))})
    write_table(tmp_path / "before", RAW, collect({"books": place}))
    frames = collect(
        {"books": place}, previous=Stored(tmp_path / "before"), reusable=frozenset({"books"})
    )
    assert place.opened == ["large"]
    assert max(frame.height for frame in frames) <= 100
    assert rows(frames).height == 1000


def test_frames_are_drawn_as_objects_are_read() -> None:
    place = Memory("books", {f"{number}": b"x" * (40 << 20) for number in range(3)})
    collector = Collector({"books": source()}, {"books": place})
    frames = collector.collect(sorted(place.objects()), None, frozenset(), lambda _count: None)
    next(frames)
    assert place.opened == ["0"]


# --- what is kept ------------------------------------------------------------------------------


@pytest.fixture
def two_sources(tmp_path: Path) -> tuple[dict[str, Memory], Stored]:
    places = {
        "books": Memory("books", {"a": b"1\n2\n", "b": b"3\n", "empty": b""}),
        "more": Memory("more", {"a": b"4\n", "b": b"!5\n"}),
    }
    write_table(tmp_path / "before", RAW, collect(places))
    for place in places.values():
        place.opened.clear()
    return places, Stored(tmp_path / "before")


BOTH = frozenset({"books", "more"})


def test_rows_of_unchanged_objects_are_kept_unopened(
    two_sources: tuple[dict[str, Memory], Stored],
) -> None:
    places, before = two_sources
    places["books"].contents |= {"b": b"changed\n", "c": b"new\n"}
    del places["more"].contents["a"]
    table = rows(collect(places, previous=before, reusable=BOTH))
    # An object without rows leaves no trace, and is read again.
    assert places["books"].opened == ["b", "c", "empty"]
    assert places["more"].opened == []
    assert_frame_equal(table, rows(collect(places)))


def test_another_setting_reads_its_source_alone_again(
    two_sources: tuple[dict[str, Memory], Stored],
) -> None:
    places, before = two_sources
    sources = {"books": source("books", license="new"), "more": source("more")}
    table = rows(collect(places, sources, before, reusable=frozenset({"more"})))
    assert places["books"].opened == ["a", "b", "empty"]
    assert places["more"].opened == []
    assert_frame_equal(table, rows(collect(places, sources)))


def test_an_object_that_moved_is_read_again(
    two_sources: tuple[dict[str, Memory], Stored], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its rows say where it was read."""
    places, before = two_sources
    original = Memory.objects

    def elsewhere(self: Memory) -> Iterator[SourceObject]:
        for item in original(self):
            yield SourceObject(item.source, item.key, f"new:{item.uri}", item.version, item.size)

    monkeypatch.setattr(Memory, "objects", elsewhere)
    table = rows(collect(places, previous=before, reusable=BOTH))
    assert places["more"].opened == ["a", "b"]
    assert_frame_equal(table, rows(collect(places)))


CONTENTS = st.dictionaries(
    st.sampled_from(["a", "b", "c", "d/e", "ü"]),
    st.sampled_from([b"", b"1\n", b"1\n1\n", b"2\n3\n!4\n", b"5\n6\n7\n8\n9\n"]),
    max_size=5,
)
STATES = st.lists(
    st.tuples(CONTENTS, CONTENTS, st.sampled_from([None, "CC0", "MIT"])), min_size=2, max_size=5
)


@settings(max_examples=25, deadline=None)
@given(STATES, st.integers(1, 4), st.integers(1, 4))
def test_any_sequence_of_edits_equals_a_rebuild(
    tmp_path_factory: pytest.TempPathFactory,
    states: list[tuple[dict[str, bytes], dict[str, bytes], str | None]],
    frame_rows: int,
    group_rows: int,
) -> None:
    folder = tmp_path_factory.mktemp("edits")
    before: Stored | None = None
    settings_before: dict[str, str] = {}
    for step, (books, more, license) in enumerate(states):
        sources = {"books": source("books", license), "more": source("more")}
        places = {"books": Memory("books", books), "more": Memory("more", more)}
        now = {name: settings_of(each) for name, each in sources.items()}
        alike = frozenset(name for name in now if settings_before.get(name) == now[name])
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(collect_module, "_FRAME_ROWS", frame_rows)
            patch.setattr(parquet_file, "_GROUP_ROWS", group_rows)
            path = folder / f"{step}"
            incremental = write_table(path, RAW, collect(places, sources, before, alike))
            rebuilt = write_table(folder / "rebuilt", RAW, collect(places, sources))
        assert incremental.content_hash == rebuilt.content_hash
        before, settings_before = Stored(path), now
