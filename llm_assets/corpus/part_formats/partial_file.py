"""Files that have their name only once they are complete."""

from contextlib import suppress
from pathlib import Path

_SUFFIX = ".partial"


class PartialFile:
    """A new file under another name, until it is complete: a half-written one looks like none."""

    def __init__(self, path: Path) -> None:
        """Start the file.

        Args:
            path: where it is to be in the end; replaced if it is there.
        """
        self._path = path
        self._partial = partial_path(path)
        self.stream = self._partial.open("wb")

    def complete(self) -> None:
        """Close the file and give it its name."""
        self.stream.close()
        self._partial.replace(self._path)

    def abandon(self) -> None:
        """Remove the file, unless it is complete."""
        # What is still buffered cannot be written where the disk is full.
        with suppress(OSError):
            self.stream.close()
        self._partial.unlink(missing_ok=True)


def partial_path(path: Path) -> Path:
    """Return where a file or folder is while it is being written."""
    return path.with_name(path.name + _SUFFIX)
