"""Local folders as sources: which files are objects, and how a change to one is noticed."""

import errno
import hashlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_assets.io.catalog import Catalog, ObservedFile
from llm_assets.recipe import Corpus, Source
from llm_assets.sources import folder as folder_module
from llm_assets.sources.folder import FolderPlace, _key_of, _name_of
from llm_assets.sources.objects import (
    ObjectUnreadableError,
    SourceChangedError,
    SourceError,
    SourceObject,
)
from llm_assets.sources.places import open_place, open_places


@dataclass
class Memory:
    """What is known of files between listings."""

    files: dict[str, ObservedFile] = field(default_factory=dict)

    def remember(self, files: Iterable[ObservedFile]) -> None:
        self.files.update({file.object_key: file for file in files})


def place(pattern: Path, memory: Memory | None = None) -> FolderPlace:
    memory = memory or Memory()
    return FolderPlace("pages", pattern, known=lambda: memory.files, remember=memory.remember)


def keys(pattern: Path) -> list[str]:
    return sorted(item.key for item in place(pattern).objects())


def write(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


def read(where: FolderPlace, item: SourceObject) -> bytes:
    with where.open(item) as stream:
        return stream.read()


def only(where: FolderPlace) -> SourceObject:
    (item,) = where.objects()
    return item


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are hashed."""
    names: list[str] = []
    original = folder_module._hash

    def spy(stream: BinaryIO) -> str:
        names.append(Path(str(stream.name)).name)
        return original(stream)  # type: ignore[arg-type]

    monkeypatch.setattr(folder_module, "_hash", spy)
    return names


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that were written just now count as left alone for long."""
    monkeypatch.setattr(folder_module, "_SETTLED_NANOSECONDS", 0)


# --- which files -------------------------------------------------------------------------------


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    write(tmp_path, "a.html", "b.txt", "x/c.html", "x/y/d.html", ".hidden.html", ".git/e.html")
    write(tmp_path, "x/.f.html")
    return tmp_path


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("", ["a.html", "b.txt", "x/c.html", "x/y/d.html"]),
        ("*", ["a.html", "b.txt"]),
        ("*.html", ["a.html"]),
        ("**/*.html", ["a.html", "x/c.html", "x/y/d.html"]),
        ("**/**/*.html", ["a.html", "x/c.html", "x/y/d.html"]),
        ("x/*", ["c.html"]),
        ("x/**/*.html", ["c.html", "y/d.html"]),
        ("*/c.html", ["x/c.html"]),
        ("a.html", ["a.html"]),
        ("x", ["c.html", "y/d.html"]),
        ("x/", ["c.html", "y/d.html"]),
        (".git/*", ["e.html"]),
        ("**/.*.html", [".hidden.html", "x/.f.html"]),
        ("*.none", []),
    ],
)
def test_which_files_a_location_names(pages: Path, pattern: str, expected: list[str]) -> None:
    assert keys(pages / pattern) == expected


def test_an_object_is_named_by_its_place_and_content(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "a.html").write_bytes(b"content")
    version = hashlib.blake2b(b"content", digest_size=16).hexdigest()
    assert only(place(tmp_path)) == SourceObject(
        "pages", "x/a.html", str(tmp_path / "x" / "a.html"), version, 7
    )


