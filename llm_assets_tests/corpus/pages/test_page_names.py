"""Names of authors."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_assets.corpus.pages.page_names import join_names, shown_names


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["Ann Lee"], "Ann Lee"),
        (["By Ann Lee"], "Ann Lee"),
        (["by: ann lee"], "ann lee"),
        (["Von Anna Groß und Béla Kis"], "Anna Groß; Béla Kis"),
        (["Written by Ann Lee on May 3, 2014"], "Ann Lee"),
        (["Posted on 13 May 2014 by Ann Lee"], "Ann Lee"),
        (["作者：小明"], "小明"),
        (["Ann Lee, Bob Ray and Cy Coe"], "Ann Lee; Bob Ray; Cy Coe"),
        (["Ann Lee", "Bob Ray", "ANN LEE"], "Ann Lee; Bob Ray"),
        (["Ann Lee &amp; Bob Ray"], "Ann Lee; Bob Ray"),
        (["ann@example.org (Ann Lee)"], "Ann Lee"),
        (["Ann Lee <ann@example.org>"], "Ann Lee"),
        (["Ann Lee https://example.org/ann"], "Ann Lee"),
        (["Ann Lee, MD"], "Ann Lee"),
        (["Ann Lee, Staff Writer"], "Ann Lee"),
        (["Ann Lee Herald Staff"], "Ann Lee"),
        (["Ann Lee | The Herald"], "Ann Lee"),
        (["Ann Lee facebooktwitterpinterest"], "Ann Lee"),
        (["Vincent van Gogh", "Jean-Luc d'Arc"], "Vincent van Gogh; Jean-Luc d'Arc"),
        (["Andy Byron", "Devon Parker"], "Andy Byron; Devon Parker"),
    ],
)
def test_names_are_what_is_left(values: list[str], expected: str) -> None:
    assert join_names(values, {"herald"}) == expected


@pytest.mark.parametrize(
    "value",
    [
        *("", " ", "admin", "Administrator", "unknown", "@handle", "42", "-", "By", "Herald"),
        *("https://www.facebook.com/ann", "facebook.com/ann", "ann@example.org", "3 comments"),
        "a sentence that goes on for far too long to be the name of anyone at all",
        "x" * 100,
        "{{author}}",
    ],
)
def test_what_is_no_name(value: str) -> None:
    assert join_names([value], {"herald"}) is None


def test_libraries_put_the_surname_first() -> None:
    fields = ["Lee, Ann", "Ray, Bob B.", "Cy Coe"]
    assert join_names(fields, surname_first=True) == "Ann Lee; Bob B. Ray; Cy Coe"


@pytest.mark.parametrize(
    ("text", "labelled", "expected"),
    [
        ("By Ann Lee", True, "Ann Lee"),
        ("Ann Lee", True, None),
        ("Ann Lee", False, "Ann Lee"),
        ("starredskies", False, "starredskies"),
        ("in other news today", False, None),
        ("Read more, Buy now, Ask us, Go home, Be well", False, None),
    ],
)
def test_names_that_readers_see(text: str, labelled: bool, expected: str | None) -> None:
    assert shown_names(text, (), labelled=labelled) == expected


@given(st.lists(st.text(max_size=700), max_size=40), st.booleans())
def test_any_fields_give_bounded_names(values: list[str], surname_first: bool) -> None:
    joined = join_names(values, surname_first=surname_first)
    assert joined is None or 2 <= len(joined) <= 500
    assert joined is None or "  " not in joined
