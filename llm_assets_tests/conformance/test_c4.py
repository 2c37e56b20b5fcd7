"""C4 as TensorFlow Datasets and as datatrove have it: verdict, reason, text, sentences, lines."""

import polars as pl
import pytest

from llm_assets.corpus.profiles.sentences import MOST_SENTENCES
from llm_assets_tests.conformance.agreement import beside_vectors, differences, judged
from llm_assets_tests.conformance.vectors_file import short_hash

LINES = ("kept", "long_word", "unterminated", "short", "javascript", "policy")


@pytest.fixture(scope="module", params=["c4@tfds", "c4@datatrove-0.10"])
def beside(request: pytest.FixtureRequest) -> pl.DataFrame:
    suffix = "_c4_tfds" if request.param == "c4@tfds" else "_c4_datatrove"
    frame = beside_vectors(judged(request.param), request.param)
    return frame.rename({name: name.removesuffix(suffix) for name in frame.columns})


def test_every_verdict_and_reason_is_the_originals(beside: pl.DataFrame) -> None:
    assert differences(beside) == {}
    reasons = {"lorem_ipsum", "curly_bracket", "too_few_sentences"}
    assert set(beside["reason"].drop_nulls()) == reasons


def test_what_is_left_of_every_kept_text_is_the_originals(beside: pl.DataFrame) -> None:
    kept = beside.filter(verdict="keep")
    assert kept.height > 1_000
    assert list(map(short_hash, kept["text"])) == kept["text_hash_vector"].to_list()


def test_counts_are_the_originals_where_it_read_to_the_end(beside: pl.DataFrame) -> None:
    read = beside.filter(pl.col("sentence_count_vector").is_not_null())
    sentences = read["sentence_count_vector"].clip(upper_bound=MOST_SENTENCES)
    assert read["sentence_count"].to_list() == sentences.to_list()
    for line in LINES:
        name = f"{line}_line_count"
        assert read[name].to_list() == read[f"{name}_vector"].to_list()
