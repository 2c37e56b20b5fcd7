"""The machinery for numbers of a shape: where a piece of a blob counts, and where it is a part."""

import pytest

from llm_assets.corpus.personal_data.pii_numbers import NumberRule, Shapes, find_numbers

SHAPES = Shapes(
    [
        NumberRule(
            "rule",
            lambda number: number.startswith("12"),
            sure=("999-99", "999 999 999", "AA 99 99 99 A", "A999999(9"),
            at_home=("9999999",),
            in_context=("99999999",),
            languages=frozenset({"xx"}),
            words=r"number|nr\b",
        ),
        NumberRule("other", lambda number: number.isalnum(), sure=("A999999(9)", "AA 99 99 99 A")),
    ]
)


def found(line: str, language: str | None = None) -> list[str]:
    return [line[start:end] for start, end in find_numbers(line, language, SHAPES)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a 123 456 789 b", ["123 456 789"]),
        ("(123 456 789), 123 456 000.", ["123 456 789", "123 456 000"]),
        ("123\u00a0456\u202f789", ["123\u00a0456\u202f789"]),
        ("123 456 789 12/25 77", ["123 456 789"]),  # shorter groups behind
        ("AB 12 34 56 C and B123456(7)B123456(8)", ["AB 12 34 56 C", "B123456(7)", "B123456(8)"]),
        ("号码123 456 789号", ["123 456 789"]),
    ],
)
def test_found(line: str, expected: list[str]) -> None:
    assert found(line) == expected


def test_the_longest_of_shapes_that_begin_together() -> None:
    shapes = Shapes([NumberRule("rule", str.isdigit, sure=("999999 999999", "999999"))])
    line = "123456 123456, 123456"
    spans = list(find_numbers(line, None, shapes))
    assert [line[start:end] for start, end in spans] == ["123456 123456", "123456"]


@pytest.mark.parametrize(
    "line",
    [
        "923 456 789",  # the check fails
        *("123 456 789 123", "111 123 456 789", "1-123 456 789", "123 456 789-1"),  # a part
        *("x123 456 789", "123 456 789x", "_123 456 789", "123 456 789_", "$123 456 789"),
        *("https://a.b/c?x=123 456 789".replace(" ", "\u202f"), "0,123 456 789", "123 456 789%"),
        "1 " * 30 + "123 456 789" + " 123" * 30,
    ],
)
def test_not_found(line: str) -> None:
    assert found(line) == []


@pytest.mark.parametrize(
    ("line", "language", "count"),
    [
        ("1234567", None, 0),
        ("1234567", "xx", 1),
        ("number 1234567", None, 1),
        ("12345678", "xx", 0),
        ("The Number is 12345678", None, 1),
        ("12345678 is the number", None, 1),
        ("outnumbered 12345678", None, 0),
        ("nrx 12345678", None, 0),
        ("number" + " " * 60 + "12345678", None, 0),  # too far away
    ],
)
def test_language_and_context(line: str, language: str | None, count: int) -> None:
    assert len(found(line, language)) == count
