"""The object store: one contract, held by a folder and by a real S3 server."""

import errno
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from llm_assets.io.object_store import (
    STREAMED_BYTES,
    LocalStore,
    ObjectStore,
    StorageError,
    open_store,
)
from llm_assets.io.parquet_file import write_table
from llm_assets.io.s3_store import S3Store

ODD_KEYS = [
    "plain/shard-0000/0a1b.parquet",
    "a b/ü=1/%25.parquet",
    "x+y/[z]/q?r#s.parquet",
    "star*/ключ.parquet",
]


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    place = str(tmp_path / "st=re [1]")
    if request.param == "s3":
        place = request.getfixturevalue("s3_prefix") + "pre fix=1/%41"
    return open_store(place, tmp_path / "cache")


@pytest.fixture
def s3_store(s3_prefix: str, tmp_path: Path) -> S3Store:
    store = open_store(s3_prefix, tmp_path / "cache")
    assert isinstance(store, S3Store)
    return store


def put(store: ObjectStore, key: str, content: bytes = b"content") -> None:
    with store.scratch() as folder:
        source = folder / "file"
        source.write_bytes(content)
        store.put(source, key)
        assert not source.exists()


def keys_of(store: ObjectStore, prefix: str = "") -> list[str]:
    listing = list(store.keys(prefix))
    return [key for key, _ in listing]


def scratch_parent(store: ObjectStore) -> Path:
    if isinstance(store, S3Store):
        return store.cache / "scratch"
    assert isinstance(store, LocalStore)
    return store.root / ".scratch"


def scratch_places(store: ObjectStore) -> list[Path]:
    parent = scratch_parent(store)
    return list(parent.iterdir()) if parent.exists() else []


@pytest.mark.parametrize("key", ODD_KEYS)
def test_what_is_put_is_there_and_reads_the_same(store: ObjectStore, key: str) -> None:
    assert not store.exists(key)
    put(store, key, b"\x00 content")
    assert store.exists(key)
    assert store.open_local(key).read_bytes() == b"\x00 content"
    assert list(store.keys()) == [(key, 9)]
    store.delete(key)
    assert not store.exists(key)
    assert list(store.keys()) == []


@pytest.mark.parametrize("key", ODD_KEYS)
def test_a_table_is_scanned_lazily(store: ObjectStore, key: str) -> None:
    table = pl.DataFrame({"n": range(10), "text": ["x"] * 10})
    with store.scratch() as folder:
        table.write_parquet(folder / "t")
        store.put(folder / "t", key)
    rows = store.scan_parquet(key)
    assert rows.collect_schema() == table.schema
    assert_frame_equal(rows.filter(pl.col("n") > 5).select("n").collect(), table[6:].select("n"))


def test_keys_are_listed_in_order_by_prefix(store: ObjectStore) -> None:
    for key in ("b", "a/x/2", "a/x/1", "a.b", "a/y", "ab/z"):
        put(store, key, key.encode())
    assert keys_of(store) == ["a.b", "a/x/1", "a/x/2", "a/y", "ab/z", "b"]
    assert list(store.keys("a/x/")) == [("a/x/1", 5), ("a/x/2", 5)]
    assert keys_of(store, "a") == ["a.b", "a/x/1", "a/x/2", "a/y", "ab/z"]
    assert list(store.keys("c/d/e")) == []


def test_an_empty_store_has_no_keys(store: ObjectStore) -> None:
    assert list(store.keys()) == []


def test_deleting_what_is_not_there_is_no_error(store: ObjectStore) -> None:
    store.delete("no/such/key")


def test_reading_what_is_not_there_says_so(store: ObjectStore) -> None:
    with pytest.raises(StorageError, match=r"cannot read .*no/such/key"):
        store.open_local("no/such/key")
    with pytest.raises(FileNotFoundError):
        store.scan_parquet("no/such/key").collect()


def test_putting_a_key_again_replaces_it_whole(store: ObjectStore) -> None:
    put(store, "k", b"first")
    put(store, "k", b"second")
    assert list(store.keys()) == [("k", 6)]


def test_scratch_is_empty_private_and_gone_afterwards(store: ObjectStore) -> None:
    with store.scratch() as one, store.scratch() as other:
        (one / "a").write_text("x")
        assert list(other.iterdir()) == []
        assert list(store.keys()) == []
    assert not one.exists()
    assert scratch_places(store) == []


def test_scratch_is_gone_after_an_error_which_passes_through(store: ObjectStore) -> None:
    def fail(folder: Path) -> None:
        (folder / "sub").mkdir()
        (folder / "sub" / "file").write_text("x")
        raise FileNotFoundError(errno.ENOENT, "mine")

    with pytest.raises(FileNotFoundError, match="mine"), store.scratch() as folder:
        fail(folder)
    assert scratch_places(store) == []
    assert list(store.keys()) == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_disk_that_gets_full_is_explained(store: ObjectStore, number: int) -> None:
    with (
        pytest.raises(StorageError, match=r"the disk .*free some space.*Nothing was published"),
        store.scratch(),
    ):
        raise OSError(number, os.strerror(number))


