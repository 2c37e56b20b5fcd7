"""Pages taken apart without what was learned, for tests of the parts."""

from llm_assets.corpus.pages.html_scan import open_table
from llm_assets.corpus.pages.html_text import parse_page
from llm_assets.corpus.pages.page_layout import Layout, WordScores, page_layout

NO_WORDS = WordScores(open_table({}), open_table({}))


def layout_of(body: str, head: str = "", words: WordScores = NO_WORDS) -> Layout:
    """Take a page with this body apart."""
    html = f"<!doctype html><html><head>{head}</head><body>{body}</body></html>"
    return page_layout(str(parse_page(html).tree).encode(), words)


def texts_of(layout: Layout) -> list[str]:
    """Return the bytes of each block, markup within included."""
    return [layout.data[block[0] : block[1]].tobytes().decode().strip() for block in layout.blocks]
