"""How many tokens a tokenizer cuts texts into, about: a kernel compiled by Numba."""

from typing import Final

from numba import njit

from llm_assets.corpus.span_kernels import Classes
from llm_assets.corpus.word_kernels import Bytes, Counts, Int, Offsets, decode

SPACE: Final = 1
"""Class bit of what stands between tokens."""
LETTER: Final = 2
"""Class bit of letters, marks, digits and underscores of scripts with spaces between words."""
UNSPACED: Final = 4
"""Class bit of the same in other scripts: each is a token."""
SPACY_JOINT: Final = 8
"""Class bit of signs that, one or more, keep the letters around them together."""
NLTK_JOINT: Final = 16
"""Class bit of signs of which one keeps the letters around it together."""
APOSTROPHE: Final = 32
"""Class bit of signs that spaCy puts to the letters behind them."""
RUN: Final = 64
"""Class bit of signs of which a run is one token."""


@njit(nogil=True, cache=True)
def count_tokens(data: Bytes, offsets: Offsets, classes: Classes, out: Counts) -> None:
    """Count the tokens of each text: words, and each sign by itself.

    Args:
        data: the texts' bytes.
        offsets: where each text starts, and the end of the last.
        classes: the class bits of every code point; 0 of signs without a rule.
        out: filled with one row a text: tokens as spaCy cuts, about, and as NLTK does.
    """
    for row in range(len(offsets) - 1):
        out[row, 0], out[row, 1] = _count(data, offsets[row], offsets[row + 1], classes)


@njit(nogil=True, cache=True)
def _count(data: Bytes, start: Int, end: Int, classes: Classes) -> tuple[Int, Int]:
    spacy: Int = 0
    nltk: Int = 0
    # Signs behind a letter are tokens unless one follows and they are joints: until then they wait.
    spacy_waiting = nltk_waiting = 0
    tied = False  # to the apostrophe before: what follows cannot be joined to such letters
    last: Int = SPACE
    last_sign: Int = 0
    at = start
    while at < end:
        code_point, at = decode(data, at)
        kind = classes[code_point]
        if kind & LETTER:
            if not last & LETTER:
                if not spacy_waiting:
                    tied = last & APOSTROPHE != 0
                    spacy += not tied
                nltk += not nltk_waiting
                spacy_waiting = nltk_waiting = 0
        elif kind & (SPACE | UNSPACED):
            spacy += spacy_waiting + (kind & UNSPACED) // UNSPACED
            nltk += nltk_waiting + (kind & UNSPACED) // UNSPACED
            spacy_waiting = nltk_waiting = 0
        else:
            new = not (kind & RUN and code_point == last_sign)
            behind_letter = last & LETTER != 0
            if kind & SPACY_JOINT and ((behind_letter and not tied) or spacy_waiting):
                spacy_waiting += new
            else:
                spacy += spacy_waiting + new
                spacy_waiting = 0
            if kind & NLTK_JOINT and behind_letter:
                nltk_waiting = 1
            else:
                nltk += nltk_waiting + new
                nltk_waiting = 0
        last = kind
        last_sign = code_point
    return spacy + spacy_waiting, nltk + nltk_waiting
