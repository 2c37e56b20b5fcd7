"""Each step of the analysis of documents."""

from collections.abc import Sequence
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from llm_assets.corpus.linguistic import linguistics
from llm_assets.corpus.linguistic.linguist import Linguist, LinguisticPlan
from llm_assets.corpus.linguistic.linguistics import LINGUISTIC, analyse_texts
from llm_assets.corpus.linguistic.nltk_resources import NltkData
from llm_assets.nltk_data import look_in
from llm_assets_tests.corpus.sample_texts import ARTICLES, HOSTILE
from llm_assets_tests.nltk_folders import write_nltk_folder

NAMES = ("doc_id", "text_hash", "language", "text")
TEXT = "The dogs don't like us. Wolves were in the city, and the WOLVES left!"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> NltkData:
    return look_in([write_nltk_folder(tmp_path_factory.mktemp("nltk_data"))])


def documents(*texts: str | None, language: str | None = "en") -> pl.DataFrame:
    names = [f"doc-{number}" for number in range(len(texts))]
    columns = {"doc_id": names, "text_hash": names, "language": [language] * len(texts)}
    return pl.DataFrame({**columns, "text": texts}, schema=dict.fromkeys(NAMES, pl.String))


def analysed(data: NltkData, text: str, language: str = "en", **plan: Any) -> dict[str, Any]:
    linguist = Linguist(LinguisticPlan(**plan), data)
    return analyse_texts(documents(text, language=language), linguist).row(0, named=True)


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        ({}, "dogs do like us wolves city wolves left"),
        ({"lowercase": False}, "dogs do like us Wolves city WOLVES left"),
        (
            {"remove_stop_words": False},
            "the dogs do n't like us wolves were in the city and the wolves left",
        ),
        ({"keep_punctuation": True}, "dogs do like us . wolves city , wolves left !"),
        ({"least_word_chars": 4}, "dogs like wolves city wolves left"),
        ({"least_word_chars": 4, "word_form": "lemma"}, "dog like wolf city wolf left"),
        ({"word_form": "stem"}, "dog do like us wolv citi wolv left"),
        ({"word_form": "porter"}, "dog do like us wolv citi wolv left"),
        (
            {"word_form": "lemma", "parts_of_speech": ("noun", "verb")},
            "dog do like u wolf city wolf leave",
        ),
    ],
)
def test_steps(data: NltkData, plan: dict[str, Any], words: str) -> None:
    assert analysed(data, TEXT, **plan)["words"] == words.split()


def test_counts(data: NltkData) -> None:
    row = analysed(data, TEXT, keep_sentences=True)
    assert row == {
        "doc_id": "doc-0",
        "text_hash": "doc-0",
        "language": "en",
        "sentence_count": 2,
        "word_count": 15,
        "stop_word_count": 7,
        "kept_word_count": 8,
        "vocabulary_size": 7,
        "words": ["dogs", "do", "like", "us", "wolves", "city", "wolves", "left"],
        "sentences": ["The dogs don't like us.", TEXT[24:]],
        "missing_steps": [],
    }


def test_what_is_not_wanted_is_null(data: NltkData) -> None:
    row = analysed(data, TEXT, remove_stop_words=False)
    assert row["sentences"] is None
    assert row["stop_word_count"] is None


def test_stop_words_with_curved_apostrophes_and_capitals(data: NltkData) -> None:
    assert analysed(data, "THE Dog’s here; they don’t.")["words"] == ["dog", "here", "they"]


def test_a_language_without_data_goes_without(data: NltkData) -> None:
    row = analysed(data, "Die Hunde. Sind da?", "de", word_form="stem")
    assert row["words"] == ["die", "hund", "sind", "da"]
    assert row["sentence_count"] == 2
    assert row["stop_word_count"] is None
    assert row["missing_steps"] == ["sentences", "stop_words"]


def test_a_language_without_spaces_has_sentences_and_no_words(data: NltkData) -> None:
    row = analysed(data, "吾輩は猫である。名前はまだ無い。", "ja")
    assert row["sentence_count"] == 2
    names = ("words", "word_count", "stop_word_count", "kept_word_count", "vocabulary_size")
    assert [row[name] for name in names] == [None] * 5
    assert "words" in row["missing_steps"]


def test_empty_and_missing_texts(data: NltkData) -> None:
    linguist = Linguist(LinguisticPlan(keep_sentences=True), data)
    rows = analyse_texts(documents("", None, "\n"), linguist)
    assert rows.schema == LINGUISTIC
    assert rows["word_count"].to_list() == [0, None, 0]
    assert rows["words"].to_list() == [[], None, []]
    assert rows["sentences"].to_list() == [[], None, []]
    assert analyse_texts(documents(), linguist).schema == LINGUISTIC
    assert analyse_texts(documents(None), linguist)["word_count"].to_list() == [None]


def test_an_unknown_language_is_no_trouble(data: NltkData) -> None:
    linguist = Linguist(LinguisticPlan(), data)
    rows = analyse_texts(documents("One two. three", language=None), linguist)
    assert rows["language"].to_list() == [None]
    assert rows["words"].to_list() == [["one", "two", "three"]]


Documents = st.lists(
    st.tuples(st.sampled_from(["en", "de", "ja", "und"]), st.sampled_from([*ARTICLES, *HOSTILE])),
    max_size=8,
)


@settings(max_examples=30, deadline=None)
@given(Documents, st.integers(1, 300), st.randoms())
def test_a_row_does_not_depend_on_the_others_or_on_blocks(
    data: NltkData, texts: Sequence[tuple[str, str]], block: int, order: Any
) -> None:
    linguist = Linguist(LinguisticPlan(keep_sentences=True, word_form="stem"), data)
    rows = [documents(text, language=language) for language, text in texts]
    frame = pl.concat([documents(), *rows]).with_columns(
        doc_id=pl.int_range(pl.len()).cast(pl.String)
    )
    alone = pl.concat(
        [analyse_texts(frame.clear(), linguist)]
        + [analyse_texts(each, linguist) for each in frame.iter_slices(1)]
    )
    places = list(range(frame.height))
    order.shuffle(places)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(linguistics, "_BLOCK_CHARS", block)
        together = analyse_texts(frame[places], linguist)
    assert_frame_equal(together, alone[places])
