"""The manifest: what it says, what names its content, and what it refuses."""

import json

import pytest

from llm_assets.io.object_store import ObjectStore
from llm_assets.releases.manifest import ReleaseError, content_hash, read_manifest
from llm_assets_tests.releases.tiny import Tiny, document, release

TINY = Tiny({"shard-0000": {"train": [document("d1", "text")]}})


def test_what_is_written_is_read_and_keys_of_later_releases_are_kept(
    folder_store: ObjectStore,
) -> None:
    manifest = release(folder_store, TINY).manifest
    document_ = json.loads(manifest.to_json())
    assert read_manifest(manifest.to_json(), "here") == manifest
    document_["card"] = {"title": "later"}
    assert read_manifest(json.dumps(document_).encode(), "here").model_dump()["card"] == {
        "title": "later"
    }


def test_the_file_has_sorted_keys_and_ends_with_a_line(folder_store: ObjectStore) -> None:
    content = release(folder_store, TINY).manifest.to_json()
    keys = list(json.loads(content))
    assert keys == sorted(keys)
    assert content.endswith(b"}\n")


def test_the_hash_names_the_content_not_the_name_time_or_place(folder_store: ObjectStore) -> None:
    manifest = release(folder_store, TINY).manifest
    other = json.loads(manifest.to_json())
    other |= {"version": "v9", "created_at": "later", "notes": "x", "root": "./", "software": {}}
    other["parts"][0]["location"] = ""
    other["tokenizer"]["location"] = "tokenizer/"
    assert content_hash(other) == manifest.content_hash


@pytest.mark.parametrize(
    "change",
    [
        {"recipe": {"split": {"seed": 1}}},
        {"sequence_length": 8},
        {"licenses": {"MIT": {"documents": 1, "tokens": 2}}},
        {"corpus": "other"},
    ],
    ids=["recipe", "sequence_length", "licenses", "corpus"],
)
def test_other_content_has_another_hash(
    folder_store: ObjectStore, change: dict[str, object]
) -> None:
    manifest = release(folder_store, TINY).manifest
    assert content_hash(json.loads(manifest.to_json()) | change) != manifest.content_hash


def test_another_part_has_another_hash(folder_store: ObjectStore) -> None:
    manifest = release(folder_store, TINY).manifest
    other = json.loads(manifest.to_json())
    other["parts"][0]["version"] = "0" * 32
    assert content_hash(other) != manifest.content_hash


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'"text"', b"\xff", b'{"manifest_version": 2}', b"1"]
)
def test_what_is_no_manifest_is_refused(content: bytes) -> None:
    with pytest.raises(ReleaseError, match=r"s3://b/manifest\.json"):
        read_manifest(content, "s3://b/manifest.json")


@pytest.mark.parametrize("path", ["../x", "a/../../x", "/etc/passwd", "c:/x", "a\\..\\x", "a\0"])
@pytest.mark.parametrize("field", ["name", "location", "tokenizer"])
def test_a_manifest_names_no_file_outside_its_root(
    folder_store: ObjectStore, path: str, field: str
) -> None:
    other = json.loads(release(folder_store, TINY).manifest.to_json())
    if field == "name":
        other["parts"][0]["files"][0]["name"] = path
    elif field == "location":
        other["parts"][0]["location"] = path
    else:
        other["tokenizer"]["file"] = path
    with pytest.raises(ReleaseError, match="downwards"):
        read_manifest(json.dumps(other).encode(), "here")
