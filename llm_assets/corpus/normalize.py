"""Extracted text -> clean text: one Unicode form, no invisible characters, paragraphs as lines.

Cleaning twice is cleaning once: a row that is computed again from its own output stays as it is.
"""

import polars as pl

from llm_assets.corpus.characters import change_where, clean_characters
from llm_assets.corpus.mojibake import looks_garbled, repair_garbled_lines
from llm_assets.corpus.unwrap import unwrap_lines

_MAX_REPAIRS = 8
"""Layers of wrong decoding that are undone; three have been seen in the wild."""


def normalize_text(frame: pl.DataFrame, column: str = "text", *, kind: str = "web") -> pl.DataFrame:
    """Clean a column of texts; nulls stay, other columns stay.

    Args:
        frame: any frame with the column.
        column: the texts.
        kind: of `books`, lines wrapped at a fixed width are joined to paragraphs.
    """
    texts = _clean(frame[column])
    if kind == "books":
        texts = unwrap_lines(texts)
    return frame.with_columns(texts.alias(column))


def _clean(texts: pl.Series) -> pl.Series:
    """Repair wrong decoding and clean characters, until neither has anything left to do.

    Wrongly decoded text has controls and odd spaces among its characters, so it is repaired first;
    and what cleaning removes can bring such characters together.
    """
    texts = _step(texts)
    for _ in range(_MAX_REPAIRS):
        garbled = looks_garbled(texts)
        again = change_where(texts, garbled, _step)
        if again.equals(texts, null_equal=True):
            break
        texts = again
    return texts


def _step(texts: pl.Series) -> pl.Series:
    return clean_characters(change_where(texts, looks_garbled(texts), repair_garbled_lines))
