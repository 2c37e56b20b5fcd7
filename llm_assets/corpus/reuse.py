"""Taking over rows that were made before from the same input, in the order of the input."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import polars as pl

from llm_assets.corpus.ahead import map_ahead

_PLACE = "_place"

Begun = TypeVar("Begun")


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
    return _of_height(batch.height, make(batch))


def _of_height(height: int, made: pl.DataFrame) -> pl.DataFrame:
    if made.height != height:
        raise ValueError(f"{height} rows were to be made, and {made.height} came")
    return made


def make_missing(
    rows: pl.LazyFrame,
    keys: pl.DataFrame,
    before: pl.DataFrame | None,
    begin: Callable[[pl.DataFrame], Begun],
    make: Callable[[Begun], pl.DataFrame],
    batch_rows: int,
) -> Iterator[pl.DataFrame]:
    """Yield one made row for each row of `rows`, in its order; read only rows that must be made.

    Args:
        rows: input rows, with a `doc_id` of its own each.
        keys: one row for each of them, in order: `doc_id`, and what else their made row depends on.
        before: rows made earlier, with the columns of `keys`; None if there are none.
        begin: does with input rows what can be done while the rows before them are made or used,
            such as waiting for other processes; it runs in another thread.
        make: makes rows of what was begun, one each and in order, with the columns of `before`.
        batch_rows: how many rows are made at a time.

    Raises:
        ValueError: if `make` does not return one row for each.
    """
    places = keys.with_row_index(_PLACE)
    old = _old_rows(places, before)
    fresh = places
    if old is not None:
        fresh = places.join(old, on=_PLACE, how="anti", maintain_order="left")
    if old is not None and old.height:
        rows = rows.filter(pl.col("doc_id").is_in(fresh["doc_id"].implode()))
    made = 0
    given = 0  # places before this one are given
    batches = _batches(rows, batch_rows) if fresh.height else iter(())
    for height, begun in map_ahead(lambda batch: (batch.height, begin(batch)), batches):
        new = _of_height(height, make(begun)).with_columns(fresh[_PLACE][made : made + height])
        made += new.height
        end = fresh[_PLACE][made] if made < fresh.height else keys.height
        yield _merged(old, new, given, end)
        given = end
    if given < keys.height:
        yield _merged(old, None, given, keys.height)


def _old_rows(places: pl.DataFrame, before: pl.DataFrame | None) -> pl.DataFrame | None:
    """Return earlier rows of the same keys beside their places; a null doc_id fits none."""
    if before is None or before.is_empty():
        return None
    on = [name for name in places.columns if name != _PLACE]
    return before.join(places, on=on, how="inner", nulls_equal=True).sort(_PLACE)


def _batches(rows: pl.LazyFrame, size: int) -> Iterator[pl.DataFrame]:
    for group in rows.collect_batches(maintain_order=True, lazy=True):
        yield from group.iter_slices(size)


def _merged(
    old: pl.DataFrame | None, new: pl.DataFrame | None, start: int, end: int
) -> pl.DataFrame:
    """Return the rows whose places are from `start` to before `end`."""
    parts = [] if new is None else [new]
    if old is not None:
        first, last = old[_PLACE].search_sorted(pl.Series([start, end]))
        kept = old.slice(first, last - first)
        parts.append(kept.select(new.columns) if new is not None else kept)
    return pl.concat(parts).sort(_PLACE).drop(_PLACE)
