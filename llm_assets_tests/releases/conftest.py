"""Stores for hand-made releases."""

from pathlib import Path

import pytest

from llm_assets.io.object_store import ObjectStore, open_store


@pytest.fixture
def folder_store(tmp_path: Path) -> ObjectStore:
    return open_store(str(tmp_path / "store"), tmp_path / "cache")


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    place = str(tmp_path / "store")
    if request.param == "s3":
        place = request.getfixturevalue("s3_prefix") + "store"
    return open_store(place, tmp_path / "cache")
