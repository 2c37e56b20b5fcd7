"""Records that do not fit in memory: in scratch files, one for each range of a number.

What has to be compared is in one file, because its number is the same; so each file is worked on
alone, and the memory needed is that of the largest. Files are plain arrays: they live as long as
one decision, on one machine.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Records: TypeAlias = NDArray[np.void]

MOST_RANGES: Final = 1024
_READ_BYTES: Final = 1 << 26


@dataclass(frozen=True, slots=True)
class RecordFiles:
    """Files of records of one type, numbered from 0."""

    folder: Path
    name: str
    kind: np.dtype[Any]

    def add(self, records: Records, numbers: NDArray[np.int64]) -> None:
        """Append each record to the file with its number; their order within a file is kept.

        Raises:
            OSError: if the disk is full.
        """
        order = np.argsort(numbers, kind="stable")
        records, numbers = records[order], numbers[order]
        bounds = [0, *(np.flatnonzero(np.diff(numbers)) + 1).tolist(), len(numbers)]
        for start, end in pairwise(bounds):
            if end > start:
                with self._path(int(numbers[start])).open("ab") as stream:
                    stream.write(records[start:end].tobytes())

    def read(self, number: int) -> Records:
        """Return all records of one file; none if nothing was added to it."""
        path = self._path(number)
        return np.fromfile(path, self.kind) if path.exists() else np.empty(0, self.kind)

    def chunks(self, number: int, size_bytes: int = _READ_BYTES) -> Iterator[Records]:
        """Yield the records of one file in their order, so many bytes at a time."""
        path = self._path(number)
        if not path.exists():
            return
        rows = max(1, size_bytes // self.kind.itemsize)
        with path.open("rb") as stream:
            while len(found := np.fromfile(stream, self.kind, rows)):
                yield found

    def remove(self, number: int) -> None:
        """Give the space of one file back."""
        self._path(number).unlink(missing_ok=True)

    def _path(self, number: int) -> Path:
        return self.folder / f"{self.name}-{number:06d}"


def count_ranges(record_bytes: int, memory_bytes: int) -> int:
    """Return into how many ranges to deal records, so that one range is worked on in memory.

    Sorting or grouping records takes a few times their own bytes.

    Args:
        record_bytes: of all records, an estimate.
        memory_bytes: to be used, about.
    """
    return min(MOST_RANGES, max(1, -(-4 * record_bytes // memory_bytes)))


def range_of(hashes: NDArray[np.uint64], ranges: int) -> NDArray[np.int64]:
    """Return the range of each hash: by its leading 32 bits."""
    spread = (hashes >> np.uint64(32)) * np.uint64(ranges)
    return (spread >> np.uint64(32)).astype(np.int64)