def test_names_with_special_characters_are_themselves_where_they_exist(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus [v2]* ?"
    write(corpus, "pa[ges/a.html", "pa[ges/[x].html", "**/b.html")
    assert keys(corpus / "pa[ges" / "*.html") == ["[x].html", "a.html"]
    assert keys(corpus / "pa[ges") == ["[x].html", "a.html"]
    assert keys(corpus / "pa[ges" / "[x].html") == ["[x].html"]
    assert keys(corpus / "**") == ["b.html"]


def test_a_folder_that_is_not_there_is_an_error_and_not_empty(tmp_path: Path) -> None:
    for pattern in (tmp_path / "none", tmp_path / "none" / "*.html", tmp_path / "none.html"):
        with pytest.raises(SourceError, match=r"source 'pages': there is no file or folder .*none"):
            list(place(pattern).objects())
    assert keys(tmp_path) == []


def test_links_to_files_and_folders_are_followed_and_loops_are_not(tmp_path: Path) -> None:
    write(tmp_path, "real/a.html", "real/sub/b.html")
    source = tmp_path / "source"
    source.mkdir()
    (source / "file.html").symlink_to(tmp_path / "real" / "a.html")
    (source / "folder").symlink_to(tmp_path / "real")
    (source / "dangling").symlink_to(tmp_path / "nowhere")
    (tmp_path / "real" / "sub" / "loop").symlink_to(tmp_path / "real")
    (source / "self").symlink_to(source / "self")
    expected = ["file.html", "folder/a.html", "folder/sub/b.html", "self"]
    assert keys(source) == expected
    (tmp_path / "link").symlink_to(source)
    assert keys(tmp_path / "link") == expected
    assert keys(tmp_path / "link" / "*.html") == ["file.html"]


def test_a_link_s_version_follows_its_target(tmp_path: Path) -> None:
    write(tmp_path, "one", "other")
    source = tmp_path / "source"
    source.mkdir()
    memory = Memory()
    (source / "link").symlink_to(tmp_path / "one")
    first = only(place(source, memory)).version
    (source / "link").unlink()
    (source / "link").symlink_to(tmp_path / "other")
    assert only(place(source, memory)).version != first


def test_pipes_and_sockets_are_no_objects(tmp_path: Path) -> None:
    write(tmp_path, "a")
    os.mkfifo(tmp_path / "pipe")
    assert keys(tmp_path) == ["a"]


@pytest.fixture
def deep(tmp_path: Path) -> Iterator[Path]:
    """A folder below more folders than a function may call itself."""
    folders = [tmp_path]
    for _ in range(sys.getrecursionlimit() + 100):
        folders.append(folders[-1] / "d")
        folders[-1].mkdir()
    yield folders[-1]
    for folder in reversed(folders[1:]):  # removing it all at once calls itself, too
        folder.rmdir()


def test_a_deep_tree_is_walked(tmp_path: Path, deep: Path) -> None:
    (deep / "a").write_text("x")
    assert keys(tmp_path) == [(deep / "a").relative_to(tmp_path).as_posix()]
    (deep / "a").unlink()


# --- odd names ---------------------------------------------------------------------------------

ODD_NAMES = [b"\xff\xfe.html", b"\\xff.html", b"a\\b", b"new\nline", b" ", "ü".encode(), b"%41?#"]


def test_files_of_any_name_are_objects_with_keys_of_their_own(tmp_path: Path) -> None:
    for name in ODD_NAMES:
        (tmp_path / os.fsdecode(name)).write_bytes(name)
    where = place(tmp_path)
    items = list(where.objects())
    assert len({item.key for item in items}) == len(ODD_NAMES)
    for item in items:
        item.key.encode()
        item.uri.encode()
    assert sorted(read(where, item) for item in items) == sorted(ODD_NAMES)
    assert {item.key for item in items} >= {"\\xff\\xfe.html", "\\\\xff.html", "new\nline", "ü"}


@given(st.binary(min_size=1).filter(lambda name: not {0, ord("/")} & set(name)))
def test_every_file_name_has_a_key_and_every_key_its_name(name: bytes) -> None:
    key = _key_of(os.fsdecode(name))
    assert os.fsencode(_name_of(key)) == name


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\\/\0"), min_size=1))
def test_ordinary_names_are_their_own_keys(name: str) -> None:
    assert _key_of(name) == name


# --- change ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("settled")
def test_a_file_is_hashed_once(tmp_path: Path, hashed: list[str]) -> None:
    write(tmp_path, "a", "b")
    memory = Memory()
    first = sorted(place(tmp_path, memory).objects())
    assert sorted(hashed) == ["a", "b"]
    hashed.clear()
    assert sorted(place(tmp_path, memory).objects()) == first
    assert hashed == []


@pytest.mark.usefixtures("settled")
def test_a_touched_file_is_hashed_and_is_the_same_version(
    tmp_path: Path, hashed: list[str]
) -> None:
    write(tmp_path, "a")
    memory = Memory()
    first = only(place(tmp_path, memory))
    os.utime(tmp_path / "a", (1, 1))
    hashed.clear()
    assert only(place(tmp_path, memory)) == first
    assert hashed == ["a"]


@pytest.mark.usefixtures("settled")
def test_other_content_of_the_same_size_and_time_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"one")
    os.utime(path, ns=(10**18, 10**18))
    memory = Memory()
    first = only(place(tmp_path, memory))
    path.write_bytes(b"two")
    os.utime(path, ns=(10**18, 10**18))
    second = only(place(tmp_path, memory))
    assert (first.size, path.stat().st_mtime_ns) == (second.size, 10**18)
    assert first.version != second.version


