"""Rows that were made before are taken over, and the result is as if all were made anew."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from llm_assets.corpus.reuse import make_missing, reuse_rows

ON = ["doc_id", "input_hash"]
INPUT = pl.Schema({"doc_id": pl.String, "input_hash": pl.String, "text": pl.String})
MADE = pl.Schema({"doc_id": pl.String, "input_hash": pl.String, "length": pl.UInt32})


class Maker:
    """Makes rows, and remembers which it was asked for."""

    def __init__(self) -> None:
        self.asked_for: list[str] = []

    def __call__(self, batch: pl.DataFrame) -> pl.DataFrame:
        self.asked_for += batch["doc_id"].to_list()
        return batch.select(*ON, length=pl.col("text").str.len_chars())


def batch(rows: list[tuple[str, str | None]]) -> pl.DataFrame:
    """Rows of doc_id and content."""
    return pl.DataFrame(
        [(doc_id, content, content or "") for doc_id, content in rows], schema=INPUT, orient="row"
    )


ROWS = st.lists(
    st.tuples(st.sampled_from("abcdefgh"), st.none() | st.sampled_from(["x", "yy", "zzz"])),
    unique_by=lambda row: row[0],
)


@given(ROWS, ROWS)
def test_reusing_equals_making_everything(
    before: list[tuple[str, str | None]], now: list[tuple[str, str | None]]
) -> None:
    old = Maker()(batch(before))
    maker = Maker()
    result = reuse_rows(batch(now), old, ON, maker)
    assert_frame_equal(result, Maker()(batch(now)))
    known = {row for row in before if row[1] is not None}
    assert sorted(maker.asked_for) == sorted(row[0] for row in now if row not in known)


@pytest.mark.parametrize("before", [None, pl.DataFrame(schema=MADE)])
def test_without_rows_from_before_all_are_made(before: pl.DataFrame | None) -> None:
    maker = Maker()
    result = reuse_rows(batch([("b", "x"), ("a", "yy")]), before, ON, maker)
    assert result["doc_id"].to_list() == ["b", "a"]
    assert maker.asked_for == ["b", "a"]


def test_an_empty_batch_makes_nothing() -> None:
    old = Maker()(batch([("a", "x")]))
    assert_frame_equal(reuse_rows(batch([]), old, ON, Maker()), pl.DataFrame(schema=MADE))


def test_nothing_is_made_when_all_is_known() -> None:
    rows = [("b", "x"), ("a", "yy")]
    maker = Maker()
    result = reuse_rows(batch(rows), Maker()(batch(rows[::-1])), ON, maker)
    assert result["doc_id"].to_list() == ["b", "a"]
    assert maker.asked_for == []


@pytest.mark.parametrize("before", [None, Maker()(batch([("a", "x")]))])
def test_a_maker_that_loses_a_row_is_found_out(before: pl.DataFrame | None) -> None:
    def lose_one(rows: pl.DataFrame) -> pl.DataFrame:
        return Maker()(rows)[1:]

    with pytest.raises(ValueError, match="2 rows were to be made, and 1 came"):
        reuse_rows(batch([("b", "x"), ("c", "x")]), before, ON, lose_one)


def as_it_is(rows: pl.DataFrame) -> pl.DataFrame:
    return rows


@given(ROWS, ROWS, st.integers(1, 4))
def test_making_what_is_missing_equals_making_everything(
    before: list[tuple[str, str | None]], now: list[tuple[str, str | None]], size: int
) -> None:
    old = Maker()(batch(before))
    maker = Maker()
    rows = batch(now)
    frames = list(make_missing(rows.lazy(), rows.select(ON), old, as_it_is, maker, size))
    assert_frame_equal(pl.concat([old.clear(), *frames]), Maker()(rows))
    assert sorted(maker.asked_for) == sorted(row[0] for row in now if row not in set(before))


@pytest.mark.parametrize("before", [None, pl.DataFrame(schema=MADE)])
def test_all_is_made_where_nothing_is_known(before: pl.DataFrame | None) -> None:
    rows = batch([("b", "x"), ("a", "yy"), ("c", "x")])
    frames = list(make_missing(rows.lazy(), rows.select(ON), before, as_it_is, Maker(), 2))
    assert [frame.height for frame in frames] == [2, 1]
    assert pl.concat(frames)["doc_id"].to_list() == ["b", "a", "c"]


def test_a_maker_that_loses_a_row_of_what_is_missing_is_found_out() -> None:
    rows = batch([("b", "x"), ("a", "yy")])
    with pytest.raises(ValueError, match="2 rows were to be made, and 1 came"):
        list(
            make_missing(rows.lazy(), rows.select(ON), None, as_it_is, lambda r: Maker()(r)[1:], 5)
        )
