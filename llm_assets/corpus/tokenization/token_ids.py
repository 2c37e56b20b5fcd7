"""The token ids of many texts as flat arrays: no Python object per text or token."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

MOST_16_BIT: Final = 1 << 16
"""Vocabularies of at most this size have ids of 16 bits."""


@dataclass(frozen=True, slots=True)
class TokenIds:
    """The ids of several texts, end to end; text i has `values[offsets[i]:offsets[i + 1]]`."""

    values: NDArray[Any]
    """Unsigned integers."""
    offsets: NDArray[np.int64]

    def to_series(self, dtype: pl.DataType) -> pl.Series:
        """Return one list of ids a text, of UInt16 or UInt32."""
        values = self.values.astype(_numpy_type(dtype), copy=False)
        lists = pa.LargeListArray.from_arrays(pa.array(self.offsets), pa.array(values))
        return pl.Series(lists, dtype=pl.List(dtype))

    def joined(self, starts: NDArray[np.int64]) -> "TokenIds":
        """Join neighbouring texts: joined text i is texts `starts[i]` up to `starts[i + 1]`."""
        return TokenIds(self.values, self.offsets[starts])


def id_type(vocabulary_size: int) -> pl.DataType:
    """Return the smallest type of a token column: UInt16, else UInt32."""
    return pl.UInt16() if vocabulary_size <= MOST_16_BIT else pl.UInt32()


def _numpy_type(dtype: pl.DataType) -> Any:
    return np.uint16 if dtype == pl.UInt16 else np.uint32


def collect_ids(rows: list[NDArray[np.uint32]]) -> TokenIds:
    """Lay the ids of single texts end to end."""
    lengths = np.array([len(row) for row in rows], dtype=np.int64)
    return TokenIds(np.concatenate([np.zeros(0, np.uint32), *rows]), offsets_of(lengths))


def interleave(places: NDArray[np.bool_], where_true: TokenIds, where_false: TokenIds) -> TokenIds:
    """Put two parts of a column together: text i comes from the part that `places[i]` names."""
    lengths = np.empty(len(places), dtype=np.int64)
    lengths[places] = np.diff(where_true.offsets)
    lengths[~places] = np.diff(where_false.offsets)
    bounds = [0, *(np.flatnonzero(np.diff(places)) + 1).tolist(), len(places)]
    pieces: list[NDArray[Any]] = []
    taken = {True: 0, False: 0}
    for start, stop in pairwise(bounds):
        which = bool(places[start]) if start < stop else False
        part = where_true if which else where_false
        first, last = taken[which], taken[which] + stop - start
        pieces.append(part.values[part.offsets[first] : part.offsets[last]])
        taken[which] = last
    return TokenIds(np.concatenate(pieces), offsets_of(lengths))


def offsets_of(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where ranges of these lengths begin when laid end to end, and the end of the last."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)])
