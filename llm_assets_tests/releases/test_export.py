"""An export is a complete copy, whatever happened on the way."""

import json
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from llm_assets.io.object_store import LocalStore, ObjectStore, StorageError, open_store
from llm_assets.releases.export import NOTE_FILE, export_release
from llm_assets.releases.manifest import MANIFEST_FILE, ReleaseError
from llm_assets.releases.places import Release, release_at
from llm_assets.releases.token_origin import token_origin
from llm_assets.releases.verify import bytes_to_read, verify_release
from llm_assets_tests.releases.tiny import ByteDecoder, Tiny, document, put, release

TINY = Tiny(
    {
        "shard-0000": {"train": [document("d1", "one")], "test": [document("d2", "two")]},
        "shard-0001": {"train": [document("d3", "three")]},
        "shard-0002": {"test": [document("d4", "four")]},
    },
    formats=("megatron", "parquet", "npy", "mds"),
)


@pytest.fixture
def place(store: ObjectStore) -> str:
    """Somewhere beside the store, of the same kind."""
    return store.uri("").rstrip("/").removesuffix("/store") + "/copy"


def keys(store: ObjectStore) -> list[str]:
    listing = list(store.keys())
    return [key for key, _ in listing]


def test_a_copy_is_complete_by_itself(store: ObjectStore, place: str, tmp_path: Path) -> None:
    made = release(store, TINY)
    advanced: list[int] = []
    exported = export_release(made, open_store(place, tmp_path), advance=advanced.append)
    assert sum(advanced) == bytes_to_read(made)
    assert exported.found == 0
    for key in keys(store):
        store.delete(key)
    copy = release_at(place, tmp_path)
    assert copy.manifest == exported.manifest
    assert copy.manifest.root == "./"
    assert copy.manifest.content_hash == made.manifest.content_hash
    assert list(verify_release(copy)) == []
    found = token_origin(copy, ByteDecoder(), "train", 4)
    assert (found.doc_id, found.characters and found.characters.text) == ("d3", "t")


def test_the_layout_is_that_of_trainers(folder_store: ObjectStore, tmp_path: Path) -> None:
    export_release(release(folder_store, TINY), LocalStore(tmp_path / "copy"))
    names = keys(LocalStore(tmp_path / "copy"))
    assert [name for name in names if name.startswith(("data/", "megatron/train", "without"))] == [
        "data/test-00000-of-00002.parquet",
        "data/test-00001-of-00002.parquet",
        "data/train-00000-of-00002.parquet",
        "data/train-00001-of-00002.parquet",
        "data/validation-00000-of-00001.parquet",
        "megatron/train-00000.bin",
        "megatron/train-00000.idx",
        "megatron/train-00001.bin",
        "megatron/train-00001.idx",
        "megatron/train-00002.bin",
        "megatron/train-00002.idx",
        "without-rows/test-00001.parquet",
        "without-rows/train-00002.parquet",
        "without-rows/validation-00001.parquet",
        "without-rows/validation-00002.parquet",
    ]
    assert not any(name.startswith(".") for name in names)
    assert sorted(path.name for path in (tmp_path / "copy").iterdir()) == [
        *("README.md", "card.html", "data", "documents", "left_out", "manifest.json", "mds"),
        *("megatron", "npy", "tokenizer", "without-rows"),
    ]


def test_one_mds_index_spans_all_parts(folder_store: ObjectStore, tmp_path: Path) -> None:
    export_release(release(folder_store, TINY), LocalStore(tmp_path / "copy"))
    folder = tmp_path / "copy" / "mds" / "test"
    shards = json.loads((folder / "index.json").read_text())["shards"]
    assert [shard["raw_data"]["basename"] for shard in shards] == [
        "shard-0000/shard.00000.mds",
        "shard-0002/shard.00000.mds",
    ]
    for shard in shards:
        assert (folder / shard["raw_data"]["basename"]).stat().st_size == shard["raw_data"]["bytes"]


