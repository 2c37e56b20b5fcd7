import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from llm_assets.corpus.part_formats.chunks import Chunks


def _chunks(chunks: Chunks, batches: list[list[int]]) -> list[list[int]]:
    found: list[list[int]] = []
    for batch in batches:
        for begins, run in chunks.cut(np.array(batch, np.int64)):
            if begins:
                found.append([])
            found[-1] += batch[run]
    return found


def _one_by_one(limit: int, rows: int | None, overhead: int, sizes: list[int]) -> list[list[int]]:
    found: list[list[int]] = []
    for size in sizes:
        last = found[-1] if found else None
        if last is None or overhead + sum(last) + size > limit or len(last) == rows:
            found.append([])
        found[-1].append(size)
    return found


@given(
    batches=st.lists(st.lists(st.integers(0, 9), max_size=8), max_size=6),
    limit=st.integers(1, 30),
    rows=st.one_of(st.none(), st.integers(1, 4)),
    overhead=st.integers(0, 12),
)
def test_chunks_are_those_of_a_row_at_a_time(
    batches: list[list[int]], limit: int, rows: int | None, overhead: int
) -> None:
    sizes = [size for batch in batches for size in batch]
    expected = _one_by_one(limit, rows, overhead, sizes)
    assert _chunks(Chunks(limit, rows, overhead), batches) == expected


def test_a_row_over_the_limit_is_a_chunk() -> None:
    assert _chunks(Chunks(5), [[3], [9, 2], [3, 1]]) == [[3], [9], [2, 3], [1]]
