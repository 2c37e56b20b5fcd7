"""What FineWeb-2's rules ask of words, measured nearer to its tokenizers than our words are.

Its tokenizers part words from the signs beside them and count both, and its limits were set so: in
French they find 88 % of the words to have a letter, where 96 % of what stands between spaces has
one. So here a word is a run of letters, marks and digits, with single points, colons, commas or
hyphens inside, up to an apostrophe before the next; each other sign, or run of points, counts as a
word without letters. On 372 texts in 29 languages that put spaces between words, the share with a
letter is 0.013 away from the tokenizers' on average, that of words between spaces 0.118.
"""

from functools import cache
from typing import Final, NamedTuple

import numpy as np
import polars as pl

from llm_assets.corpus.profiles import fineweb2_kernels as kernels
from llm_assets.corpus.profiles.fineweb2_thresholds import codes_of, read_thresholds
from llm_assets.corpus.span_kernels import Classes
from llm_assets.corpus.spans import arrow_buffers, classify
from llm_assets.corpus.word_kernels import Bytes, Counts, Offsets

CODE: Final = "language_fineweb2"
COVERED: Final = "config_count_fineweb2"
MEAN_CHARS: Final = "mean_word_chars_fineweb2"
LETTER_SHARE: Final = "alphabetic_word_share_fineweb2"
STOP_WORDS: Final = "stop_word_count_fineweb2"

WORDS: Final = pl.Schema({MEAN_CHARS: pl.Float64, LETTER_SHARE: pl.Float64, STOP_WORDS: pl.UInt32})
BY_LANGUAGE: Final = pl.Schema({CODE: pl.String(), COVERED: pl.UInt8(), **WORDS})

_UNSPACED: Final = ("Hani", "Jpan", "Khmr", "Laoo", "Mymr", "Thai", "Tibt")
"""Scripts in which a word may stand without a space beside it."""
_FOUND_ANYWHERE: Final = ("Hang", *_UNSPACED)
"""These, and Korean's: its particles, which are its stop words, stand behind others."""

_KINDS: Final = (
    (r"\w", kernels.WORD),
    (r"\p{L}", kernels.LETTER),
    (r"[\s\x{1361}]", kernels.SPACE),  # with the wordspace of Ethiopic
    (r"[.,:-]", kernels.JOINER),
    (r"['’]", kernels.ELISION),
)


def measure_by_language(frame: pl.DataFrame) -> pl.DataFrame:
    """Measure each text as a text of its own language.

    Args:
        frame: with `text` and `language`; texts may be null.

    Returns:
        One row a text, in order, with the columns of `BY_LANGUAGE`. The code is null, and the count
        of configurations 0, for a language without thresholds; all is null where the text is.
    """
    present = frame["text"].is_not_null()
    rows = frame.select("text", codes_of(frame).alias(CODE)).with_row_index("row").filter(present)
    parts = rows.partition_by(CODE, as_dict=True).items()
    measured = [
        part.select("row", CODE).hstack(measure_words_of(part["text"], code))
        for (code,), part in parts
        if code is not None
    ]
    none = pl.DataFrame(schema={"row": pl.UInt32, CODE: pl.String, **WORDS})
    covered = pl.when(present).then(pl.col(CODE).is_not_null().cast(pl.UInt8))
    return (
        frame.select(row=pl.int_range(pl.len(), dtype=pl.UInt32))
        .join(pl.concat([none, *measured]), on="row", how="left", maintain_order="left")
        .with_columns(covered.alias(COVERED))
        .select(*BY_LANGUAGE)
    )


def measure_words_of(texts: pl.Series, code: str) -> pl.DataFrame:
    """Measure the words of texts in one language.

    Args:
        texts: strings; nulls are allowed.
        code: a language of FineWeb-2's.

    Returns:
        One row a text, in order, with the columns of `WORDS`. Lengths and letters of words are null
        in scripts without spaces, and where there is no word.
    """
    present = texts.fill_null("")
    stop_words = _stop_words_of(code)
    data, offsets = arrow_buffers(present)
    counts: Counts = np.empty((len(texts), len(kernels.TOKEN_COLUMNS)), np.int64)
    kernels.count_tokens(data, offsets, _classes(), *stop_words.table, counts)
    found = [pl.col("text").str.contains(pattern) for pattern in stop_words.patterns]
    words, is_spaced = pl.col("words"), not code.endswith(_UNSPACED)
    measured = {
        MEAN_CHARS: pl.when((words > 0) & is_spaced).then(pl.col("chars") / words),
        LETTER_SHARE: pl.when((words > 0) & is_spaced).then(
            pl.col("letter_words") / (words + pl.col("signs"))
        ),
        STOP_WORDS: pl.sum_horizontal("stop_words", *(each.cast(pl.Int64) for each in found)),
    }
    return (
        pl.DataFrame(counts, schema=kernels.TOKEN_COLUMNS)
        .with_columns(present.alias("text"))
        .select(pl.when(texts.is_not_null()).then(each).alias(k) for k, each in measured.items())
        .cast(WORDS)
    )


@cache
def _classes() -> Classes:
    return classify(_KINDS)


class _StopWords(NamedTuple):
    table: tuple[Bytes, Offsets, kernels.Slots]
    """Those that a run of letters, marks and digits can be."""
    patterns: tuple[str, ...]
    """Those that a regular expression has to look for."""


@cache
def _stop_words_of(code: str) -> _StopWords:
    words = read_thresholds().filter(code=code)["stop_words"].explode()
    if code.endswith(_FOUND_ANYWHERE):
        return _StopWords(_table(words.clear()), tuple(map(pl.escape_regex, words)))
    is_run = words.str.contains(r"^\w+$")
    return _StopWords(_table(words.filter(is_run)), _patterns(words.filter(~is_run)))


def _table(words: pl.Series) -> tuple[Bytes, Offsets, kernels.Slots]:
    data, offsets = arrow_buffers(words)
    slots: kernels.Slots = np.empty(kernels.SLOTS, np.int16)
    kernels.place_stop_words(data, offsets, slots)
    return data, offsets, slots


def _patterns(words: pl.Series) -> tuple[str, ...]:
    """Return a pattern for each word: itself, with no part of another at its side.

    Only where its own end is part of a word: what follows French `l'` always is.
    """
    escaped = pl.Series(map(pl.escape_regex, words), dtype=pl.String)
    before = pl.when(words.str.contains(r"^\w")).then(pl.lit(r"(?:^|\W)")).otherwise(pl.lit(""))
    after = pl.when(words.str.contains(r"\w$")).then(pl.lit(r"(?:\W|$)")).otherwise(pl.lit(""))
    return tuple(pl.select(pl.concat_str(before, escaped, after)).to_series())
