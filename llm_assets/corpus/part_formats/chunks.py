"""Where a stream of rows is cut into chunks of bounded size, whatever batches it comes in."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(slots=True)
class Chunks:
    """Cuts greedily: a chunk takes rows while they fit, and at least one."""

    byte_limit: int
    row_limit: int | None = None
    overhead: int = 0
    """Bytes that every chunk has beside its rows."""
    _bytes: int = 0
    _rows: int = 0

    def cut(self, sizes: NDArray[np.int64]) -> Iterator[tuple[bool, slice]]:
        """Cut the next rows of the stream.

        Args:
            sizes: bytes of each row.

        Yields:
            Runs of rows that share a chunk, in order, and whether a new chunk begins with them;
            else they go on with the one before.
        """
        ends = np.cumsum(sizes)
        start = 0
        while start < len(sizes):
            stop = self._stop(ends, start)
            begins = self._rows == 0
            if stop == start:
                self._bytes = self._rows = 0
                continue
            self._rows += stop - start
            self._bytes += int(ends[stop - 1] - (ends[start - 1] if start else 0))
            yield begins, slice(start, stop)
            start = stop

    def _stop(self, ends: NDArray[np.int64], start: int) -> int:
        """Return where the rows from `start` that fit into the chunk end."""
        before = int(ends[start - 1]) if start else 0
        room = self.byte_limit - self.overhead - self._bytes
        stop = int(np.searchsorted(ends, before + room, side="right"))
        if self.row_limit is not None:
            stop = min(stop, start + self.row_limit - self._rows)
        return max(stop, start + 1 if self._rows == 0 else start)
