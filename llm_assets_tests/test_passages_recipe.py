"""The recipe's sections on repeated passages and spans."""

import pytest
from pydantic import ValidationError

from llm_assets.assets.repeated_passages import passages_fingerprint
from llm_assets.assets.repeated_substrings import substrings_fingerprint
from llm_assets.corpus.passages.passages import PassagePlan
from llm_assets.passages_recipe import Passages, Substrings


def test_an_empty_section_is_the_plan_s_defaults() -> None:
    assert Passages().plan() == PassagePlan()


def test_every_key_reaches_the_plan() -> None:
    values = {
        "unit": "line",
        "scope": "site",
        "min_words": 3,
        "min_chars": 20,
        "copies": 5,
        "min_words_left": 7,
    }
    assert values.keys() == Passages.model_fields.keys()
    assert Passages.model_validate(values).plan() == PassagePlan("line", "site", 3, 20, 5, 7)


@pytest.mark.parametrize("key", ["min_words", "copies", "min_chars"])
def test_one_document_alone_repeats_nothing(key: str) -> None:
    with pytest.raises(ValidationError, match=key):
        Passages.model_validate({key: 0})


def test_a_setting_is_another_way_to_decide() -> None:
    assert passages_fingerprint(Passages()) == passages_fingerprint(Passages(unit="paragraph"))
    assert passages_fingerprint(Passages()) != passages_fingerprint(Passages(copies=3))
    assert substrings_fingerprint(Substrings()) != substrings_fingerprint(Substrings(tokens=100))
