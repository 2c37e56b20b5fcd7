"""Taking over rows that were made before from the same input, in the order of the input."""

from collections.abc import Callable, Sequence

import polars as pl


def reuse_rows(
    batch: pl.DataFrame,
    before: pl.DataFrame | None,
    on: Sequence[str],
    make: Callable[[pl.DataFrame], pl.DataFrame],
) -> pl.DataFrame:
    """Return one made row for each row of `batch`, in its order.

    Args:
        batch: input rows; the columns `on` identify a row and its content.
        before: rows made earlier under the same recipe, with the columns `on`; None if there are
            none.
        on: columns that batch and made rows share.
        make: makes rows of input rows, one each and in order, with the columns of `before`.
    """
    if before is None or before.is_empty():
        return make(batch)
    places = batch.select(on).with_row_index("place")
    old = before.join(places, on=on, how="inner")
    fresh = batch.filter(~pl.int_range(pl.len(), dtype=pl.UInt32).is_in(old["place"].implode()))
    if fresh.is_empty():
        return old.sort("place").drop("place")
    made = make(fresh).join(places, on=on, how="left", maintain_order="left")
    return pl.concat([old, made]).sort("place").drop("place")