def test_some_formats_are_enough_and_the_copy_can_be_copied(
    folder_store: ObjectStore, tmp_path: Path
) -> None:
    made = release(folder_store, TINY)
    export_release(made, LocalStore(tmp_path / "one"), ["parquet", "mds"])
    copy = release_at(str(tmp_path / "one"), tmp_path)
    assert copy.manifest.formats == ["mds", "parquet"]
    assert copy.manifest.left_out_formats == ["megatron", "npy"]
    assert copy.manifest.content_hash == made.manifest.content_hash
    assert list(verify_release(copy)) == []
    export_release(copy, LocalStore(tmp_path / "two"), ["parquet"])
    second = release_at(str(tmp_path / "two"), tmp_path)
    assert second.manifest.formats == ["parquet"]
    assert list(verify_release(second)) == []
    assert pl.read_parquet(tmp_path / "two" / "data" / "train-*.parquet").height == 2
    with pytest.raises(ReleaseError, match="has no npy: its formats are parquet"):
        export_release(second, LocalStore(tmp_path / "three"), ["npy"])


class _Failing:
    """A store that can be read so many times."""

    def __init__(self, store: ObjectStore, reads: int) -> None:
        self._store = store
        self._left = reads

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    def stream(self, key: str) -> Iterator[bytes]:
        self._left -= 1
        if self._left < 0:
            raise StorageError("the network is gone")
        return self._store.stream(key)


@pytest.mark.parametrize("reads", [0, 7])
def test_a_copy_that_was_broken_off_goes_on(
    store: ObjectStore, place: str, tmp_path: Path, reads: int
) -> None:
    made = release(store, Tiny(TINY.shards, ("megatron",)))
    failing = Release(made.manifest, _Failing(store, reads))  # type: ignore[arg-type]
    target = open_store(place, tmp_path)
    with pytest.raises(StorageError, match="network"):
        export_release(failing, target)
    with pytest.raises(ReleaseError, match=r"no manifest\.json"):
        release_at(place, tmp_path)
    exported = export_release(made, target)
    assert exported.found == reads
    assert exported.copied == sum(1 for _ in made.files()) + 1 - reads
    assert list(verify_release(release_at(place, tmp_path))) == []
    assert NOTE_FILE not in keys(target)
    again = export_release(made, target)
    assert again.copied == 0


def test_a_place_with_something_else_is_left_alone(
    folder_store: ObjectStore, tmp_path: Path
) -> None:
    made = release(folder_store, TINY)
    other = release(folder_store, Tiny({"shard-0000": {"train": [document("d9", "x")]}}), "v2")
    target = LocalStore(tmp_path / "copy")
    put(target, "thesis.txt", b"three years")
    with pytest.raises(ReleaseError, match="not empty"):
        export_release(made, target)
    assert keys(target) == ["thesis.txt"]
    target.delete("thesis.txt")
    export_release(made, target)
    before = {key: target.read_bytes(key) for key in keys(target)}
    for release_, formats in ((other, ()), (made, ["npy"])):
        with pytest.raises(ReleaseError, match="not empty"):
            export_release(release_, target, formats)
    assert {key: target.read_bytes(key) for key in keys(target)} == before


def test_a_damaged_file_is_not_copied(folder_store: ObjectStore, tmp_path: Path) -> None:
    made = release(folder_store, TINY)
    key = made.key(made.manifest.parts[0], "train.bin")
    put(folder_store, key, b"x" * len(folder_store.read_bytes(key)))
    target = LocalStore(tmp_path / "copy")
    with pytest.raises(ReleaseError, match=r"train\.bin is not what the manifest says"):
        export_release(made, target)
    assert MANIFEST_FILE not in keys(target)
    assert "megatron/train-00000.bin" not in keys(target)


def test_exporting_again_mends_a_damaged_copy(folder_store: ObjectStore, tmp_path: Path) -> None:
    made = release(folder_store, TINY)
    target = LocalStore(tmp_path / "copy")
    export_release(made, target)
    damaged = next(tmp_path.glob("copy/megatron/train-*.bin"))
    damaged.write_bytes(bytes(len(damaged.read_bytes())))
    assert export_release(made, target).copied == 1
    assert list(verify_release(release_at(str(tmp_path / "copy"), tmp_path / "cache"))) == []
