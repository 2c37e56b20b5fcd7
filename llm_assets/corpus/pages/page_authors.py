"""Who wrote a page, by what its metadata says and by what readers see."""

from collections.abc import Collection, Iterable

from resiliparse.parse.html import HTMLTree

from llm_assets.corpus.pages.page_evidence import PageEvidence
from llm_assets.corpus.pages.page_names import join_names, shown_names
from llm_assets.corpus.pages.page_shown import beside_heading, shown_authors

_LIBRARY_FIELDS = ("citation_author", "citation_authors", "dc.creator", "dcterms.creator")
_FIELDS = {
    name: rank
    for rank, name in enumerate(
        (
            *("article:author", "author", "parsely-author", "sailthru.author", "byl"),
            *("og:article:author", "article:author_name", "cxenseparse:author"),
            "shareaholic:article_author_name",
        )
    )
}
# Twitter's free labels, as WordPress fills them.
_LABELS = frozenset({"written by", "verfasst von", "écrit par", "escrito por", "scritto da"})


def declared_author(
    evidence: PageEvidence, linked: Iterable[str], sites: Collection[str]
) -> str | None:
    """Return the authors that the page's metadata names, from the most trusted place that does.

    Args:
        evidence: what the page says of itself.
        linked: the authors that its linked data names.
        sites: keys of the site's own names; a site is no author.
    """
    library = [name for field in _LIBRARY_FIELDS for name in evidence.meta.get(field, [])]
    sources: tuple[Iterable[str], ...] = (
        evidence.ranked(_FIELDS),
        _labelled(evidence),
        evidence.items.get("author", [])[:1],
        [name for name in evidence.authors if name][:1],
    )
    return (
        join_names(linked, sites)
        or join_names(library, sites, surname_first=True)
        or next((names for source in sources if (names := join_names(source, sites))), None)
    )


def shown_author(evidence: PageEvidence, tree: HTMLTree, sites: Collection[str]) -> str | None:
    """Return the names behind a `by` next to the heading, or in an element named for an author."""
    for text in beside_heading(evidence):
        if names := shown_names(text, sites, labelled=True):
            return names
    found = (shown_names(text, sites, labelled=False) for text in shown_authors(tree))
    return next((names for names in found if names), None)


def _labelled(evidence: PageEvidence) -> list[str]:
    for number in ("1", "2"):
        if (evidence.first(f"twitter:label{number}") or "").strip().lower() in _LABELS:
            return evidence.meta.get(f"twitter:data{number}", [])[:1]
    return []
