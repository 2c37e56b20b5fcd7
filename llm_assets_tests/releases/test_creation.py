"""How a release is called where nobody says."""

import pytest

from llm_assets.releases.creation import next_version


@pytest.mark.parametrize(
    ("names", "free"),
    [
        ([], "v1"),
        (["v1", "v2"], "v3"),
        (["v10", "v9", "final"], "v11"),
        (["v0", "v01", "v2x", "V7"], "v1"),
    ],
)
def test_the_next_version_comes_after_all(names: list[str], free: str) -> None:
    assert next_version(names) == free
