"""FineWeb's own rules, at its release and as datatrove 0.10 has them."""

import polars as pl
import pytest

from llm_assets_tests.conformance.agreement import beside_vectors, differences, judged

READINGS = [
    ("fineweb@0.10", "fineweb@0.10"),
    ("fineweb@datatrove-0.10", "fineweb@0.10"),
    ("fineweb@2024-05", "fineweb@2024-05"),
]


@pytest.mark.parametrize(("profile", "vectors"), READINGS)
def test_every_verdict_and_reason_is_the_originals(profile: str, vectors: str) -> None:
    beside = beside_vectors(judged(profile), vectors)
    assert differences(beside) == {}
    assert beside["reason"].n_unique() >= 4


def test_words_are_spacys() -> None:
    beside = beside_vectors(judged("fineweb@datatrove-0.10"), "fineweb@0.10")
    newlines = beside["text"].str.count_matches("\n", literal=True)
    ratios = (newlines / beside["word_count_vector"]).to_list()
    assert beside["newline_word_ratio_fineweb_datatrove"].to_list() == pytest.approx(ratios)


@pytest.mark.parametrize(
    ("signal", "vectors"),
    [("newline_token_ratio", "fineweb@0.10"), ("newline_token_ratio_2024", "fineweb@2024-05")],
)
def test_tokens_are_about_the_tokenizers(signal: str, vectors: str) -> None:
    beside = beside_vectors(judged("fineweb@0.10"), vectors).filter(pl.col("language") == "en")
    newlines = beside["text"].str.count_matches("\n", literal=True)
    ratio = beside[signal] * beside["word_count_vector"] / newlines
    assert 0.97 < ratio.filter(newlines > 0).median() < 1.03
