"""The pictures of a release."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from llm_assets.plots import bar_chart, funnel_chart, length_histogram, similarity_histogram
from llm_assets.releases.manifest import Manifest


class Figure(NamedTuple):
    """A picture (SVG), and what it says in words for those who do not see it."""

    svg: bytes
    alternative: str


def release_figures(manifest: Manifest) -> Iterator[Figure]:
    """Yield the pictures that a manifest has the figures for, in flow order."""
    steps = [(step["stage"], step["documents"], step["share"]) for step in manifest.funnel]
    if steps:
        yield Figure(funnel_chart(steps), "documents left after each stage")
    yield from _mix(manifest)
    yield from _of_cleaning(manifest.figures.get("cleaned_text", {}))
    yield from _of_tokens(manifest.figures.get("tokenized_corpus", {}))
    yield from _of_duplicates(manifest.figures.get("near_duplicates", {}))
    yield from _of_contamination(manifest.figures.get("contamination", {}))


def _mix(manifest: Manifest) -> Iterator[Figure]:
    counts = {
        "source": {source.name: source.tokens for source in manifest.sources if source.tokens},
        "language": {name: count.tokens for name, count in manifest.languages.items()},
        "licence": {name: count.tokens for name, count in manifest.licenses.items()},
    }
    for kind, tokens in counts.items():
        if tokens:
            title = f"Tokens by {kind}"
            yield Figure(bar_chart(tokens, title, "tokens"), title)


def _of_cleaning(figures: Mapping[str, Any]) -> Iterator[Figure]:
    if length := figures.get("kept_text_length"):
        title = "Length of kept documents"
        yield Figure(length_histogram(length, title), title)
    if reasons := figures.get("drop_reasons"):
        title = "Why cleaning dropped documents"
        yield Figure(bar_chart(reasons, title), title)
    if kinds := figures.get("redactions_by_kind"):
        title = "Personal data that was replaced"
        yield Figure(bar_chart(kinds, title, "values"), title)


def _of_tokens(figures: Mapping[str, Any]) -> Iterator[Figure]:
    if length := figures.get("tokens_per_document"):
        title = "Tokens per document"
        yield Figure(length_histogram(length, title, "tokens"), title)


def _of_duplicates(figures: Mapping[str, Any]) -> Iterator[Figure]:
    if methods := figures.get("dropped_by_method"):
        title = "Duplicates that were dropped"
        yield Figure(bar_chart(methods, title), title)
    pairs = figures.get("pairs_by_similarity", {})
    if any(pairs.values()):
        drawn = similarity_histogram(pairs.get("verified", {}), pairs.get("rejected", {}))
        yield Figure(drawn, "compared pairs by similarity, verified and rejected")


def _of_contamination(figures: Mapping[str, Any]) -> Iterator[Figure]:
    for name, counts in figures.items():
        if "benchmark" in name and _is_counts(counts):
            title = f"Contamination: {name.replace('_', ' ')}"
            yield Figure(bar_chart(counts, title), title)


def _is_counts(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and bool(value)
        and all(isinstance(count, int) for count in value.values())
    )
