"""Words in scripts with and without spaces, and that batches do not show in the numbers."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from llm_assets.corpus import words
from llm_assets.corpus.words import TEXT_WORDS, measure_words


def measure(*texts: str) -> pl.DataFrame:
    return measure_words(pl.Series(texts, dtype=pl.String))


def test_words_stand_between_whitespace() -> None:
    row = measure("The cat,\nthe\u3000dog\u00a0and 2 birds.").row(0, named=True)
    assert (row["words"], row["estimate"], row["unspaced"]) == (7, 7, 0)
    assert (row["chars"], row["letter_words"], row["stop_words"]) == (23, 6, 2)


@pytest.mark.parametrize(
    ("text", "estimate", "unspaced"),
    [
        ("東京", 1, 1),  # 2 / 1.45
        ("東京都" * 10, 21, 21),
        ("ありがとうございます", 3, 3),  # 10 / 3.5
        ("カ、。、。、。、。", 1, 1),  # signs are not counted
        ("ラーラーラー", 2, 2),  # the long vowel is
        ("สวัสดีครับ", 2, 2),  # 10 / 5.1
        ("東", 1, 1),  # never less than one
        ("go to 東京 by train", 5, 1),
        ("한국어는 띄어쓰기를 한다", 3, 0),  # Korean puts spaces
        ("ሰላም፡ለዓለም፡ሁሉ", 3, 0),  # so does Ethiopic, with a sign of its own
    ],
)
def test_scripts_without_spaces_have_words_too(text: str, estimate: int, unspaced: int) -> None:
    row = measure(text).row(0, named=True)
    assert (row["estimate"], row["unspaced"]) == (estimate, unspaced)


def test_ngrams_are_measured_only_where_words_are_spaced() -> None:
    spaced = "again and " * 12
    unspaced = "もう一度 そして " * 12
    repeated = measure(spaced, unspaced, spaced).select("top_2", "duplicate_5").rows()
    assert repeated[0] == repeated[2]
    assert min(repeated[0]) > 0
    assert repeated[1] == (0, 0)


def test_no_texts_and_empty_texts() -> None:
    assert measure().schema == TEXT_WORDS
    assert measure("", " \n").rows() == [(0,) * len(TEXT_WORDS)] * 2


texts = st.lists(
    st.one_of(
        st.text(),
        st.lists(st.sampled_from(["the", "cat", "sat", "東京", "\n"]), max_size=60).map(" ".join),
    ),
    max_size=8,
)


@settings(deadline=None)  # the first call compiles
@given(texts, st.integers(0, 8), st.integers(1, 60))
def test_batches_and_groups_do_not_matter(values: list[str], cut: int, group: int) -> None:
    series = pl.Series(values, dtype=pl.String)
    whole = measure_words(series)
    assert_frame_equal(pl.concat([measure_words(series[:cut]), measure_words(series[cut:])]), whole)
    in_chunks = pl.concat([series[:cut], series[cut:]], rechunk=False)
    assert_frame_equal(measure_words(in_chunks), whole)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(words, "_GROUP_BYTES", group)
        assert_frame_equal(measure_words(series), whole)


TRANSLATIONS = ("jpn", "cmn_hans", "tha", "lao", "khm", "iii", "amh")


@pytest.mark.shared_data
@pytest.mark.parametrize("name", TRANSLATIONS)
def test_a_translation_has_about_as_many_words_as_the_original(
    name: str, shared_data: Path
) -> None:
    """The files are cut at 5,000 characters: what all have in common are about articles 3 to 10."""
    folder = shared_data / "languages" / "udhr"
    original, translation = (
        "\n".join((folder / f"{file}.txt").read_text(encoding="utf-8").split("\n")[17:34])
        for file in ("eng", name)
    )
    expected, found = measure(original, translation)["estimate"]
    assert 0.55 * expected < found < 1.5 * expected
