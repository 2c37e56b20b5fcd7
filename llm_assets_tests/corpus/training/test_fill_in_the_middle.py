import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_assets.corpus.identity import digest
from llm_assets.corpus.training.fill_in_the_middle import MiddlePlan, move_middles

PRE, MID, SUF, END = 1, 2, 3, 4


def _code_points(texts: pl.Series) -> pl.Series:
    ids = [[ord(character) + 10 for character in text] for text in texts]
    return pl.Series(texts.name, ids, dtype=pl.List(pl.UInt32))


def _plan(rate: float = 1.0, spm_rate: float = 0.5) -> MiddlePlan:
    return MiddlePlan(rate, spm_rate, PRE, MID, SUF, END, _code_points)


def _documents(texts: list[str], repeat: int = 0) -> pl.DataFrame:
    ids = [[*row, END] for row in _code_points(pl.Series(texts, dtype=pl.String))]
    return pl.DataFrame(
        {
            "doc_id": [digest([str(place)]) for place in range(len(texts))],
            "repeat": [repeat] * len(texts),
            "text": texts,
            "input_ids": ids,
        },
        {
            "doc_id": pl.String,
            "repeat": pl.UInt32,
            "text": pl.String,
            "input_ids": pl.List(pl.UInt32),
        },
    )


def _ids(text: str) -> list[int]:
    return [ord(character) + 10 for character in text]


MANY = _documents(["Ein Text über Käse 🧀, nicht sehr lang."] * 400)


@given(st.lists(st.text(max_size=9), max_size=8), st.integers(0, 3), st.sampled_from([0.3, 1.0]))
def test_laws(texts: list[str], seed: int, rate: float) -> None:
    documents = _documents(texts)
    moved = move_middles(documents, _plan(rate), seed)
    assert moved.height == len(texts)
    for before, row in zip(
        documents.iter_rows(named=True), moved.iter_rows(named=True), strict=True
    ):
        text, start, end = row["text"], row["middle_start"], row["middle_end"]
        assert text == before["text"]
        if start is None:
            assert end is None
            assert row["input_ids"] == before["input_ids"]
            continue
        assert 0 <= start <= end <= len(text)
        prefix, middle, suffix = (_ids(t) for t in (text[:start], text[start:end], text[end:]))
        assert row["input_ids"] in (
            [PRE, *prefix, SUF, *suffix, MID, *middle, END],
            [PRE, SUF, *suffix, MID, *prefix, *middle, END],
        )


def test_rates_are_met() -> None:
    moved = move_middles(MANY, _plan(0.5, 0.25), 0).drop_nulls("middle_start")
    assert 150 < moved.height < 250
    suffix_first = moved.filter(pl.col("input_ids").list.get(1) == SUF)
    assert 0.15 < suffix_first.height / moved.height < 0.38
    # Both cuts are drawn evenly, so that the middle is a third of the text on average.
    share = (moved["middle_end"] - moved["middle_start"]).mean() / len(MANY["text"][0])  # type: ignore[operator]
    assert share == pytest.approx(1 / 3, abs=0.05)


@pytest.mark.parametrize(("spm_rate", "second"), [(0.0, False), (1.0, True)])
def test_one_order_only(spm_rate: float, second: bool) -> None:
    moved = move_middles(MANY, _plan(1.0, spm_rate), 0)
    assert moved["middle_start"].null_count() == 0
    cut_inside = moved.filter(pl.col("middle_start") > 0)
    assert set(cut_inside["input_ids"].list.get(1) == SUF) == {second}


def test_each_copy_and_each_seed_is_drawn_for_itself() -> None:
    first = move_middles(MANY, _plan(), 0)
    copy = move_middles(_documents(MANY["text"].to_list(), repeat=1), _plan(), 0)
    other = move_middles(MANY, _plan(), 1)
    again = move_middles(MANY.reverse(), _plan(), 0).reverse()
    assert first.equals(again)
    for different in (copy, other):
        assert not first["middle_start"].equals(different["middle_start"])


def test_an_empty_text_stays() -> None:
    documents = _documents(["", ""])
    moved = move_middles(documents, _plan(), 0)
    assert moved["input_ids"].equals(documents["input_ids"])
    assert moved["middle_start"].null_count() == 2
