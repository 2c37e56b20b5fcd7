"""Words of texts in any script, and how much of a text its repeated word sequences make up.

A word is what stands between whitespace, as Gopher, dolma and NeMo Curator count (and Ethiopic,
whose wordspace U+1361 is no whitespace to Unicode). Some scripts put no spaces between words. There
whitespace separates phrases or sentences, so rules on the number of words would silently drop every
Japanese or Thai text. Where dictionaries know the script, what stands between whitespace is cut
into words (`segmentation.py`), punctuation staying with the word before it. Of the others, a run
without spaces counts as many words as an English text of the same content would have: see
`CHARS_PER_WORD`.
"""

from functools import cache, reduce
from typing import Final

import numpy as np
import polars as pl

from llm_assets.corpus.ngram_kernels import DUPLICATE_SIZES, TOP_SIZES, measure_ngrams
from llm_assets.corpus.segmentation import DICTIONARY_SCRIPTS, find_cuts
from llm_assets.corpus.spans import arrow_buffers, character_series, text_groups
from llm_assets.corpus.word_kernels import (
    CLASSIFIED,
    CUT,
    LETTER,
    NUMBER,
    SCRIPT_SHIFT,
    SEPARATOR,
    WORD_COLUMNS,
    Bytes,
    Counts,
    Names,
    Offsets,
)
from llm_assets.corpus.word_name_kernels import name_cut_words, read_words

CHARS_PER_WORD: Final = {
    r"\p{Yi}": 1.6,
    r"\p{Tibetan}": 7.3,
    r"\p{Tai_Le}\p{New_Tai_Lue}\p{Tai_Tham}\p{Javanese}\p{Balinese}": 6.0,
}
"""Letters and marks a word, for scripts without spaces between words that no dictionary knows.

Measured on the Universal Declaration of Human Rights: characters of the translation for each word
of the English original (preamble to article 11; Tibetan to article 2). The last row is not in the
data: as in Thai, Lao and Khmer.
"""

TEXT_WORDS: Final = pl.Schema(
    {
        "words": pl.Int64(),  # between whitespace
        "chars": pl.Int64(),  # of words
        "letter_words": pl.Int64(),  # of words between whitespace: with a letter
        "stop_words": pl.Int64(),  # distinct
        "count": pl.Int64(),  # of words, in scripts without spaces too
        "unspaced": pl.Int64(),  # of these, words in scripts without spaces
        "estimate": pl.Int64(),  # of these, words that no dictionary knows
        **{f"top_{size}": pl.Int64() for size in TOP_SIZES},
        **{f"duplicate_{size}": pl.Int64() for size in DUPLICATE_SIZES},
    }
)

_NOWHERE: Final = np.empty(0, np.int64)
_SURROGATES: Final = range(0xD800, 0xE000)


def measure_words(texts: pl.Series, *, ngrams: bool = True) -> pl.DataFrame:
    """Count the words of each text and the characters of its repeated n-grams.

    Args:
        texts: strings without nulls.
        ngrams: whether n-grams are asked for; their columns are 0 where not.

    Returns:
        One row a text, in order, with the columns of `TEXT_WORDS`. N-grams are of the words between
        whitespace, and of the words as they were cut where most had to be; 0 where most words could
        only be estimated.
    """
    data, offsets = arrow_buffers(texts)
    measured = [np.empty((0, len(TEXT_WORDS)), np.int64)]
    measured += [_measure_group(data, group, ngrams) for group in text_groups(offsets)]
    return pl.DataFrame(np.vstack(measured), schema=TEXT_WORDS, orient="row")


def _measure_group(data: Bytes, offsets: Offsets, with_ngrams: bool) -> Counts:
    """Return the rows of some texts."""
    classes = _character_classes()
    found: Counts = np.empty((len(offsets) - 1, len(WORD_COLUMNS)), np.int64)
    first_words = np.empty_like(offsets)
    # The system gives memory only to what is written: four bytes a word.
    most = int(offsets[-1] - offsets[0]) // 2 + len(offsets)
    names, char_ends = np.empty(most, np.uint32), np.empty(most, np.uint32)
    read_words(
        data, offsets, classes, _hundredths_of_a_word(), found, first_words, names, char_ends
    )
    spaced, estimate, runs = found[:, -3:].T
    cuts = find_cuts(data, offsets, classes, runs) if runs.any() else _NOWHERE
    cuts_of_text = np.diff(np.searchsorted(cuts, offsets))
    unspaced = estimate + runs + cuts_of_text
    count = spaced + unspaced
    if not with_ngrams:
        nothing = np.zeros((len(found), len(TOP_SIZES) + len(DUPLICATE_SIZES)), np.int64)
        return np.column_stack([found[:, :4], count, unspaced, estimate, nothing])
    ngrams = _measure_ngrams(first_words, names, char_ends, np.empty(0, np.uint8))
    del names, char_ends
    is_cut = 2 * unspaced > count
    if is_cut.any():
        words = np.where(is_cut, found[:, 0] + cuts_of_text, 0)
        ngrams[is_cut] = _measure_cut_ngrams(data, offsets, words, cuts)[is_cut]
        ngrams[2 * estimate > count] = 0
    return np.column_stack([found[:, :4], count, unspaced, estimate, ngrams])


def _measure_cut_ngrams(data: Bytes, offsets: Offsets, words: Counts, cuts: Offsets) -> Counts:
    """Return the characters of the repeated n-grams of each text's so many words after cutting."""
    first_words: Offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(words)])
    names = np.empty(first_words[-1], np.uint32)
    char_ends = np.empty(first_words[-1], np.uint32)
    glued = np.empty(first_words[-1], np.uint8)
    name_cut_words(data, offsets, _character_classes(), cuts, first_words, names, char_ends, glued)
    return _measure_ngrams(first_words, names, char_ends, glued)


def _measure_ngrams(first_words: Offsets, names: Names, char_ends: Names, glued: Bytes) -> Counts:
    top: Counts = np.empty((len(first_words) - 1, len(TOP_SIZES)), np.int64)
    duplicate: Counts = np.empty((len(first_words) - 1, len(DUPLICATE_SIZES)), np.int64)
    measure_ngrams(first_words, names, char_ends, glued, top, duplicate)
    return np.hstack([top, duplicate])


@cache
def _character_classes() -> Bytes:
    """Return the class bits of every code point, by the Unicode tables of Polars' regex engine."""
    points = np.arange(CLASSIFIED)
    points[_SURROGATES.start : _SURROGATES.stop] = 0
    characters = character_series(points)
    kinds = [
        (r"[\s\x{1361}]", SEPARATOR),
        (r"\p{L}", LETTER),
        (r"\p{N}", NUMBER),
        (rf"[{DICTIONARY_SCRIPTS}&&[\p{{L}}\p{{M}}]]", CUT),
        *(
            (rf"[{script}&&[\p{{L}}\p{{M}}]]", index << SCRIPT_SHIFT)
            for index, script in enumerate(CHARS_PER_WORD, start=1)
        ),
    ]
    classes: Bytes = reduce(
        np.bitwise_or,
        (characters.str.contains(kind).to_numpy() * np.uint8(bits) for kind, bits in kinds),
    )
    return classes


@cache
def _hundredths_of_a_word() -> Counts:
    return np.array([0, *(round(100 / chars) for chars in CHARS_PER_WORD.values())], np.int64)
