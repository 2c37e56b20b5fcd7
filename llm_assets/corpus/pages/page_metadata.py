"""What a page says of itself: title, author, date, address, language, licence.

Each field comes from the most trusted place that has it: linked data, then fields of the head, then
microdata, then the URL, then what readers see. A value that may well be wrong is left out.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from resiliparse.parse.html import HTMLTree

from llm_assets.corpus.pages.json_ld import LinkedData, comparable_url, linked_data
from llm_assets.corpus.pages.page_authors import declared_author, shown_author
from llm_assets.corpus.pages.page_evidence import PageEvidence, gather_evidence
from llm_assets.corpus.pages.page_links import licence_url, web_url
from llm_assets.corpus.pages.page_published import declared_dates, marked_dates, named_dates
from llm_assets.corpus.pages.page_shown import second_headings
from llm_assets.corpus.pages.page_text import field_text, text_key
from llm_assets.corpus.pages.page_title import choose_title

_TITLES = {
    name: rank
    for rank, name in enumerate(
        (
            *("og:title", "citation_title", "parsely-title", "sailthru.title", "dc.title"),
            *("dcterms.title", "twitter:title", "headline"),
        )
    )
}
_SITES = {"og:site_name": 0, "application-name": 1, "apple-mobile-web-app-title": 2}
_LICENSES = {"dcterms.license": 0, "dc.license": 1, "cc:license": 2, "dcterms.rights": 3}
_LANGUAGES = {"content-language": 0, "dc.language": 1, "og:locale": 2, "language": 3}
_TAG = re.compile(r"([a-z]{2,3})(?:[-_]([a-z]{4}))?(?:[-_]([a-z]{2}|\d{3}))?(?:[-_].*)?", re.I)
_NEVER = datetime.max.replace(tzinfo=UTC)
_CLOCKS_APART = timedelta(days=1)  # a day without a time may be a day ahead of UTC


class PageMetadata(NamedTuple):
    """What a page says of itself; None where it does not, or not clearly."""

    title: str | None = None
    author: str | None = None  # names, joined with "; "
    published_at: datetime | None = None  # in UTC
    canonical_url: str | None = None
    language: str | None = None  # as declared: a language tag in BCP 47's spelling
    license_url: str | None = None


def page_metadata(
    tree: HTMLTree, url: str | None = None, fetched_at: datetime | None = None
) -> PageMetadata:
    """Read what a page says of itself.

    Args:
        tree: the parsed page; it is not changed.
        url: where the page was found.
        fetched_at: when the page was fetched, with a time zone; later dates are not believed.
    """
    evidence = gather_evidence(tree)
    base = web_url(evidence.base, url) if evidence.base else url
    canonical = _canonical(evidence, base)
    address = web_url(url or "", None) or canonical
    known = frozenset(comparable_url(text) for text in (url, canonical) if text)
    linked = linked_data(evidence.json_ld, known)
    language = _language(evidence, linked)
    sites = _keys(evidence.ranked(_SITES))
    author = declared_author(evidence, linked.authors, sites)
    latest = fetched_at + _CLOCKS_APART if fetched_at is not None else _NEVER
    dates = declared_dates(evidence, linked.published, language, address)
    published_at = _first(dates, latest)
    is_root = _is_root(address)
    if published_at is None and not is_root:
        # A page that calls itself something else than an article and names no author has dates of
        # other things: of 42 such pages, 1 date was right and 2 wrong.
        may_be_written = author is not None or _may_be_article(evidence, linked)
        published_at = _first(marked_dates(evidence, language), latest) or (
            _first(named_dates(tree, language), latest) if may_be_written else None
        )
    if author is None and published_at is not None:
        author = shown_author(evidence, tree, sites)
    # The title of a site's first page is the site's name and what the site is about.
    cut = frozenset[str]() if is_root else sites | _keys(_host_names(canonical or address))
    return PageMetadata(
        title=_title(evidence, linked, tree, cut),
        author=author,
        published_at=published_at,
        canonical_url=canonical,
        language=language,
        license_url=_license(evidence, linked, base),
    )


def _first(dates: Iterable[datetime], latest: datetime) -> datetime | None:
    return next((date for date in dates if date <= latest), None)


def _keys(names: Iterable[str]) -> frozenset[str]:
    return frozenset(key for name in names if (key := text_key(name)))


def _is_root(url: str | None) -> bool:
    return url is not None and urlsplit(url).path in ("", "/") and not urlsplit(url).query


def _may_be_article(evidence: PageEvidence, linked: LinkedData) -> bool:
    """Whether the page calls itself an article, a post or the like, or does not say what it is."""
    return (
        linked.headline is not None
        or (evidence.first("og:type") or "article").strip().lower() == "article"
        or any(name.startswith("article:") for name in evidence.meta)
    )


def _host_names(url: str | None) -> tuple[str, ...]:
    """Return what a site may be called by its host: of `news.example.org` also `example`."""
    host = (urlsplit(url).hostname or "").removeprefix("www.") if url else ""
    labels = host.split(".")[:-1]
    return host, ".".join(labels), *sorted(labels, key=len)[-1:]


def _title(
    evidence: PageEvidence, linked: LinkedData, tree: HTMLTree, sites: Collection[str]
) -> str | None:
    named = (linked.headline, *evidence.ranked(_TITLES))
    declared = [text for value in named if (text := field_text(value))]
    return choose_title(evidence.title, declared, _headings(evidence, tree), sites)


def _headings(evidence: PageEvidence, tree: HTMLTree) -> Iterator[str]:
    yield from evidence.headings
    named = evidence.items.get("headline", [])
    yield from (text for value in named if (text := field_text(value)))
    yield from second_headings(tree)


def _canonical(evidence: PageEvidence, base: str | None) -> str | None:
    """Return the address that the page calls its own; two different ones are none."""
    named = {address for text in evidence.canonical if (address := web_url(text, base))}
    if len(named) > 1:
        return None
    return next(iter(named), None) or web_url(evidence.first("og:url") or "", base)


def _language(evidence: PageEvidence, linked: LinkedData) -> str | None:
    named = (evidence.language, *evidence.ranked(_LANGUAGES), linked.language)
    return next((tag for text in named if text and (tag := _language_tag(text))), None)


def _language_tag(text: str) -> str | None:
    """Return a language tag in BCP 47's spelling; None if it is none, or several."""
    match = _TAG.fullmatch(text.strip()[:40])
    if match is None or "," in match[0]:
        return None
    language, script, region = match.groups()
    parts = (language.lower(), script and script.title(), region and region.upper())
    return "-".join(part for part in parts if part)


def _license(evidence: PageEvidence, linked: LinkedData, base: str | None) -> str | None:
    stated = [*([linked.license] if linked.license else []), *evidence.items.get("license", [])]
    fields = [text for text in evidence.ranked(_LICENSES) if "://" in text]
    for references in (evidence.licenses, stated, fields, evidence.commons):
        if references and (found := licence_url(references, base)):
            return found
    return None
