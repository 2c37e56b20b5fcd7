"""A folder that keeps what was read from S3, within a given size."""

import os
import tempfile
import threading
from contextlib import suppress
from pathlib import Path


class RangeCache:
    """A folder of ranges of files, named by the files' hashes: an entry is never out of date.

    Several processes may share it; the entries that were not used for longest are removed first.
    Where the disk is full it keeps nothing, and the loader goes on.
    """

    def __init__(self, folder: Path, most_bytes: int) -> None:
        """Keep at most `most_bytes` in `folder`, which is made when it is needed."""
        self._folder = folder
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._bytes: int | None = None  # None: not counted yet

    def __getstate__(self) -> tuple[Path, int]:
        return self._folder, self._most_bytes

    def __setstate__(self, state: tuple[Path, int]) -> None:
        self._folder, self._most_bytes = state
        self._lock = threading.Lock()
        self._bytes = None

    def get(self, name: str, size_bytes: int) -> bytes | None:
        """Return an entry; None if it is not there, or not whole."""
        path = self._folder / name[:2] / name
        try:
            content = path.read_bytes()
            os.utime(path)  # used just now
        except OSError:
            return None
        return content if len(content) == size_bytes else None

    def put(self, name: str, content: bytes) -> None:
        """Keep an entry, and remove old ones if there are too many."""
        folder = self._folder / name[:2]
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            descriptor, partial = tempfile.mkstemp(dir=folder, prefix=".partial-")
            try:
                with os.fdopen(descriptor, "wb") as stream:
                    stream.write(content)
                Path(partial).replace(folder / name)
            except OSError:
                Path(partial).unlink(missing_ok=True)
                raise
            self._make_room(len(content))

    def _make_room(self, added: int) -> None:
        with self._lock:
            if self._bytes is not None:
                self._bytes += added
            if self._bytes is None or self._bytes > self._most_bytes:
                # Down to 7/8, so that not every further entry lists the folder.
                self._bytes = self._remove_oldest(self._most_bytes)

    def _remove_oldest(self, most_bytes: int) -> int:
        """Remove entries if there are more bytes than that; return how many are left."""
        entries: list[tuple[float, int, Path]] = []
        for path in self._folder.glob("*/*"):
            with suppress(FileNotFoundError):  # another process was faster
                status = path.stat()
                entries.append((status.st_mtime, status.st_size, path))
        left = sum(size for _, size, _ in entries)
        if left <= most_bytes:
            return left
        for _, size, path in sorted(entries):
            if left <= most_bytes * 7 // 8:
                break
            path.unlink(missing_ok=True)
            left -= size
        return left
