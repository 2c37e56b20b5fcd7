"""RefinedWeb's rules on lines as DCLM has them: verdict, words, and the text of every document."""

import polars as pl
import pytest

from llm_assets_tests.conformance.agreement import beside_vectors, differences, judged
from llm_assets_tests.conformance.vectors_file import short_hash


@pytest.fixture(scope="module")
def beside() -> pl.DataFrame:
    return beside_vectors(judged("refinedweb@dclm"), "refinedweb@dclm")


def test_every_verdict_is_the_originals(beside: pl.DataFrame) -> None:
    assert differences(beside) == {}
    assert beside.filter(verdict="drop").height > 100


def test_what_is_left_of_every_text_is_the_originals(beside: pl.DataFrame) -> None:
    assert list(map(short_hash, beside["text"])) == beside["text_hash_vector"].to_list()


def test_the_share_of_words_is_the_originals(beside: pl.DataFrame) -> None:
    before, after = beside["word_count_before_vector"], beside["word_count_after_vector"]
    shares = ((before - after) / before).to_list()
    assert beside["cut_word_share_refinedweb_dclm"].to_list() == pytest.approx(shares, abs=1e-12)
