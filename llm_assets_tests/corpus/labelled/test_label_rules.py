"""What a value is converted to, and why it is not."""

import math
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_assets.corpus.labelled.label_rules import (
    LABEL_VALUES,
    LabelRules,
    LabelType,
    LabelValue,
    convert_labels,
    sorted_names,
)

KINDS: tuple[LabelType, ...] = ("integer", "float", "boolean", "category", "text")


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("4", "4"), (" 4 ", "4"), ("4.0", "4"), ("4.", "4"), ("+4", "4"), ("-0", "0"), ("４", "4"),
        ("007", "7"), ("\t4\u00a0", "4"), ("-12.000", "-12"),
    ],
)  # fmt: skip
def test_whole_numbers_are_integers(value: str, name: str) -> None:
    found = LabelRules("integer").convert(value)
    assert found == LabelValue(name, float(name))


@pytest.mark.parametrize(
    "value", ["4.5", "4/5", "1,5", "1,000", "four", "4 stars", "1e3", "٤", "0x4"]
)
def test_nothing_is_guessed_of_integers(value: str) -> None:
    assert LabelRules("integer").convert(value).reason == "not_an_integer"


@pytest.mark.parametrize(
    ("value", "number"),
    [("4", 4.0), ("4.5", 4.5), (".5", 0.5), ("1e3", 1000.0), ("-2.5E-1", -0.25), ("-0.0", 0.0)],
)
def test_numbers_in_json_notation_are_floats(value: str, number: float) -> None:
    found = LabelRules("float").convert(value)
    assert found.number == number
    assert math.copysign(1, found.number) == math.copysign(1, number + 0.0)


@pytest.mark.parametrize("value", ["1,5", "4/5", "inf", "NaN!", "1_000", "e5", ".", "--1", "−1"])
def test_nothing_is_guessed_of_floats(value: str) -> None:
    assert LabelRules("float").convert(value).reason == "not_a_number"


@pytest.mark.parametrize(
    ("value", "kind"),
    [("1e999", "float"), ("-2e150", "float"), ("9" * 40, "integer"), (str(2**53 + 1), "integer")],
)
def test_what_no_float_holds_is_out_of_range(value: str, kind: LabelType) -> None:
    assert LabelRules(kind).convert(value).reason == "out_of_range"


@pytest.mark.parametrize(
    ("value", "name"),
    [("true", "true"), ("Yes", "true"), ("1", "true"), ("FALSE", "false"), ("no", "false")],
)
def test_truth_values(value: str, name: str) -> None:
    assert LabelRules("boolean", fold_case=False).convert(value).name == name
    assert LabelRules("boolean").convert("maybe").reason == "not_a_boolean"


@pytest.mark.parametrize(
    "value", ["Sports", " sports ", "SPORTS", "ＳＰＯＲＴＳ", "\u200asports\n"]
)
def test_categories_are_merged_by_form_and_case(value: str) -> None:
    assert LabelRules().convert(value).name == "sports"
    assert LabelRules(mapping={"football": "Sports"}).convert(value).name == "Sports"
    assert LabelRules(allowed=("SPORTS",)).convert(value).name == "SPORTS"


def test_case_is_kept_where_it_is_not_to_be_folded() -> None:
    rules = LabelRules(fold_case=False, mapping={"pos": "Positive"})
    names = [rules.convert(value).name for value in ("Sports", "sports", "pos", "Pos")]
    assert names == ["Sports", "sports", "Positive", "Pos"]


def test_a_map_renames_before_anything_else() -> None:
    rules = LabelRules(
        "integer", mapping={"5 Stars": "5", "n/a": "1", "[5]": "5"}, missing_values=("n/a",)
    )
    assert [rules.convert(value).name for value in ("5 stars", " 5  STARS", "N/A")] == [
        "5",
        "5",
        "1",
    ]
    assert rules.convert("[5]").name == "5"


def test_limits() -> None:
    rules = LabelRules("integer", least=1, most=5)
    assert [rules.convert(value).reason for value in ("1", "5", "0", "6")] == [
        None,
        None,
        "out_of_range",
        "out_of_range",
    ]
    few = LabelRules(allowed=("b", "a"))
    assert few.convert("c").reason == "not_in_labels"
    assert few.names() == ["b", "a"]


def test_missing_values() -> None:
    rules = LabelRules(missing_values=("N/A", "-"))
    gaps = [None, "", "  ", "n/a", " N/A", "-"]
    assert [rules.convert(value).missing for value in gaps] == [True] * len(gaps)
    assert rules.convert("none").name == "none"


def test_lists_and_objects_are_no_labels_but_brackets_may_be() -> None:
    rules = LabelRules()
    assert rules.convert('["a"]').reason == "not_a_single_value"
    assert rules.convert('{"a":1}').reason == "not_a_single_value"
    assert rules.convert("[deleted]").name == "[deleted]"
    assert rules.convert("[" * 100_000).name == "[" * 100_000
    assert LabelRules("text").convert(' {"a": 1} ').name == '{"a": 1}'


def test_numbers_are_sorted_by_value() -> None:
    assert sorted_names(["10", "9", "-1"], "integer") == ["-1", "9", "10"]
    assert sorted_names(["10", "9"], "category") == ["10", "9"]


def test_a_column_is_converted_in_its_order() -> None:
    found = convert_labels(pl.Series(["4", None, "x", "4"], dtype=pl.String), LabelRules("integer"))
    assert found.schema == LABEL_VALUES
    assert found["name"].to_list() == ["4", None, None, "4"]
    assert found["missing"].to_list() == [False, True, False, False]
    assert found["reason"].to_list() == [None, None, "not_an_integer", None]
    assert convert_labels(pl.Series([], dtype=pl.String), LabelRules()).schema == LABEL_VALUES


@given(st.one_of(st.none(), st.text(max_size=12)), st.sampled_from(KINDS), st.booleans())
def test_every_value_is_just_one_thing(value: str | None, kind: LabelType, fold: bool) -> None:
    found = LabelRules(kind, fold_case=fold).convert(value)
    assert [found.name is not None, found.missing, found.reason is not None].count(True) == 1


@given(st.text(min_size=1, max_size=12), st.sampled_from(KINDS))
def test_a_label_is_its_own_label(value: str, kind: LabelType) -> None:
    rules = LabelRules(kind)
    name = rules.convert(value).name
    if name is not None and kind != "text":
        assert rules.convert_own(name).name == name


@given(st.floats(-1e150, 1e150))
def test_a_number_keeps_its_value(number: float) -> None:
    assert LabelRules("float").convert(repr(number)).number == number


def test_unusual_values_are_no_trouble() -> None:
    values: list[Any] = ["\0", "a\0b", "\ud7ff", "x" * 1_000_000, "9" * 5_000, "1e99999999999", "."]
    for kind in KINDS:
        assert convert_labels(pl.Series(values, dtype=pl.String), LabelRules(kind)).height == 7


def test_folding_that_takes_a_character_apart_still_merges() -> None:
    rules = LabelRules()
    assert rules.compared("ǰ") == rules.compared("ǰ".casefold()) == rules.compared("J\u030c")
