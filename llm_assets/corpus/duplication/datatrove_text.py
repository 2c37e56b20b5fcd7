"""Texts as datatrove 0.10 simplifies them before it makes shingles (utils/text.py), byte for byte.

In this order: small letters as Python makes them; a number is "0"; punctuation and controls are
spaces; whitespace is stripped and collapses; NFD without nonspacing marks; spaces are stripped.
Lower case, whitespace and decomposition are those of the running Python, as they are in datatrove.
"""

import re
import unicodedata
from functools import cache
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from llm_assets.corpus.duplication.datatrove_text_kernels import (
    CASED,
    CHANGED,
    IGNORABLE,
    MOST_GROWTH,
    REORDERS,
    simplify,
)
from llm_assets.corpus.shingling.characters import ASSIGNED, DIGIT, NOTHING, POINT, SEPARATES
from llm_assets.corpus.shingling.token_kernels import Places
from llm_assets.corpus.spans import CODE_POINTS
from llm_assets.corpus.word_kernels import Bytes, Offsets

PUNCTUATION: Final = (
    "!/—”:％１〈&(、━\\【#%「」，】；+^]~“《„';’{|∶´[=-`*．（–？！：$～«〉,><》)?）。…@_.\"}►»"
    + "".join(map(chr, (*range(9), *range(11, 13), *range(13, 32), *range(127, 160))))
)
"""What becomes a space: PUNCTUATION of datatrove's utils/text.py."""
_POINTS: Final = ".,،٫⎖⎗⎘"
_DIGITS: Final = r"[\p{Nd}\x{11DE0}-\x{11DE9}]"
"""datatrove asks the package `regex`, which knows Unicode 17 with the digits of Tolong Siki."""


class SimplifyTable(NamedTuple):
    """What becomes of the code points."""

    kinds: Bytes
    """Kind bits; 0 for what stays as it is."""
    places: Places
    """Where the spelling of one that is `CHANGED` starts: its length, then its bytes."""
    spellings: Bytes


def simplify_texts(data: Bytes, offsets: Offsets) -> tuple[Bytes, Offsets]:
    """Simplify texts.

    Args:
        data: the texts' UTF-8 bytes.
        offsets: where each text starts, and the end of the last.

    Returns:
        The simplified texts' bytes, and where each starts and ends.
    """
    table = _simplify_table()
    room = MOST_GROWTH * int(offsets[-1] - offsets[0]) + 1
    simplified, ends = np.empty(room, np.uint8), np.zeros_like(offsets)
    odd = np.zeros(len(offsets) - 1, np.bool_)
    simplify(data, offsets, *table, simplified, ends, odd)
    simplified = simplified[: ends[-1]]
    if odd.any():
        simplified, ends = _with_odd(data, offsets, simplified, ends, odd)
    # Numba compiles once more for arrays that may be written to.
    simplified.flags.writeable = ends.flags.writeable = False
    return simplified, ends


def simplify_text(text: str) -> str:
    """Return a text as datatrove simplifies it; the definition that the kernel is faster than."""
    text = _number_pattern().sub("0", text.lower()).translate(_to_spaces())
    decomposed = unicodedata.normalize("NFD", " ".join(text.split()))
    return "".join(c for c in decomposed if unicodedata.category(c) != "Mn").strip()


def _with_odd(
    data: Bytes, offsets: Offsets, simplified: Bytes, ends: Offsets, odd: NDArray[np.bool_]
) -> tuple[Bytes, Offsets]:
    """Replace the texts whose marks have to be reordered, which the kernel cannot."""
    pieces = [simplified[start:end] for start, end in pairwise(ends.tolist())]
    for row in np.flatnonzero(odd).tolist():
        text = data[offsets[row] : offsets[row + 1]].tobytes().decode()
        pieces[row] = np.frombuffer(simplify_text(text).encode(), np.uint8)
    lengths = np.array([0, *map(len, pieces)], np.int64)
    return np.concatenate(pieces), np.cumsum(lengths)


@cache
def _simplify_table() -> SimplifyTable:
    """Return the table, made at the first call in a process."""
    kinds, places = np.zeros(CODE_POINTS, np.uint8), np.zeros(CODE_POINTS, np.uint32)
    spellings = bytearray()
    digits, spaces = _digits(), _to_spaces()
    for character in _characters():
        point = ord(character)
        kinds[point] = _case_bits(character)
        lower = character.lower()
        if character in _POINTS:
            kinds[point] |= POINT
        if lower in digits:
            kinds[point] |= DIGIT
        elif lower.translate(spaces).isspace():
            kinds[point] |= SEPARATES
        else:
            decomposed = unicodedata.normalize("NFD", lower)
            if decomposed == character and not unicodedata.combining(character):
                if unicodedata.category(character) == "Mn":
                    kinds[point] |= NOTHING
                continue
            rest = [c for c in decomposed if unicodedata.category(c) != "Mn"]
            if any(map(unicodedata.combining, rest)):
                kinds[point] |= REORDERS
            kinds[point] |= CHANGED if rest else NOTHING
            places[point] = len(spellings)
            spelling = "".join(rest).encode()
            spellings += bytes([len(spelling)]) + spelling
    tables = SimplifyTable(kinds, places, np.frombuffer(bytes(spellings), np.uint8))
    for array in tables:
        array.flags.writeable = False
    return tables


def _characters() -> list[str]:
    """Return all characters that can be of any kind but a part of a word."""
    return [chr(point) for plane in ASSIGNED for point in plane]


def _case_bits(character: str) -> int:
    """Return what a character is to a final sigma, by what Python makes of one behind it."""
    if (character + "Σ").lower()[-1] == "ς":
        return CASED
    return IGNORABLE if ("a" + character + "Σ").lower()[-1] == "ς" else 0


@cache
def _digits() -> frozenset[str]:
    """Return the decimal digits of all scripts."""
    characters = pl.Series(_characters(), dtype=pl.String)
    return frozenset(characters.filter(characters.str.contains(_DIGITS)).to_list())


@cache
def _number_pattern() -> re.Pattern[str]:
    digits = "".join(sorted(_digits()))
    return re.compile(f"[{digits}]+(?:[{_POINTS}][{digits}]+)?")


@cache
def _to_spaces() -> dict[int, int]:
    return str.maketrans(PUNCTUATION, " " * len(PUNCTUATION))
