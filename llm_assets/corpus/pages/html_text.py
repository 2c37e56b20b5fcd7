"""HTML and XHTML pages -> text."""

import re
from dataclasses import dataclass

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree

from llm_assets.corpus.pages.main_content import main_content
from llm_assets.corpus.pages.page_cost import MAX_CONTENT_WORK, page_cost

# What is around content by its own account, on any page.
_CONTROLS = ["dialog", *(f"[role={role}]" for role in ("dialog", "search", "menu", "navigation"))]
_SURROUNDINGS = [
    *_CONTROLS,
    *("nav", "footer", "aside", "form"),
    *("[role=contentinfo]", "[role=banner]", "[aria-hidden=true]"),
]
# Page numbers and note marks of printed books, in the names of Gutenberg, EPUB and DPUB-ARIA.
_PAGE_FURNITURE = [
    *(f".{name}" for name in ("pagenum", "pageno", "page-number", "pagenumber", "pgnum")),
    *(r"[epub\:type~=pagebreak]", "[role=doc-pagebreak]"),
    *(r"[epub\:type~=noteref]", "[role=doc-noteref]", ".fnanchor", ".noteref"),
    *("nav", "rt", "rp"),
]

_SELF_CLOSED = re.compile(r"<([a-zA-Z][\w:.-]*+)([^<>]*+)(?<=/)>")
_VOID = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
    ]
)


class PageRefusedError(Exception):
    """Parsing the page would cost too much; the text says which limit it is over."""


@dataclass(frozen=True, slots=True)
class Page:
    """A parsed page."""

    tree: HTMLTree
    html: str
    affordable: bool  # to look for main content by rules that walk up the tree


def parse_page(html: str, *, is_xhtml: bool = False) -> Page:
    """Parse a page as browsers do.

    Args:
        html: the decoded page.
        is_xhtml: `<p/>` is a whole element; to an HTML parser it is only a start tag.

    Raises:
        PageRefusedError: if it is over a limit of `page_cost`.
    """
    markup = _SELF_CLOSED.sub(_spell_out, html) if is_xhtml else html
    cost = page_cost(markup.encode("utf-8", "replace"))
    if cost.excess is not None:
        raise PageRefusedError(cost.excess)
    return Page(HTMLTree.parse(markup), markup, cost.content_work <= MAX_CONTENT_WORK)


def main_text(page: Page) -> str:
    """Return the page's main content as a model of our own finds it; see `main_content`."""
    return main_content(str(page.tree).encode())


def fast_text(page: Page) -> str:
    """Return what resiliparse's rules over names and structure take for main content.

    Of a page nested so deeply that they would be slow, all text outside its surroundings.
    """
    if not page.affordable:
        return _text(page, _SURROUNDINGS)
    return extract_plain_text(
        page.tree,
        main_content=True,
        alt_texts=False,
        comments=False,
        post_meta=False,
        skip_elements=_CONTROLS,
    )


def all_text(page: Page) -> str:
    """Return all of the page's text, navigation included."""
    return _text(page, [])


def book_text(page: Page) -> str:
    """Return all of a book's text but page numbers, note marks and readings of characters."""
    return _text(page, _PAGE_FURNITURE)


def _text(page: Page, skipped: list[str]) -> str:
    return extract_plain_text(page.tree, alt_texts=False, skip_elements=skipped)


def _spell_out(tag: re.Match[str]) -> str:
    name, attributes = tag[1], tag[2]
    return tag[0] if name.lower() in _VOID else f"<{name}{attributes[:-1]}></{name}>"
