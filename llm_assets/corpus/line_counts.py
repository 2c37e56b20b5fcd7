"""Lines and paragraphs of texts: how many, how they start and end, and what they repeat.

Lines stand between line feeds, paragraphs between two or more of them. What is blank is neither,
but for the columns named raw. The first copy of a line is no repetition, the others are.
"""

from functools import cache
from typing import Final

import numpy as np
import polars as pl

from llm_assets.corpus.line_count_kernels import (
    BULLET,
    LINE_COLUMNS,
    PARAGRAPH_COLUMNS,
    TERMINAL,
    TERMINAL_2024,
    WHITESPACE,
    count_lines,
    count_paragraphs,
)
from llm_assets.corpus.spans import CODE_POINTS, arrow_buffers, classify
from llm_assets.corpus.word_kernels import Bytes, Counts

SHORT_LINE_CHARS: Final = 30

TEXT_LINES: Final = pl.Schema({name: pl.Int64() for name in (*LINE_COLUMNS, *PARAGRAPH_COLUMNS)})

SENTENCE_END: Final = (
    r"[\p{Sentence_Terminal}\x{17D6}\x{17D9}\x{17DA}"
    r"--\x{2024}\x{FE12}\x{FE15}\x{FE16}\x{2CF9}-\x{2CFB}"
    r"\x{1B4E}\x{1B4F}\x{1B7F}\x{113D4}\x{113D5}\x{16D6E}\x{16D6F}]"
)
"""The 159 sentence ends of datatrove 0.10.0: Unicode's, with three Khmer signs, without the one dot
leader, the vertical forms and the signs of Coptic and of scripts that came with Unicode 16."""

_SENTENCE_END_2024: Final = r"""[.'"!?]"""
_BULLET: Final = r"[•●*-]"  # those of DCLM, a superset of datatrove's and Dolma's


def measure_lines(texts: pl.Series) -> pl.DataFrame:
    """Count the lines and paragraphs of each text.

    Args:
        texts: strings without nulls.

    Returns:
        One row a text, in order, with the columns of `TEXT_LINES`.
    """
    data, offsets = arrow_buffers(texts)
    lines: Counts = np.empty((len(texts), len(LINE_COLUMNS)), np.int64)
    paragraphs: Counts = np.empty((len(texts), len(PARAGRAPH_COLUMNS)), np.int64)
    count_lines(data, offsets, _character_classes(), SHORT_LINE_CHARS, lines)
    count_paragraphs(data, offsets, _character_classes(), paragraphs)
    return pl.DataFrame(np.hstack([lines, paragraphs]), schema=TEXT_LINES, orient="row")


@cache
def _character_classes() -> Bytes:
    classes: Bytes = np.empty(CODE_POINTS, np.uint8)
    classes[:] = classify(
        [
            (r"\s", WHITESPACE),
            (_BULLET, BULLET),
            (SENTENCE_END, TERMINAL),
            (_SENTENCE_END_2024, TERMINAL_2024),
        ]
    )
    return classes
