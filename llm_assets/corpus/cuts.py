"""Taking byte ranges out of texts: what later stages decide to leave out of a kept document."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from llm_assets.corpus.identity import text_hash
from llm_assets.corpus.spans import arrow_buffers

RANGE: Final = pl.Struct({"start": pl.UInt32(), "end": pl.UInt32()})
"""Bytes of a text in UTF-8: from `start` to before `end`, both between characters."""

CUTS: Final = pl.Schema({"doc_id": pl.String(), "cuts": pl.List(RANGE)})
"""One row: what is cut from one document, or a part of it; the ranges in any order."""


def apply_cuts(texts: pl.DataFrame, cuts: pl.DataFrame) -> pl.DataFrame:
    """Cut texts, and name anew those that were cut.

    Args:
        texts: `doc_id`, `text`, `text_hash` and any other columns. A null text stays null.
        cuts: rows of CUTS, of other documents too. The ranges of a document's rows are united; what
            lies beyond the end of its text is nothing to cut.

    Returns:
        The frame in its order and with its columns; texts of which nothing is cut are untouched.

    Raises:
        ValueError: if a range starts or ends inside a character.
    """
    rows = texts.select("doc_id", size=pl.col("text").str.len_bytes()).with_row_index("row")
    ranges = (
        rows.drop_nulls("size")
        .join(cuts.select("doc_id", pl.col("cuts").alias("cut")), on="doc_id")
        .explode("cut")
        .unnest("cut")
        .with_columns(pl.col("end").clip(upper_bound=pl.col("size").cast(pl.UInt32)))
        .filter(pl.col("start") < pl.col("end"))
        .select("row", pl.col("start", "end").cast(pl.Int64))
    )
    if ranges.is_empty():
        return texts
    affected = ranges["row"].unique().sort()
    cut = _without(texts["text"].gather(affected), _placed(ranges, affected))
    return texts.with_columns(
        _replaced(texts["text"], affected, cut),
        _replaced(texts["text_hash"], affected, cut.map_elements(text_hash, pl.String)),
    )


def _placed(ranges: pl.DataFrame, affected: pl.Series) -> pl.DataFrame:
    """Count rows among those affected."""
    places = pl.DataFrame({"row": affected}).with_row_index("place")
    return ranges.join(places, on="row").select("place", "start", "end")


def _replaced(column: pl.Series, rows: pl.Series, values: pl.Series) -> pl.Series:
    return column.clone().scatter(rows, values)


def _without(texts: pl.Series, ranges: pl.DataFrame) -> pl.Series:
    """Return texts without ranges of them; `place` says which text a range is of."""
    data, offsets = arrow_buffers(texts)
    data, offsets = data[offsets[0] : offsets[-1]], offsets - offsets[0]
    place = ranges["place"].to_numpy()
    starts, ends = _united(
        ranges["start"].to_numpy() + offsets[place], ranges["end"].to_numpy() + offsets[place]
    )
    if _splits_a_character(data, starts) or _splits_a_character(data, ends):
        raise ValueError("a cut splits a character: it was decided about another text")
    # Kept and cut by turns.
    lengths = np.diff(np.column_stack([starts, ends]).ravel(), prepend=0, append=len(data))
    stays = np.repeat(np.arange(len(lengths)) % 2 == 0, lengths)
    # A united range may cross from the end of a text to the start of the next.
    lengths_before = np.concatenate([np.zeros(1, np.int64), np.cumsum(ends - starts)])
    begun = np.searchsorted(starts, offsets)
    still_open = np.where(begun > 0, np.maximum(ends[begun - 1] - offsets, 0), 0)
    new_offsets = offsets - lengths_before[begun] + still_open
    return _strings(data[stays], new_offsets)


def _united(
    starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    order = np.argsort(starts, kind="stable")
    starts, reached = starts[order], np.maximum.accumulate(ends[order])
    is_first = np.concatenate([np.ones(1, np.bool_), starts[1:] > reached[:-1]])
    last = np.append(np.flatnonzero(is_first)[1:] - 1, len(starts) - 1)
    return starts[is_first], reached[last]


def _splits_a_character(data: NDArray[np.uint8], places: NDArray[np.int64]) -> bool:
    inside = data[places[places < len(data)]]
    return bool(((inside & 0xC0) == 0x80).any())


def _strings(data: NDArray[np.uint8], offsets: NDArray[np.int64]) -> pl.Series:
    buffers = [pa.py_buffer(np.ascontiguousarray(part)) for part in (offsets, data)]
    array = pa.LargeStringArray.from_buffers(len(offsets) - 1, *buffers)
    array.validate(full=True)  # Polars trusts what it is given
    return pl.Series(array).cast(pl.String)


def final_texts(documents: pl.LazyFrame, decisions: Sequence[pl.LazyFrame]) -> pl.LazyFrame:
    """Return documents with their texts cut; a text is read only where text or hash is asked for.

    Args:
        documents: `doc_id`, `text`, `text_hash` and any other columns.
        decisions: tables with rows of CUTS, which may have more columns. Where there is a
            `text_hash`, what was decided about another text of the document is left aside.
    """
    names = documents.collect_schema().names()
    places = [f"_cuts_{place}" for place in range(len(decisions))]
    for place, rows in zip(places, decisions, strict=True):
        known = rows.collect_schema().names()
        on = ["doc_id", *(name for name in ("text_hash",) if name in known)]
        cuts = rows.filter(pl.col("cuts").list.len() > 0).group_by(on)
        documents = documents.join(
            cuts.agg(pl.col("cuts").explode().alias(place)),
            on=on,
            how="left",
            maintain_order="left",
        )
    if not places:
        return documents
    cut = (
        pl.struct("doc_id", "text", "text_hash", cuts=pl.concat_list(pl.col(places).fill_null([])))
        .map_batches(_cut_rows, return_dtype=_CUT_ROWS, is_elementwise=True)
        .struct
    )
    return documents.with_columns(text=cut.field("text"), text_hash=cut.field("text_hash")).select(
        names
    )


_CUT_ROWS: Final = pl.Struct({"text": pl.String(), "text_hash": pl.String()})


def _cut_rows(rows: pl.Series) -> pl.Series:
    frame = rows.struct.unnest()
    cuts = frame.select("doc_id", "cuts").filter(pl.col("cuts").list.len() > 0)
    return apply_cuts(frame, cuts).select("text", "text_hash").to_struct(rows.name)


def without_dropped(documents: pl.LazyFrame, decisions: Sequence[pl.LazyFrame]) -> pl.LazyFrame:
    """Return documents that no decision drops.

    Args:
        documents: rows with a `doc_id`.
        decisions: rows with a `doc_id`; where there is an `action`, it may be `drop`.
    """
    for rows in decisions:
        if "action" in rows.collect_schema().names():
            dropped = rows.filter(pl.col("action") == "drop").select("doc_id")
            documents = documents.join(dropped, on="doc_id", how="anti", maintain_order="left")
    return documents
