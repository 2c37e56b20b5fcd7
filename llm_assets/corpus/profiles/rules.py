"""What a quality profile is made of: signals, rules over them, and an edit of the text.

A profile is one published reading of a rule set: the same name never means two things, and the same
rule set in another reading has another name. Thresholds are data: documents are judged again from
stored signals, without their text.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import polars as pl

UrlReason = Literal[
    "domain",
    "subdomain",
    "url",
    "hard_blacklisted",
    "soft_blacklisted",
    "blacklisted_subword",
]
"""Why a document was refused for its URL, in datatrove's words and order."""

DropReason = Literal[
    UrlReason,
    "language_not_wanted",
    "language_uncertain",
    "empty",  # no line that is not blank
    "gopher_short_doc",
    "gopher_long_doc",
    "gopher_below_avg_threshold",
    "gopher_above_avg_threshold",
    "gopher_too_many_hashes",
    "gopher_too_many_ellipsis",
    "gopher_too_many_symbols",  # both, where they are counted together
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
    "too_long",  # characters, before C4 cuts lines
    "lorem_ipsum",
    "curly_bracket",
    "too_few_sentences",
    "too_many_words_cut",  # with the lines that are cut
]
"""Why a document was dropped. Quality rules have datatrove's codes."""

Comparison = Literal["<", "<=", ">", ">="]

JUDGEMENT: Final = pl.Schema(
    {"verdict": pl.String, "reason": pl.String, "measured": pl.Float64, "threshold": pl.Float64}
)


Case = tuple[pl.Expr, str, pl.Expr, pl.Expr]
"""Whether a document is dropped, and if so: the reason, the measured value and the limit."""


@dataclass(frozen=True, slots=True)
class Limits:
    """A threshold that depends on the document: one for each value of a column, else none."""

    column: str
    values: tuple[tuple[str, float], ...]

    @property
    def of_document(self) -> pl.Expr:
        """The document's threshold; null where its value has none."""
        return pl.col(self.column).replace_strict(
            dict(self.values), default=None, return_dtype=pl.Float64
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """Drops a document whose signal compares so with the threshold; one without the signal stays.

    `Rule("gopher_short_doc", "word_count", "<", 50)` drops documents of fewer than 50 words.
    """

    reason: DropReason
    signal: str
    drop_if: Comparison
    threshold: float | Limits

    @property
    def limit(self) -> pl.Expr:
        """What a document's signal is held against; null where the rule does not concern it."""
        if isinstance(self.threshold, Limits):
            return self.threshold.of_document
        return pl.lit(self.threshold)

    @property
    def is_broken(self) -> pl.Expr:
        """Whether a document breaks the rule; null where the signal or the limit is null."""
        signal = pl.col(self.signal)
        match self.drop_if:
            case "<":
                return signal < self.limit
            case "<=":
                return signal <= self.limit
            case ">":
                return signal > self.limit
            case ">=":
                return signal >= self.limit

    @property
    def case(self) -> Case:
        """The rule as a case of a judgement."""
        return self.is_broken, self.reason, pl.col(self.signal), self.limit


@dataclass(frozen=True, slots=True)
class SignalSet:
    """Signals that are measured together, by the definitions of one implementation."""

    schema: pl.Schema
    """The columns; their names are of no other set."""
    measure: Callable[[pl.DataFrame], pl.DataFrame]
    """Takes a frame with `text`, `language` and `url`; returns the columns of `schema`, a row for a
    row, all null where the text is null."""
    needs: tuple[str, ...] = ()
    """Modules of an optional package, without which the set cannot be measured."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One published reading of a rule set."""

    rules: tuple[Rule, ...]
    """In the order in which they are asked; the first that is broken gives the reason."""
    signals: SignalSet | None = None
    """What the rules ask for that is not among the signals measured of every text."""
    edit: Callable[[pl.DataFrame], pl.Series] | None = None
    """Takes a frame with `text` and `language` and returns the texts as the rule set leaves them:
    some also cut lines. Profiles that come later see what is left."""
