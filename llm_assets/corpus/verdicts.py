"""Keep or drop: what decides, and the verdict on documents from what is stored of them.

Verdicts are a function of a document's URL, language and signals, never of its text. So a recipe
with other thresholds is put to a cleaned corpus without reading a page again.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import polars as pl
from polars.exceptions import PolarsError

from llm_assets.corpus.profiles.filters import decide, judge_language, profile_named
from llm_assets.corpus.profiles.rules import JUDGEMENT, Case, Rule
from llm_assets.corpus.profiles.url_rules import URL_REASONS, UrlRules, judge_urls
from llm_assets.corpus.schema import CLEANED, NO_REDACTIONS

_NOTHING: Final = pl.lit(None, pl.Float64)


@dataclass(frozen=True, slots=True)
class OwnRule:
    """A rule of the corpus file: drops documents for which a condition on columns holds."""

    reason: str
    condition: str
    """A SQL expression over the columns of ASKABLE, such as `word_count < 20`."""

    @property
    def is_broken(self) -> pl.Expr:
        """Whether a document breaks the rule."""
        return pl.sql_expr(self.condition)


@dataclass(frozen=True, slots=True)
class Judging:
    """What decides about the documents of one kind."""

    languages: tuple[str, ...] = ()
    language_score: float = 0.0
    profiles: tuple[str, ...] = ()
    profiles_of_source: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Sources that have quality profiles of their own."""
    thresholds: Mapping[str, float] = field(default_factory=dict)
    """Limits by reason, instead of the profiles' own."""
    rules: tuple[OwnRule, ...] = ()
    urls: UrlRules | None = None

    def profiles_for(self, source: str) -> tuple[str, ...]:
        """Return the profiles of one source's documents, in the order in which they are asked."""
        return self.profiles_of_source.get(source, self.profiles)


ASKABLE: Final = pl.Schema(
    {
        name: kind
        for name, kind in CLEANED.items()
        if name not in {"text", "text_hash", "detail", "offset", *JUDGEMENT, *NO_REDACTIONS}
    }
)
"""What is known of every document when it is judged, and stays known whatever the verdict."""


def condition_problem(condition: str) -> str | None:
    """Say what is wrong with a condition on the columns of ASKABLE; None if nothing is."""
    try:
        asked = pl.sql_expr(condition)
        kind = pl.DataFrame(schema=ASKABLE).select(asked.alias("broken")).schema["broken"]
    except PolarsError as error:
        return f"is no condition on what is known of a document: {_first_clause(error)}"
    if kind != pl.Boolean:
        return f"must be true or false of a document, and is {kind}"
    parts = set(_parts(json.loads(asked.meta.serialize(format="json"))))
    # Else a verdict would depend on which documents happen to be judged together.
    return "must look at one document alone" if parts & _OVER_DOCUMENTS else None


_OVER_DOCUMENTS: Final = frozenset(
    {"Agg", "Over", "Len", "Any", "All", "Shift", "Range", "Quantile", "Slice", "Sort"}
)
"""Parts of an expression that look at other rows. `Expr.meta.is_row_separable` of Polars 2.1 says
of `a > avg(a)` that it is, so it is of no use here."""


