"""Reading rows in another order than they are stored in, however many there are.

Rows are dealt to buckets on disk as they stream by; then one bucket at a time fits in memory. So
each table is read once, whatever the number of buckets.
"""

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

import polars as pl
import pyarrow as pa
from pyarrow import ipc


class Buckets:
    """Parts of tables, in files of a folder."""

    def __init__(self, folder: Path) -> None:
        """Prepare to deal rows into an empty folder."""
        self._folder = folder

    def deal(self, table: str, rows: Iterable[pl.DataFrame]) -> None:
        """Write the rows of a table to the buckets that their column `bucket` names."""
        options = ipc.IpcWriteOptions(compression="lz4")
        with ExitStack() as stack:
            files: dict[int, ipc.RecordBatchFileWriter] = {}
            for batch in rows:
                for (bucket,), part in batch.group_by("bucket"):
                    arrow = plain_arrow(part.drop("bucket"))
                    if bucket not in files:
                        path = str(self._path(table, int(bucket)))
                        file = ipc.new_file(path, arrow.schema, options=options)
                        files[bucket] = stack.enter_context(file)
                    files[bucket].write_table(arrow)

    def holds(self, table: str, bucket: int) -> bool:
        """Tell whether a bucket has rows of a table."""
        return self._path(table, bucket).exists()

    def read(self, table: str, bucket: int) -> pl.DataFrame:
        """Return the rows of a table that are in a bucket, of which there is at least one."""
        with ipc.open_file(str(self._path(table, bucket))) as file:
            return pl.DataFrame(file.read_all())

    def _path(self, table: str, bucket: int) -> Path:
        return self._folder / f"{table}-{bucket}.arrow"


def plain_arrow(frame: pl.DataFrame) -> pa.Table:
    """Return plain Arrow strings and lists: other readers need not know Polars' views."""
    return frame.to_arrow(compat_level=pl.CompatLevel.oldest())
