"""What readers of a page see of its author, its date and its sections, where metadata is silent.

Elements are found by the names that pages give them, and only their short texts count.
"""

import re
from collections.abc import Iterator

from resiliparse.parse.html import ElementNode, HTMLTree

from llm_assets.corpus.pages.page_evidence import CHANGED, PageEvidence
from llm_assets.corpus.pages.page_text import element_text

_MAX_NAMED = 30
_MAX_BESIDE = 2
_MAX_HEADINGS = 12
_MAX_SHOWN_CHARS = 120

_NAMED_FOR_AUTHORS = ",".join(
    [
        *(f"[class*={name} i]" for name in ("author", "byline", "username", "vcard")),
        *("[data-testid*=byline]", "a[href*='/author/']"),
    ]
)
_NAMED_FOR_DATES = ",".join(
    f"[class*={name} i]" for name in ("date", "time", "publish", "posted", "meta")
)
# Names of elements that hold just an author's name (`author-bio` does not), or a date.
_AUTHOR_NAME = re.compile(
    r"(?:^|\s)(?:[\w-]{0,30}(?:byline|by-line)|(?:[\w-]{1,30}[-_])?(?:author|username|vcard)s?)"
    r"(?:[-_]{1,2}(?:name|names|link|text|display|fn|info|meta))?(?=\s|$)",
    re.I,
)
_DATE_NAME = re.compile(
    r"(?<!up)(?<!vali)(?<!candi)(?<!man)date(?!d)|(?<!some)time|publish|posted|byline|meta", re.I
)
# What stands among comments, reviews and teasers is about those.
_APART = re.compile(
    r"(?:^|[\s_-])(?:comments?|reviews?|replies|related|sidebar|recent|teaser|popular)"
    r"(?=$|[\s_-])",
    re.I,
)
_APART_TAGS = frozenset({"aside", "nav", "footer"})
_APART_LEVELS = 5


def shown_authors(tree: HTMLTree) -> Iterator[str]:
    """Yield the short texts of elements named for an author."""
    for element in _named(tree, _NAMED_FOR_AUTHORS):
        names = f"{element.getattr('class') or ''} {element.getattr('data-testid') or ''}"[:200]
        if _AUTHOR_NAME.search(names) or "/author/" in (element.getattr("href") or ""):
            yield from _own_text(element)


def shown_dates(tree: HTMLTree) -> Iterator[str]:
    """Yield the short texts of elements named for a date of publication."""
    for element in _named(tree, _NAMED_FOR_DATES):
        names = (element.getattr("class") or "")[:200]
        if _DATE_NAME.search(names) and not CHANGED.search(names):
            yield from _own_text(element)


def _named(tree: HTMLTree, selector: str) -> Iterator[ElementNode]:
    if tree.body is not None:
        yield from tree.body.query_selector_all(selector)[:_MAX_NAMED]


def _own_text(element: ElementNode) -> Iterator[str]:
    text = element_text(element, _MAX_SHOWN_CHARS)
    if text is not None and not _is_apart(element):
        yield text


def _is_apart(element: ElementNode) -> bool:
    """Whether an element stands among what is not the page's own."""
    holder: ElementNode | None = element
    for _ in range(_APART_LEVELS):
        if holder is None or holder.tag in ("body", "html", "main", "article"):
            return False
        if holder.tag in _APART_TAGS or _APART.search((holder.getattr("class") or "")[:200]):
            return True
        holder = holder.parent_element
    return False


def second_headings(tree: HTMLTree) -> list[str]:
    """Return the first headings of the second level: a blog's first is often its own name."""
    found = tree.body.query_selector_all("h2")[:_MAX_HEADINGS] if tree.body is not None else []
    return [text for element in found if (text := element_text(element)) is not None]


def beside_heading(evidence: PageEvidence) -> list[str]:
    """Return the short texts of the elements that follow the page's first heading."""
    heading = evidence.heading
    texts = []
    for start in (heading, heading.parent_element if heading is not None else None):
        element = start
        for _ in range(_MAX_BESIDE):
            element = element.next_element_sibling if element is not None else None
            if element is not None and (text := element_text(element, _MAX_SHOWN_CHARS)):
                texts.append(text)
    return texts
