"""The main content of pages."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_assets.corpus.pages.html_text import main_text, parse_page
from llm_assets.corpus.pages.main_content import likely_blocks, main_content

PARAGRAPHS = (
    "The harbour committee agreed on Tuesday that the lighthouse should be repaired before winter, "
    "after a storm had broken two of its windows and the lamp had failed twice in a month.",
    "Repairs will cost about 40,000 pounds, said Ann Clerk, who has kept the books for nine years. "
    "Half of it comes from the county, the other half has to be found in the town.",
    "Fishermen had asked for a second light at the mouth of the river. The committee will talk "
    "about that in spring, when the survey of the sandbanks is known.",
)
HEAD = (
    "<header class='site-header'><a href='/'>Harbour Times</a><nav class='menu'><ul>"
    "<li><a href='/news'>News</a></li><li><a href='/sport'>Sport</a></li>"
    "<li><a href='/weather'>Weather</a></li></ul></nav></header>"
)
FOOT = (
    "<aside class='sidebar'><h3>Most read</h3><ul><li><a href='/1'>Ferry strike ends</a></li>"
    "<li><a href='/2'>New school opens</a></li></ul></aside>"
    "<footer class='footer'><p>© 2024 Harbour Times. <a href='/privacy'>Privacy policy</a> "
    "<a href='/terms'>Terms of use</a></p></footer>"
)
SURROUNDINGS = ("Weather", "Most read", "Ferry strike", "Privacy policy")


def text_of(body: str) -> str:
    html = f"<!doctype html><html lang=en><body>{HEAD}{body}{FOOT}</body></html>"
    return main_text(parse_page(html))


def test_an_article_is_its_headline_and_paragraphs() -> None:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    text = text_of(f"<article class=post><h1>Lighthouse to be repaired</h1>{body}</article>")
    assert text == "\n\n".join(["Lighthouse to be repaired", *PARAGRAPHS])


def test_documentation_keeps_its_tables_lists_and_code() -> None:
    body = (
        f"<main class='content docs'><h1>Lamps</h1><p>{PARAGRAPHS[0]}</p>"
        "<h2>Usage</h2><p>Call the function with the lamp that you want to light:</p>"
        "<pre><code>def light(lamp):\n    lamp.on = True\n    return lamp</code></pre>"
        "<h2>Parameters</h2><p>The function takes these parameters, all of them optional:</p>"
        "<table><tr><th>Name</th><th>Meaning of the parameter</th></tr>"
        "<tr><td>colour</td><td>The colour of the light, white if not given.</td></tr></table>"
        "<p>It raises an error in these cases, and leaves the lamp as it was:</p>"
        "<ul><li>The lamp is broken, or was never there.</li><li>The oil is out.</li></ul></main>"
    )
    text = text_of(body)
    assert "def light(lamp):\n    lamp.on = True\n    return lamp\n" in text
    assert "colour | The colour of the light, white if not given.\n" in text
    assert "\n  • The lamp is broken, or was never there.\n  • The oil is out." in text
    assert not any(part in text for part in SURROUNDINGS)


def test_a_discussion_is_all_that_was_said() -> None:
    posts = "".join(
        f"<div class='post reply' id='p{n}'><div class=author>ann{n}</div>"
        f"<div class='post-body'><p>{question}</p><p>{answer}</p></div></div>"
        for n, (question, answer) in enumerate(combinations(PARAGRAPHS * 2, 2))
    )
    text = text_of(f"<div class='forum thread'><h1>Which lamp oil?</h1>{posts}</div>")
    assert [text.count(paragraph) for paragraph in PARAGRAPHS] == [10, 10, 10]
    assert not any(part in text for part in SURROUNDINGS)


def test_a_page_without_text_has_no_content() -> None:
    assert text_of("").count("Privacy") <= 1
    assert main_content(b"") == main_content(b"<html><body><img src='x'></body></html>") == ""


Blocks = st.lists(st.tuples(st.integers(0, 1000), st.integers(1, 50)), min_size=1, max_size=7)


@given(Blocks)
def test_no_other_choice_of_blocks_has_a_higher_expected_f1(blocks: list[tuple[int, int]]) -> None:
    chances, words = (np.array(part, np.int32) for part in zip(*blocks, strict=True))
    numbers = range(len(blocks))
    chosen = likely_blocks(chances, words).tolist()

    def expected_f1(choice: list[int] | tuple[int, ...]) -> float:
        found = sum(chances[i] * words[i] for i in choice)
        return 2 * found / (1000 * sum(words[list(choice)]) + sum(chances * words) or 1)

    choices = [each for size in numbers for each in combinations(numbers, size + 1)]
    assert expected_f1(chosen) == pytest.approx(max(map(expected_f1, choices)))
    assert chosen == sorted(set(chosen))


@given(Blocks)
def test_a_bar_that_is_lower_where_nothing_is_sure(blocks: list[tuple[int, int]]) -> None:
    chances, words = (np.array(part, np.int32) for part in zip(*blocks, strict=True))
    chosen = set(likely_blocks(chances, words).tolist())
    assert {i for i, chance in enumerate(chances) if chance > 500} <= chosen