def test_scratch_of_a_killed_process_is_gone_with_the_next(store: ObjectStore) -> None:
    killed = (
        "import os, signal, sys; from pathlib import Path\n"
        "from llm_assets.io.scratch import scratch_folder\n"
        "with scratch_folder(Path(sys.argv[1])) as folder:\n"
        "    (folder / 'left').write_text('x')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    root = str(Path(__file__).parents[2])
    ended = subprocess.run(
        [sys.executable, "-c", killed, str(scratch_parent(store))],
        env={**os.environ, "PYTHONPATH": root},
        check=False,
    )
    assert ended.returncode == -9
    assert len(scratch_places(store)) == 1
    with store.scratch() as folder:
        assert scratch_places(store) == [folder.parent]


def test_many_threads_make_scratch_at_once(store: ObjectStore) -> None:
    failures: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(20):
                with store.scratch() as folder:
                    (folder / "mine").write_text("x")
                    assert [path.name for path in folder.iterdir()] == ["mine"]
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_an_unknown_kind_of_place_is_refused(tmp_path: Path) -> None:
    for place in ("gs://bucket/x", "s3:///x", "file:///x"):
        with pytest.raises(StorageError, match=r"s3://bucket/prefix"):
            open_store(place, tmp_path)


# --- a folder ----------------------------------------------------------------------------------


def test_no_reader_sees_a_partial_file(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    content = os.urandom(1 << 20)
    seen: set[int] = set()
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            seen.update(size for _, size in list(store.keys()))

    watcher = threading.Thread(target=watch)
    watcher.start()
    for number in range(20):
        put(store, f"folder-{number}/file", content)
    done.set()
    watcher.join()
    assert seen == {len(content)}


def test_a_new_file_and_its_new_folders_are_synced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = LocalStore(tmp_path / "store")
    synced: list[str] = []
    monkeypatch.setattr(
        os, "fsync", lambda fd: synced.append(str(Path(f"/proc/self/fd/{fd}").readlink()))
    )
    put(store, "asset/shard/file")
    root = str(tmp_path / "store")
    assert synced[0].endswith("/content/file")
    assert synced[1:] == [f"{root}/asset/shard", f"{root}/asset", root]


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MiB, where this machine lets us mount one."""
    place = tmp_path / "tiny"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("this user cannot mount a file system")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_publishes_nothing(tiny_disk: Path) -> None:
    store = LocalStore(tiny_disk)
    put(store, "before", b"x")
    table = pl.DataFrame({"payload": [os.urandom(4 << 20)]})
    with pytest.raises(StorageError, match="the disk is full"), store.scratch() as folder:
        table.write_parquet(folder / "polars")
    with pytest.raises(StorageError, match="the disk is full"), store.scratch() as folder:
        write_table(folder / "arrow", table.schema, [table])
    with pytest.raises(StorageError, match="the disk is full"), store.scratch() as folder:
        (folder / "bytes").write_bytes(bytes(4 << 20))
    assert list(store.keys()) == [("before", 1)]
    assert scratch_places(store) == []


def test_a_folder_that_is_a_file_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    store = LocalStore(tmp_path / "file")
    with pytest.raises(StorageError, match="LLM_ASSETS_STORE"), store.scratch():
        pass


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.EIO])
def test_what_the_system_refuses_is_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    store = LocalStore(tmp_path)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    with store.scratch() as folder:
        (folder / "file").write_text("x")
        monkeypatch.setattr(Path, "replace", refuse)
        with pytest.raises(StorageError, match=r"cannot write .*/key: .*Nothing was published"):
            store.put(folder / "file", "key")
    assert not store.exists("key")


# --- a bucket ----------------------------------------------------------------------------------


def test_large_files_go_up_and_down_in_parts(s3_store: S3Store) -> None:
    content = os.urandom(1 << 20) * 70
    put(s3_store, "large", content)
    assert s3_store.open_local("large").read_bytes() == content


def test_a_file_is_fetched_once(s3_store: S3Store) -> None:
    put(s3_store, "a/b", b"x")
    path = s3_store.open_local("a/b")
    s3_store.delete("a/b")
    assert s3_store.open_local("a/b") == path
    assert scratch_places(s3_store) == []


USES = ["put", "exists", "open_local", "delete", "keys"]


def use(store: ObjectStore, name: str, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_text("x")
    actions = {
        "put": lambda: store.put(source, "key"),
        "exists": lambda: store.exists("key"),
        "open_local": lambda: store.open_local("key"),
        "delete": lambda: store.delete("key"),
        "keys": lambda: list(store.keys()),
    }
    actions[name]()  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("name", USES)
def test_wrong_credentials_are_explained(
    s3_store: S3Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong-secret")
    with pytest.raises(StorageError, match="AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY") as failed:
        use(s3_store, name, tmp_path)
    assert "wrong-secret" not in str(failed.value)
    assert failed.value.__suppress_context__, "one message, not a chain of them"


@pytest.mark.parametrize("name", USES)
def test_missing_credentials_are_explained(
    s3_store: S3Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(StorageError, match="there are no credentials: set AWS_ACCESS_KEY_ID"):
        use(s3_store, name, tmp_path)


@pytest.mark.parametrize("name", ["put", "keys"])
def test_a_missing_bucket_is_explained(s3_store: S3Store, tmp_path: Path, name: str) -> None:
    elsewhere = replace(s3_store, bucket="no-such-bucket")
    with pytest.raises(StorageError, match="there is no such bucket: create it"):
        use(elsewhere, name, tmp_path)


@pytest.mark.parametrize("name", USES)
def test_an_endpoint_that_is_down_is_given_up_soon(
    s3_store: S3Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{taken.getsockname()[1]}")
    started = time.monotonic()
    with pytest.raises(StorageError, match=r"nothing answers there .*check AWS_ENDPOINT_URL"):
        use(s3_store, name, tmp_path)
    assert time.monotonic() - started < 12


def test_an_endpoint_that_hangs_up_is_tried_three_times(
    s3_store: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def hang_up() -> None:
            while True:
                try:
                    connection, address = server.accept()
                except OSError:  # the test is over
                    return
                calls.append(address)
                connection.close()

        listener = threading.Thread(target=hang_up)
        listener.start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.getsockname()[1]}")
        with pytest.raises(StorageError, match="cannot read"):
            s3_store.exists("key")
        server.shutdown(socket.SHUT_RDWR)
        listener.join()
    assert len(calls) == 3
    assert s3_store._client.meta.config.connect_timeout <= 3


def test_polars_gives_up_on_an_endpoint_that_is_down(
    s3_store: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{taken.getsockname()[1]}")
    started = time.monotonic()
    with pytest.raises(OSError, match="Connection refused"):
        s3_store.scan_parquet("key").collect()
    assert time.monotonic() - started < 15


def test_an_endpoint_that_is_no_address_is_explained(
    s3_store: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "localhost:8333")
    with pytest.raises(StorageError, match=r"correct AWS_ENDPOINT_URL, which is a URL"):
        s3_store.exists("key")


def test_a_failed_upload_leaves_no_key_and_no_scratch(
    s3_store: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
        with pytest.raises(StorageError, match="Nothing was published"):
            put(s3_store, "key", bytes(40 << 20))
    assert list(replace(s3_store).keys()) == []
    assert scratch_places(s3_store) == []


# --- ranges, streams and files that are made once --------------------------------------------


@pytest.mark.parametrize("key", ODD_KEYS)
def test_a_range_of_a_file_is_read(store: ObjectStore, key: str) -> None:
    put(store, key, b"0123456789")
    assert store.read_bytes(key) == b"0123456789"
    assert store.read_bytes(key, 3) == b"3456789"
    assert store.read_bytes(key, 3, 4) == b"3456"
    assert store.read_bytes(key, 8, 4) == b"89"
    assert store.read_bytes(key, 3, 0) == b""
    assert store.read_bytes(key, 10) == b""
    assert b"".join(store.stream(key)) == b"0123456789"


def test_a_file_without_bytes_and_one_of_many(store: ObjectStore) -> None:
    put(store, "empty", b"")
    assert store.read_bytes("empty") == b""
    assert list(store.stream("empty")) == []
    content = os.urandom(STREAMED_BYTES + 10)
    put(store, "large", content)
    pieces = list(store.stream("large"))
    assert b"".join(pieces) == content
    assert max(map(len, pieces)) <= STREAMED_BYTES


def test_what_is_not_there_cannot_be_read(store: ObjectStore) -> None:
    with pytest.raises(StorageError, match="cannot read"):
        store.read_bytes("missing")
    with pytest.raises(StorageError, match="cannot read"):
        list(store.stream("missing"))


def test_a_file_is_created_once(store: ObjectStore) -> None:
    assert store.create("releases/v1/manifest.json", b"first")
    assert not store.create("releases/v1/manifest.json", b"second")
    assert store.read_bytes("releases/v1/manifest.json") == b"first"
    assert keys_of(store) == ["releases/v1/manifest.json"]


def test_of_many_who_create_a_file_one_does(store: ObjectStore) -> None:
    barrier = threading.Barrier(8)
    made: list[int] = []

    def create(number: int) -> None:
        barrier.wait()
        if store.create("race", b"%d" % number):
            made.append(number)

    threads = [threading.Thread(target=create, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [b"%d" % number for number in made] == [store.read_bytes("race")]


def test_a_file_system_without_links_will_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, target: Path) -> None:
        raise PermissionError(errno.EPERM, "no links here")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    store = LocalStore(tmp_path)
    assert store.create("a/file", b"first")
    assert not store.create("a/file", b"second")
    assert store.read_bytes("a/file") == b"first"


def test_a_process_that_is_killed_before_the_name_is_given_leaves_none(tmp_path: Path) -> None:
    code = (
        "import os, pathlib, signal\n"
        "from llm_assets.io.object_store import LocalStore\n"
        "pathlib.Path.hardlink_to = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"LocalStore(pathlib.Path({str(tmp_path)!r})).create('releases/v1/manifest.json', b'x')\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    store = LocalStore(tmp_path)
    assert keys_of(store) == []
    assert store.create("releases/v1/manifest.json", b"after")
