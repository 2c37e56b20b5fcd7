"""Named quality profiles, as data, and the judgement of documents by them from their signals alone.

A profile is one published reading of a rule set: the same name never means two things, and the same
rule set in another reading has another name. Thresholds are data: documents are judged again from
stored signals, without their text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import polars as pl

DropReason = Literal[
    "language_not_wanted",
    "language_uncertain",
    "empty",  # no line that is not blank
    "gopher_short_doc",
    "gopher_long_doc",
    "gopher_below_avg_threshold",
    "gopher_above_avg_threshold",
    "gopher_too_many_hashes",
    "gopher_too_many_ellipsis",
    "gopher_too_many_bullets",
    "gopher_too_many_end_ellipsis",
    "gopher_below_alpha_threshold",
    "gopher_enough_stop_words",  # too few of them
    "dup_line_frac",
    "dup_para_frac",
    "dup_line_char_frac",
    "dup_para_char_frac",
    "top_2_gram",
    "top_3_gram",
    "top_4_gram",
    "duplicated_5_n_grams",
    "duplicated_6_n_grams",
    "duplicated_7_n_grams",
    "duplicated_8_n_grams",
    "duplicated_9_n_grams",
    "duplicated_10_n_grams",
    "line_punct_ratio",
    "short_line_ratio",
    "char_dup_ratio",
    "list_ratio",
]
"""Why a document was dropped. Quality rules have datatrove's codes."""

Comparison = Literal["<", "<=", ">", ">="]

JUDGEMENT: Final = pl.Schema(
    {"verdict": pl.String, "reason": pl.String, "measured": pl.Float64, "threshold": pl.Float64}
)


@dataclass(frozen=True, slots=True)
class Rule:
    """Drops a document whose signal compares so with the threshold; one without the signal stays.

    `Rule("gopher_short_doc", "word_count", "<", 50)` drops documents of fewer than 50 words.
    """

    reason: DropReason
    signal: str
    drop_if: Comparison
    threshold: float

    @property
    def is_broken(self) -> pl.Expr:
        """Whether a document breaks the rule; null where the signal is null."""
        signal = pl.col(self.signal)
        match self.drop_if:
            case "<":
                return signal < self.threshold
            case "<=":
                return signal <= self.threshold
            case ">":
                return signal > self.threshold
            case ">=":
                return signal >= self.threshold


Profile = tuple[Rule, ...]
"""Rules in the order in which they are asked; the first that is broken gives the reason."""

_GOPHER_PAPER: Final[Profile] = (
    Rule("gopher_short_doc", "word_count", "<", 50),
    Rule("gopher_long_doc", "word_count", ">", 100_000),
    Rule("gopher_below_avg_threshold", "mean_word_chars", "<", 3),
    Rule("gopher_above_avg_threshold", "mean_word_chars", ">", 10),
    Rule("gopher_too_many_hashes", "hash_word_ratio", ">", 0.1),
    Rule("gopher_too_many_ellipsis", "ellipsis_word_ratio", ">", 0.1),
    Rule("gopher_too_many_bullets", "bullet_line_share", ">", 0.9),
    Rule("gopher_too_many_end_ellipsis", "ellipsis_line_share", ">", 0.3),
    Rule("gopher_below_alpha_threshold", "alphabetic_word_share", "<", 0.8),
    Rule("gopher_enough_stop_words", "stop_word_count", "<", 2),
    Rule("dup_line_frac", "duplicate_line_share", ">", 0.3),
    Rule("dup_para_frac", "duplicate_paragraph_share", ">", 0.3),
    Rule("dup_line_char_frac", "duplicate_line_char_share", ">", 0.2),
    Rule("dup_para_char_frac", "duplicate_paragraph_char_share", ">", 0.2),
    Rule("top_2_gram", "top_2_gram_char_share", ">", 0.2),
    Rule("top_3_gram", "top_3_gram_char_share", ">", 0.18),
    Rule("top_4_gram", "top_4_gram_char_share", ">", 0.16),
    Rule("duplicated_5_n_grams", "duplicate_5_gram_char_share", ">", 0.15),
    Rule("duplicated_6_n_grams", "duplicate_6_gram_char_share", ">", 0.14),
    Rule("duplicated_7_n_grams", "duplicate_7_gram_char_share", ">", 0.13),
    Rule("duplicated_8_n_grams", "duplicate_8_gram_char_share", ">", 0.12),
    Rule("duplicated_9_n_grams", "duplicate_9_gram_char_share", ">", 0.11),
    Rule("duplicated_10_n_grams", "duplicate_10_gram_char_share", ">", 0.1),
)
"""Rae et al. 2021 (arXiv 2112.11446), appendix A.1: quality, then repetition (table A1)."""

_FINEWEB_PAPER: Final[Profile] = (
    Rule("empty", "line_count", "<", 1),
    Rule("line_punct_ratio", "terminal_line_share_2024", "<=", 0.12),
    Rule("char_dup_ratio", "repeated_line_char_share", ">=", 0.1),
    Rule("short_line_ratio", "short_line_share_2024", ">=", 0.67),
)
"""Penedo et al. 2024 (arXiv 2406.17557), section 3.6: its thresholds, over lines as the code of the
same month read them. The paper says 0.1 where that code has 0.01, and names no newline rule."""