def _parts(node: Any) -> Iterator[str]:
    """Yield the names of an expression's parts, but not of its columns and values."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, list):
        for each in node:
            yield from _parts(each)
    elif isinstance(node, dict):
        for name, value in node.items():
            yield name
            if name not in ("Column", "Literal"):
                yield from _parts(value)


def _first_clause(error: Exception) -> str:
    """Leave out the list of all columns that Polars adds."""
    return str(error).splitlines()[0].partition(";")[0]


class UnmeasuredError(Exception):
    """A verdict needs a signal that was not measured; the message names rule and signal."""


def reach_verdicts(frame: pl.DataFrame, judging: Judging) -> pl.DataFrame:
    """Judge documents by URL, language, profiles and own rules; the first no counts.

    Args:
        frame: with `source`, `url`, `language`, `language_score` and the signals that are asked.
        judging: what decides.

    Returns:
        The frame with the columns of `JUDGEMENT` and `detail` anew.

    Raises:
        UnmeasuredError: if a signal that is asked is not in the frame.
    """
    judged = frame.drop(*JUDGEMENT, strict=False).with_columns(detail=pl.lit(None, pl.String))
    if judging.urls is not None:
        judged = judge_urls(judged, judging.urls)
    judged = judge_language(judged, judging.languages, judging.language_score)
    judged = decide(judged, list(_profile_cases(judged, judging)))
    judged = decide(judged, [(pl.col("text_chars") == 0, "empty", pl.lit(0.0), pl.lit(1.0))])
    own = [(rule.is_broken, rule.reason, _NOTHING, _NOTHING) for rule in judging.rules]
    try:
        return decide(judged, own)
    except PolarsError as error:
        raise UnmeasuredError(f"a rule of the corpus file cannot be asked: {error}") from None


def _profile_cases(frame: pl.DataFrame, judging: Judging) -> Iterator[Case]:
    """Yield the rules of every chain of profiles, each for the sources that follow that chain."""
    source = pl.col("source")
    for chain, sources in _chains(frame["source"], judging).items():
        concerned = source.is_in(sources)
        for name in chain:
            for rule in profile_named(name).rules:
                if rule.signal not in frame.columns:
                    raise UnmeasuredError(
                        f"profile '{name}' asks for the signal '{rule.signal}', which was not "
                        "measured: put the profile into the recipe and materialize cleaned_text"
                    )
                broken, reason, measured, limit = _with_threshold(rule, judging.thresholds).case
                yield concerned & broken, reason, measured, limit


def _chains(sources: pl.Series, judging: Judging) -> dict[tuple[str, ...], list[str]]:
    chains: dict[tuple[str, ...], list[str]] = {}
    for source in sources.unique().sort():
        chains.setdefault(judging.profiles_for(source), []).append(source)
    return chains


def _with_threshold(rule: Rule, thresholds: Mapping[str, float]) -> Rule:
    return replace(rule, threshold=thresholds.get(rule.reason, rule.threshold))


def judge_again(rows: pl.DataFrame, judging: Judging) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Put other settings to rows that were cleaned before.

    Args:
        rows: rows of CLEANED of one kind, with the signals that `judging` asks for.
        judging: the settings as they are now.

    Returns:
        The rows whose content is as if they had been cleaned under these settings; and the columns
        `doc_id` and `input_hash` of those that need their text: kept now, dropped before.

    Raises:
        UnmeasuredError: if a signal that is asked was not measured.
    """
    unread = pl.col("verdict") == "quarantine"
    quarantined, readable = rows.filter(unread), rows.filter(~unread)
    if judging.urls is not None:
        # What is refused for its URL now may have failed to be read; what cannot be read is rare.
        refused = judge_urls(quarantined.drop(*JUDGEMENT), judging.urls)["verdict"] == "drop"
        unreadable, unread_yet = quarantined.filter(~refused), quarantined.filter(refused)
    else:
        unreadable, unread_yet = quarantined, quarantined.clear()
    judged = reach_verdicts(readable, judging)
    newly_kept = (readable["verdict"] != "keep") & (judged["verdict"] == "keep")
    # What is refused for its URL is not read: it has no signals, and all of it comes from raw.
    wanting = newly_kept | (_is_refused(readable) != _is_refused(judged))
    settled = judged.filter(~wanting).select(rows.columns)
    dropped = pl.col("verdict") != "keep"
    settled = settled.with_columns(
        pl.when(~dropped).then(name).alias(name) for name in ("text", "text_hash")
    ).with_columns(
        pl.when(dropped).then(nothing).otherwise(name).alias(name)
        for name, nothing in NO_REDACTIONS.items()
    )
    left = pl.concat([readable.filter(wanting), unread_yet])
    return pl.concat([unreadable, settled]), left.select("doc_id", "input_hash")


def _is_refused(rows: pl.DataFrame) -> pl.Series:
    return rows["reason"].is_in(list(URL_REASONS)).fill_null(value=False)
