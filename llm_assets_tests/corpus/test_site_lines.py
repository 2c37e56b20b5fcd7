"""What a site repeats is found and cut; what its articles say stays."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from llm_assets.corpus.site_lines import (
    MIN_PAGES,
    SAMPLE_PAGES,
    SITE_LINES,
    draw_pages,
    find_repeated_lines,
    repeated_in,
    site_hashes,
    site_of,
)

NEWSLETTER = "Sign up for our weekly letter and never miss a story."


def pages(count: int, site: str = "a.org", *, shared: int | None = None) -> pl.DataFrame:
    """Pages with an article of their own each; the first `shared` have the newsletter line."""
    shared = count if shared is None else shared
    texts = [
        f"Story number {i}.\nParameters\n{NEWSLETTER if i < shared else 'Nothing'}"
        for i in range(count)
    ]
    return pl.DataFrame({"site": [site] * count, "text": texts})


@pytest.mark.parametrize(
    ("url", "source", "site"),
    [
        ("https://WWW.Example.org/a?b#c", "s", "www.example.org"),
        ("http://user:secret@example.org:8080", "s", "example.org"),
        ("http://[2001:db8::1]/x", "s", "[2001:db8::1]"),
        (None, "s", "source:s"),
        ("no address", "s", "source:s"),
    ],
)
def test_site_of(url: str | None, source: str, site: str) -> None:
    frame = pl.DataFrame(
        {"url": [url], "source": [source]}, {"url": pl.String, "source": pl.String}
    )
    assert frame.select(site_of()).item() == site


def test_lines_on_enough_pages_are_found() -> None:
    found = find_repeated_lines(pages(10, shared=5))
    assert found.schema == SITE_LINES
    assert found.rows() == [
        ("a.org", "Nothing", 5, 0.5),
        ("a.org", "Parameters", 10, 1.0),
        ("a.org", NEWSLETTER, 5, 0.5),
    ]
    assert find_repeated_lines(pages(20, shared=7))["line"].to_list() == ["Nothing", "Parameters"]


def test_copies_of_one_page_make_no_pattern() -> None:
    copies = pl.DataFrame({"site": ["a.org"] * 30, "text": ["One.\nTwo."] * 30})
    assert find_repeated_lines(copies).is_empty()
    nothing = pl.DataFrame({"site": ["a"] * 9}).with_columns(text=pl.lit(None, pl.String))
    assert find_repeated_lines(nothing).is_empty()


def test_sites_are_told_apart() -> None:
    both = pl.concat([pages(8), pages(8, "b.org", shared=0)])
    assert NEWSLETTER not in find_repeated_lines(both).filter(site="b.org")["line"]
    hashes = site_hashes(find_repeated_lines(both))
    assert hashes["site"].to_list() == ["a.org", "b.org"]
    assert hashes["boilerplate_hash"].n_unique() == 2


@given(st.permutations(range(60)))
def test_the_drawn_pages_do_not_depend_on_order(order: list[int]) -> None:
    frame = pl.DataFrame(
        {
            "doc_id": [f"{(i * 37) % 1000:03}" for i in range(60)],
            "site": ["big"] * 50 + ["small"] * (MIN_PAGES - 1) + ["other"] * (11 - MIN_PAGES),
        }
    )
    drawn = draw_pages(frame[order].lazy()).collect().sort("doc_id")
    assert_frame_equal(drawn, draw_pages(frame.lazy()).collect().sort("doc_id"))
    assert drawn["site"].unique().to_list() == ["big"]
    assert drawn.height == SAMPLE_PAGES
    assert drawn["doc_id"].to_list() == frame.filter(site="big")["doc_id"].sort()[:40].to_list()


def test_short_lines_are_cut_at_the_edges_only() -> None:
    repeated = find_repeated_lines(pages(8))
    text = ["Parameters", "", "Story.", "Parameters", NEWSLETTER, "The end.", "", "Parameters"]
    lines = pl.DataFrame({"line": text}).with_columns(
        row=0, site=pl.lit("a.org"), is_cut=pl.lit(value=False)
    )
    cut = repeated_in(lines, repeated)
    assert cut["line"].to_list() == text
    assert cut["is_cut"].to_list() == [True, False, False, False, True, False, False, True]
    elsewhere = repeated_in(lines.with_columns(site=pl.lit("b.org")), repeated)
    assert not elsewhere["is_cut"].any()
