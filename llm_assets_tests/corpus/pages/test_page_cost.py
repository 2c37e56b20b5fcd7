"""What a page would cost to parse."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_assets.corpus.pages.page_cost import MAX_CONTENT_WORK, PageCost, page_cost

FILL = "<p>x</p>" * 2000  # enough tags that the page is measured at all


def cost(html: str) -> PageCost:
    return page_cost((FILL + html).encode())


def added(html: str) -> PageCost:
    base, whole = cost(""), cost(html)
    return PageCost(*(getattr(whole, n) - getattr(base, n) for n in PageCost.__slots__))


def test_a_small_page_is_not_measured() -> None:
    assert page_cost(b"<div>" * 1000) == PageCost(1000, 0, 0, 0, 0, 0)
    assert page_cost(b"") == PageCost(0, 0, 0, 0, 0, 0)


def test_depth_adds_up_at_every_tag() -> None:
    found = added("<div><DIV class='a'>x</div></div>")
    assert (found.tags, found.content_work, found.parse_work) == (2, 1 + 2, 1 + 2 + 1 + 0)


@pytest.mark.parametrize(
    "html",
    [
        "<br><img src=x><hr/><input>",
        "<p>a<p>b<p>c",
        "<table-less></table-less>",
        "<svg/><path d='M0'/><use/>",
        "<script>if (a<b) { x = '<div><div>'; }</script>",
        "a < b <3 <! <?",
        "</div></div></div>",
    ],
)
def test_what_does_not_nest_adds_no_depth(html: str) -> None:
    assert added(html).content_work <= 1
    assert cost(f"{html}<div></div>").content_work - cost(html).content_work == 1


def test_tags_of_html_nest_even_if_they_end_in_a_slash() -> None:
    assert added("<div/><div/><div/>").content_work == 6


def test_unclosed_formatting_is_repeated_in_every_block() -> None:
    assert added("<b>x<p>y<p>z").clones == 2
    assert added("<b>x</b><p>y<p>z").clones == 0


def test_equal_formatting_elements_are_repeated_three_times_at_most() -> None:
    equal = page_cost(b"<font size=2>x<p>" * 4000)
    assert equal.clones == 3 * 4000
    assert equal.excess is None
    different = page_cost("".join(f"<font size={n}>x<p>" for n in range(4000)).encode())
    assert different.excess is not None
    assert "formatting" in different.excess


def test_indentation_grows_with_nested_lists() -> None:
    assert added("<ul><li>a<ul><li>b</ul></ul>").indentation == 1 + 2


def test_attributes_are_counted_where_they_are_many() -> None:
    attributes = " ".join(f"a{n}='x'" for n in range(1200))
    assert page_cost(f"<p {attributes}>".encode()).excess is not None
    assert page_cost(f"<p a='{attributes}'>".replace("='x'", "").encode()).excess is None
    assert page_cost(f"<script>a<b {attributes}</script>".encode()).excess is None


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 1_000_000,
        "<p><b>" * 3_000_000,
        "".join(f"<b c={n}><i d={n}>x<p>" for n in range(10_000)),
        "<ul><li>x" * 20_000,
        "<span>" * 50_000 + "<li></li>" * 50_000,
    ],
)
def test_bombs_are_refused_quickly(html: str) -> None:
    assert page_cost(html.encode()).excess is not None


def test_a_long_plain_book_is_affordable() -> None:
    found = page_cost(("<div>" + "<p>A paragraph with <i>some</i> words.</p>" * 300_000).encode())
    assert found.excess is None
    assert found.content_work < MAX_CONTENT_WORK


@given(st.text(st.sampled_from("<>/adivbpul-!'\"= \0é"), max_size=300))
def test_any_text_can_be_measured(text: str) -> None:
    found = page_cost(text.encode() + b"<p>" * 2800)
    assert found.parse_work >= 0
    assert found.content_work >= 0
