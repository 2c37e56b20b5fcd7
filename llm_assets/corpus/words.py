"""Words of texts in any script, and how much of a text its repeated word sequences make up.

A word is what stands between whitespace, as Gopher, dolma and NeMo Curator count (and Ethiopic,
whose wordspace U+1361 is no whitespace to Unicode). Some scripts put no spaces between words. There
whitespace separates phrases or sentences, so rules on the number of words would silently drop every
Japanese or Thai text. A run without spaces that has letters of such a script therefore counts as
many words as an English text of the same content would have: see `CHARS_PER_WORD`.
"""

from functools import cache, reduce
from itertools import pairwise
from typing import Final

import numpy as np
import polars as pl
import pyarrow as pa

from llm_assets.corpus.ngram_kernels import DUPLICATE_SIZES, TOP_SIZES, measure_ngrams
from llm_assets.corpus.word_kernels import (
    CLASSIFIED,
    LETTER,
    SCRIPT_SHIFT,
    SEPARATOR,
    WORD_COLUMNS,
    Bytes,
    Counts,
    Offsets,
    count_words,
    name_words,
)

CHARS_PER_WORD: Final = {
    r"\p{Han}": 1.45,
    r"\p{Hiragana}\p{Katakana}\p{Bopomofo}ー": 3.5,
    r"\p{Yi}": 1.6,
    r"\p{Thai}": 5.1,
    r"\p{Lao}": 5.6,
    r"\p{Khmer}": 5.8,
    r"\p{Myanmar}": 8.1,
    r"\p{Tibetan}": 7.3,
    r"\p{Tai_Le}\p{New_Tai_Lue}\p{Tai_Tham}\p{Javanese}\p{Balinese}": 6.0,
}
"""Letters and marks a word, for scripts written without spaces between words.

Measured on the Universal Declaration of Human Rights: characters of the translation for each word
of the English original (preamble to article 11; Burmese and Tibetan to article 2). Kana follows
from the Japanese total of 2.1 once the kanji are counted as in Chinese. The last row is not in the
data: the middle of its neighbours.
"""

TEXT_WORDS: Final = pl.Schema(
    {
        **{name: pl.Int64() for name in WORD_COLUMNS},
        **{f"top_{size}": pl.Int64() for size in TOP_SIZES},
        **{f"duplicate_{size}": pl.Int64() for size in DUPLICATE_SIZES},
    }
)

_SURROGATES: Final = range(0xD800, 0xE000)
_GROUP_BYTES: Final = 1 << 24
"""Texts named together: they take 22 bytes a word, so this and one long text bound the memory."""


def measure_words(texts: pl.Series) -> pl.DataFrame:
    """Count the words of each text and the characters of its repeated n-grams.

    Args:
        texts: strings without nulls.

    Returns:
        One row a text, in order, with the columns of `TEXT_WORDS`. The n-gram columns are 0 where
        most words are in scripts without spaces: what whitespace separates there are no words.
    """
    data, offsets = _arrow_buffers(texts)
    words: Counts = np.empty((len(texts), len(WORD_COLUMNS)), np.int64)
    top: Counts = np.empty((len(texts), len(TOP_SIZES)), np.int64)
    duplicate: Counts = np.empty((len(texts), len(DUPLICATE_SIZES)), np.int64)
    count_words(data, offsets, _character_classes(), _hundredths_of_a_word(), words)
    total, estimate, unspaced = (
        words[:, WORD_COLUMNS.index(name)] for name in ("words", "estimate", "unspaced")
    )
    spaced: Counts = np.where(2 * unspaced > estimate, 0, total)
    for start, end in _groups(offsets):
        rows = slice(start, end)
        _measure_group(data, offsets[start : end + 1], spaced[rows], top[rows], duplicate[rows])
    return pl.DataFrame(np.hstack([words, top, duplicate]), schema=TEXT_WORDS, orient="row")


def _measure_group(
    data: Bytes, offsets: Offsets, words: Counts, top: Counts, duplicate: Counts
) -> None:
    first_words: Offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(words)])
    names = np.empty(first_words[-1], np.uint32)
    char_ends = np.empty(first_words[-1], np.uint32)
    name_words(data, offsets, _character_classes(), first_words, names, char_ends)
    measure_ngrams(first_words, names, char_ends, top, duplicate)


def _groups(offsets: Offsets) -> list[tuple[int, int]]:
    """Return the ranges of texts that start in the same block of `_GROUP_BYTES`."""
    blocks = (offsets[:-1] - offsets[0]) // _GROUP_BYTES
    bounds = [0, *(np.flatnonzero(np.diff(blocks)) + 1).tolist(), len(blocks)]
    return [(start, end) for start, end in pairwise(bounds) if end > start]


def _arrow_buffers(texts: pl.Series) -> tuple[Bytes, Offsets]:
    """Return the texts' UTF-8 bytes one after the other, and where each starts and ends."""
    array = texts.to_arrow(compat_level=pl.CompatLevel.oldest())
    array = array.cast(pa.large_string())
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    _, offset_buffer, data_buffer = array.buffers()
    data = np.frombuffer(data_buffer if data_buffer is not None else b"", np.uint8)
    offsets = np.frombuffer(offset_buffer, np.int64)[array.offset :][: len(array) + 1]
    # Numba compiles once more for arrays that may be written to.
    data.flags.writeable = offsets.flags.writeable = False
    return data, offsets


@cache
def _character_classes() -> Bytes:
    """Return the class bits of every code point, by the Unicode tables of Polars' regex engine."""
    points = np.arange(CLASSIFIED)
    points[_SURROGATES.start : _SURROGATES.stop] = 0
    characters = pl.Series(map(chr, points), dtype=pl.String)
    kinds = [
        (characters.str.contains(r"[\s\x{1361}]"), SEPARATOR),
        (characters.str.contains(r"\p{L}"), LETTER),
        *(
            (characters.str.contains(rf"[{script}&&[\p{{L}}\p{{M}}]]"), index << SCRIPT_SHIFT)
            for index, script in enumerate(CHARS_PER_WORD, start=1)
        ),
    ]
    classes: Bytes = reduce(
        np.bitwise_or, (found.to_numpy() * np.uint8(bits) for found, bits in kinds)
    )
    return classes


@cache
def _hundredths_of_a_word() -> Counts:
    return np.array([0, *(round(100 / chars) for chars in CHARS_PER_WORD.values())], np.int64)
