"""Titles without the site's name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_assets.corpus.pages.page_text import text_key
from llm_assets.corpus.pages.page_title import choose_title


def choose(
    title: str | None,
    declared: tuple[str, ...] = (),
    headings: tuple[str, ...] = (),
    sites: tuple[str, ...] = ("The Herald",),
) -> str | None:
    return choose_title(title, declared, headings, {text_key(site) for site in sites})


@pytest.mark.parametrize(
    "title",
    [
        *("A storm is coming | The Herald", "A storm is coming - The Herald"),
        *("The Herald – A storm is coming", "A storm is coming :: THE HERALD"),
        *("A storm is coming_The Herald", "A storm is coming | The Herald | The Herald"),
        "A storm is coming",
    ],
)
def test_the_declared_site_is_cut_off(title: str) -> None:
    assert choose(title) == "A storm is coming"


def test_without_proof_nothing_is_cut() -> None:
    assert choose("Tea - Coffee - Milk") == "Tea - Coffee - Milk"
    assert choose("Tea-Coffee") == "Tea-Coffee"


def test_a_heading_proves_what_the_title_is() -> None:
    assert choose("Tea - Coffee - Milk", headings=("Welcome", "Tea")) == "Tea"
    assert choose("Local | A storm is coming", headings=("A Storm is coming",)) == (
        "A Storm is coming"
    )


def test_a_heading_that_is_the_site_or_the_short_end_proves_nothing() -> None:
    title = "A storm is coming to town - Weather Blog"
    assert choose(title, headings=("Weather Blog",)) == title
    assert choose("The Herald | Home", headings=("The Herald",), sites=("The Herald",)) == "Home"


def test_declared_titles_come_before_the_title_element() -> None:
    assert choose("Herald", ("A storm | The Herald", "Other")) == "A storm"
    assert choose(None, ("The Herald", "A storm")) == "A storm"
    assert choose("The Herald") == "The Herald"
    assert choose(None) is None


@given(
    st.text(st.sampled_from("ab |-–:_ "), max_size=500),
    st.lists(st.text(st.sampled_from("ab |-"), max_size=20), max_size=3),
)
def test_a_title_is_a_part_of_what_the_page_says(title: str, headings: list[str]) -> None:
    found = choose(title, (), tuple(headings), ("a", "b"))
    assert found is None or found in title or found in "\n".join(headings)
