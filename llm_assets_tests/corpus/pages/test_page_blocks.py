"""Blocks of text and the elements around them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_assets.corpus.pages.html_scan import name_hash, open_table
from llm_assets.corpus.pages.page_layout import WordScores, page_layout
from llm_assets.corpus.pages.page_tables import (
    BREAKS,
    CHARS,
    COMMAS,
    DEPTH,
    DIGITS,
    END,
    FIRST_BLOCK,
    LINK_CHARS,
    LINKS,
    LOWER_WORDS,
    MARKS,
    MONEY,
    NODE,
    PARENT,
    START,
    SUM_BLOCKS,
    SUM_CHARS,
    SUM_LINK_CHARS,
    TAG,
    TELLING,
    TEXT_HASH,
    TITLE_WORDS,
    UPPER,
    WORDS,
)
from llm_assets.corpus.pages.page_vocabulary import LI, PARAGRAPH, TD
from llm_assets_tests.corpus.page_layouts import NO_WORDS, layout_of, texts_of


@pytest.mark.parametrize(
    ("body", "blocks"),
    [
        ("<p>One <b>two</b>.</p><p>Three</p>", ["One <b>two</b>.", "Three"]),
        ("<div>a<p>b</p>c</div>", ["a", "b", "c"]),
        ("a<br>b<br> <br>c", ["a<br>b", "c"]),
        ("a<hr>b", ["a", "b"]),
        ("<p> &nbsp; </p><p></p>", []),
        ("<script>var a = '<p>x</p>';</script><style>p {}</style>a", ["a"]),
        ("a<svg><title>t</title></svg><!-- <p>c --><template><p>x</p></template>", ["a"]),
        ("<p>a<select><option>x</option></select></p>", ["a"]),
        ("<noscript><p>a</p></noscript>", ["a"]),
        ("<ruby>漢<rt>かん</rt></ruby>字", ["漢<rt>かん</rt></ruby>字"]),
    ],
)
def test_blocks_end_where_lines_break(body: str, blocks: list[str]) -> None:
    assert texts_of(layout_of(body)) == blocks


def test_text_after_a_frame_that_was_not_closed_is_not_lost() -> None:
    html = "<noscript><iframe src='x' /></noscript><p>One.</p><p>Two.</p>"
    assert texts_of(layout_of(html)) == ["One.", "Two."]


@pytest.mark.parametrize(
    ("text", "column", "count"),
    [
        ("Two words", WORDS, 2),
        ("Two words", LOWER_WORDS, 1),
        ("Two words", CHARS, 8),
        ("AbC", UPPER, 2),
        ("a1 22", DIGITS, 3),
        ("One. Two! Three? Four…", MARKS, 4),
        ("一。二！三？", MARKS, 3),
        ("a, b; c: d、e，f", COMMAS, 5),
        ("$5 £6 €7 ¥8", MONEY, 4),
        ("漢字", CHARS, 6),
        ("漢字漢字", WORDS, 3),
        ("é à", CHARS, 2),
        ("a &amp; b&nbsp;c", CHARS, 4),
        ("a &amp; b&nbsp;c", WORDS, 3),
        ("<a href='x'>ab</a> c", LINK_CHARS, 2),
        ("<a>a</a> b <a>c</a>", LINKS, 1),
        ("a<br>b<br>c", BREAKS, 2),
        ("A harbour report", TITLE_WORDS, 2),
    ],
)
def test_what_a_block_holds_is_counted(text: str, column: int, count: int) -> None:
    layout = layout_of(f"<p>{text}</p>", "<title>Harbour report: the best</title>")
    assert layout.blocks[0, column] == count


def test_the_same_letters_have_the_same_hash() -> None:
    blocks = layout_of("<p>Read more!</p><p><b>READ</b> more</p><p>Read less</p>").blocks
    assert blocks[0, TEXT_HASH] == blocks[1, TEXT_HASH] != blocks[2, TEXT_HASH]


def test_telling_words_are_added_up() -> None:
    scores = open_table({name_hash("share"): -700, name_hash("café"): 250})
    words = WordScores(NO_WORDS.names, scores)
    blocks = layout_of("<p>Share the café, share</p>", words=words).blocks
    assert blocks[0, TELLING] == -700 + 250 - 700


def test_nodes_sum_up_what_is_within() -> None:
    layout = layout_of("<div><p>ab <a>cd</a></p><ul><li>e</li></ul></div><table><tr><td>f</table>")
    nodes, blocks = layout.nodes, layout.blocks
    assert [nodes[block[NODE], TAG] for block in blocks] == [PARAGRAPH, LI, TD]
    div = nodes[nodes[blocks[0, NODE], PARENT]]
    assert (div[SUM_BLOCKS], div[SUM_CHARS], div[SUM_LINK_CHARS]) == (2, 5, 2)
    assert (nodes[0, SUM_BLOCKS], nodes[0, SUM_CHARS]) == (3, 6)
    assert nodes[blocks[2, NODE], FIRST_BLOCK] == 2
    assert nodes[blocks[1, NODE], DEPTH] == div[DEPTH] + 2


@pytest.mark.parametrize(
    "head",
    [
        '<script type="application/ld+json">{"@type": "Product", "name": "x"}</script>',
        '<meta property="og:type" content="product">',
        '<meta content="product" property="og:type">',
    ],
)
def test_a_page_may_say_that_it_is_a_product(head: str) -> None:
    product = layout_of("a", head).said
    assert product
    assert product != layout_of("a", head.replace("roduct", "nything")).said == 0


@settings(deadline=None)
@given(st.text(st.sampled_from("<>/!-ap \"'=&;nbs漢\0"), max_size=200))
def test_any_bytes_can_be_taken_apart(html: str) -> None:
    """What a parser writes is well formed, but for what stands in scripts and frames."""
    layout = page_layout(html.encode(), NO_WORDS)
    assert (layout.blocks[:, START] < layout.blocks[:, END]).all()
    assert (layout.nodes[1:, PARENT] < np.arange(1, len(layout.nodes))).all()
    assert layout.nodes[0, SUM_CHARS] == layout.blocks[:, CHARS].sum()
