"""Gopher's rules as datatrove 0.10 reads them: `gopher@datatrove-0.10`.

GopherRepetitionFilter, then GopherQualityFilter, with their defaults, in the order of FineWeb's
pipeline (examples/fineweb.py): a document's reason is the first that they give. Both hold any text
to be English. What is particular to this reading:

- words are spaCy's tokens; punctuation is among them, but not for rules on their number and length;
- "#" and ellipses are counted per token; stop words count once each, in small letters only;
- of lines, paragraphs and n-grams that repeat, the first copy is no repetition;
- all shares of characters are of the whole text, whitespace included; the most frequent n-gram is
  the first of equals, with spaces; longer n-grams are equal if they are without their spaces.
"""

from functools import cache
from typing import Final

import polars as pl

from llm_assets.corpus import line_kernels
from llm_assets.corpus.ngram_kernels import DUPLICATE_SIZES, TOP_SIZES
from llm_assets.corpus.profiles import (
    gopher_ngram_kernels,
    gopher_word_kernels,
    joined_ngram_kernels,
)
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
from llm_assets.corpus.profiles.spacy_words import find_spacy_words
from llm_assets.corpus.span_kernels import Classes
from llm_assets.corpus.spans import (
    PYTHON_SPACE,
    classify,
    named,
    regex_class,
    room_for_spans,
    trimmed,
)
from llm_assets.corpus.word_kernels import Bytes, Offsets

DATATROVE_SIGNALS: Final = pl.Schema(
    {
        "text_chars_datatrove": pl.UInt64,
        "token_count_datatrove": pl.UInt64,
        "word_count_datatrove": pl.UInt64,  # tokens that are not all punctuation
        "mean_word_chars_datatrove": pl.Float64,
        "hash_token_ratio_datatrove": pl.Float64,  # "#" a token
        "ellipsis_token_ratio_datatrove": pl.Float64,  # "..." or "…" a token
        "bullet_line_share_datatrove": pl.Float64,
        "ellipsis_line_share_datatrove": pl.Float64,
        "alphabetic_token_share_datatrove": pl.Float64,
        "stop_word_count_datatrove": pl.UInt64,  # distinct of the eight, in small letters
        "duplicate_paragraph_share_datatrove": pl.Float64,
        "duplicate_paragraph_char_share_datatrove": pl.Float64,
        "duplicate_line_share_datatrove": pl.Float64,
        "duplicate_line_char_share_datatrove": pl.Float64,
        "top_2_gram_char_share_datatrove": pl.Float64,
        "top_3_gram_char_share_datatrove": pl.Float64,
        "top_4_gram_char_share_datatrove": pl.Float64,
        "duplicate_5_gram_char_share_datatrove": pl.Float64,
        "duplicate_6_gram_char_share_datatrove": pl.Float64,
        "duplicate_7_gram_char_share_datatrove": pl.Float64,
        "duplicate_8_gram_char_share_datatrove": pl.Float64,
        "duplicate_9_gram_char_share_datatrove": pl.Float64,
        "duplicate_10_gram_char_share_datatrove": pl.Float64,
    }
)

_PUNCTUATION: Final = (
    "!/—”:％１〈&(、━\\【#%「」，】；+^]~“《„';’{|∶´[=-`*．（–？！：$～«〉,><》)?）。…@_.\"}►»"
)
"""datatrove's, to which come control characters, but tab and line feed, and the sentence ends of
all scripts. The full-width 1 is a slip of the original, and kept."""
_CONTROL: Final = r"[\x00-\x08\x0b-\x1f\x7f-\x{9f}]"
_SENTENCE_END: Final = (
    r"[\p{Sentence_Terminal}\x{17D6}\x{17D9}\x{17DA}"
    r"--\x{2024}\x{FE12}\x{FE15}\x{FE16}\x{2CF9}-\x{2CFB}"
    r"\x{1B4E}\x{1B4F}\x{1B7F}\x{113D4}\x{113D5}\x{16D6E}\x{16D6F}]"
)
_BULLETS: Final = "•-"


