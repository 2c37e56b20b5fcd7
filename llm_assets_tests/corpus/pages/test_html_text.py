"""Text of pages, and what they say of themselves."""

import gzip
import json
import re
from collections import Counter
from pathlib import Path
from statistics import mean

import pytest

from llm_assets.corpus.pages.html_text import (
    PageRefusedError,
    all_text,
    book_text,
    main_text,
    parse_page,
)

SENTENCE = "The harbour committee agreed that the lighthouse should be repaired before winter. "
NAVIGATION = "<nav><a href='/'>Home</a> <a href='/a'>About us</a></nav>"


def page_of(body: str, head: str = "", attributes: str = "") -> str:
    return f"<!doctype html><html {attributes}><head>{head}</head><body>{body}</body></html>"


def test_main_text_leaves_navigation_out_and_all_text_does_not() -> None:
    body = f"{NAVIGATION}<main><h1>Report</h1><p>{SENTENCE * 3}</p><p>{SENTENCE}</p></main>"
    page = parse_page(page_of(body))
    paragraphs = [(SENTENCE * 3).strip(), SENTENCE.strip()]
    assert main_text(page).strip() == "\n\n".join(["Report", *paragraphs])
    assert "About us" in all_text(page)


@pytest.mark.parametrize("name", ["comments", "sidebar", "teaser"])
def test_a_page_whose_main_part_has_an_unlucky_name_is_not_lost(name: str) -> None:
    body = (
        f"{NAVIGATION}<div class='{name}' id='{name}'>" + f"<p>{SENTENCE * 3}</p>" * 20 + "</div>"
    )
    text = main_text(parse_page(page_of(body)))
    assert text.count("lighthouse") == 60
    assert "About us" not in text


def test_pictures_descriptions_are_no_text() -> None:
    body = f"<article><p>{SENTENCE}</p><img src='x' alt='A lonely gull'></article>"
    page = parse_page(page_of(body))
    assert "gull" not in main_text(page) + all_text(page) + book_text(page)


def test_a_book_keeps_its_words_but_not_the_printers() -> None:
    body = (
        "<nav><a href='#1'>Contents</a></nav><h2>Chapter I</h2>"
        "<p>It was <span class='pagenum'>[Pg 7]</span>a dark"
        "<a class='fnanchor'>[1]</a> night<a epub:type='noteref' href='#n'>2</a>.</p>"
        "<p>Short.<span epub:type='pagebreak'>8</span></p><p><ruby>漢<rt>かん</rt></ruby>字</p>"
        "<p>One line,<br/>another line.</p>"
    )
    assert book_text(parse_page(page_of(body), is_xhtml=True)).strip() == (
        "Chapter I\n\nIt was a dark night.\n\nShort.\n\n漢字\n\nOne line,\nanother line."
    )


def test_an_empty_element_of_xhtml_does_not_swallow_the_page() -> None:
    html = (
        "<html xmlns='http://www.w3.org/1999/xhtml'><head><title/><script src='x'/></head>"
        "<body><p>One<a id='p1'/> and<br/> two.</p><p/><p>Three.</p></body></html>"
    )
    assert all_text(parse_page(html, is_xhtml=True)).split() == ["One", "and", "two.", "Three."]
    assert "One" not in all_text(parse_page(html))


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "html",
    ["<div>" * 1_000_000, "".join(f"<b c={n}>x<p>" for n in range(9000)), "<ul><li>x" * 20_000],
)
def test_a_page_that_costs_too_much_is_refused(html: str) -> None:
    with pytest.raises(PageRefusedError, match="over"):
        parse_page(html)


@pytest.mark.timeout(60)
def test_a_deep_page_is_read_without_looking_for_its_main_part() -> None:
    html = page_of(NAVIGATION + "<div>" * 2000 + f"<p>{SENTENCE}</p>" * 15_000)
    text = main_text(parse_page(html))
    assert text.count("lighthouse") == 15_000
    assert "About us" not in text


def token_f1(found: str, expected: str) -> float:
    ours, theirs = (Counter(re.findall(r"\w+", text.lower())) for text in (found, expected))
    common = (ours & theirs).total()
    if not common:
        return float(not ours and not theirs)
    return 2 * common / (ours.total() + theirs.total())


@pytest.mark.shared_data
def test_main_text_of_real_pages_keeps_its_quality(shared_data: Path) -> None:
    """Token F1 by page type, on the pages of the WCXB benchmark at hand."""
    scores: dict[str, list[float]] = {}
    folder = shared_data / "web" / "wcxb"
    for path in sorted((folder / "truth").glob("*.json.gz")):
        truth = json.loads(gzip.decompress(path.read_bytes()))
        html = gzip.decompress((folder / "html" / path.name.replace(".json", ".html")).read_bytes())
        page = parse_page(html.decode("utf-8", "replace"))
        score = token_f1(main_text(page), truth["ground_truth"]["main_content"])
        scores.setdefault(truth["_internal"]["page_type"]["primary"], []).append(score)
    assert mean(score for found in scores.values() for score in found) > 0.83
    assert mean(scores["article"]) > 0.94
