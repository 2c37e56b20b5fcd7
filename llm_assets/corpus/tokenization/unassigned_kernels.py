"""Looking for characters of a set in texts in Arrow buffers: a kernel compiled by Numba.

A regular expression does the same at 0.6 GB/s, which would be a sixth of the time of tokenizing.
"""

from typing import Any, Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from llm_assets.corpus.byte_kernels import eight_bytes
from llm_assets.corpus.word_kernels import Bytes, Offsets

_HIGH_BITS: Final = np.uint64(0x8080808080808080)


@njit(nogil=True, cache=True)
def find_in_set(data: Bytes, offsets: Offsets, members: NDArray[Any], found: NDArray[Any]) -> None:
    """Mark each text in which a character of the set is.

    Args:
        data: UTF-8.
        offsets: where each text begins in it, and the end of the last.
        members: for each code point, whether it is of the set; no ASCII character may be.
        found: where the marks go, one for each text.
    """
    for text in range(len(offsets) - 1):
        place = offsets[text]
        end = offsets[text + 1]
        while place < end:
            if place + 8 <= end and eight_bytes(data, place) & _HIGH_BITS == 0:
                place += 8
                continue
            byte = np.int64(data[place])
            if byte < 0x80:
                place += 1
                continue
            if byte < 0xE0:
                code = (byte & 0x1F) << 6 | (np.int64(data[place + 1]) & 0x3F)
                place += 2
            elif byte < 0xF0:
                code = (
                    (byte & 0x0F) << 12
                    | (np.int64(data[place + 1]) & 0x3F) << 6
                    | (np.int64(data[place + 2]) & 0x3F)
                )
                place += 3
            else:
                code = (
                    (byte & 0x07) << 18
                    | (np.int64(data[place + 1]) & 0x3F) << 12
                    | (np.int64(data[place + 2]) & 0x3F) << 6
                    | (np.int64(data[place + 3]) & 0x3F)
                )
                place += 4
            if members[code]:
                found[text] = True
                break
