"""One record as collected -> one row of `cleaned_text`, kept or dropped or quarantined.

The order: extract, repair, identify the language, measure, judge, redact. Every record gets a row;
a dropped one keeps its signals but not its text, so thresholds can be retried without reading raw.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from llm_assets.corpus.filters import judge, judge_language
from llm_assets.corpus.identity import text_hash
from llm_assets.corpus.language import identify_languages
from llm_assets.corpus.normalize import normalize_text
from llm_assets.corpus.redact import redact
from llm_assets.corpus.schema import CLEANED, PROVENANCE
from llm_assets.corpus.signals import measure_signals

CLEANING_VERSION = "1"
"""Grows when the same settings make other rows."""

Extract = Callable[[pl.DataFrame], pl.DataFrame]
"""doc_id, payload, media_type, encoding_hint, title, author, language_hint -> doc_id, text, title,
author, language_hint, failure, detail; row for row."""


@dataclass(frozen=True)
class CleaningPlan:
    """What cleaning does to the documents of one kind."""

    kind: str
    languages: tuple[str, ...]
    language_score: float
    profiles: tuple[str, ...]
    profiles_of_source: Mapping[str, tuple[str, ...]]
    """Sources that have quality profiles of their own."""
    redact: tuple[str, ...]


def clean(raw: pl.DataFrame, plan: CleaningPlan, extract: Extract) -> pl.DataFrame:
    """Clean records of one kind.

    Args:
        raw: rows of a raw asset.
        plan: the settings.
        extract: turns payloads into text; given by the caller, who knows where it should run.

    Returns:
        Rows of CLEANED, one for each row of `raw`, in its order.
    """
    rows = raw.with_row_index("place")
    readable = rows.filter(pl.col("quarantine_reason").is_null())
    extracted = _extract(readable, extract)
    failed = extracted.filter(pl.col("failure").is_not_null())
    texts = extracted.filter(pl.col("failure").is_null())
    parts = [
        _quarantined(
            rows.filter(pl.col("quarantine_reason").is_not_null()).rename(
                {
                    "quarantine_reason": "reason",
                    "quarantine_detail": "detail",
                    "quarantine_offset": "offset",
                }
            )
        ),
        _quarantined(failed.with_columns(reason=pl.col("failure"))),
        _judged(texts, plan),
    ]
    return pl.concat(parts).sort("place").drop("place")


def _extract(readable: pl.DataFrame, extract: Extract) -> pl.DataFrame:
    """Put text beside provenance; what the page says of itself fills what its source does not."""
    found = extract(
        readable.select(
            "doc_id", "payload", "media_type", "encoding_hint", "title", "author", "language_hint"
        )
    )
    return pl.concat(
        [
            readable.select("place", *PROVENANCE.names()).drop("title", "author"),
            found.select("text", "title", "author", "failure", "detail"),
        ],
        how="horizontal",
    )


def _judged(texts: pl.DataFrame, plan: CleaningPlan) -> pl.DataFrame:
    frame = normalize_text(texts, kind=plan.kind)
    frame = frame.hstack(identify_languages(frame["text"]))
    frame = measure_signals(frame)
    frame = _decide(frame, plan)
    kept = pl.col("verdict") == "keep"
    redacted = redact(frame.filter(kept), plan.redact)
    dropped = frame.filter(~kept).with_columns(
        text=pl.lit(None, pl.String), pii_count=pl.lit(0, pl.UInt32)
    )
    frame = pl.concat([redacted, dropped], how="diagonal").with_columns(
        text_hash=pl.col("text").map_elements(text_hash, pl.String, skip_nulls=True)
    )
    return _conform(frame)


def _decide(frame: pl.DataFrame, plan: CleaningPlan) -> pl.DataFrame:
    """Judge the language, then the quality by each source's own profiles; the first no counts."""
    by_language = judge_language(frame, plan.languages, plan.language_score)
    parts = []
    for source, rows in by_language.group_by("source", maintain_order=True):
        profiles = plan.profiles_of_source.get(str(source[0]), plan.profiles)
        wanted = pl.col("verdict") == "keep"
        quality = judge(rows.filter(wanted).drop(_DECISION), profiles)
        parts += [quality.select(by_language.columns), rows.filter(~wanted)]
    return pl.concat(parts) if parts else by_language


_DECISION = ["verdict", "reason", "measured", "threshold"]


def _quarantined(rows: pl.DataFrame) -> pl.DataFrame:
    return _conform(rows.with_columns(verdict=pl.lit("quarantine"), pii_count=pl.lit(0, pl.UInt32)))


def _conform(frame: pl.DataFrame) -> pl.DataFrame:
    """Give a frame the columns of CLEANED, with nulls for what it lacks, beside its place."""
    return frame.select(
        "place",
        *(
            pl.col(name).cast(kind) if name in frame.columns else pl.lit(None, kind).alias(name)
            for name, kind in CLEANED.items()
        ),
    )
