"""The quality profiles by name, and the judgement of documents by them from their signals alone."""

from collections.abc import Sequence
from typing import Final

import polars as pl

from llm_assets.corpus.profiles.c4 import C4_DATATROVE, C4_TFDS
from llm_assets.corpus.profiles.fineweb import (
    FINEWEB_0_10,
    FINEWEB_2024_05,
    FINEWEB_DATATROVE,
    FINEWEB_PAPER,
)
from llm_assets.corpus.profiles.fineweb2 import FINEWEB2_REASONS, fineweb2_profile, is_fineweb2
from llm_assets.corpus.profiles.gopher_datatrove import GOPHER_DATATROVE_0_10
from llm_assets.corpus.profiles.gopher_dclm import GOPHER_DCLM
from llm_assets.corpus.profiles.gopher_dolma import GOPHER_DOLMA
from llm_assets.corpus.profiles.profile_names import unknown_profile
from llm_assets.corpus.profiles.refinedweb import REFINEDWEB_DCLM
from llm_assets.corpus.profiles.rules import JUDGEMENT, Case, Profile, Rule

_GOPHER_PAPER: Final = Profile(
    (
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
)
"""Rae et al. 2021 (arXiv 2112.11446), appendix A.1: quality, then repetition (table A1)."""

_BOOKS_1: Final = Profile(
    (
        Rule("gopher_short_doc", "word_count", "<", 50),
        Rule("gopher_below_alpha_threshold", "alphabetic_word_share", "<", 0.7),
        Rule("dup_line_char_frac", "duplicate_line_char_share", ">", 0.3),
        Rule("dup_para_char_frac", "duplicate_paragraph_char_share", ">", 0.3),
    )
)
"""Ours, for books and chapters: a book may be long, a play repeats its speakers' names line by line
(so not lines are counted but their characters), verse has short lines and refrains."""

_RECORDS_1: Final = Profile(
    (Rule("gopher_below_alpha_threshold", "alphabetic_word_share", "<", 0.2),)
)
"""Ours, for reviews, posts, questions and the like, which may be short, lack a full stop, repeat a
word, or calculate: at 0.5 a problem of GSM8K (0.42) is lost; a review without letters has 0."""

PROFILES: Final[dict[str, Profile]] = {
    "books@1": _BOOKS_1,
    "c4@datatrove-0.10": C4_DATATROVE,
    "c4@tfds": C4_TFDS,
    "fineweb@0.10": FINEWEB_0_10,
    "fineweb@2024-05": FINEWEB_2024_05,
    "fineweb@datatrove-0.10": FINEWEB_DATATROVE,
    "fineweb@paper": FINEWEB_PAPER,
    "gopher@datatrove-0.10": GOPHER_DATATROVE_0_10,
    "gopher@dclm": GOPHER_DCLM,
    "gopher@dolma": GOPHER_DOLMA,
    "gopher@paper": _GOPHER_PAPER,
    "records@1": _RECORDS_1,
    "refinedweb@dclm": REFINEDWEB_DCLM,
}

REASONS: Final[tuple[str, ...]] = tuple(
    dict.fromkeys(
        [*(r.reason for profile in PROFILES.values() for r in profile.rules), *FINEWEB2_REASONS]
    )
)
"""The reasons of the profiles' rules."""


def profile_named(name: str) -> Profile:
    """Return a profile: one of `PROFILES`, or one of FineWeb-2's, made when it is asked for.

    Raises:
        KeyError: if there is none of this name; its message says which there are.
    """
    if is_fineweb2(name):
        return fineweb2_profile(name)
    if name not in PROFILES:
        raise KeyError(unknown_profile(name))
    return PROFILES[name]


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
        The frame with the columns of `JUDGEMENT` added or brought up to date, as by `decide`.
    """
    score = pl.col("language_score")
    unwanted = ~pl.col("language").is_in(list(languages)).fill_null(False)
    nothing = pl.lit(None, pl.Float64)
    return decide(
        frame,
        [
            (unwanted, "language_not_wanted", nothing, nothing),
            (score < least_score, "language_uncertain", score, pl.lit(least_score)),
        ]
        if languages
        else [],
    )


def decide(frame: pl.DataFrame, cases: Sequence[Case]) -> pl.DataFrame:
    """Judge documents by the first case that concerns them.

    A document that an earlier judgement did not keep stays as it is, so judgements can follow one
    another. To decide anew from stored rows, drop the columns of `JUDGEMENT` first.

    Returns:
        The frame with the columns of `JUDGEMENT` added or brought up to date.
    """
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
