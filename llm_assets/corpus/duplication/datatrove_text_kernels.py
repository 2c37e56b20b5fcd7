"""Texts as datatrove 0.10 simplifies them (see `datatrove_text.py`): a kernel compiled by Numba."""

from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from llm_assets.corpus.shingling.characters import DIGIT, NOTHING, SEPARATES
from llm_assets.corpus.shingling.token_kernels import SPACE, ZERO, Places, number_end
from llm_assets.corpus.word_kernels import Bytes, Int, Offsets, decode

# Kind bits beside those of `characters.py`.
REORDERS: Final = 16
"""Kind bit of what may have to change places with its like: marks that are not nonspacing."""
CHANGED: Final = 32
"""Kind bit of a character that another spelling stands for."""
CASED: Final = 64
"""Kind bit of a letter with a case, beside which a sigma is not final."""
IGNORABLE: Final = 128
"""Kind bit of a character that a sigma looks past."""

MOST_GROWTH: Final = 3
"""Bytes of a simplified text to one of the text: Hangul syllables become three letters."""

_APART: Final = DIGIT | NOTHING | SEPARATES | REORDERS | CHANGED
_CAPITAL_SIGMA: Final = 0x3A3
_SIGMA_LEAD: Final = 0xCF
_SIGMA: Final = 0x83
_FINAL_SIGMA: Final = 0x82


@njit(nogil=True, cache=True)
def is_final(data: Bytes, begin: Int, at: Int, end: Int, kinds: Bytes) -> bool:
    """Whether a capital sigma ends a word: a letter before it, none behind (Unicode, 3.13)."""
    before = at
    code_point: Int = 0
    while True:
        if before == begin:
            return False
        before -= 1
        while data[before] & 0xC0 == 0x80:
            before -= 1
        code_point, _ = decode(data, before)
        if not kinds[code_point] & IGNORABLE:
            break
    if not kinds[code_point] & CASED:
        return False
    behind = at + 2
    while behind < end:
        code_point, after = decode(data, behind)
        if not kinds[code_point] & IGNORABLE:
            return not kinds[code_point] & CASED
        behind = after
    return True


@njit(nogil=True, cache=True)
def simplify(
    data: Bytes,
    offsets: Offsets,
    kinds: Bytes,
    places: Places,
    spellings: Bytes,
    simplified: Bytes,
    ends: Offsets,
    odd: NDArray[np.bool_],
) -> None:
    """Simplify texts.

    Args:
        data: the texts' UTF-8 bytes.
        offsets: where each text starts, and the end of the last.
        kinds: the kind bits of every code point.
        places: where the spelling of a changed one starts.
        spellings: lengths and bytes of spellings.
        simplified: receives the simplified texts' bytes.
        ends: receives where each starts, and the end of the last.
        odd: receives whether a text's marks may have to be reordered, which is not done.
    """
    count = np.int64(0)
    for row in range(len(offsets) - 1):
        begin, end = offsets[row], offsets[row + 1]
        at, text_start = begin, count
        seen = spaced = marked = False
        while at < end:
            code_point, after = decode(data, at)
            kind = kinds[code_point]
            if kind & SEPARATES:
                spaced, marked = seen, False
                at = after
                continue
            if spaced:
                # Even before a mark that then vanishes; but no space begins a text.
                if count > text_start:
                    simplified[count] = SPACE
                    count += 1
                spaced = False
            seen = True
            if not kind & _APART:
                marked = False
                for i in range(at, after):
                    simplified[count] = data[i]
                    count += 1
            elif kind & DIGIT:
                marked = False
                after = number_end(data, at, end, kinds)
                simplified[count] = ZERO
                count += 1
            elif code_point == _CAPITAL_SIGMA:
                marked = False
                simplified[count] = _SIGMA_LEAD
                final = is_final(data, begin, at, end, kinds)
                simplified[count + 1] = _FINAL_SIGMA if final else _SIGMA
                count += 2
            elif kind & CHANGED:
                if kind & REORDERS and marked:
                    odd[row] = True
                marked = kind & REORDERS != 0
                place = np.int64(places[code_point])
                for i in range(place + 1, place + 1 + spellings[place]):
                    simplified[count] = spellings[i]
                    count += 1
            at = after
        while count > text_start and simplified[count - 1] == SPACE:
            count -= 1
        ends[row + 1] = count