_FINEWEB_2024_05: Final[Profile] = (
    Rule("empty", "line_count", "<", 1),
    Rule("line_punct_ratio", "terminal_line_share_2024", "<=", 0.12),
    Rule("short_line_ratio", "short_line_share_2024", ">=", 0.67),
    Rule("char_dup_ratio", "repeated_line_char_share", ">=", 0.01),
    Rule("list_ratio", "newline_word_ratio", ">", 0.3),
)
"""What FineWeb's own rules were when it was released: datatrove c72b1e4 of 2 May 2024."""

_FINEWEB_0_10: Final[Profile] = (
    Rule("empty", "line_count", "<", 1),
    Rule("line_punct_ratio", "terminal_line_share", "<", 0.12),
    Rule("short_line_ratio", "short_line_share", ">", 0.67),
    Rule("char_dup_ratio", "repeated_line_char_share", ">", 0.01),
    Rule("list_ratio", "newline_word_ratio", ">", 0.3),
)
"""FineWeb's own rules as datatrove 0.10.0 has them: blank lines left out, more sentence ends."""

_BOOKS_1: Final[Profile] = (
    Rule("gopher_short_doc", "word_count", "<", 50),
    Rule("gopher_below_alpha_threshold", "alphabetic_word_share", "<", 0.7),
    Rule("dup_line_char_frac", "duplicate_line_char_share", ">", 0.3),
    Rule("dup_para_char_frac", "duplicate_paragraph_char_share", ">", 0.3),
)
"""Ours, for books and chapters: a book may be long, a play repeats its speakers' names line by line
(so not lines are counted but their characters), verse has short lines and refrains."""

PROFILES: Final[dict[str, Profile]] = {
    "books@1": _BOOKS_1,
    "fineweb@0.10": _FINEWEB_0_10,
    "fineweb@2024-05": _FINEWEB_2024_05,
    "fineweb@paper": _FINEWEB_PAPER,
    "gopher@paper": _GOPHER_PAPER,
}

PROFILE_NAMES: Final[frozenset[str]] = frozenset(PROFILES)
"""The profiles that a corpus file may name."""


def judge(frame: pl.DataFrame, profiles: Sequence[str]) -> pl.DataFrame:
    """Keep or drop each document by the first rule of the profiles, in order, that it breaks.

    A document that an earlier judgement did not keep stays as it is, so judgements can follow one
    another. To decide anew from stored rows, drop the columns of `JUDGEMENT` first.

    Args:
        frame: with the signals that the profiles' rules name.
        profiles: some of `PROFILE_NAMES`, in the order in which they are asked.

    Returns:
        The frame with the columns of `JUDGEMENT` added or brought up to date: `measured` is the
        signal that decided, `threshold` what it was held against.

    Raises:
        KeyError: for a profile that is not known.
    """
    rules = [rule for name in profiles for rule in PROFILES[name]]
    return _decide(
        frame,
        [
            (rule.is_broken, rule.reason, pl.col(rule.signal), pl.lit(rule.threshold))
            for rule in rules
        ],
    )


def judge_language(
    frame: pl.DataFrame, languages: Sequence[str], least_score: float
) -> pl.DataFrame:
    """Drop documents in languages that are not wanted, or whose language is not certain.

    The score is measured only of wanted languages, and where all are wanted it does not matter.

    Args:
        frame: with the columns `language` and `language_score`.
        languages: ISO 639 codes as `identify_languages` gives them; empty for all.
        least_score: a score below it is uncertain (FineWeb: 0.65).

    Returns:
        The frame with the columns of `JUDGEMENT` added or brought up to date, as by `judge`.
    """
    score = pl.col("language_score")
    unwanted = ~pl.col("language").is_in(list(languages)).fill_null(False)
    nothing = pl.lit(None, pl.Float64)
    return _decide(
        frame,
        [
            (unwanted, "language_not_wanted", nothing, nothing),
            (score < least_score, "language_uncertain", score, pl.lit(least_score)),
        ]
        if languages
        else [],
    )


def _decide(
    frame: pl.DataFrame, cases: Sequence[tuple[pl.Expr, DropReason, pl.Expr, pl.Expr]]
) -> pl.DataFrame:
    """Judge what was kept so far by the first case (broken, reason, measured, threshold)."""
    judged = frame if "verdict" in frame.columns else frame.with_columns(_kept())
    decision: pl.Expr = pl.struct(_kept())
    for broken, reason, measured, threshold in reversed(cases):
        drop = pl.struct(
            verdict=pl.lit("drop"),
            reason=pl.lit(reason),
            measured=measured.cast(pl.Float64),
            threshold=threshold.cast(pl.Float64),
        )
        decision = pl.when(broken).then(drop).otherwise(decision)
    stands = pl.when(pl.col("verdict") != "keep").then(pl.struct(*JUDGEMENT))
    return judged.with_columns(stands.otherwise(decision).struct.field(*JUDGEMENT))


def _kept() -> list[pl.Expr]:
    nothing = [pl.lit(None, kind).alias(name) for name, kind in JUDGEMENT.items()]
    return [pl.lit("keep").alias("verdict"), *nothing[1:]]
