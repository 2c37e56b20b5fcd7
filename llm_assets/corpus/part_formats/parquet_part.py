"""Parquet, for `datasets`, `litdata`, Polars, DuckDB, Spark: `<split>.parquet`.

Row groups are what a reader that skips about has to read for one row: 4,096 rows, or fewer where
rows are long. Ids are signed: torch and `datasets` have int32 in full, uint32 only in part.
"""

from contextlib import suppress
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from llm_assets.corpus.buckets import plain_arrow
from llm_assets.corpus.part_formats.chunks import Chunks
from llm_assets.corpus.part_formats.part import PartBatch, PartLayout, PartWriter
from llm_assets.corpus.part_formats.partial_file import PartialFile
from llm_assets.corpus.part_formats.token_arrays import sequence_arrays
from llm_assets.corpus.schema import PACKED_PART, TRAINING_PART

GROUP_ROWS = 4_096
GROUP_BYTES = 32 << 20
"""About, before compression; a writer holds one row group."""

_NAME_BYTES = 40
"""About what one document id of a packed sequence takes."""


_IDS_LEVEL = {"input_ids.list.element": 1}
"""Zstandard's level for tokens, three quarters of the work: 200 MB/s where level 3 has 110, for 5%
more bytes (GPT-2's tokens of 16 MB of mixed texts)."""

_LEVELS = {
    False: {**_IDS_LEVEL, "doc_id": 3, "source": 3, "text": 3},
    True: {**_IDS_LEVEL, "doc_ids.list.element": 3, "piece_lengths.list.element": 3},
}
"""Levels of the columns, by whether documents are packed."""


class ParquetWriter(PartWriter):
    """Writes TRAINING_PART, or PACKED_PART where documents are packed."""

    def __init__(self, path: Path, layout: PartLayout) -> None:
        """Start the file.

        Args:
            path: where to.
            layout: type and length of sequences.
        """
        self._layout = layout
        self._packed = layout.sequence_length is not None
        self._schema = PACKED_PART if self._packed else TRAINING_PART
        self._chunks = Chunks(GROUP_BYTES, GROUP_ROWS)
        self._group: list[pl.DataFrame] = []
        self._file = PartialFile(path)
        self._parquet = pq.ParquetWriter(
            self._file.stream,
            plain_arrow(pl.DataFrame(schema=self._schema)).schema,
            compression="zstd",
            compression_level=_LEVELS[self._packed],
            use_dictionary=["source", "doc_ids.list.element"],
        )

    def append(self, batch: PartBatch) -> None:
        """Add sequences; full row groups go to disk."""
        _values, lengths = sequence_arrays(batch.sequences["input_ids"], self._layout)
        rows = batch.sequences.select(
            pl.col(name).cast(kind) for name, kind in self._schema.items()
        )
        for begins, run in self._chunks.cut(self._sizes(rows, lengths)):
            if begins:
                self._flush()
            self._group.append(rows[run])

    def close(self) -> None:
        """Write the last row group and the footer."""
        self._flush()
        self._parquet.close()
        self._file.complete()

    def abandon(self) -> None:
        """Remove the file, unless it is complete."""
        # Closing writes a footer, which fails where writing failed before.
        with suppress(OSError, pa.ArrowException):
            self._parquet.close()
        self._file.abandon()

    def _sizes(self, rows: pl.DataFrame, lengths: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return about how many bytes each row takes, uncompressed."""
        if self._packed:
            other = (4 + _NAME_BYTES) * pl.col("doc_ids").list.len()
        else:
            other = pl.sum_horizontal(pl.col("doc_id", "source", "text").str.len_bytes())
        others: NDArray[np.int64] = rows.select(other.cast(pl.Int64)).to_series().to_numpy()
        return 4 * lengths + others

    def _flush(self) -> None:
        """Write what is held as one row group; its layout depends on its rows alone."""
        if self._group:
            table = plain_arrow(pl.concat(self._group, rechunk=True))
            self._parquet.write_table(table, row_group_size=table.num_rows)
            self._group.clear()
