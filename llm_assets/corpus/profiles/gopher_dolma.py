"""Gopher's rules as Dolma reads them: `gopher@dolma`.

The tagger `gopher_v1` (python/dolma/taggers/gopher.py), judged as the mixer was told to for Dolma
1.5 and 1.6 (configs/dolma-v1_6/mixing/). What is particular to this reading:

- words are what stands between whitespace; their median length is asked for, not their mean;
- "#" and "…" are words that contain one, and stop words count in small letters, each occurrence;
- blank lines are lines, and what starts or ends them is not stripped; of lines and n-grams that
  repeat all copies count; there are no paragraphs;
- shares of characters are of words, for duplicate n-grams of all n-grams of that size;
- scores are rounded to five decimals, and so compared.

The mixer's configurations name the scores of most frequent n-grams otherwise than the tagger does
("2gram", not "2grams"), so those three rules never dropped a document. The signals are here, the
rules are not.
"""

from functools import cache
from typing import Final

import numpy as np
import polars as pl

from llm_assets.corpus import line_kernels
from llm_assets.corpus.ngram_kernels import DUPLICATE_SIZES, TOP_SIZES
from llm_assets.corpus.profiles import gopher_ngram_kernels, gopher_word_kernels
from llm_assets.corpus.profiles.gopher_texts import (
    BULLET_COLUMNS,
    Columns,
    columns,
    count_marked_lines,
    cut_at_newlines,
    measure_groups,
    repeated,
    room,
    share,
)
from llm_assets.corpus.profiles.rules import Profile, Rule, SignalSet
from llm_assets.corpus.span_kernels import Classes
from llm_assets.corpus.spans import PYTHON_SPACE, classify, named, room_for_spans, trimmed
from llm_assets.corpus.word_kernels import Bytes, Offsets

DOLMA_SIGNALS: Final = pl.Schema(
    {
        "word_count_dolma": pl.UInt64,
        "median_word_chars_dolma": pl.Float64,
        "symbol_word_share_dolma": pl.Float64,  # with "#" or "…"
        "alphabetic_word_share_dolma": pl.Float64,
        "stop_word_count_dolma": pl.UInt64,  # occurrences of the eight, in small letters
        "bullet_line_share_dolma": pl.Float64,
        "ellipsis_line_share_dolma": pl.Float64,
        "duplicate_line_share_dolma": pl.Float64,
        "duplicate_line_char_share_dolma": pl.Float64,  # can exceed 1: over characters of words
        "top_2_gram_char_share_dolma": pl.Float64,
        "top_3_gram_char_share_dolma": pl.Float64,
        "top_4_gram_char_share_dolma": pl.Float64,
        "duplicate_5_gram_char_share_dolma": pl.Float64,
        "duplicate_6_gram_char_share_dolma": pl.Float64,
        "duplicate_7_gram_char_share_dolma": pl.Float64,
        "duplicate_8_gram_char_share_dolma": pl.Float64,
        "duplicate_9_gram_char_share_dolma": pl.Float64,
        "duplicate_10_gram_char_share_dolma": pl.Float64,
    }
)

_BULLETS: Final = "*-"
_DECIMALS: Final = 5
_NEAR_TIE: Final = 1e-6


