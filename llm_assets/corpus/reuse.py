"""Taking over rows that were made before from the same input, in the order of the input."""

from collections.abc import Callable, Sequence

import polars as pl

_PLACE = "_place"


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
        on: columns that batch and made rows share; a row in which one is null is made anew.
        make: makes rows of input rows, one each and in order, with the columns of `before`.

    Raises:
        ValueError: if `make` does not return one row for each.
    """
    if before is None or before.is_empty():
        return _made(batch, make)
    places = batch.select(on).with_row_index(_PLACE)
    old = before.join(places, on=on, how="inner")
    fresh = places.select(_PLACE).join(
        old.select(_PLACE), on=_PLACE, how="anti", maintain_order="left"
    )[_PLACE]
    if fresh.is_empty():
        return old.sort(_PLACE).drop(_PLACE)
    new = _made(batch[fresh], make).with_columns(fresh)
    return pl.concat([old, new]).sort(_PLACE).drop(_PLACE)


def _made(batch: pl.DataFrame, make: Callable[[pl.DataFrame], pl.DataFrame]) -> pl.DataFrame:
    made = make(batch)
    if made.height != batch.height:
        raise ValueError(f"{batch.height} rows were to be made, and {made.height} came")
    return made
