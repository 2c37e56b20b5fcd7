"""What a page says of itself in JSON-LD, by the vocabulary of schema.org.

Pages hold JSON-LD of many things: the article, its site, its author, related articles, comments.
Only what stands at the top, in an `@graph`, or is named as the main entity can be about the page,
and of several works only the one that names the page's URL. JSON is taken as generators write it:
with raw line ends in strings, wrapped in comments, with a stray semicolon behind.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

MAX_JSON_CHARS = 1_000_000
"""JSON-LD of a page that is read; the largest of 323 real pages had 160,000."""

_MAX_NODES = 1_000
_Node = Mapping[str, Any]

_DECODER = json.JSONDecoder(strict=False)
_WRAPPINGS = (
    ("<!--", "-->"),
    ("//<![CDATA[", "//]]>"),
    ("/*<![CDATA[*/", "/*]]>*/"),
    ("<![CDATA[", "]]>"),
    ("", ";"),
)
_STRAY_COMMA = re.compile(r",(\s*[\]}])")
# Blocks without any of these say nothing that is asked here; most are crumbs and organisations.
_TELLING = re.compile(r'"(?:headline|author|creator|date[PC]|license|inLanguage|name"\s*:)')
_WORK = re.compile(
    r"(?:.*(?:Article|Posting|Report|Thesis)|Book|Chapter|Recipe|HowTo|Review|Question"
    r"|CreativeWork|Dataset|PodcastEpisode)"
)
_PAGE = re.compile(r"(?:WebPage|.*Page)")
_INWARD = ("@graph", "mainEntity", "mainEntityOfPage", "subjectOf", "blogPost")


class LinkedData(NamedTuple):
    """The page's work as its JSON-LD describes it; values as written."""

    headline: str | None = None
    authors: tuple[str, ...] = ()
    published: str | None = None
    license: str | None = None
    language: str | None = None


def linked_data(blocks: Iterable[str], urls: frozenset[str]) -> LinkedData:
    """Read a page's JSON-LD.

    Args:
        blocks: the texts of its `application/ld+json` scripts.
        urls: the addresses of the page, normalised by `comparable_url`.
    """
    nodes = list(_nodes(blocks))
    by_id = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str)}
    works = [node for node in nodes if _has_type(node, _WORK)]
    pages = [node for node in nodes if _has_type(node, _PAGE)]
    work = _of_this_page(works, urls)
    if work is None and works:
        return LinkedData(language=_first_text(pages, "inLanguage"))
    found = [node for node in (work, *pages[:1]) if node is not None]
    return LinkedData(
        headline=_first_text([work] if work else [], "headline", "name"),
        authors=_authors(found, by_id),
        published=_first_text(found, "datePublished", "dateCreated", "uploadDate"),
        license=_first_text(found, "license"),
        language=_first_text(found, "inLanguage"),
    )


def comparable_url(url: str) -> str:
    """Return a URL without what does not tell pages apart: scheme, `www.`, fragment, last slash."""
    bare = re.sub(r"^https?://(?:www\.)?", "", url.strip().split("#", 1)[0], flags=re.I)
    return bare.rstrip("/")


def _nodes(blocks: Iterable[str]) -> Iterator[_Node]:
    """Yield the objects that may be about the page, in order."""
    left = MAX_JSON_CHARS
    count = 0
    for block in blocks:
        left -= len(block)
        if left < 0:
            return
        stack = [_parsed(block)] if _TELLING.search(block) else []
        while stack and count < _MAX_NODES:
            value = stack.pop()
            if isinstance(value, list):
                stack.extend(reversed(value[:_MAX_NODES]))
            elif isinstance(value, dict):
                count += 1
                yield value
                stack.extend(value[key] for key in reversed(_INWARD) if key in value)


def _parsed(block: str) -> Any:
    for mend in (_as_it_is, _unwrapped, _without_stray_commas):
        try:
            return _DECODER.decode(mend(block))
        except (ValueError, RecursionError):
            continue
    return None


def _as_it_is(block: str) -> str:
    return block


def _unwrapped(block: str) -> str:
    """Cut off what hides a script from browsers of the last century, and semicolons."""
    text = block.strip()
    for opening, closing in _WRAPPINGS:
        text = text.removeprefix(opening).removesuffix(closing).strip()
    return text


def _without_stray_commas(block: str) -> str:
    return _STRAY_COMMA.sub(r"\1", _unwrapped(block))


def _has_type(node: _Node, wanted: re.Pattern[str]) -> bool:
    types = node.get("@type")
    listed = types if isinstance(types, list) else [types]
    return any(isinstance(name, str) and wanted.fullmatch(name) for name in listed[:10])


def _of_this_page(works: Sequence[_Node], urls: frozenset[str]) -> _Node | None:
    """Return the work that the page is about: the one that says so, or the only one."""
    named = [work for work in works if urls & {comparable_url(url) for url in _urls(work)}]
    if named:
        return named[0]
    headlines = {_first_text([work], "headline", "name") for work in works} - {None}
    return works[0] if works and len(headlines) <= 1 else None


def _urls(node: _Node) -> Iterator[str]:
    for key in ("url", "@id", "mainEntityOfPage"):
        value = node.get(key)
        value = value.get("@id") or value.get("url") if isinstance(value, dict) else value
        if isinstance(value, str):
            yield value[:2000]


def _first_text(nodes: Iterable[_Node], *keys: str) -> str | None:
    """Return the first string under the first key that has one in any node."""
    nodes = list(nodes)
    for key in keys:
        for node in nodes:
            for value in _listed(node.get(key)):
                if isinstance(value, dict):
                    value = value.get("name") or value.get("@value") or value.get("@id")
                if isinstance(value, str) and value.strip():
                    return value
    return None


def _authors(nodes: Iterable[_Node], by_id: Mapping[str, _Node]) -> tuple[str, ...]:
    for node in nodes:
        for key in ("author", "creator"):
            names = [name for value in _listed(node.get(key)) for name in _names(value, by_id)]
            if names:
                return tuple(names)
    return ()


def _names(value: Any, by_id: Mapping[str, _Node]) -> Iterator[str]:
    if isinstance(value, dict):
        name = value.get("name")
        if name is None and isinstance(value.get("@id"), str):
            name = by_id.get(value["@id"], {}).get("name")
        value = name
    yield from (name for name in _listed(value) if isinstance(name, str))


def _listed(value: Any) -> list[Any]:
    return value[:50] if isinstance(value, list) else [value]
