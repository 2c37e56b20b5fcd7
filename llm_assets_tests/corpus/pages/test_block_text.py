"""Chosen blocks as text to read."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_assets.corpus.pages.block_text import blocks_text
from llm_assets.corpus.pages.page_layout import page_layout
from llm_assets_tests.corpus.page_layouts import NO_WORDS, layout_of


def text_of(body: str) -> str:
    layout = layout_of(body)
    return blocks_text(layout, np.arange(len(layout.blocks), dtype=np.int32))


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<h1>Title</h1><p>One\n  line.</p><p>Two</p>", "Title\n\nOne line.\n\nTwo"),
        ("<p>One<br> two <b>three </b>.</p>", "One\ntwo three ."),
        ("<div>a</div><div>b</div>", "a\nb"),
        ("a &lt;b&gt; &amp;&nbsp;c &eacute;", "a <b> & c é"),
        ("<p>a<!-- c --><script>s</script>b<svg><text>t</text></svg></p>", "ab"),
        ("<p>a<ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp></ruby>字</p>", "a漢字"),
        (
            "<ul><li>one</li><li>two<ul><li>three</li></ul></li></ul>",
            "  • one\n  • two\n    • three",
        ),
        ("<ol><li>one</li><li><p>two</p><p>more</p></li></ol>", "  1. one\n  2. two\nmore"),
        ("<ol>" + "<li>x</li>" * 10 + "</ol>", "\n".join(f"  {n}. x" for n in range(1, 11))),
        ("<p>a</p><ul><li>b</li></ul><p>c</p>", "a\n\n  • b\n\nc"),
        ("<dl><dt>term</dt><dd>meaning</dd></dl>", "term\nmeaning"),
        ("<table><tr><th>A<th>B<tr><td>1<td><p>2</p></table>", "A | B\n1 | 2"),
        ("<table><tr><td><p>a</p><p>b</p></td><td>c</td></tr></table>", "a\n\nb\n\nc"),
        ("<pre>def f():\n    return  1\n\nf()\n</pre>", "def f():\n    return  1\n\nf()"),
        ("<p>a</p><pre><code><span>if</span> x:\n\t<b>y</b></code></pre>", "a\n\nif x:\n\ty"),
        ("<div>a<div>b</div></div><section><div>c</div></section>", "a\nb\nc"),
        ("", ""),
    ],
)
def test_text_is_as_readers_see_it(body: str, text: str) -> None:
    assert text_of(body) == text


def test_only_the_chosen_blocks_are_written() -> None:
    layout = layout_of("<ol><li>a</li><li>b</li><li>c</li></ol><p>d</p>")
    assert blocks_text(layout, np.array([2, 3], np.int32)) == "  3. c\n\nd"
    assert blocks_text(layout, np.empty(0, np.int32)) == ""


def test_indentation_has_an_end() -> None:
    text = text_of("<ul><li>x" * 500)
    assert max(len(line) - len(line.lstrip()) for line in text.splitlines()) == 16


@settings(deadline=None)
@given(st.text(st.sampled_from("<>/!-apre \"'=&;ltbr\n漢"), max_size=200))
def test_any_page_can_be_written(html: str) -> None:
    layout = page_layout(html.encode(), NO_WORDS)
    text = blocks_text(layout, np.arange(len(layout.blocks), dtype=np.int32))
    assert text == text.strip(" \n") or text.lstrip(" ")[:1] in "•1"
