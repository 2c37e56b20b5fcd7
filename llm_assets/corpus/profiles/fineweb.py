"""FineWeb's own rules (Penedo et al. 2024, arXiv 2406.17557, section 3.6), in four readings.

The rule on newlines needs tokens (`tokens.py`); those of `fineweb@0.10` and `fineweb@2024-05` are
counted without a tokenizer, and rules are left out for languages and scripts in which they make no
sense. `fineweb@datatrove-0.10` has datatrove's verdict on every text, Chinese lists included: its
words are spaCy's, and no rule is left out.
"""

from typing import Final

import polars as pl

from llm_assets.corpus.line_counts import measure_lines
from llm_assets.corpus.profiles.rules import Profile, Rule, SignalSet
from llm_assets.corpus.profiles.spacy_words import find_spacy_words
from llm_assets.corpus.spans import arrow_buffers, text_groups

FINEWEB_PAPER: Final = Profile(
    (
        Rule("empty", "line_count", "<", 1),
        Rule("line_punct_ratio", "terminal_line_share_2024", "<=", 0.12),
        Rule("char_dup_ratio", "repeated_line_char_share", ">=", 0.1),
        Rule("short_line_ratio", "short_line_share_2024", ">=", 0.67),
    )
)
"""The paper's thresholds, over lines as the code of the same month read them. The paper says 0.1
where that code has 0.01, and names no newline rule."""

FINEWEB_2024_05: Final = Profile(
    (
        Rule("empty", "line_count", "<", 1),
        Rule("line_punct_ratio", "terminal_line_share_2024", "<=", 0.12),
        Rule("short_line_ratio", "short_line_share_2024", ">=", 0.67),
        Rule("char_dup_ratio", "repeated_line_char_share", ">=", 0.01),
        Rule("list_ratio", "newline_token_ratio_2024", ">", 0.3),
    )
)
"""What FineWeb's own rules were when it was released: datatrove c72b1e4 of 2 May 2024."""

FINEWEB_0_10: Final = Profile(
    (
        Rule("empty", "line_count", "<", 1),
        Rule("line_punct_ratio", "terminal_line_share", "<", 0.12),
        Rule("short_line_ratio", "short_line_share", ">", 0.67),
        Rule("char_dup_ratio", "repeated_line_char_share", ">", 0.01),
        Rule("list_ratio", "newline_token_ratio", ">", 0.3),
    )
)
"""FineWeb's own rules as datatrove 0.10 has them: blank lines left out, more sentence ends."""

_SUFFIX: Final = "_fineweb_datatrove"
FINEWEB_SIGNALS: Final = pl.Schema(
    {
        f"line_count{_SUFFIX}": pl.UInt32(),  # lines that are not blank
        f"terminal_line_share{_SUFFIX}": pl.Float64(),
        f"short_line_share{_SUFFIX}": pl.Float64(),
        f"repeated_line_char_share{_SUFFIX}": pl.Float64(),
        f"newline_word_ratio{_SUFFIX}": pl.Float64(),
    }
)


def measure_fineweb(frame: pl.DataFrame) -> pl.DataFrame:
    """Measure `FINEWEB_SIGNALS` as datatrove 0.10 does, in whatever language a text is.

    Raises:
        ModuleNotFoundError: without spaCy (the extra `spacy`).
    """
    texts = frame["text"].fill_null("")
    newlines = pl.col("text").str.count_matches("\n", literal=True)
    line_chars = pl.col("text").str.len_chars() - newlines
    lines = pl.col("lines")
    return (
        measure_lines(texts)
        .with_columns(text=texts, words=_count_spacy_words(texts))
        .select(
            lines.alias(f"line_count{_SUFFIX}"),
            _share(pl.col("terminal"), lines).alias(f"terminal_line_share{_SUFFIX}"),
            _share(pl.col("short"), lines).alias(f"short_line_share{_SUFFIX}"),
            _share(pl.col("repeated_line_chars"), line_chars).alias(
                f"repeated_line_char_share{_SUFFIX}"
            ),
            _share(newlines, pl.col("words")).alias(f"newline_word_ratio{_SUFFIX}"),
        )
        .select(pl.when(frame["text"].is_not_null()).then(pl.all()))
        .cast(FINEWEB_SIGNALS)
    )


def _share(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """Divide, null where there is nothing to divide by."""
    return pl.when(whole > 0).then(part / whole)


def _count_spacy_words(texts: pl.Series) -> pl.Series:
    data, offsets = arrow_buffers(texts)
    counts = [
        pl.Series(find_spacy_words(data, group).first).diff(null_behavior="drop")
        for group in text_groups(offsets)
    ]
    return pl.concat([pl.Series(dtype=pl.Int64), *counts])


FINEWEB_DATATROVE: Final = Profile(
    (
        Rule("empty", f"line_count{_SUFFIX}", "<", 1),
        Rule("line_punct_ratio", f"terminal_line_share{_SUFFIX}", "<", 0.12),
        Rule("short_line_ratio", f"short_line_share{_SUFFIX}", ">", 0.67),
        Rule("char_dup_ratio", f"repeated_line_char_share{_SUFFIX}", ">", 0.01),
        Rule("list_ratio", f"newline_word_ratio{_SUFFIX}", ">", 0.3),
    ),
    SignalSet(FINEWEB_SIGNALS, measure_fineweb, needs=("spacy",)),
)
"""datatrove 0.10.1, `FineWebQualityFilter` with its defaults, English."""
