"""The recipe's section says what is done to words."""

from typing import Any

import pytest
from pydantic import ValidationError

from llm_assets.assets.linguistic_analysis import linguistics_fingerprint
from llm_assets.corpus.linguistic.linguist import LinguisticPlan
from llm_assets.linguistics_recipe import Linguistics


def test_an_empty_section_is_the_plan_s_defaults() -> None:
    assert Linguistics().plan() == LinguisticPlan()


def test_every_key_reaches_the_plan() -> None:
    section = Linguistics(
        languages=["en", "de", "en"],
        sentences=True,
        lowercase=False,
        punctuation=True,
        stop_words="keep",
        least_word_chars=3,
        word_form="lemma",
        parts_of_speech=["verb", "noun"],
    )
    assert section.plan() == LinguisticPlan(
        languages=("de", "en"),
        keep_sentences=True,
        lowercase=False,
        keep_punctuation=True,
        remove_stop_words=False,
        least_word_chars=3,
        word_form="lemma",
        parts_of_speech=("verb", "noun"),
    )


@pytest.mark.parametrize(
    "mistake",
    [
        {"languages": ["english"]},
        {"stop_words": True},
        {"word_form": "lemmas"},
        {"parts_of_speech": []},
        {"parts_of_speech": ["n"]},
        {"least_word_chars": 0},
        {"steming": True},
    ],
)
def test_mistakes_are_refused(mistake: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Linguistics.model_validate(mistake)


def test_every_key_is_described() -> None:
    properties = Linguistics.model_json_schema()["properties"]
    assert all("description" in each for each in properties.values())


def test_another_recipe_has_another_fingerprint() -> None:
    assert linguistics_fingerprint(Linguistics()) == linguistics_fingerprint(Linguistics())
    changed = Linguistics(word_form="stem")
    assert linguistics_fingerprint(Linguistics()) != linguistics_fingerprint(changed)
