import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_assets.corpus.duplication import candidates
from llm_assets.corpus.duplication.candidates import TooManyDocumentsError, find_components

_KEY = st.one_of(st.none(), st.sampled_from([0, 1, 2, 3, 2**63, 2**64 - 1]))
_ROWS = st.lists(st.tuples(_KEY, _KEY), max_size=20)


def _plain(rows: list[tuple[int | None, int | None]]) -> dict[int, int]:
    """Merge rows that touch until nothing changes."""
    parts = {row: row for row in range(len(rows))}
    while True:
        before = dict(parts)
        for one, mine in enumerate(rows):
            for other, its in enumerate(rows):
                if any(a is not None and a == b for a, b in zip(mine, its, strict=True)):
                    parts[one] = parts[other] = min(parts[one], parts[other])
        if parts == before:
            break
    names = list(parts.values())
    return {row: part for row, part in parts.items() if names.count(part) > 1}


@settings(deadline=None)
@given(_ROWS, st.integers(1, 400))
def test_shared_keys_connect_whatever_range_they_are_read_in(
    rows: list[tuple[int | None, int | None]], range_bytes: int
) -> None:
    table = pl.DataFrame(rows, {"a": pl.UInt64, "b": pl.UInt64}, orient="row")
    found = find_components(table.lazy(), ["a", "b"], range_bytes)
    assert found.schema == {"row": pl.UInt32, "component": pl.UInt32}
    assert found["row"].is_sorted()
    assert dict(found.iter_rows()) == _plain(rows)


def test_a_corpus_beyond_the_numbers_of_rows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "_MOST_ROWS", 2)
    table = pl.LazyFrame({"a": [1, 2, 3]}, {"a": pl.UInt64})
    with pytest.raises(TooManyDocumentsError, match="3 documents"):
        find_components(table, ["a"])
