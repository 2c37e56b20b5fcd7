"""Paths into rows, and templates over them."""

from typing import Any

import pytest

from llm_assets.formats.record_paths import MISSING, FieldPath, parse_path, parse_template

ROW: dict[str, Any] = {
    "body": "b",
    "none": None,
    "user": {"name": "n", "langs": ["en", "fr"]},
    "messages": [{"role": "user", "content": "hi"}, {"role": "bot"}, {"content": "yo"}],
    "odd.name": "dotted",
    "two words": "spaced",
}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("body", "b"),
        ("none", None),
        ("user.name", "n"),
        ("user.langs[1]", "fr"),
        ("user.langs[2]", MISSING),
        ("user.age", MISSING),
        ("body.name", MISSING),
        ("body[0]", MISSING),
        ("none.x", MISSING),
        ("messages[0].content", "hi"),
        ("messages[*].content", ["hi", "yo"]),
        ("messages[*]", ROW["messages"]),
        ("user[*]", MISSING),
        ("odd.name", "dotted"),
        ("two words", "spaced"),
        ("$", ROW),
    ],
)
def test_a_path_leads_to_its_value(path: str, expected: Any) -> None:
    assert parse_path(path).find(ROW) is expected or parse_path(path).find(ROW) == expected


def test_each_item_of_lists_in_lists() -> None:
    row = {"a": [{"b": [1, 2]}, {"b": [3]}, {}]}
    assert parse_path("a[*].b[*]").find(row) == [[1, 2], [3]]


@pytest.mark.parametrize("text", ["", ".", "a.", "a..b", ".a", "a[", "a[x]", "a[-1]", "{a}", "a]"])
def test_what_is_no_path(text: str) -> None:
    with pytest.raises(ValueError, match=r"path to a field|must not be empty"):
        parse_path(text)


def test_a_template_is_text_and_paths() -> None:
    template = parse_template("Q: {user.name}\n{{x}} {body}")
    assert template.parts[0] == "Q: "
    assert [path.text for path in template.paths] == ["user.name", "body"]
    assert "".join(p for p in template.parts if not isinstance(p, FieldPath)) == "Q: \n{x} "


@pytest.mark.parametrize("text", ["{", "a}", "{a{b}}", "{}", "{a..b}"])
def test_what_is_no_template(text: str) -> None:
    with pytest.raises(ValueError, match=r"single|path to a field|must not be empty"):
        parse_template(text)
