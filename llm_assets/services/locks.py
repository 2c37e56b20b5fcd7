"""Advisory file locks that the kernel gives back when their holder dies, however it dies.

They answer questions that process ids cannot (ids are reused): is a server running on this folder,
and does anybody still use it? `flock` is bound to an open file, so two users inside one process
count as two, and a child that inherits the descriptor holds the lock as well.
"""

import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self, TypeVar

_POLL_SECONDS = 0.02

T = TypeVar("T")


class FileLock:
    """A lock that is held from construction to `close`. Made by `try_lock` and `wait_for`."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the lock back, unless a child that inherited the descriptor still holds it."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1


def try_lock(path: Path, *, exclusive: bool) -> FileLock | None:
    """Lock a file at once, or return None if others hold it. The file is made, never removed.

    Raises:
        OSError: if the file cannot be made or opened.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    mode = fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH
    try:
        fcntl.flock(descriptor, mode | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except OSError:
        os.close(descriptor)
        raise
    return FileLock(descriptor)


def is_free(path: Path) -> bool:
    """Whether nobody holds a lock on the file."""
    lock = try_lock(path, exclusive=True)
    if lock is not None:
        lock.close()
    return lock is not None


def wait_for(attempt: Callable[[], T | None], seconds: float) -> T | None:
    """Repeat an attempt every 20 ms until it returns something true, for at most `seconds`."""
    deadline = time.monotonic() + seconds
    while not (result := attempt()):
        if time.monotonic() > deadline:
            return None
        time.sleep(_POLL_SECONDS)
    return result
