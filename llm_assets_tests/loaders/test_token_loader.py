"""The project's own loader within torch's DataLoader."""

from pathlib import Path

import pytest

from llm_assets_tests.loader.hand_made import write_release
from llm_assets_tests.loaders.conftest import Open

pytestmark = pytest.mark.loaders


def test_any_number_of_workers_gives_the_loaders_own_order(open_with: Open, tmp_path: Path) -> None:
    place = write_release(tmp_path / "store", [1, 300, 0, 7, 2, 1000, 90])
    found = open_with("iterate_tokens.py", place)
    assert found["types"] == ["torch.int64", "torch.int64", [4, 16]]
    assert found["loss"] == 11.002  # ln 60,000: labels are what cross entropy takes
    assert [len(found["alone"]), found["alone"][-1][0]] == [42, 1]
    for count in ("0", "1", "2", "3"):
        assert found["workers"][count] == found["alone"], count
    assert found["spawned"] == found["alone"]
    for count in ("0", "1", "2"):
        assert found["resumed"][count] == found["alone"][5:], count
