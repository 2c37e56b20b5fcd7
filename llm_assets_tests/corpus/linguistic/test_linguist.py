"""What a language lacks is told where the recipe names it, and marked where it does not."""

from pathlib import Path

import pytest

from llm_assets.corpus.linguistic.linguist import Linguist, LinguisticPlan, missing_steps
from llm_assets.corpus.linguistic.nltk_resources import MissingNltkDataError, NltkData
from llm_assets.nltk_data import look_in
from llm_assets_tests.nltk_folders import write_nltk_folder


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> NltkData:
    return look_in([write_nltk_folder(tmp_path_factory.mktemp("nltk_data"))])


@pytest.mark.parametrize(
    ("settings", "language", "missing"),
    [
        ({}, "en", ()),
        ({}, "de", ("sentences", "stop_words")),
        ({"remove_stop_words": False}, "de", ("sentences",)),
        ({}, "ja", ("sentences", "words", "stop_words")),
        ({"word_form": "stem"}, "en", ()),
        ({"word_form": "stem"}, "de", ("sentences", "stop_words")),
        ({"word_form": "stem"}, "pl", ("sentences", "stop_words", "stem")),
        ({"word_form": "porter"}, "de", ("sentences", "stop_words", "stem")),
        ({"word_form": "lemma"}, "en", ()),
        ({"word_form": "lemma"}, "de", ("sentences", "stop_words", "lemma")),
    ],
)
def test_missing_steps(
    data: NltkData, settings: dict[str, object], language: str, missing: tuple[str, ...]
) -> None:
    plan = LinguisticPlan(**settings)  # type: ignore[arg-type]
    assert missing_steps(plan, data, language) == missing


@pytest.mark.parametrize(
    ("settings", "language", "told"),
    [
        ({}, "de", ["tokenizers/punkt_tab/german/", "corpora/stopwords/german"]),
        ({"word_form": "stem"}, "pl", ["no stemmer", "danish, dutch, english"]),
        ({"word_form": "porter"}, "de", ["no stemmer in NLTK, which has them for english"]),
        ({"word_form": "lemma"}, "de", ["no lemmatizer in NLTK, which has one for English"]),
        ({}, "th", ["no word tokenizer"]),
    ],
)
def test_a_language_that_the_plan_names_needs_everything(
    data: NltkData, settings: dict[str, object], language: str, told: list[str]
) -> None:
    plan = LinguisticPlan(languages=("en", language), **settings)  # type: ignore[arg-type]
    with pytest.raises(MissingNltkDataError) as caught:
        Linguist(plan, data)
    message = str(caught.value)
    assert all(part in message for part in told)
    assert f"'{language}'" in message
    assert "'en'" not in message


def test_a_dictionary_that_is_not_there_is_named() -> None:
    plan = LinguisticPlan(("en",), remove_stop_words=False, word_form="lemma")
    with pytest.raises(MissingNltkDataError, match=r"corpora/wordnet/.*\bno folder\b"):
        Linguist(plan, NltkData())


def test_files_of_named_languages_are_read_at_once_and_others_when_needed(tmp_path: Path) -> None:
    data = look_in([write_nltk_folder(tmp_path)])
    Linguist(LinguisticPlan(languages=("en",)), data)
    later = Linguist(LinguisticPlan(), data)
    (tmp_path / "corpora" / "stopwords" / "english").unlink()
    with pytest.raises(Exception, match="stopwords/english cannot be read"):
        Linguist(LinguisticPlan(languages=("en",)), data)
    with pytest.raises(Exception, match="stopwords/english cannot be read"):
        later.tools("en")


def test_a_plan_knows_what_it_reads() -> None:
    assert LinguisticPlan().resources == ("punkt", "stop_words")
    plan = LinguisticPlan(remove_stop_words=False, word_form="lemma")
    assert plan.resources == ("punkt", "wordnet")
