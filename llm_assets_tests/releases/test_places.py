"""Releases are found by version in a store, and by address anywhere."""

from pathlib import Path

import pytest

from llm_assets.io.object_store import ObjectStore
from llm_assets.recipe import ConfigurationError
from llm_assets.releases.manifest import ReleaseError
from llm_assets.releases.places import (
    is_address,
    release_at,
    stored_release,
    stored_releases,
)
from llm_assets.releases.verify import verify_release
from llm_assets_tests.releases.tiny import Tiny, document, put, release

TINY = Tiny({"shard-0000": {"train": [document("d1", "text")]}})


def test_a_store_lists_its_releases_the_oldest_first(store: ObjectStore) -> None:
    assert stored_releases(store) == []
    release(store, TINY, "v10")
    release(store, TINY, "v9")
    put(store, "releases/v9/card.html", b"not a manifest")
    put(store, "releases/half/files/manifest.json", b"another program's")
    assert [r.manifest.version for r in stored_releases(store)] == ["v9", "v10"]
    assert stored_release(store, "v9").manifest.version == "v9"


def test_a_release_of_a_store_is_opened_by_address_too(store: ObjectStore, tmp_path: Path) -> None:
    made = release(store, TINY)
    home = store.uri("releases/v1")
    for place in (home, f"{home}/", f"{home}/manifest.json"):
        found = release_at(place, tmp_path / "cache")
        assert found.manifest == made.manifest
        assert list(verify_release(found)) == []


def test_what_is_not_there_is_said_with_what_is(folder_store: ObjectStore, tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="release create"):
        stored_release(folder_store, "v1")
    release(folder_store, TINY)
    with pytest.raises(ReleaseError, match="there are v1"):
        stored_release(folder_store, "v2")
    with pytest.raises(ReleaseError, match=r"no manifest\.json"):
        release_at(str(tmp_path), tmp_path / "cache")


@pytest.mark.parametrize("name", ["", "..", "a/b", "-x", "v 1", "v" * 64, "v1\n"])
def test_a_version_is_a_plain_name(folder_store: ObjectStore, name: str) -> None:
    with pytest.raises(ConfigurationError, match="cannot name a release"):
        stored_release(folder_store, name)


@pytest.mark.parametrize(
    ("reference", "is_place"),
    [
        ("v1", False),
        ("2026-01.final_2", False),
        ("./v1", True),
        (".", True),
        ("~/x", True),
        ("s3://b/p", True),
        ("out/v1", True),
    ],
)
def test_a_place_is_told_from_a_version(reference: str, is_place: bool) -> None:
    assert is_address(reference) is is_place
