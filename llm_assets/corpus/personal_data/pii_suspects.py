"""Lines that may hold personal data: what the rules are shown, which is little of a text.

What is looked for (`pii_kernels.py`) is wider than the rules, and nothing is decided here: a line
is shown to a rule if it has what all values of the rule have.
"""

from functools import cache
from typing import Final, NamedTuple

import numpy as np
import polars as pl

from llm_assets.corpus.personal_data import pii_kernels as kernels
from llm_assets.corpus.personal_data.pii_kernels import Lines
from llm_assets.corpus.spans import arrow_buffers
from llm_assets.corpus.word_kernels import Bytes, Offsets

_CLASSES: Final = (
    *((r"\w", kernels.OTHER_LETTER), (r"\d", kernels.OTHER_DIGIT), (r"[0-9]", kernels.DIGIT)),
    *((r"[a-z]", kernels.LOWER), (r"[A-Z]", kernels.UPPER), (r"_", kernels.UNDERSCORE)),
    *((r"-", kernels.HYPHEN), (r"[+＋]", kernels.PLUS), (r"@", kernels.AT), (r"\.", kernels.DOT)),
    *((r":", kernels.COLON), (r"=", kernels.EQUALS), (r"\n", kernels.LINE_END)),
)
_START_NOTHING: Final = (
    *(kernels.LOWER, kernels.UNDERSCORE, kernels.HYPHEN, kernels.OTHER_LETTER, kernels.GAP),
    kernels.DOT,
)
_SURROGATES: Final = range(0xD800, 0xE000)


class SuspectLines(NamedTuple):
    """The texts in Arrow's form, and the lines in them that rules should look at."""

    data: Bytes
    """The texts' bytes, one text after the other."""
    offsets: Offsets
    """Where each text starts, and the end of the last."""
    lines: Lines
    """A row for each suspect line, in order: the number of its text, its first byte, the byte
    behind its last, and the signs seen in it."""


def find_suspect_lines(texts: pl.Series, wanted: int) -> SuspectLines:
    """Find the lines with some of the signs of `pii_kernels.py`.

    Args:
        texts: strings without nulls.
        wanted: the signs, added up.
    """
    data, offsets = arrow_buffers(texts)
    return SuspectLines(data, offsets, kernels.find_lines(data, offsets, *_tables(), wanted))


@cache
def _tables() -> tuple[Bytes, Bytes]:
    """Return the class of each code point, by the Unicode tables of Polars' regex engine.

    And, for each byte, whether it stands in no character that starts anything: most do, and are
    passed over at twice the speed.
    """
    points = np.arange(kernels.CLASSIFIED)
    points[_SURROGATES.start : _SURROGATES.stop] = 0
    characters = pl.Series(map(chr, points), dtype=pl.String)
    classes = np.full(kernels.CLASSIFIED, kernels.GAP, np.uint8)
    for pattern, kind in _CLASSES:
        classes[characters.str.contains(pattern).to_numpy()] = kind
    loud = characters.filter(pl.Series(~np.isin(classes, _START_NOTHING)))
    quiet = np.ones(256, np.uint8)
    quiet[[character.encode()[0] for character in loud]] = 0
    quiet[0xF0:] = 0  # what lies beyond the table
    classes.flags.writeable = quiet.flags.writeable = False
    return classes, quiet
