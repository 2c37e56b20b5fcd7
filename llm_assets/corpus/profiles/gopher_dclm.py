"""Gopher's rules as DCLM reads them: `gopher@dclm`.

The filters from `page_length_filter` to `massive_web_repetition_filters` of DCLM-Baseline
(baselines/baselines_configs/dclm_baseline_refinedweb.yaml), in its order. What is particular:

- the number of words is that of fastText's tokens (between ASCII whitespace) that start with a
  letter or number, so that a word in quotes is none; their length, symbols, letters and stop words
  are of what stands between any whitespace; n-grams are of Unicode's words (UAX #29), without
  those that start otherwise;
- "#" and ellipses, ". . ." among them, are counted together; stop words by occurrence, in letters
  of any case;
- lines and paragraphs are stripped and never blank; all copies of what repeats count, and a text
  of one line or paragraph has nothing that repeats;
- shares of characters are of lines, paragraphs or words, whitespace between them left out; the most
  frequent n-gram is the longest of equals; of longer ones every word counts that is in one.

What stands beside these in that configuration (URL lists, at most two newlines, language, edits of
lines) is no rule of Gopher's and of other profiles.
"""

from functools import cache
from typing import Final

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
from llm_assets.corpus.profiles.unicode_words import find_unicode_words
from llm_assets.corpus.span_kernels import Classes
from llm_assets.corpus.spans import PYTHON_SPACE, classify, named, span_chars
from llm_assets.corpus.word_kernels import Bytes, Offsets

DCLM_SIGNALS: Final = pl.Schema(
    {
        "word_count_dclm": pl.UInt64,  # fastText's tokens that start with a letter or number
        "mean_word_chars_dclm": pl.Float64,
        "symbol_word_ratio_dclm": pl.Float64,  # "#", "...", ". . ." or "…" a word
        "bullet_line_share_dclm": pl.Float64,
        "ellipsis_line_share_dclm": pl.Float64,
        "letterless_word_share_dclm": pl.Float64,
        "stop_word_count_dclm": pl.UInt64,  # occurrences of the eight
        "duplicate_line_share_dclm": pl.Float64,
        "duplicate_paragraph_share_dclm": pl.Float64,
        "duplicate_line_char_share_dclm": pl.Float64,
        "duplicate_paragraph_char_share_dclm": pl.Float64,
        "top_2_gram_char_share_dclm": pl.Float64,
        "top_3_gram_char_share_dclm": pl.Float64,
        "top_4_gram_char_share_dclm": pl.Float64,
        "duplicate_5_gram_char_share_dclm": pl.Float64,
        "duplicate_6_gram_char_share_dclm": pl.Float64,
        "duplicate_7_gram_char_share_dclm": pl.Float64,
        "duplicate_8_gram_char_share_dclm": pl.Float64,
        "duplicate_9_gram_char_share_dclm": pl.Float64,
        "duplicate_10_gram_char_share_dclm": pl.Float64,
    }
)

_BULLETS: Final = "●•*-"
_ELLIPSES: Final = line_kernels.THREE_DOTS | line_kernels.SPACED_DOTS | line_kernels.ELLIPSIS
_SYMBOLS: Final = ("#", "...", ". . .", "…")