@pytest.mark.usefixtures("settled")
def test_a_file_put_in_another_s_place_is_noticed(tmp_path: Path) -> None:
    write(tmp_path, "source/a", "b")
    memory = Memory()
    first = only(place(tmp_path / "source", memory))
    os.replace(tmp_path / "b", tmp_path / "source" / "a")  # noqa: PTH105
    assert only(place(tmp_path / "source", memory)).version != first.version


def test_times_of_a_file_that_was_just_written_vouch_for_nothing(
    tmp_path: Path, hashed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "a")
    memory = Memory()
    list(place(tmp_path, memory).objects())
    assert memory.files == {}, "it may change again within the same tick of the clock"
    later = time.time_ns() + 3_000_000_000
    monkeypatch.setattr(time, "time_ns", lambda: later)
    list(place(tmp_path, memory).objects())
    list(place(tmp_path, memory).objects())
    assert hashed == ["a", "a"]


@pytest.mark.usefixtures("settled")
def test_a_listing_that_is_interrupted_has_not_hashed_for_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_module, "_REMEMBER_AT_ONCE", 2)
    write(tmp_path, "a", "b", "c", "d")
    memory = Memory()
    listing = place(tmp_path, memory).objects()
    for _ in range(3):
        next(listing)
    listing.close()
    assert sorted(memory.files) == ["a", "b"]


@pytest.mark.usefixtures("settled")
def test_hashes_are_kept_in_the_catalog(
    tmp_path: Path, database_url: str, hashed: list[str]
) -> None:
    catalog = Catalog(database_url, "corpus")
    catalog.prepare()
    write(tmp_path, "pages/a")
    (tmp_path / "pages" / os.fsdecode(b"\xff")).write_text("x")
    source = Source(name="pages", kind="web", location="./pages")
    first = sorted(open_place(source, tmp_path / "corpus.yaml", catalog).objects())
    hashed.clear()
    assert sorted(open_place(source, tmp_path / "corpus.yaml", catalog).objects()) == first
    assert hashed == []


@pytest.mark.usefixtures("settled")
def test_very_long_paths_are_read_and_not_remembered(tmp_path: Path, database_url: str) -> None:
    catalog = Catalog(database_url, "corpus")
    catalog.prepare()
    names = [os.urandom(100).hex() for _ in range(15)]
    write(tmp_path, "/".join(["pages", *names]), "pages/short")
    source = Source(name="pages", kind="web", location="./pages")
    found = [item.key for item in open_place(source, tmp_path / "c.yaml", catalog).objects()]
    assert sorted(found) == sorted(["/".join(names), "short"])
    assert list(catalog.file_hashes("pages")) == ["short"]


# --- reading -----------------------------------------------------------------------------------


def test_what_is_read_is_what_was_listed(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"content")
    where = place(tmp_path / "*")
    with where.open(only(where)) as stream:
        assert stream.read(3) == b"con"
        stream.seek(0)
        assert stream.read() == b"content"


def rewrite(path: Path) -> None:
    path.write_bytes(b"CONTENT")


@pytest.mark.parametrize("change", [rewrite, Path.unlink], ids=["rewritten", "removed"])
def test_a_file_that_changed_since_it_was_listed_is_not_read(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"content")
    where = place(tmp_path)
    item = only(where)
    change(path)
    with pytest.raises(SourceChangedError, match="a "):
        read(where, item)


def test_a_file_that_changes_while_it_is_read_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"content")
    where = place(tmp_path)
    item = only(where)

    def read_and_meddle() -> None:
        with where.open(item) as stream:
            stream.read(1)
            rewrite(path)

    with pytest.raises(SourceChangedError, match="changed while the run was under way"):
        read_and_meddle()


def test_a_file_that_is_replaced_while_it_is_read_is_read_as_it_was(tmp_path: Path) -> None:
    write(tmp_path, "source/a", "b")
    where = place(tmp_path / "source")
    with where.open(only(where)) as stream:
        os.replace(tmp_path / "b", tmp_path / "source" / "a")  # noqa: PTH105
        assert stream.read() == b"source/a"


def test_errors_of_the_one_who_reads_pass_through(tmp_path: Path) -> None:
    write(tmp_path, "a")
    where = place(tmp_path)
    item = only(where)
    with pytest.raises(FileNotFoundError, match="mine"), where.open(item):
        raise FileNotFoundError("mine")


# --- what cannot be read -----------------------------------------------------------------------


