"""Fields that are named and names that are understood, as people are told."""

from llm_assets.formats.record_fields import GUESSED, LABEL_NAMES, NAMES, describe_fields
from llm_assets.formats.record_paths import field
from llm_assets.records_recipe import Fields, record_fields


def test_names_are_in_lower_case_and_of_one_part_each() -> None:
    names = [name for some in NAMES.values() for name in some]
    assert [name.lower() for name in names] == names
    assert len(set(names)) == len(names)
    assert not set(names) & set(LABEL_NAMES)


def test_what_is_guessed_is_told() -> None:
    told = describe_fields(GUESSED)
    assert told["text"].startswith("the first of text, body, ")
    assert told["labels"].startswith("all of label, ")


def test_what_is_named_is_told_and_nothing_else() -> None:
    fields = Fields.model_validate({"text": "{q}: {a}", "id": "n", "labels": {"mood": "m"}})
    told = describe_fields(record_fields(fields, None))
    assert told == {"text": "{q}: {a}", "id": "n", "label mood": "m"}
    several = record_fields(Fields.model_validate({"text": ["a", "b.c"]}), None)
    assert describe_fields(several) == {"text": "a, b.c"}


def test_a_field_is_its_name_whatever_that_holds() -> None:
    assert field("a.b[0]").find({"a.b[0]": 1}) == 1
    assert field("a.b").column == "a.b"
