"""The files of one split of a set: Parquet, and JSON lines in zstd; the same rows in both."""

from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from typing import Final

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from llm_assets.corpus.buckets import plain_arrow
from llm_assets.corpus.labelled.chat_template import MESSAGES
from llm_assets.corpus.labelled.labelled_plan import LabelledPlan
from llm_assets.corpus.schema import Split

_GROUP_ROWS: Final = 4_096
"""Rows of a Parquet row group: what a loader that skips about has to read for one row."""

_ONE_HOT: Final = "label_is_"


def set_schema(plan: LabelledPlan, classes: list[str]) -> pl.Schema:
    """Return the columns of a set's Parquet files.

    Args:
        plan: how the set is made.
        classes: its labels in the order of their ids; empty where they are no classes.
    """
    columns: dict[str, pl.DataType] = {"doc_id": pl.String()}
    if plan.task == "chat":
        return pl.Schema({**columns, "messages": MESSAGES})
    columns["text"] = pl.String()
    if plan.task == "regression":
        columns["value"] = pl.Float64()
    else:
        columns |= {"label": pl.String(), "label_id": pl.Int64()}
        if plan.one_hot:
            columns |= {_ONE_HOT + name: pl.UInt8() for name in classes}
    columns["label_missing"] = pl.Boolean()
    return pl.Schema(columns)


def labelled_columns(rows: pl.DataFrame, plan: LabelledPlan, classes: list[str]) -> pl.DataFrame:
    """Put a set's columns beside its texts.

    Args:
        rows: `doc_id`, `text`, `name`, `number` and `missing`; of chat sets `messages`.
        plan: how the set is made.
        classes: its labels in the order of their ids.
    """
    ids = pl.col("name").replace_strict(
        classes, list(range(len(classes))), default=None, return_dtype=pl.Int64
    )
    one_hot = {
        _ONE_HOT + name: pl.col("name").eq_missing(pl.lit(name)).cast(pl.UInt8)
        for name in (classes if plan.one_hot else [])
    }
    return rows.with_columns(
        label="name", value="number", label_missing="missing", label_id=ids, **one_hot
    ).select(set_schema(plan, classes).names())


class SplitWriter:
    """Writes one split; complete when the stack that it was given is closed."""

    def __init__(
        self, folder: Path, split: Split, plan: LabelledPlan, classes: list[str], stack: ExitStack
    ) -> None:
        schema = set_schema(plan, classes)
        self._jsonl_columns = [n for n in schema if n != "doc_id" or plan.task != "chat"]
        self._parquet = self._jsonl = None
        if "parquet" in plan.formats:
            self._parquet = stack.enter_context(open_parquet(folder / f"{split}.parquet", schema))
        if "jsonl" in plan.formats:
            path = str(folder / f"{split}.jsonl.zst")
            self._jsonl = stack.enter_context(pa.CompressedOutputStream(path, "zstd"))

    def append(self, rows: pl.DataFrame) -> None:
        """Write rows of the set's schema.

        Nothing of no rows: `datasets` cannot read a Parquet file whose first row group is empty.
        """
        if rows.is_empty():
            return
        if self._parquet is not None:
            self._parquet.write_table(plain_arrow(rows), row_group_size=_GROUP_ROWS)
        if self._jsonl is not None:
            lines = BytesIO()
            rows.select(self._jsonl_columns).write_ndjson(lines)
            self._jsonl.write(lines.getvalue())


def open_parquet(path: Path, schema: pl.Schema) -> pq.ParquetWriter:
    """Open a Parquet file for rows of a schema."""
    return pq.ParquetWriter(
        path,
        plain_arrow(pl.DataFrame(schema=schema)).schema,
        compression="zstd",
        compression_level=3,
        use_dictionary=["label"] if "label" in schema else False,
    )


def write_parquet(path: Path, rows: pl.DataFrame) -> None:
    """Write a whole table."""
    with open_parquet(path, rows.schema) as writer:
        if rows.height:
            writer.write_table(plain_arrow(rows), row_group_size=_GROUP_ROWS)
