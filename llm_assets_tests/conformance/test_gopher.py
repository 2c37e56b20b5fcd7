"""Gopher's rules as datatrove, Dolma and DCLM read them: verdict, reason, words and scores."""

from collections.abc import Callable

import polars as pl
import pytest

from llm_assets.corpus.ngram_kernels import DUPLICATE_SIZES, TOP_SIZES
from llm_assets.corpus.profiles.spacy_words import find_spacy_words
from llm_assets.corpus.profiles.unicode_words import find_unicode_words
from llm_assets.corpus.spans import Spans
from llm_assets_tests.conformance.agreement import beside_vectors, differences, judged
from llm_assets_tests.conformance.vectors_file import short_hash
from llm_assets_tests.corpus.pieces import strings_of

DOLMA_SCORES = {
    "word_count": "word_count",
    "median_word_length": "median_word_chars",
    "symbol_to_word_ratio": "symbol_word_share",
    "fraction_of_words_with_alpha_character": "alphabetic_word_share",
    "required_word_count": "stop_word_count",
    "fraction_of_lines_starting_with_bullet_point": "bullet_line_share",
    "fraction_of_lines_ending_with_ellipsis": "ellipsis_line_share",
    "fraction_of_duplicate_lines": "duplicate_line_share",
    "fraction_of_characters_in_duplicate_lines": "duplicate_line_char_share",
    **{
        f"fraction_of_characters_in_most_common_{size}grams": f"top_{size}_gram_char_share"
        for size in TOP_SIZES
    },
    **{
        f"fraction_of_characters_in_duplicate_{size}grams": f"duplicate_{size}_gram_char_share"
        for size in DUPLICATE_SIZES
    },
}


@pytest.mark.parametrize("profile", ["gopher@datatrove-0.10", "gopher@dolma", "gopher@dclm"])
def test_every_verdict_and_reason_is_the_originals(profile: str) -> None:
    beside = beside_vectors(judged(profile), profile)
    assert differences(beside) == {}
    assert beside["reason"].n_unique() > 10


@pytest.mark.parametrize(("score", "signal"), DOLMA_SCORES.items())
def test_scores_are_dolmas(score: str, signal: str) -> None:
    beside = beside_vectors(judged("gopher@dolma"), "gopher@dolma")
    theirs = beside[f"score_{score}_vector"].to_list()
    assert beside[f"{signal}_dolma"].cast(pl.Float64).to_list() == theirs
    assert len(set(theirs)) > 10


@pytest.mark.parametrize(
    ("profile", "find_words"),
    [("gopher@datatrove-0.10", find_spacy_words), ("gopher@dclm", find_unicode_words)],
)
def test_words_are_the_originals(profile: str, find_words: Callable[..., Spans]) -> None:
    beside = beside_vectors(judged(profile), profile)
    words = strings_of(find_words, beside["text"].to_list())
    hashes = [short_hash("\n".join(row)) for row in words]
    assert hashes == beside["words_vector"].to_list()
