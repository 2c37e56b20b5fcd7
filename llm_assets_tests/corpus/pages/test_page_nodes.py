"""What the elements around a page's text say of it."""

import pytest

from llm_assets.corpus.pages.html_scan import Values, name_hash, open_table
from llm_assets.corpus.pages.page_layout import Layout, WordScores
from llm_assets.corpus.pages.page_tables import (
    FLAGS,
    GROUP_CHARS,
    GROUP_LINKS,
    GROUP_SIZE,
    HIGHEST,
    ITEM,
    LARGE,
    LIST,
    LIST_DEPTH,
    LOWEST,
    NEAR,
    NODE,
    ORDINAL,
    PARENT,
    SCORE,
    TAG,
    TOTAL,
    TWINS,
)
from llm_assets.corpus.pages.page_vocabulary import (
    ARTICLE,
    CODE,
    DIALOG,
    FOOTER,
    HIDDEN,
    LINKED,
    MAIN,
    NAVIGATION,
    OL,
    WITHOUT_SCRIPT,
)
from llm_assets_tests.corpus.page_layouts import NO_WORDS, layout_of

WORDS = WordScores(
    open_table({name_hash("content"): 500, name_hash("side"): -900, name_hash("bar"): -100}),
    NO_WORDS.texts,
)


def nodes_of(layout: Layout) -> list[Values]:
    """Return the node of each block."""
    return [layout.nodes[block[NODE]] for block in layout.blocks]


@pytest.mark.parametrize(
    ("html", "flags"),
    [
        ("<p>a</p>", 0),
        ("<nav><p>a</p></nav>", NAVIGATION),
        ("<article><footer>a</footer></article>", ARTICLE | FOOTER),
        ("<div role=navigation>a</div>", NAVIGATION),
        ("<div role='main'><p>a</p></div>", MAIN),
        ("<div role=dialog>a</div>", DIALOG),
        ("<div hidden>a</div>", HIDDEN),
        ("<div style='color: red; display:none'>a</div>", HIDDEN),
        ("<div style='display: block'>a</div>", 0),
        ("<div aria-hidden=true>a</div>", HIDDEN),
        ("<div aria-hidden=false>a</div>", 0),
        ("<pre>a</pre>", CODE),
        ("<a href=x><div>a</div></a>", LINKED),
        ("<noscript><div>a</div></noscript>", WITHOUT_SCRIPT),
    ],
)
def test_flags_are_inherited(html: str, flags: int) -> None:
    assert [node[FLAGS] for node in nodes_of(layout_of(html))] == [flags]


@pytest.mark.parametrize(
    ("names", "score"),
    [
        ("class='content'", 500),
        ("class='page-content_2 x'", 500),
        ("id=mainContent", 500),
        ("id=maincontent", 0),
        ("class='sideBar'", -1000),
        ("class=content id=SIDE", -400),
        ("title=content", 0),
        ('class="a&quot;content"', 500),
    ],
)
def test_words_of_names_have_scores(names: str, score: int) -> None:
    (node,) = nodes_of(layout_of(f"<div {names}>a</div>", words=WORDS))
    assert node[SCORE] == score


def test_scores_of_the_elements_around_are_inherited() -> None:
    html = "<div class=content><div class=side><p>a</p></div><p>b</p></div>"
    first, second = nodes_of(layout_of(html, words=WORDS))
    assert [first[c] for c in (SCORE, NEAR, LOWEST, HIGHEST, TOTAL)] == [0, -900, -900, 500, -400]
    assert [second[c] for c in (SCORE, NEAR, LOWEST, HIGHEST, TOTAL)] == [0, 500, 0, 500, 500]


def test_elements_alike_are_counted_among_siblings_and_on_the_page() -> None:
    cards = "<div class=card><a>ab</a></div><div class=card>abcd</div>"
    html = f"<section>{cards}<div>x</div></section><section><div class=card>y</div></section>"
    nodes = nodes_of(layout_of(html))
    assert [node[TWINS] for node in nodes] == [2, 2, 1, 1]
    assert [node[GROUP_SIZE] for node in nodes] == [3, 3, 1, 3]
    assert (nodes[0][GROUP_CHARS], nodes[0][GROUP_LINKS]) == (7 // 3, 2000 // 7)


def test_the_largest_element_that_is_not_the_whole_page_is_known() -> None:
    layout = layout_of(f"<main><div><p>{'a' * 30}</p><p>b</p></div><p>{'c' * 50}</p></main>")
    first, _, third = layout.blocks[:, NODE]
    div = layout.nodes[first, PARENT]
    assert layout.nodes[first, LARGE : LARGE + 3].tolist() == [div, div, first]
    assert layout.nodes[third, LARGE : LARGE + 3].tolist() == [third, third, third]


def test_lists_and_their_items_are_known() -> None:
    html = "<ol><li>a<ol><li>b</li></ol></li><li><p>c</p></li></ol><p>d</p>"
    layout = layout_of(html)
    a, b, c, d = nodes_of(layout)
    assert [node[LIST_DEPTH] for node in (a, b, c, d)] == [1, 2, 1, 0]
    assert [layout.nodes[node[ITEM], ORDINAL] for node in (a, b, c)] == [1, 1, 2]
    assert layout.nodes[a[LIST], TAG] == OL
    assert (d[LIST], d[ITEM]) == (0, 0)
