"""The YAML side of a corpus file: plain values, and mistakes with their lines."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_assets.corpus_file import YamlMistakeError, plain, read_yaml


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: [1\nb: 2\n", 2, "not valid YAML"),
        ("a: 1\nb:\n\tc: 2\n", 3, "not valid YAML"),
        ("a: 1\nb: 2\na: 3\n", 3, 'found duplicate key "a"'),
        ("a: 1\nb: {x: 1, x: 2}\n", 2, 'found duplicate key "x"'),
        ("a: 1\nb: *none\n", 2, "undefined alias 'none'"),
        ("a: 1\n---\nb: 2\n", 2, "another document"),
        ("a: 1\nb: \x01\n", 2, "special characters are not allowed"),
        ("a: " + "[" * 1200, 1, "nested too deeply"),
        ("- a\n", 1, "a corpus file is a mapping with the key 'sources'"),
        ("just text", 1, "a corpus file is a mapping"),
        ("# nothing\n", 1, "a corpus file is a mapping"),
        ("", 1, "a corpus file is a mapping"),
    ],
)
def test_what_is_no_mapping_is_told_by_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(YamlMistakeError) as caught:
        read_yaml(text)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.line == line


@given(st.text(max_size=60) | st.text(st.sampled_from("ab:-[]{}*&!|>'\"\n #%@`,?"), max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        plain(read_yaml(text))
        line = 1
    except YamlMistakeError as error:
        line = error.line
    assert 1 <= line <= text.count("\n") + 2


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.50", 1.5),
        ("1e3", 1000.0),
        ("0x1F", 31),
        ("1_000", 1000),
        ("true", True),
        ("null", None),
        ("no", "no"),  # Norwegian, and no truth value
        ("'x'", "x"),
        ("|\n  x\n  y\n", "x\ny\n"),
        ("2024-01-01", "2024-01-01"),
        ("2024-13-45", "2024-13-45"),
        ("!tag x", "x"),
        ("[1, [a]]", [1, ["a"]]),
        ("{x: {y: 1}}", {"x": {"y": 1}}),
    ],
)
def test_values_are_plain(text: str, value: Any) -> None:
    read = plain(read_yaml(f"a: {text}\n"))
    assert read == {"a": value}
    assert type(read["a"]) is type(value)


def test_not_a_number_is_plain_too() -> None:
    assert math.isnan(plain(read_yaml("a: .nan\n"))["a"])


def test_merged_and_repeated_parts_are_spelt_out() -> None:
    text = "base: &base {kind: web, weight: 2.0}\nuse:\n  <<: *base\n  weight: 1\nsame: *base\n"
    assert plain(read_yaml(text)) == {
        "base": {"kind": "web", "weight": 2.0},
        "use": {"kind": "web", "weight": 1},
        "same": {"kind": "web", "weight": 2.0},
    }
