"""One record as collected -> one row of `cleaned_text`, kept or dropped or quarantined.

The order: refuse by URL, extract, repair, cut lines, identify script and language, measure, judge,
redact. Every record gets a row; a dropped one keeps its signals but not its text, so that verdicts
can be reached anew without reading raw.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

import polars as pl

from llm_assets.corpus.identity import text_hash
from llm_assets.corpus.language import identify_languages
from llm_assets.corpus.line_steps import LineStep, cut_lines
from llm_assets.corpus.normalize import normalize_text
from llm_assets.corpus.profiles.chain import chain_signals, measure_chain
from llm_assets.corpus.profiles.url_rules import judge_urls
from llm_assets.corpus.redact import redact
from llm_assets.corpus.schema import CLEANED, NO_REDACTIONS, PROVENANCE
from llm_assets.corpus.script import identify_scripts
from llm_assets.corpus.verdicts import Judging, reach_verdicts

CLEANING_VERSION = "2"
"""Grows when the same settings make other rows."""

Extract = Callable[[pl.DataFrame], pl.DataFrame]
"""doc_id, source, url, payload, media_type, encoding_hint, ... -> rows of EXTRACTED, in order."""


@dataclass(frozen=True)
class CleaningPlan:
    """What cleaning does to the documents of one kind."""

    kind: str
    judging: Judging
    redact: tuple[str, ...]
    schema: pl.Schema
    """The columns of the table; see `cleaned_schema`."""
    redact_of_source: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Sources in which other personal data is replaced."""
    lines: tuple[LineStep, ...] = ()


def cleaned_schema(chains: Collection[tuple[str, ...]]) -> pl.Schema:
    """Return CLEANED with the signals that these chains of profiles measure beyond its own."""
    added = {k: v for chain in chains for k, v in chain_signals(chain).items()}
    return pl.Schema({**CLEANED, **dict(sorted(added.items()))})


def clean(
    raw: pl.DataFrame,
    plan: CleaningPlan,
    extract: Extract,
    repeated_lines: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Clean records of one kind.

    Args:
        raw: rows of a raw asset.
        plan: the settings.
        extract: turns payloads into text; given by the caller, who knows where it should run.
        repeated_lines: rows of SITE_LINES of the hosts in `raw`, where the plan cuts them.

    Returns:
        Rows of `plan.schema`, one for each row of `raw`, in its order.
    """
    return judge_texts(read_texts(raw, plan, extract), plan, repeated_lines)


@dataclass(frozen=True, slots=True)
class ReadTexts:
    """Records whose text is known, if they have one, beside their places in the batch."""

    unread: pl.DataFrame
    """Records that could not even be collected."""
    refused: pl.DataFrame
    extracted: pl.DataFrame


def read_texts(raw: pl.DataFrame, plan: CleaningPlan, extract: Extract) -> ReadTexts:
    """Do the first half of `clean`, which waits for `extract` most of the time."""
    rows = raw.with_row_index("place")
    unread = pl.col("quarantine_reason").is_not_null()
    refused, readable = _refuse(rows.filter(~unread), plan)
    return ReadTexts(rows.filter(unread), refused, _extract(readable, extract))


def judge_texts(
    read: ReadTexts, plan: CleaningPlan, repeated_lines: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Do the second half of `clean`; of one thread only, as some profiles' libraries want it."""
    failed = pl.col("failure").is_not_null()
    parts = [
        _quarantined(
            read.unread.rename(
                {
                    "quarantine_reason": "reason",
                    "quarantine_detail": "detail",
                    "quarantine_offset": "offset",
                }
            ),
            plan,
        ),
        _conform(read.refused.with_columns(**NO_REDACTIONS), plan),
        _quarantined(read.extracted.filter(failed).with_columns(reason=pl.col("failure")), plan),
        _judged(read.extracted.filter(~failed), plan, repeated_lines),
    ]
    return pl.concat(parts).sort("place").drop("place")


def _refuse(readable: pl.DataFrame, plan: CleaningPlan) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Part what is not even read, for its URL, from what is."""
    if plan.judging.urls is None:
        return readable.clear(), readable
    judged = judge_urls(readable, plan.judging.urls)
    refused = judged["verdict"] == "drop"
    return judged.filter(refused), readable.filter(~refused)


def _extract(readable: pl.DataFrame, extract: Extract) -> pl.DataFrame:
    """Put text beside provenance; what the page says of itself fills what its source does not."""
    found = extract(readable)
    page = found.select("text", *_OF_THE_PAGE, "title", "author", "published_at", *_FAILURE)
    return pl.concat(
        [
            readable.select("place", *PROVENANCE.names()).drop("title", "author", "published_at"),
            page,
        ],
        how="horizontal",
    )


_OF_THE_PAGE = ("canonical_url", "declared_language", "license_url")
_FAILURE = ("failure", "detail")


def _judged(
    texts: pl.DataFrame, plan: CleaningPlan, repeated_lines: pl.DataFrame | None
) -> pl.DataFrame:
    frame = normalize_text(texts, kind=plan.kind)
    frame = cut_lines(frame, plan.lines, repeated_lines)
    frame = frame.hstack(identify_languages(frame["text"]))
    frame = frame.with_columns(identify_scripts(frame["text"]).alias("script"))
    frame = _measured(frame, plan)
    frame = reach_verdicts(frame, plan.judging)
    kept = pl.col("verdict") == "keep"
    redacted = _redacted(frame.filter(kept), plan)
    dropped = frame.filter(~kept).with_columns(text=pl.lit(None, pl.String), **NO_REDACTIONS)
    frame = pl.concat([redacted, dropped], how="diagonal").with_columns(
        text_hash=pl.col("text").map_elements(text_hash, pl.String, skip_nulls=True)
    )
    return _conform(frame, plan)


def _measured(frame: pl.DataFrame, plan: CleaningPlan) -> pl.DataFrame:
    """Measure each source's documents by the chain of profiles that they follow."""
    return _by_source(frame, plan.judging.profiles_for, measure_chain)


def _redacted(frame: pl.DataFrame, plan: CleaningPlan) -> pl.DataFrame:
    return _by_source(frame, lambda s: plan.redact_of_source.get(s, plan.redact), redact)


def _by_source(
    frame: pl.DataFrame,
    setting: Callable[[str], tuple[str, ...]],
    work: Callable[[pl.DataFrame, tuple[str, ...]], pl.DataFrame],
) -> pl.DataFrame:
    """Work on the documents of all sources that share a setting at once."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for source in frame["source"].unique().sort():
        groups.setdefault(setting(source), []).append(source)
    if not groups:
        return work(frame, ())
    parts = [
        work(frame.filter(pl.col("source").is_in(sources)), value)
        for value, sources in groups.items()
    ]
    return pl.concat(parts, how="diagonal")


def _quarantined(rows: pl.DataFrame, plan: CleaningPlan) -> pl.DataFrame:
    return _conform(rows.with_columns(verdict=pl.lit("quarantine"), **NO_REDACTIONS), plan)


def _conform(frame: pl.DataFrame, plan: CleaningPlan) -> pl.DataFrame:
    """Give a frame the table's columns, with nulls for what it lacks, beside its place."""
    return frame.select(
        "place",
        *(
            pl.col(name).cast(kind) if name in frame.columns else pl.lit(None, kind).alias(name)
            for name, kind in plan.schema.items()
        ),
    )
