from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_assets.corpus.passages.record_files import (
    MOST_RANGES,
    RecordFiles,
    count_ranges,
    range_of,
)

KIND = np.dtype([("value", "<u4"), ("flag", "u1")])


def test_records_come_back_in_the_order_of_their_file(tmp_path: Path) -> None:
    files = RecordFiles(tmp_path, "values", KIND)
    for start in (0, 10):
        records = np.array([(i, i % 2) for i in range(start, start + 10)], KIND)
        files.add(records, np.array([i % 3 for i in range(start, start + 10)]))
    files.add(np.empty(0, KIND), np.empty(0, np.int64))
    assert files.read(1)["value"].tolist() == [i for i in range(20) if i % 3 == 1]
    chunks = list(files.chunks(1, size_bytes=11))
    assert {len(chunk) for chunk in chunks[:-1]} == {2}
    assert np.concatenate(chunks).tolist() == files.read(1).tolist()
    assert files.read(7).tolist() == []
    assert list(files.chunks(7)) == []
    files.remove(1)
    files.remove(1)
    assert len(files.read(1)) == 0
    assert len(files.read(0)) == 7


@given(st.lists(st.integers(0, 2**64 - 1)), st.integers(1, MOST_RANGES))
def test_ranges_follow_one_another(hashes: list[int], ranges: int) -> None:
    numbers = range_of(np.array(sorted(hashes), np.uint64), ranges)
    assert numbers.tolist() == sorted(numbers.tolist())
    assert all(0 <= number < ranges for number in numbers)


@pytest.mark.parametrize(
    ("record_bytes", "ranges"), [(0, 1), (25, 1), (26, 2), (1000, 40), (10**12, MOST_RANGES)]
)
def test_a_range_fits_in_the_memory(record_bytes: int, ranges: int) -> None:
    assert count_ranges(record_bytes, 100) == ranges
