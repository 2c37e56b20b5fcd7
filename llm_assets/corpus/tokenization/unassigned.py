"""Texts with code points that no character is assigned to.

Libraries know different versions of Unicode, so that they disagree on what is a letter there (and,
of what Polars calls assigned, nowhere: tested over all code points).
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from llm_assets.corpus.spans import character_series
from llm_assets.corpus.tokenization.unassigned_kernels import find_in_set

_CODE_POINTS = 0x110000
_SURROGATES = range(0xD800, 0xE000)


def has_unassigned(data: NDArray[np.uint8], offsets: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which texts have a code point without a character in Polars' Unicode.

    Args:
        data: UTF-8.
        offsets: where each text begins in it, and the end of the last.
    """
    found = np.zeros(len(offsets) - 1, dtype=np.bool_)
    find_in_set(data, offsets, _unassigned(), found)
    return found


def find_unassigned(text: str) -> list[int]:
    """Return where in a text such code points are."""
    points = np.frombuffer(text.encode("utf-32-le"), "<u4")
    places: list[int] = np.flatnonzero(_unassigned()[points]).tolist()
    return places


@cache
def _unassigned() -> NDArray[np.bool_]:
    """Return for each code point whether no character is assigned to it."""
    points = np.delete(np.arange(_CODE_POINTS), _SURROGATES)
    marks = np.zeros(_CODE_POINTS, dtype=np.bool_)
    marks[points] = character_series(points).str.contains(r"\p{Cn}").to_numpy()
    return marks