def refusing(monkeypatch: pytest.MonkeyPatch, name: str, method: str, number: int) -> None:
    """Have the system refuse one file: as root, modes do not."""
    original = getattr(Path, method)

    def refuse(self: Path, *arguments: object, **options: object) -> object:
        if self.name == name:
            raise OSError(number, os.strerror(number), str(self))
        return original(self, *arguments, **options)

    monkeypatch.setattr(Path, method, refuse)


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO])
def test_a_file_that_cannot_be_read_is_an_object_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    write(tmp_path, "bad", "good")
    memory = Memory()
    with monkeypatch.context() as refused:
        refusing(refused, "bad", "open", number)
        where = place(tmp_path, memory)
        bad, good = sorted(where.objects())
        assert (bad.key, bad.version) == ("bad", f"unreadable:{errno.errorcode[number]}")
        assert read(where, good) == b"good"
        with pytest.raises(ObjectUnreadableError, match=os.strerror(number)):
            read(where, bad)
    mended, _ = sorted(place(tmp_path, memory).objects())
    assert mended.version != bad.version
    assert read(place(tmp_path), mended) == b"bad"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(tmp_path: Path) -> None:
    write(tmp_path, "bad")
    (tmp_path / "bad").chmod(0)
    assert only(place(tmp_path)).version == "unreadable:EACCES"


def test_a_file_that_vanishes_during_the_listing_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "here", "gone")
    refusing(monkeypatch, "gone", "open", errno.ENOENT)
    assert keys(tmp_path) == ["here"]


def test_a_folder_that_vanishes_during_the_listing_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "here", "gone/a")
    refusing(monkeypatch, "gone", "iterdir", errno.ENOENT)
    assert keys(tmp_path) == ["here"]


def test_a_folder_that_cannot_be_listed_deletes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "here", "closed/a")
    refusing(monkeypatch, "closed", "iterdir", errno.EACCES)
    with pytest.raises(SourceError, match=r"closed cannot be listed: Permission denied"):
        keys(tmp_path)


def test_a_tree_that_is_written_to_while_it_is_listed(tmp_path: Path) -> None:
    stop = threading.Event()

    def churn() -> None:
        turn = 0
        while not stop.is_set():
            turn += 1
            write(tmp_path, f"x/{turn % 7}/a", f"{turn % 5}")
            for name in (f"x/{(turn + 3) % 7}/a", f"{(turn + 2) % 5}"):
                (tmp_path / name).unlink(missing_ok=True)

    writer = threading.Thread(target=churn)
    writer.start()
    try:
        for _ in range(30):
            found = keys(tmp_path)
            assert len(set(found)) == len(found)
    finally:
        stop.set()
        writer.join()


# --- locations ---------------------------------------------------------------------------------


@pytest.fixture
def nowhere() -> Catalog:
    """A catalog that a test does not get as far as asking."""
    return Catalog("postgresql://127.0.0.1:1/none", "corpus")


def test_a_relative_location_starts_at_the_corpus_file(tmp_path: Path, nowhere: Catalog) -> None:
    for location, expected in (
        ("./pages/*.html", tmp_path / "pages"),
        (str(tmp_path / "elsewhere"), tmp_path / "elsewhere"),
        ("~/pages", Path.home() / "pages"),
        ("~other", tmp_path / "~other"),
    ):
        source = Source(name="pages", kind="web", location=location)
        where = open_place(source, tmp_path / "corpus.yaml", nowhere)
        assert isinstance(where, FolderPlace)
        assert where.base == expected


def test_a_location_of_an_unknown_kind_is_refused(tmp_path: Path, nowhere: Catalog) -> None:
    source = Source(name="pages", kind="web", location="ftp://host/x")
    with pytest.raises(SourceError, match=r"source 'pages': ftp://host/x is neither a path nor"):
        open_place(source, tmp_path / "corpus.yaml", nowhere)


def test_every_source_has_a_place(tmp_path: Path, nowhere: Catalog) -> None:
    sources = [Source(name=name, kind="web", location=name) for name in ("a", "b")]
    places = open_places(Corpus(sources=sources), tmp_path / "corpus.yaml", nowhere)
    assert list(places) == ["a", "b"]


def test_remembering_is_asked_for_once_at_the_end(tmp_path: Path) -> None:
    calls: list[int] = []
    write(tmp_path, "a")
    remember = partial(lambda files: calls.append(len(list(files))))
    where = FolderPlace("pages", tmp_path, known=dict, remember=remember)
    list(where.objects())
    assert calls == [0]