def measure_dolma(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the columns of `DOLMA_SIGNALS`, all null where the text is.

    Args:
        frame: with the column `text`.
    """
    texts = frame["text"].fill_null("")
    measured = measure_groups(texts, _count).select(**_signals()).cast(DOLMA_SIGNALS)
    rounded = measured.with_columns(
        _rounded(measured[name]) for name, kind in DOLMA_SIGNALS.items() if kind == pl.Float64
    )
    return rounded.select(pl.when(frame["text"].is_not_null()).then(pl.all()))


def _rounded(scores: pl.Series) -> pl.Series:
    """Round as Python's `round` does: to the nearest decimal of the exact binary value.

    Multiplied and rounded, the few scores that are almost halfway could go either way; they are
    left to Python.
    """
    values = scores.to_numpy()
    scaled = values * 10**_DECIMALS
    nearest = np.rint(scaled) / 10**_DECIMALS
    for i in np.flatnonzero(np.abs(scaled - np.floor(scaled) - 0.5) < _NEAR_TIE).tolist():
        nearest[i] = round(float(values[i]), _DECIMALS)
    return pl.Series(scores.name, nearest, nan_to_null=True)


def _count(data: Bytes, offsets: Offsets) -> Columns:
    classes = _character_classes()
    lines = cut_at_newlines(data, offsets, classes, 1, greedy=False, strip=line_kernels.AS_IS)
    counts = room(offsets, len(gopher_word_kernels.SPLIT_COUNTS))
    gopher_word_kernels.count_split_words(data, offsets, classes, counts)
    top = room(offsets, len(TOP_SIZES))
    duplicate, whole = room(offsets, len(DUPLICATE_SIZES)), room(offsets, len(DUPLICATE_SIZES))
    words = room_for_spans(offsets)
    gopher_word_kernels.find_split_words(data, offsets, classes, *words)
    gopher_ngram_kernels.measure_dolma_ngrams(
        *named(data, offsets, trimmed(words)), top, duplicate, whole
    )
    return {
        **repeated(data, offsets, lines, "line_"),
        **count_marked_lines(
            data, offsets, lines, classes, _BULLETS, line_kernels.ELLIPSIS, strip=False
        ),
        **columns(gopher_word_kernels.SPLIT_COUNTS, counts),
        **columns([f"top_{size}" for size in TOP_SIZES], top),
        **columns([f"duplicate_{size}" for size in DUPLICATE_SIZES], duplicate),
        **columns([f"whole_{size}" for size in DUPLICATE_SIZES], whole),
    }


def _signals() -> dict[str, pl.Expr]:
    bullets, ellipses = BULLET_COLUMNS
    signals = {
        "word_count": pl.col("words"),
        "median_word_chars": pl.col("twice_median_chars") / 2,
        "symbol_word_share": _share("symbol_words", "words"),
        "alphabetic_word_share": _share("letter_words", "words"),
        "stop_word_count": pl.col("stop_words"),
        "bullet_line_share": _share(bullets, "marked_lines"),
        "ellipsis_line_share": _share(ellipses, "marked_lines"),
        "duplicate_line_share": _share("line_copies", "line_pieces"),
        "duplicate_line_char_share": _share("line_copy_chars", "chars"),
        **{f"top_{size}_gram_char_share": share(f"top_{size}", "chars") for size in TOP_SIZES},
        **{
            f"duplicate_{size}_gram_char_share": share(f"duplicate_{size}", f"whole_{size}")
            for size in DUPLICATE_SIZES
        },
    }
    return {f"{name}_dolma": signal for name, signal in signals.items()}


def _share(part: str, whole: str) -> pl.Expr:
    """Divide as Dolma does, which takes nothing to divide by for one."""
    return pl.col(part) / pl.max_horizontal(pl.col(whole), 1)


@cache
def _character_classes() -> Classes:
    return classify(
        [
            (PYTHON_SPACE, gopher_word_kernels.SPACE),
            (r"\p{L}", gopher_word_kernels.LETTER),
            ("[#…]", gopher_word_kernels.SYMBOL),
        ]
    )


GOPHER_DOLMA: Final = Profile(
    (
        Rule("gopher_short_doc", "word_count_dolma", "<", 50),
        Rule("gopher_long_doc", "word_count_dolma", ">", 100_000),
        Rule("gopher_below_avg_threshold", "median_word_chars_dolma", "<", 3),
        Rule("gopher_above_avg_threshold", "median_word_chars_dolma", ">", 10),
        Rule("gopher_too_many_symbols", "symbol_word_share_dolma", ">", 0.1),
        Rule("gopher_below_alpha_threshold", "alphabetic_word_share_dolma", "<", 0.8),
        Rule("gopher_enough_stop_words", "stop_word_count_dolma", "<", 2),
        Rule("gopher_too_many_bullets", "bullet_line_share_dolma", ">", 0.9),
        Rule("gopher_too_many_end_ellipsis", "ellipsis_line_share_dolma", ">", 0.3),
        Rule("dup_line_frac", "duplicate_line_share_dolma", ">", 0.3),
        Rule("dup_line_char_frac", "duplicate_line_char_share_dolma", ">", 0.3),
        Rule("duplicated_5_n_grams", "duplicate_5_gram_char_share_dolma", ">", 0.15),
        Rule("duplicated_6_n_grams", "duplicate_6_gram_char_share_dolma", ">", 0.14),
        Rule("duplicated_7_n_grams", "duplicate_7_gram_char_share_dolma", ">", 0.13),
        Rule("duplicated_8_n_grams", "duplicate_8_gram_char_share_dolma", ">", 0.12),
        Rule("duplicated_9_n_grams", "duplicate_9_gram_char_share_dolma", ">", 0.11),
        Rule("duplicated_10_n_grams", "duplicate_10_gram_char_share_dolma", ">", 0.1),
    ),
    SignalSet(DOLMA_SIGNALS, measure_dolma),
)
"""allenai/dolma 669f534: tagger of dolma 1.2.1, thresholds and order of configs/dolma-v1_6."""
