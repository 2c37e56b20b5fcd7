"""Stems and lemmas are NLTK's."""

import random
import warnings
from pathlib import Path

import nltk
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nltk.corpus.reader.wordnet import WordNetCorpusReader
from nltk.stem import PorterStemmer, SnowballStemmer, WordNetLemmatizer

from llm_assets.corpus.linguistic.nltk_resources import NltkData
from llm_assets.corpus.linguistic.word_forms import (
    PartOfSpeech,
    Reduce,
    lemmatizer,
    stemmed_languages,
    stemmer,
)
from llm_assets.nltk_data import look_in
from llm_assets_tests.corpus.sample_texts import ARTICLES, HOSTILE
from llm_assets_tests.nltk_folders import write_nltk_folder

SNOWBALL = [
    "ar",
    "da",
    "de",
    "en",
    "es",
    "fi",
    "fr",
    "hu",
    "it",
    "nl",
    "no",
    "pt",
    "ro",
    "ru",
    "sv",
]
WORDS = sorted(
    {word for text in (*ARTICLES, *HOSTILE) for word in text.split() if len(word) <= 1_000}
)

INFLECTED = [
    "dog", "dogs", "churches", "axes", "axis", "leaves", "left", "wolves", "men", "us", "bus",
    "buses", "runs", "running", "ran", "tried", "tries", "boxes", "quizzes", "quiz", "lives",
    "cities", "bigger", "biggest", "drier", "easiest", "well", "best", "was", "went", "going",
    "churned", "freed", "s", "es", "ed", "men's", "Dogs", "aardwolves",
]  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> NltkData:
    return look_in([write_nltk_folder(tmp_path_factory.mktemp("nltk_data"))])


@pytest.fixture
def of_nltk(data: NltkData, monkeypatch: pytest.MonkeyPatch) -> WordNetLemmatizer:
    """NLTK's lemmatizer, over NLTK's own reader of the same dictionary."""
    monkeypatch.setattr(nltk.data, "path", [str(data.searched[0])])
    with warnings.catch_warnings(action="ignore"):  # there is no multilingual part
        reader = WordNetCorpusReader(nltk.data.find("corpora/wordnet"), None)
    monkeypatch.setattr(nltk.corpus, "wordnet", reader)
    return WordNetLemmatizer()


@pytest.mark.parametrize("language", SNOWBALL)
def test_stems_are_snowball_s(language: str) -> None:
    names = dict(zip(SNOWBALL, ["arabic", "danish", "german", "english", "spanish", "finnish",
             "french", "hungarian", "italian", "dutch", "norwegian", "portuguese", "romanian",
             "russian", "swedish"], strict=True))  # fmt: skip
    stem = stemmer("stem", language)
    assert stem is not None
    theirs = SnowballStemmer(names[language])
    assert [stem(word) for word in WORDS] == [theirs.stem(word) for word in WORDS]


def test_porter_s_stems_are_english() -> None:
    stem = stemmer("porter", "en")
    assert stem is not None
    theirs = PorterStemmer()
    assert [stem(word) for word in INFLECTED] == [theirs.stem(word) for word in INFLECTED]
    assert stemmer("porter", "de") is None


def test_most_languages_have_no_stemmer() -> None:
    assert stemmer("stem", "pl") is None
    assert stemmer("stem", "ja") is None
    assert len(stemmed_languages("stem")) == len(SNOWBALL)


@given(st.sampled_from(SNOWBALL), st.text(max_size=12))
def test_any_string_has_a_stem(language: str, word: str) -> None:
    stem = stemmer("stem", language)
    assert stem is not None
    assert isinstance(stem(word), str)


def test_what_no_language_calls_a_word_is_left_alone() -> None:
    stem = stemmer("stem", "en")
    assert stem is not None
    assert stem("y" * 1_001) == "y" * 1_001
    assert stem("wa" * 498 + "king") == "wa" * 498 + "k"


@pytest.mark.parametrize(("part", "letter"), [("noun", "n"), ("verb", "v"), ("adjective", "a"),
                                              ("adverb", "r")])  # fmt: skip
def test_lemmas_are_wordnet_s(
    data: NltkData, of_nltk: WordNetLemmatizer, part: PartOfSpeech, letter: str
) -> None:
    lemma = wanted(lemmatizer(data, "en", [part]))
    theirs = [of_nltk.lemmatize(word, letter) for word in INFLECTED]
    assert [lemma(word) for word in INFLECTED] == theirs
    assert theirs != INFLECTED


def test_random_words_have_the_same_lemmas(data: NltkData, of_nltk: WordNetLemmatizer) -> None:
    lemma = wanted(lemmatizer(data, "en", ["noun"]))
    draw = random.Random(0)
    words = ["".join(draw.choices("saxuesm", k=draw.randint(0, 6))) for _ in range(3_000)]
    assert [lemma(word) for word in words] == [of_nltk.lemmatize(word) for word in words]


def test_the_first_part_of_speech_that_changes_a_word_decides(data: NltkData) -> None:
    both = wanted(lemmatizer(data, "en", ["noun", "verb"]))
    assert [both(word) for word in ("leaves", "left", "ran")] == ["leaf", "leave", "run"]
    verb = wanted(lemmatizer(data, "en", ["verb", "noun"]))
    assert [verb(word) for word in ("leaves", "wolves", "ran")] == ["leave", "wolf", "run"]


def test_without_a_dictionary_there_are_no_lemmas(data: NltkData, tmp_path: Path) -> None:
    assert lemmatizer(NltkData(), "en", ["noun"]) is None
    assert lemmatizer(data, "de", ["noun"]) is None


def wanted(reduce: Reduce | None) -> Reduce:
    assert reduce is not None
    return reduce
