"""Which documents may be duplicates of each other: those that share a key, directly or by others.

A key is a text's hash or the minhashes of one band (locality-sensitive hashing). Keys only propose;
`verification.py` decides. Memory is 10 bytes for each document of the corpus and one range of one
key's values: nothing here holds all keys, or all pairs.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import polars as pl

from llm_assets.corpus.duplication.candidate_kernels import Keys, Rows, flatten, unite_equal

_KEY_BYTES: Final = 40
"""What a key takes while it is put in order: itself, its row, both once more, and the engine's."""

_RANGE_BYTES: Final = 1 << 30
_MOST_ROWS: Final = (1 << 32) - 1


class TooManyDocumentsError(Exception):
    """A corpus of more documents than rows are numbered for."""


def find_components(
    signatures: pl.LazyFrame, keys: Sequence[str], range_bytes: int = _RANGE_BYTES
) -> pl.DataFrame:
    """Find the parts of a corpus that shared keys connect.

    Args:
        signatures: a row a document, in an order that stays while this reads them several times.
        keys: names of UInt64 columns; null connects with nothing.
        range_bytes: about how much memory one range of keys may take.

    Returns:
        `row` and `component` (its smallest row), both UInt32, of each document that is connected
        with another; by `row`.

    Raises:
        TooManyDocumentsError: beyond 2**32 - 1 documents.
    """
    total = int(signatures.select(pl.len()).collect().item())
    if total > _MOST_ROWS:
        raise TooManyDocumentsError(f"{total:,} documents, and at most {_MOST_ROWS:,} can be told")
    parents = np.arange(total, dtype=np.uint32)
    ranges = -(-total * _KEY_BYTES // range_bytes)
    for key in keys:
        for values, rows in _in_order(signatures, key, ranges):
            unite_equal(values, rows, parents)
    flatten(parents)
    return _connected(parents)


def _in_order(signatures: pl.LazyFrame, key: str, ranges: int) -> Iterator[tuple[Keys, Rows]]:
    """Yield a key's values, sorted, with their rows: one range of values after the other.

    Keys are hashes, so equal ranges of values hold about as many each.
    """
    column = signatures.select(pl.col(key).alias("key")).with_row_index("row")
    bounds = [(1 << 64) * place // ranges for place in range(1, ranges)]
    for low, high in zip([None, *bounds], [*bounds, None], strict=True):
        part = column.filter(pl.col("key").is_not_null())
        if low is not None:
            part = part.filter(pl.col("key") >= pl.lit(low, pl.UInt64))
        if high is not None:
            part = part.filter(pl.col("key") < pl.lit(high, pl.UInt64))
        found = part.collect(engine="streaming").sort("key")
        yield found["key"].to_numpy(), found["row"].to_numpy()


def _connected(roots: Rows) -> pl.DataFrame:
    """Return the rows that are not alone under their root."""
    others = np.flatnonzero(roots != np.arange(len(roots), dtype=np.uint32))
    connected = np.zeros(len(roots), np.bool_)
    connected[others] = connected[roots[others]] = True
    rows = np.flatnonzero(connected).astype(np.uint32)
    return pl.DataFrame({"row": rows, "component": roots[rows]})
