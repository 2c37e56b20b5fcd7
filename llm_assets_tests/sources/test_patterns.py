"""Globs over keys: the same rules for folders and buckets."""

import fnmatch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_assets.sources.patterns import compile_pattern, depth_of, is_pattern, literal_start


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("*.html", ["a.html", "ü b.html"], ["x/a.html", "a.htm", ".a.html", "a.html\n"]),
        ("*", ["a", "a\nb"], ["a/b", "a/"]),
        ("**", ["a", "x/a", "x/y/a"], [".a", ".x/a", "x/.y/a", "x/.a", "x/", ""]),
        ("**/*.html", ["a.html", "x/a.html", "x/y/a.html"], ["a.htm", "x/.a.html", ".x/a.html"]),
        ("x/**/y/*", ["x/y/a", "x/1/y/a", "x/1/2/y/a"], ["x/ya", "x/y", "x/1/y/2/a", "z/y/a"]),
        ("**/**/a", ["a", "x/a", "x/y/a"], ["x/b"]),
        ("x/**", ["x/a", "x/y/a"], ["x", "x/", "xy/a"]),
        ("a?c", ["abc", "aüc"], ["ac", "a/c", "abbc"]),
        ("[ab]x", ["ax", "bx"], ["cx", "abx"]),
        ("[!ab]x", ["cx"], ["ax", "/x", ".x"]),
        ("[a-c]", ["a", "b", "c"], ["d", "-"]),
        ("[]x]", ["]", "x"], ["y"]),
        ("[^a]", ["^", "a"], ["b"]),
        ("a[", ["a["], ["a"]),
        ("a**b", ["ab", "axb"], ["a/b"]),
        (".hidden/*", [".hidden/a"], ["hidden/a", ".hidden/.a"]),
        ("a.b+(c)|d", ["a.b+(c)|d"], ["axb+(c)|d"]),
        ("[\\]", ["\\"], ["a"]),
    ],
)  # fmt: skip
def test_which_keys_a_pattern_names(pattern: str, matching: list[str], others: list[str]) -> None:
    expression = compile_pattern(pattern)
    assert [key for key in matching if not expression.fullmatch(key)] == []
    assert [key for key in others if expression.fullmatch(key)] == []


NAMES = st.text(st.sampled_from("ab.]-"), min_size=1, max_size=4)


@given(st.text(st.sampled_from("ab.*?[]!-"), min_size=1, max_size=8), NAMES)
def test_inside_one_name_the_rules_are_those_of_the_standard_library(
    pattern: str, name: str
) -> None:
    if name.startswith(".") or pattern == "**":
        return  # hidden, or of any depth
    expected = fnmatch.fnmatchcase(name, pattern)
    assert bool(compile_pattern(pattern).fullmatch(name)) == expected


@given(st.text() | st.text(st.sampled_from("ab[]!^-&~|\\*?/"), max_size=12))
def test_any_text_is_a_pattern(pattern: str) -> None:
    compile_pattern(pattern)


def test_a_name_without_wildcards_names_itself() -> None:
    assert not is_pattern("a/b c.html")
    assert is_pattern("a/*")
    assert is_pattern("a?")
    assert is_pattern("[a]")


def test_depth() -> None:
    assert depth_of("*.html") == 1
    assert depth_of("*/x/*") == 3
    assert depth_of("**/*.html") is None


def test_literal_start() -> None:
    assert literal_start("2024-*/x") == "2024-"
    assert literal_start("**") == ""
    assert literal_start("plain") == "plain"
