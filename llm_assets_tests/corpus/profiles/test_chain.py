"""Each profile of a chain measures the text as the profiles before leave it."""

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from llm_assets.corpus.profiles import filters
from llm_assets.corpus.profiles.chain import chain_reading, chain_signals, measure_chain
from llm_assets.corpus.profiles.rules import Profile, Rule, SignalSet
from llm_assets.corpus.schema import SIGNALS
from llm_assets.corpus.signals import measure_signals

SHOUTS = SignalSet(
    pl.Schema({"shout_count": pl.UInt32}),
    lambda frame: frame.select(shout_count=pl.col("text").str.count_matches("!")),
)
CUTTER = Profile(
    (Rule("lorem_ipsum", "shout_count", ">", 3),),
    SHOUTS,
    lambda frame: frame["text"].str.replace_all(r"(?m)^.*!$\n?", ""),
)
LINES = Profile((Rule("empty", "line_count", "<", 1),))
WORDS = Profile((Rule("gopher_short_doc", "word_count", "<", 2),))


@pytest.fixture(autouse=True)
def profiles(monkeypatch: pytest.MonkeyPatch) -> None:
    made = {"cutter": CUTTER, "lines": LINES, "words": WORDS}
    monkeypatch.setattr(filters, "PROFILES", {**filters.PROFILES, **made})


def texts(*values: str | None) -> pl.DataFrame:
    rows = [(value, "en", None) for value in values]
    schema = {"text": pl.String, "language": pl.String, "url": pl.String}
    return pl.DataFrame(rows, schema, orient="row")


FRAME = texts("Stop!\nOne two.\nGo!", "No loud line.", None)


def test_signals_are_of_the_text_that_the_profile_finds() -> None:
    before = measure_chain(FRAME, ["lines", "cutter"])
    after = measure_chain(FRAME, ["cutter", "lines"])
    assert before["text"].to_list() == ["One two.\n", "No loud line.", None]
    assert after["text"].to_list() == before["text"].to_list()
    assert before["line_count"].to_list() == [3, 1, None]
    assert after["line_count"].to_list() == [1, 1, None]
    assert before["shout_count"].to_list() == after["shout_count"].to_list() == [2, 0, None]
    # No rule of the chain asks for words: they are of the text as it came.
    assert before["word_count"].to_list() == after["word_count"].to_list() == [4, 3, None]


def test_a_signal_stays_as_the_first_profile_saw_it() -> None:
    chain = measure_chain(FRAME, ["words", "cutter", "words", "lines"])
    assert chain["word_count"].to_list() == [4, 3, None]
    assert chain["line_count"].to_list() == [1, 1, None]


def test_sizes_are_of_the_text_that_is_left() -> None:
    assert measure_chain(FRAME, ["cutter"])["text_chars"].to_list() == [9, 13, None]


def test_without_edits_a_chain_measures_once() -> None:
    assert_frame_equal(measure_chain(FRAME, ["words", "lines"]), measure_signals(FRAME))
    assert measure_chain(FRAME.clear(), ["cutter"]).height == 0


def test_what_a_chain_adds() -> None:
    assert chain_signals(["words", "cutter", "cutter"]) == SHOUTS.schema
    measured = set(measure_chain(FRAME, ["cutter"]).columns)
    assert measured == {*FRAME.columns, *SIGNALS, "shout_count"}


def test_chains_that_read_alike() -> None:
    assert chain_reading(["words", "lines"]) == chain_reading([]) == []
    assert chain_reading(["words", "cutter"]) != chain_reading(["cutter", "words"])
