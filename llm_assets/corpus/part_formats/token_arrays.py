"""Lists of token ids -> flat arrays, without a copy where the type allows it."""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from llm_assets.corpus.part_formats.part import PartLayout


def sequence_arrays(ids: pl.Series, layout: PartLayout) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Flatten sequences into the array that a format stores.

    Args:
        ids: `List(UInt32)`, one list a sequence.
        layout: the type to store, and the length that every sequence has to have.

    Returns:
        All tokens end to end, little-endian, and how many of them each sequence has.

    Raises:
        ValueError: if an id does not fit the type: it would silently become another token; or if
            documents are packed and a sequence is shorter or longer than it should be.
    """
    lists = ids.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    values = lists.flatten().to_numpy(zero_copy_only=True)
    lengths = np.diff(lists.offsets.to_numpy())
    expected = layout.sequence_length
    if expected is not None and len(wrong := lengths[lengths != expected]):
        raise ValueError(f"a packed sequence has {wrong[0]} tokens instead of {expected}")
    dtype = storable(layout.token_dtype)
    if len(values) and (largest := values.max()) > np.iinfo(dtype).max:
        raise ValueError(f"token {largest} does not fit {dtype.name}")
    # What fits int32 has the same bits in uint32.
    stored = values.view(dtype) if dtype.itemsize == values.itemsize else values.astype(dtype)
    return stored, lengths


def storable(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return the type as it is stored: little-endian on every machine.

    Raises:
        ValueError: if it is neither uint16 nor int32, the types that every trainer's array library
            has in full (torch has no whole uint32).
    """
    stored = dtype.newbyteorder("<")
    if stored.str not in ("<u2", "<i4"):
        raise ValueError(f"tokens are stored as uint16 or int32, not as {dtype.name}")
    return stored