def measure_dclm(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the columns of `DCLM_SIGNALS`, all null where the text is.

    Args:
        frame: with the column `text`.
    """
    texts = frame["text"].fill_null("")
    symbols = pl.DataFrame(
        texts.str.count_matches(symbol, literal=True).alias(symbol) for symbol in _SYMBOLS
    )
    counted = measure_groups(texts, _count).with_columns(
        symbols=symbols.sum_horizontal(),
        letterless_words=pl.col("words") - pl.col("letter_words"),
    )
    measured = counted.select(**_signals()).cast(DCLM_SIGNALS)
    return measured.select(pl.when(frame["text"].is_not_null()).then(pl.all()))


def _count(data: Bytes, offsets: Offsets) -> Columns:
    classes = _character_classes()
    lines, paragraphs = (
        cut_at_newlines(data, offsets, classes, least, greedy=False, strip=line_kernels.STRIP_EACH)
        for least in (1, 2)
    )
    counts = room(offsets, len(gopher_word_kernels.SPLIT_COUNTS))
    gopher_word_kernels.count_split_words(data, offsets, classes, counts)
    words = named(data, offsets, find_unicode_words(data, offsets))
    top, duplicate = room(offsets, len(TOP_SIZES)), room(offsets, len(DUPLICATE_SIZES))
    gopher_ngram_kernels.measure_dclm_ngrams(*words, top, duplicate)
    return {
        **repeated(data, offsets, lines, "line_"),
        **repeated(data, offsets, paragraphs, "paragraph_"),
        **count_marked_lines(data, offsets, lines, classes, _BULLETS, _ELLIPSES, strip=False),
        **columns(gopher_word_kernels.SPLIT_COUNTS, counts),
        "unicode_chars": span_chars(words),
        **columns([f"top_{size}" for size in TOP_SIZES], top),
        **columns([f"duplicate_{size}" for size in DUPLICATE_SIZES], duplicate),
    }


def _signals() -> dict[str, pl.Expr]:
    bullets, ellipses = BULLET_COLUMNS
    signals = {
        "word_count": pl.col("opened_words"),
        "mean_word_chars": share("chars", "words"),
        "symbol_word_ratio": share("symbols", "words"),
        "bullet_line_share": share(bullets, "marked_lines"),
        "ellipsis_line_share": share(ellipses, "marked_lines"),
        "letterless_word_share": share("letterless_words", "words"),
        "stop_word_count": pl.col("caseless_stop_words"),
        "duplicate_line_share": _of_many("line", "copies", "pieces"),
        "duplicate_paragraph_share": _of_many("paragraph", "copies", "pieces"),
        "duplicate_line_char_share": _of_many("line", "copy_chars", "chars"),
        "duplicate_paragraph_char_share": _of_many("paragraph", "copy_chars", "chars"),
        **{
            f"top_{size}_gram_char_share": share(f"top_{size}", "unicode_chars")
            for size in TOP_SIZES
        },
        **{
            f"duplicate_{size}_gram_char_share": share(f"duplicate_{size}", "unicode_chars")
            for size in DUPLICATE_SIZES
        },
    }
    return {f"{name}_dclm": signal for name, signal in signals.items()}


def _of_many(pieces: str, part: str, whole: str) -> pl.Expr:
    """Divide where there are several lines or paragraphs."""
    several = pl.col(f"{pieces}_pieces") > 1
    return pl.when(several).then(pl.col(f"{pieces}_{part}") / pl.col(f"{pieces}_{whole}"))


@cache
def _character_classes() -> Classes:
    return classify(
        [
            (PYTHON_SPACE, gopher_word_kernels.SPACE),
            (r"\p{L}", gopher_word_kernels.LETTER),
            (r"[\p{L}\p{N}]", gopher_word_kernels.ALPHANUMERIC),
        ]
    )


GOPHER_DCLM: Final = Profile(
    (
        Rule("gopher_short_doc", "word_count_dclm", "<", 50),
        Rule("gopher_long_doc", "word_count_dclm", ">", 100_000),
        Rule("gopher_below_avg_threshold", "mean_word_chars_dclm", "<", 3),
        Rule("gopher_above_avg_threshold", "mean_word_chars_dclm", ">", 10),
        Rule("gopher_too_many_symbols", "symbol_word_ratio_dclm", ">", 0.1),
        Rule("gopher_too_many_bullets", "bullet_line_share_dclm", ">", 0.9),
        Rule("gopher_too_many_end_ellipsis", "ellipsis_line_share_dclm", ">", 0.3),
        Rule("gopher_below_alpha_threshold", "letterless_word_share_dclm", ">", 0.2),
        Rule("gopher_enough_stop_words", "stop_word_count_dclm", "<", 2),
        Rule("dup_line_frac", "duplicate_line_share_dclm", ">", 0.3),
        Rule("dup_para_frac", "duplicate_paragraph_share_dclm", ">", 0.3),
        Rule("dup_line_char_frac", "duplicate_line_char_share_dclm", ">", 0.2),
        Rule("dup_para_char_frac", "duplicate_paragraph_char_share_dclm", ">", 0.2),
        Rule("top_2_gram", "top_2_gram_char_share_dclm", ">", 0.2),
        Rule("top_3_gram", "top_3_gram_char_share_dclm", ">", 0.18),
        Rule("top_4_gram", "top_4_gram_char_share_dclm", ">", 0.16),
        Rule("duplicated_5_n_grams", "duplicate_5_gram_char_share_dclm", ">", 0.15),
        Rule("duplicated_6_n_grams", "duplicate_6_gram_char_share_dclm", ">", 0.14),
        Rule("duplicated_7_n_grams", "duplicate_7_gram_char_share_dclm", ">", 0.13),
        Rule("duplicated_8_n_grams", "duplicate_8_gram_char_share_dclm", ">", 0.12),
        Rule("duplicated_9_n_grams", "duplicate_9_gram_char_share_dclm", ">", 0.11),
        Rule("duplicated_10_n_grams", "duplicate_10_gram_char_share_dclm", ">", 0.1),
    ),
    SignalSet(DCLM_SIGNALS, measure_dclm),
)
"""mlfoundations/dclm 361714b, baselines/mappers/filters/content_filters.py, with uniseg 0.10.1."""
