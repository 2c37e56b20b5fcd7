"""What a parsed page says of itself, gathered in one pass over its head and one over its body.

A pass over resiliparse's tree costs 0.1 ms on a page of 130 kB and each node handed to Python
2.5 us, so all is asked for at once. Its collections look again for all their elements at each
index: they are sliced, never iterated.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from resiliparse.parse.html import ElementNode, HTMLTree

from llm_assets.corpus.pages.json_ld import MAX_JSON_CHARS
from llm_assets.corpus.pages.page_links import creative_commons
from llm_assets.corpus.pages.page_text import element_text, field_text

_MAX_META = 300
_MAX_ELEMENTS = 400
_MAX_SHOWN = 12

_HEAD = (
    "meta[content],link[rel~=canonical i],link[rel~=license i],base[href],"
    "script[type='application/ld+json']"
)
_BODY = (
    "script[type='application/ld+json'],meta[content],h1,time,a[rel~=author i],[rel~=license i],"
    "a[href*='creativecommons.org/'],[itemprop~=author],[itemprop~=datePublished],"
    "[itemprop~=dateCreated],[itemprop~=headline],[itemprop~=license]"
)
_PUBLISHED = re.compile(r"publi|pubdate|entry-date|posted", re.I)
CHANGED = re.compile(
    r"updat|modif|chang|edited|geändert|aktualisiert|mis à jour|actualiza|обновл|更新", re.I
)


@dataclass(frozen=True, slots=True)
class TimeMark:
    """A `<time>` element: what it is for machines and for readers, and the names it goes by."""

    instant: str | None
    text: str | None
    is_published: bool
    is_changed: bool


@dataclass(slots=True)
class PageEvidence:
    """What a page says of itself, by where it says so; values as written, in the page's order."""

    language: str | None = None
    base: str | None = None
    title: str | None = None
    meta: dict[str, list[str]] = field(default_factory=dict)
    canonical: list[str] = field(default_factory=list)
    licenses: list[str] = field(default_factory=list)
    commons: list[str] = field(default_factory=list)
    heading: ElementNode | None = None  # the first of the first level
    headings: list[str] = field(default_factory=list)
    items: dict[str, list[str]] = field(default_factory=dict)
    item_texts: int = 0  # elements whose text was read for `items`
    times: list[TimeMark] = field(default_factory=list)
    authors: list[str] = field(default_factory=list)
    json_ld: list[str] = field(default_factory=list)

    def first(self, name: str) -> str | None:
        """Return the first meta field of this name."""
        found = self.meta.get(name)
        return found[0] if found else None

    def ranked(self, ranks: Mapping[str, int]) -> list[str]:
        """Return the meta fields of these names, one a name, in the names' order."""
        present = sorted((ranks[name], name) for name in self.meta if name in ranks)
        return [self.meta[name][0] for _, name in present]


def gather_evidence(tree: HTMLTree) -> PageEvidence:
    """Collect what a page says of itself."""
    evidence = PageEvidence(title=field_text(tree.title))
    root = tree.document.document_element if tree.document else None
    if root is not None:
        evidence.language = root.getattr("lang") or root.getattr("xml:lang")
    if tree.head is not None:
        for element in tree.head.query_selector_all(_HEAD)[:_MAX_META]:
            _reader(element)(evidence, element)
    if tree.body is not None:
        for element in tree.body.query_selector_all(_BODY)[:_MAX_ELEMENTS]:
            _reader(element)(evidence, element)
    return evidence


def _reader(element: ElementNode) -> Callable[[PageEvidence, ElementNode], None]:
    return _READERS.get(element.tag or "", _read_item)


def _read_meta(evidence: PageEvidence, element: ElementNode) -> None:
    content = element.getattr("content") or ""
    if not content.strip():
        return
    for attribute in ("property", "name", "itemprop", "http-equiv"):
        name = element.getattr(attribute)
        if name:
            evidence.meta.setdefault(name.strip().lower()[:100], []).append(content)
            if attribute == "itemprop":
                _add_item(evidence, name, content)
            return


def _read_link(evidence: PageEvidence, element: ElementNode) -> None:
    relations = (element.getattr("rel") or "").lower().split()
    href = element.getattr("href") or ""
    if "canonical" in relations and element.tag == "link":
        evidence.canonical.append(href)
    if "license" in relations or "cc:license" in relations:
        evidence.licenses.append(href)
    elif element.tag == "a" and creative_commons(href):
        evidence.commons.append(href)
    if "author" in relations and element.tag == "a" and len(evidence.authors) < _MAX_SHOWN:
        evidence.authors.append(element_text(element) or "")


def _read_anchor(evidence: PageEvidence, element: ElementNode) -> None:
    _read_link(evidence, element)
    _read_item(evidence, element)


def _read_base(evidence: PageEvidence, element: ElementNode) -> None:
    evidence.base = evidence.base or element.getattr("href")


def _read_script(evidence: PageEvidence, element: ElementNode) -> None:
    text = element.text_content or ""
    if text and len(text) <= MAX_JSON_CHARS:
        evidence.json_ld.append(text)


def _read_heading(evidence: PageEvidence, element: ElementNode) -> None:
    if len(evidence.headings) < _MAX_SHOWN and (text := element_text(element)):
        evidence.heading = evidence.heading or element
        evidence.headings.append(text)


def _read_time(evidence: PageEvidence, element: ElementNode) -> None:
    if len(evidence.times) >= _MAX_SHOWN:
        return
    parent, before = element.parent_element, element.previous_sibling
    names = " ".join(
        (holder.getattr(name) or name)[:100]
        for holder in (element, parent)
        for name in ("class", "itemprop", "pubdate", "id")
        if holder is not None and holder.hasattr(name)
    )
    lead = (before.value or "")[-40:] if before is not None else ""
    mark = TimeMark(
        instant=element.getattr("datetime"),
        text=element_text(element),
        is_published=_PUBLISHED.search(names) is not None,
        is_changed=CHANGED.search(f"{names} {lead}") is not None,
    )
    evidence.times.append(mark)
    _read_item(evidence, element)


def _read_item(evidence: PageEvidence, element: ElementNode) -> None:
    name = element.getattr("itemprop")
    if not name or evidence.item_texts >= _MAX_SHOWN:
        return
    given = (element.getattr(attribute) for attribute in ("content", "datetime"))
    value = next((text for text in given if text), None)
    if value is None and "license" in name.lower():
        value = element.getattr("href")
    if value is None and "author" in name.lower():
        inner = element.query_selector("[itemprop~=name]")
        value = inner.getattr("content") if inner is not None else None
        element = inner if inner is not None else element
    if value is None:
        evidence.item_texts += 1
        value = element_text(element)
    _add_item(evidence, name, value)


def _add_item(evidence: PageEvidence, names: str, value: str | None) -> None:
    if value:
        for name in names.lower().split()[:5]:
            evidence.items.setdefault(name, []).append(value)


_READERS: Mapping[str, Callable[[PageEvidence, ElementNode], None]] = {
    "meta": _read_meta,
    "link": _read_link,
    "base": _read_base,
    "script": _read_script,
    "h1": _read_heading,
    "time": _read_time,
    "a": _read_anchor,
}
