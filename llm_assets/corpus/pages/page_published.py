"""When a page was published, by what its metadata and its URL say and by what readers see."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from resiliparse.parse.html import HTMLTree

from llm_assets.corpus.pages.page_dates import OLDEST_FOUND, read_date, url_date
from llm_assets.corpus.pages.page_evidence import CHANGED, PageEvidence
from llm_assets.corpus.pages.page_shown import beside_heading, shown_dates

_FIELDS = {
    name: rank
    for rank, name in enumerate(
        (
            *("article:published_time", "og:article:published_time", "article:published"),
            *("datepublished", "og:published_time", "published_time", "parsely-pub-date"),
            *("sailthru.date", "pubdate", "publish_date", "publish-date", "publishdate"),
            *("publication_date", "publicationdate", "published-date", "citation_online_date"),
            *("citation_publication_date", "citation_date", "dc.date.issued", "dcterms.issued"),
            *("dc.date.published", "dc.date.created", "dcterms.created", "dc.created", "dc.date"),
            *("dcterms.date", "cxenseparse:recs:publishtime", "bt:pubdate", "og:pubdate"),
            *("originalpublicationdate", "article_date_original", "rnews:datepublished"),
            *("pub_date", "displaydate", "publishtime", "date"),
        )
    )
}


def declared_dates(
    evidence: PageEvidence, linked: str | None, language: str | None, url: str | None
) -> Iterator[datetime]:
    """Yield the dates that the page's metadata and URL name, the most trusted first.

    Args:
        evidence: what the page says of itself.
        linked: the date that its linked data names.
        language: the page's language tag; decides between the orders of day and month.
        url: the page's address.
    """
    texts = [*([linked] if linked else []), *evidence.ranked(_FIELDS)]
    texts += [
        text for name in ("datepublished", "datecreated") for text in evidence.items.get(name, [])
    ]
    for text in texts:
        if (date := read_date(text, language)) is not None:
            yield date
    marks = (mark for mark in evidence.times if mark.is_published and not mark.is_changed)
    yield from _dates_in((mark.instant or mark.text or "" for mark in marks), language)
    if url and (date := url_date(url)) is not None:
        yield date


def marked_dates(evidence: PageEvidence, language: str | None) -> Iterator[datetime]:
    """Yield the dates that readers see in `<time>` elements and next to the heading."""
    marks = (mark for mark in evidence.times if not mark.is_changed)
    yield from _dates_in((mark.instant or mark.text or "" for mark in marks), language)
    yield from _dates_in(beside_heading(evidence), language)


def named_dates(tree: HTMLTree, language: str | None) -> Iterator[datetime]:
    """Yield the dates that readers see in elements named for a date."""
    yield from _dates_in(shown_dates(tree), language)


def _dates_in(texts: Iterable[str], language: str | None) -> Iterator[datetime]:
    for text in texts:
        if not CHANGED.search(text):
            date = read_date(text, language, OLDEST_FOUND)
            if date is not None:
                yield date