def measure_datatrove(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the columns of `DATATROVE_SIGNALS`, all null where the text is.

    Args:
        frame: with the column `text`.

    Raises:
        ModuleNotFoundError: without spaCy (the extra `spacy`).
    """
    texts = frame["text"].fill_null("")
    counted = measure_groups(texts, _count).with_columns(
        text_chars=texts.str.len_chars(),
        hashes=texts.str.count_matches("#", literal=True),
        ellipses=texts.str.count_matches("...", literal=True)
        + texts.str.count_matches("…", literal=True),
    )
    measured = counted.select(**_signals()).cast(DATATROVE_SIGNALS)
    return measured.select(pl.when(frame["text"].is_not_null()).then(pl.all()))


def _count(data: Bytes, offsets: Offsets) -> Columns:
    classes = _character_classes()
    paragraphs = cut_at_newlines(
        data, offsets, classes, 2, greedy=True, strip=line_kernels.STRIP_TEXT
    )
    lines = cut_at_newlines(data, offsets, classes, 1, greedy=True, strip=line_kernels.AS_IS)
    return {
        **repeated(data, offsets, paragraphs, "paragraph_"),
        **repeated(data, offsets, lines, "line_"),
        **_count_marks(data, offsets, classes),
        **_count_words(data, offsets, classes),
    }


def _count_marks(data: Bytes, offsets: Offsets, classes: Classes) -> Columns:
    lines = room_for_spans(offsets)
    line_kernels.cut_at_line_ends(data, offsets, *lines)
    ellipses = line_kernels.THREE_DOTS | line_kernels.ELLIPSIS
    return count_marked_lines(
        data, offsets, trimmed(lines), classes, _BULLETS, ellipses, strip=True
    )


def _count_words(data: Bytes, offsets: Offsets, classes: Classes) -> Columns:
    words = find_spacy_words(data, offsets)
    counts = room(offsets, len(gopher_word_kernels.TOKEN_COUNTS))
    gopher_word_kernels.count_tokens(data, offsets, *words, classes, counts)
    names = named(data, offsets, words)
    duplicate, top = room(offsets, len(DUPLICATE_SIZES)), room(offsets, len(TOP_SIZES))
    joined_ngram_kernels.measure_joined_duplicates(
        data, offsets, *words, names.char_ends, duplicate
    )
    gopher_ngram_kernels.measure_datatrove_tops(*names, top)
    return {
        **columns(gopher_word_kernels.TOKEN_COUNTS, counts),
        **columns([f"top_{size}" for size in TOP_SIZES], top),
        **columns([f"duplicate_{size}" for size in DUPLICATE_SIZES], duplicate),
    }


def _signals() -> dict[str, pl.Expr]:
    bullets, ellipses = BULLET_COLUMNS
    signals = {
        "text_chars": pl.col("text_chars"),
        "token_count": pl.col("tokens"),
        "word_count": pl.col("words"),
        "mean_word_chars": share("chars", "words"),
        "hash_token_ratio": share("hashes", "tokens"),
        "ellipsis_token_ratio": share("ellipses", "tokens"),
        "bullet_line_share": share(bullets, "marked_lines"),
        "ellipsis_line_share": share(ellipses, "marked_lines"),
        "alphabetic_token_share": share("letter_tokens", "tokens"),
        "stop_word_count": pl.col("stop_words"),
        "duplicate_paragraph_share": share("paragraph_later", "paragraph_pieces"),
        "duplicate_paragraph_char_share": share("paragraph_later_chars", "text_chars"),
        "duplicate_line_share": share("line_later", "line_pieces"),
        "duplicate_line_char_share": share("line_later_chars", "text_chars"),
        **{f"top_{size}_gram_char_share": share(f"top_{size}", "text_chars") for size in TOP_SIZES},
        **{
            f"duplicate_{size}_gram_char_share": share(f"duplicate_{size}", "text_chars")
            for size in DUPLICATE_SIZES
        },
    }
    return {f"{name}_datatrove": signal for name, signal in signals.items()}


@cache
def _character_classes() -> Classes:
    return classify(
        [
            (PYTHON_SPACE, line_kernels.SPACE),
            (r"\p{L}", gopher_word_kernels.LETTER),
            (regex_class(_PUNCTUATION), gopher_word_kernels.PUNCTUATION),
            (_CONTROL, gopher_word_kernels.PUNCTUATION),
            (_SENTENCE_END, gopher_word_kernels.PUNCTUATION),
        ]
    )


GOPHER_DATATROVE_0_10: Final = Profile(
    (
        Rule("empty", "text_chars_datatrove", "<", 1),
        Rule("dup_para_frac", "duplicate_paragraph_share_datatrove", ">", 0.3),
        Rule("dup_para_char_frac", "duplicate_paragraph_char_share_datatrove", ">", 0.2),
        Rule("dup_line_frac", "duplicate_line_share_datatrove", ">", 0.3),
        Rule("dup_line_char_frac", "duplicate_line_char_share_datatrove", ">", 0.2),
        Rule("top_2_gram", "top_2_gram_char_share_datatrove", ">", 0.2),
        Rule("top_3_gram", "top_3_gram_char_share_datatrove", ">", 0.18),
        Rule("top_4_gram", "top_4_gram_char_share_datatrove", ">", 0.16),
        Rule("duplicated_5_n_grams", "duplicate_5_gram_char_share_datatrove", ">", 0.15),
        Rule("duplicated_6_n_grams", "duplicate_6_gram_char_share_datatrove", ">", 0.14),
        Rule("duplicated_7_n_grams", "duplicate_7_gram_char_share_datatrove", ">", 0.13),
        Rule("duplicated_8_n_grams", "duplicate_8_gram_char_share_datatrove", ">", 0.12),
        Rule("duplicated_9_n_grams", "duplicate_9_gram_char_share_datatrove", ">", 0.11),
        Rule("duplicated_10_n_grams", "duplicate_10_gram_char_share_datatrove", ">", 0.1),
        Rule("gopher_short_doc", "word_count_datatrove", "<", 50),
        Rule("gopher_long_doc", "word_count_datatrove", ">", 100_000),
        Rule("gopher_below_avg_threshold", "mean_word_chars_datatrove", "<", 3),
        Rule("gopher_above_avg_threshold", "mean_word_chars_datatrove", ">", 10),
        Rule("gopher_too_many_hashes", "hash_token_ratio_datatrove", ">", 0.1),
        Rule("gopher_too_many_ellipsis", "ellipsis_token_ratio_datatrove", ">", 0.1),
        Rule("gopher_too_many_bullets", "bullet_line_share_datatrove", ">", 0.9),
        Rule("gopher_too_many_end_ellipsis", "ellipsis_line_share_datatrove", ">", 0.3),
        Rule("gopher_below_alpha_threshold", "alphabetic_token_share_datatrove", "<", 0.8),
        Rule("gopher_enough_stop_words", "stop_word_count_datatrove", "<", 2),
    ),
    SignalSet(DATATROVE_SIGNALS, measure_datatrove, needs=("spacy",)),
)
"""datatrove 0.10.1, pipeline/filters/gopher_repetition_filter.py and gopher_quality_filter.py."""
