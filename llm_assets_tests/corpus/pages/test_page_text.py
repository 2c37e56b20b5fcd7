"""Short texts of pages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from resiliparse.parse.html import ElementNode, HTMLTree

from llm_assets.corpus.pages.page_text import element_text, field_text, text_key


def element(html: str) -> ElementNode:
    found = HTMLTree.parse(html).body.query_selector("div")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (" \n\u200b ", None),
        (" A\n title\u00ad ", "A title"),
        ("Tom &amp; Jerry&#8217;s", "Tom & Jerry’s"),
        ("AT&T; R&D", "AT&T; R&D"),
        ("x" * 600, "x" * 500),
    ],
)
def test_fields_are_one_clean_line(value: str | None, expected: str | None) -> None:
    assert field_text(value) == expected


def test_what_an_element_shows() -> None:
    shown = element("<div>By <b>Ann</b><br>May<script>x</script><style>y</style></div>")
    assert element_text(shown) == "By Ann May"
    assert element_text(element("<div> </div>")) is None


def test_long_texts_are_none_where_short_ones_are_wanted() -> None:
    assert element_text(element("<div>four</div>"), 4) == "four"
    assert element_text(element("<div>fives</div>"), 4) is None
    assert element_text(element(f"<div>{'<i></i>' * 30}x</div>"), 4) is None


def test_keys_are_what_two_spellings_share() -> None:
    assert text_key("The Herald—Ｎｅｗｓ") == text_key("the-herald news!")


@given(st.text(max_size=3000))
def test_fields_are_bounded_and_stay_as_they_are(value: str) -> None:
    found = field_text(value)
    assert found is None or (len(found) <= 500 and found == found.strip())
