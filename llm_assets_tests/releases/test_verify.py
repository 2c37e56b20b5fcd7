"""Verification finds whatever is not as it was released, and names the file."""

import hashlib
from collections.abc import Callable
from io import BytesIO

import pytest

from llm_assets.io.object_store import ObjectStore
from llm_assets.releases.manifest import Manifest
from llm_assets.releases.places import Release, stored_release
from llm_assets.releases.verify import bytes_to_read, verify_release
from llm_assets_tests.releases.tiny import Tiny, document, padding, put, release

TINY = Tiny(
    {
        "shard-0000": {"train": [document("d1", "one"), document("d2", "two")]},
        "shard-0001": {"train": [document("d3", "three")], "test": [document("d4", "four")]},
    },
    formats=("megatron", "parquet", "npy", "mds"),
)

TOKENS = 14
"""Of train, over both parts."""


def faults(made: Release) -> list[tuple[str, str]]:
    return [(fault.file, fault.problem) for fault in verify_release(made)]


def key(made: Release, name: str) -> str:
    return made.key(made.manifest.parts[1], name)


def test_a_whole_release_has_no_fault_and_every_byte_is_read(store: ObjectStore) -> None:
    release(store, TINY)
    made = stored_release(store, "v1")
    read: list[int] = []
    assert list(verify_release(made, read.append)) == []
    assert sum(read) == bytes_to_read(made)


def test_packed_parts_have_tokens_that_are_nobodys(folder_store: ObjectStore) -> None:
    rows = [document("d1", "abc"), padding(4)]
    tiny = Tiny({"shard-0000": {"train": rows}}, sequence_length=8, formats=("megatron", "npy"))
    assert faults(release(folder_store, tiny)) == []


@pytest.mark.parametrize(
    "name",
    [
        *("train.bin", "train.idx", "train.parquet", "train.npy", "documents.parquet"),
        *("left_out.parquet", "train.mds/index.json", "train.mds/shard.00000.mds"),
    ],
)
def test_a_changed_byte_is_found(store: ObjectStore, name: str) -> None:
    made = release(store, TINY)
    content = bytearray(store.read_bytes(key(made, name)))
    content[len(content) // 2] ^= 1
    put(store, key(made, name), bytes(content))
    assert faults(made) == [(store.uri(key(made, name)), "its bytes do not fit its hash")]


def test_a_file_that_is_cut_and_one_that_is_gone(store: ObjectStore) -> None:
    made = release(store, TINY)
    put(store, key(made, "train.bin"), b"12")
    store.delete(key(made, "train.parquet"))
    store.delete("tokenizer/all/t1/tokenizer.json")
    assert faults(made) == [
        (store.uri("tokenizer/all/t1/tokenizer.json"), "it is not there"),
        (store.uri(key(made, "train.bin")), "it has 2 bytes, not 12"),
        (store.uri(key(made, "train.parquet")), "it is not there"),
    ]


def _tokens(manifest: Manifest) -> Manifest:
    part = manifest.parts[1]
    count = part.splits["train"].model_copy(update={"tokens": 7, "sequences": 2})
    changed = part.model_copy(update={"splits": {**part.splits, "train": count}})
    return manifest.model_copy(update={"parts": [manifest.parts[0], changed]}).sealed()


def _hash(manifest: Manifest) -> Manifest:
    part = manifest.parts[1]
    files = [f.model_copy(update={"hash": "0" * 32}) for f in part.files[:1]] + part.files[1:]
    changed = part.model_copy(update={"files": files})
    return manifest.model_copy(update={"parts": [manifest.parts[0], changed]})


def _total(manifest: Manifest) -> Manifest:
    train = manifest.splits["train"].model_copy(update={"tokens": 10**9})
    return manifest.model_copy(update={"splits": {**manifest.splits, "train": train}}).sealed()


def _unlisted(manifest: Manifest) -> Manifest:
    """Leave out what a copy of some formats could have lost."""
    first, *rest = manifest.parts
    kept = [file for file in first.files if file.name not in ("train.bin", "documents.parquet")]
    parts = [first.model_copy(update={"files": kept}), *rest]
    return manifest.model_copy(update={"parts": parts, "left_out_formats": ["jsonl"]}).sealed()


def _recipe(manifest: Manifest) -> Manifest:
    return manifest.model_copy(update={"recipe": {"split": {"seed": 7}}})


@pytest.mark.parametrize(
    ("change", "problems"),
    [
        (
            _tokens,
            {
                "it has room for 6 tokens, not 7",
                "it holds 6 tokens, not 7",
                "it holds 1 sequences, not 2",
                "its ranges of train have 6 tokens, the stream 7",
                f"train has {TOKENS} tokens, its parts {TOKENS + 1}",
                "train has 3 sequences, its parts 4",
            },
        ),
        (_hash, {"its files do not fit its version", "its bytes do not fit its hash"}),
        (_total, {f"train has 1,000,000,000 tokens, its parts {TOKENS}"}),
        (
            _unlisted,
            {"it lists no documents.parquet", "it lists no megatron file (*.bin) of train"},
        ),
        (_recipe, {"its content does not fit its hash"}),
    ],
    ids=["counts", "file hash", "total", "unlisted", "recipe"],
)
def test_a_manifest_that_says_something_else_is_found(
    folder_store: ObjectStore, change: Callable[[Manifest], Manifest], problems: set[str]
) -> None:
    made = release(folder_store, TINY)
    told = Release(change(made.manifest), folder_store)
    assert {problem for _, problem in faults(told)} == problems


def test_a_side_table_without_rows_of_a_split_is_found(folder_store: ObjectStore) -> None:
    made = release(folder_store, Tiny({"shard-0000": {"train": [document("a", "one")]}}))
    name = made.key(made.manifest.parts[0], "documents.parquet")
    empty = made.scan_documents(made.manifest.parts[0]).clear().collect()
    content = BytesIO()
    empty.write_parquet(content)
    put(folder_store, name, content.getvalue())
    part = made.manifest.parts[0]
    files = [
        file.model_copy(
            update={
                "bytes": len(content.getvalue()),
                "hash": hashlib.sha256(content.getvalue()).hexdigest()[:32],
            }
        )
        if file.name == "documents.parquet"
        else file
        for file in part.files
    ]
    changed = part.model_copy(update={"files": files})
    told = Release(made.manifest.model_copy(update={"parts": [changed]}), folder_store)
    assert "its ranges of train have 0 tokens, the stream 4" in {p for _, p in faults(told)}
