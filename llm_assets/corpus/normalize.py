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
    texts = _repair(_step(frame[column]))
    if kind == "books":
        # A word at a line's end can look garbled beside the next line's first.
        texts = _repair(unwrap_lines(texts))
    return frame.with_columns(texts.alias(column))


def _repair(texts: pl.Series) -> pl.Series:
    """Repeat the step on garbled texts until it has nothing left to do.

    What cleaning removes can bring characters together that look wrongly decoded.
    """
    for _ in range(_MAX_REPAIRS):
        again = change_where(texts, looks_garbled(texts), _step)
        if again.equals(texts, null_equal=True):
            break
        texts = again
    return texts


def _step(texts: pl.Series) -> pl.Series:
    """Repair wrong decoding, whose traces are controls and odd spaces, then clean characters."""
    return clean_characters(change_where(texts, looks_garbled(texts), repair_garbled_lines))
