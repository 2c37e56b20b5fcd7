"""Folders to write in that are gone afterwards, even when their process was killed."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_LOCK = "lock"
_CONTENT = "content"


@contextmanager
def scratch_folder(parent: Path) -> Iterator[Path]:
    """Yield an empty folder below `parent`, which is made if need be.

    The folder is removed with all that is in it when the block ends. One whose process was killed
    is removed when the next is made: the kernel has given back its lock.

    Raises:
        OSError: if the folder cannot be made.
    """
    parent.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(parent)
    home, lock = _make(parent)
    try:
        yield home / _CONTENT
    finally:
        shutil.rmtree(home, ignore_errors=True)
        os.close(lock)


def _make(parent: Path) -> tuple[Path, int]:
    while True:
        home = Path(tempfile.mkdtemp(dir=parent))
        lock = os.open(home / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with suppress(OSError):  # a file system without locks: nobody will take the folder away
            fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            (home / _CONTENT).mkdir()
        except FileNotFoundError:  # another process took it for abandoned before it was locked
            os.close(lock)
        else:
            return home, lock


def _remove_abandoned(parent: Path) -> None:
    for home in parent.iterdir():
        try:
            lock = os.open(home / _LOCK, os.O_RDWR | os.O_CLOEXEC)
        except OSError:  # gone, or not locked yet
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:  # in use, or a file system without locks
            continue
        else:
            shutil.rmtree(home, ignore_errors=True)
        finally:
            os.close(lock)
