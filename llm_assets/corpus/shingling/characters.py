"""What each character counts for where two texts are compared: one table over Unicode.

The rules are those of datatrove's `simplify_text` (lower case, a number is "0", punctuation and
controls separate, decomposed without nonspacing marks), with three differences that find more of
what a reader takes for the same: all of Unicode's punctuation separates, not only a list of it;
format characters (soft hyphens, zero-width joiners) are not there; and a final sigma is a sigma, so
that a headline in capitals equals one in small letters.

Hashes are of the characters that the table gives, so the table must never change. It knows the
characters of Unicode 14, the tables of Python 3.11; newer characters stand for themselves, whatever
a newer Python or Polars knows of them.
"""

import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import Final, NamedTuple, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from llm_assets.corpus.spans import CODE_POINTS
from llm_assets.corpus.word_kernels import Bytes

Characters: TypeAlias = NDArray[np.uint32]

SEPARATES: Final = 1
"""Kind bit of a character that stands between tokens."""
DIGIT: Final = 2
"""Kind bit of a decimal digit of any script."""
POINT: Final = 4
"""Kind bit of what may stand between the digits of one number."""
NOTHING: Final = 8
"""Kind bit of a mark or format character that counts for nothing."""
ALONE: Final = 16
"""Kind bit of a character that is a token of its own."""
SEVERAL: Final = 32
"""Kind bit of a character that stands for several."""

UNSPACED_SCRIPTS: Final = (
    r"\p{Han}\p{Hiragana}\p{Katakana}\p{Bopomofo}\x{30FC}\x{FF70}\p{Yi}"
    r"\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tai_Le}\p{New_Tai_Lue}\p{Tai_Tham}\p{Tai_Viet}"
    r"\p{Javanese}\p{Balinese}"
)
"""Scripts written without spaces between words, as the inside of a regular expression's class.

Their characters are tokens of their own: a sentence would be one token, and a sentence with one
character changed another. Tibetan is not among them: its tsheg, which is punctuation, separates
syllables.
"""

_DATATROVE_SYMBOLS: Final = r"$+<=>\^`|~∶►％"
"""Separators of datatrove that are not punctuation to Unicode (0.10, utils/text.py)."""

_KINDS: Final = (
    (rf"[\s\p{{Z}}\p{{P}}\p{{Cc}}{_DATATROVE_SYMBOLS}]", SEPARATES),
    (r"\p{Nd}", DIGIT),
    (r"[.,،٫⎖⎗⎘]", POINT),
    (r"[\p{Mn}\p{Cf}]", NOTHING),
    (rf"[[{UNSPACED_SCRIPTS}]--[\p{{Nd}}\p{{Mn}}\p{{Cf}}\p{{P}}]]", ALONE),
)
_KNOWN: Final = r"\p{age:14.0}"
ASSIGNED: Final = (range(0xD800), range(0xE000, 0x40000), range(0xE0000, 0xE1000))
"""Where Unicode assigns characters, but for two planes of private use."""
_SIGMAS: Final = str.maketrans("ς", "σ")


class CharacterTable(NamedTuple):
    """What the code points count for."""

    kinds: Bytes
    """Kind bits; 0 for a part of a word."""
    mapped: Characters
    """The code point that stands for one, or where those of a `SEVERAL` start below."""
    several: Characters
    """Code points, a 0 behind each series."""


@cache
def character_table() -> CharacterTable:
    """Return the table, made at the first call in a process."""
    points = np.concatenate([np.arange(plane.start, plane.stop) for plane in ASSIGNED])
    characters = pl.Series([chr(point) for point in points.tolist()], dtype=pl.String)
    known = characters.str.contains(_KNOWN).to_numpy()
    kinds = np.zeros(CODE_POINTS, np.uint8)
    for pattern, bits in _KINDS:
        kinds[points] |= (characters.str.contains(pattern).to_numpy() & known) * np.uint8(bits)
    mapped = np.arange(CODE_POINTS, dtype=np.uint32)
    several = _map(characters.filter(pl.Series(known)).to_list(), kinds, mapped)
    for array in (kinds, mapped, several):
        array.flags.writeable = False
    return CharacterTable(kinds, mapped, several)


def _map(characters: Iterable[str], kinds: Bytes, mapped: Characters) -> Characters:
    """Enter what characters stand for; return the code points of those that stand for several."""
    several: list[int] = []
    for character in characters:
        point = ord(character)
        normal = _normal(character)
        if normal == character or kinds[point] & (SEPARATES | DIGIT | NOTHING):
            continue
        codes = [code for code in map(ord, normal) if not kinds[code] & NOTHING]
        if not codes:
            kinds[point] = NOTHING
        elif kinds[codes[0]] & SEPARATES:
            kinds[point] = SEPARATES
        elif len(codes) == 1:
            mapped[point] = codes[0]
        else:
            kinds[point] |= SEVERAL
            mapped[point] = len(several)
            several += [*codes, 0]
    return np.array(several, np.uint32)


def _normal(character: str) -> str:
    """Return a character in lower case and decomposed."""
    return unicodedata.normalize("NFD", character.lower().translate(_SIGMAS))
