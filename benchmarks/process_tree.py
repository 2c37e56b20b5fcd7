"""Running a command and all that it starts, to the last process: CPU seconds and peak memory.

A worker or a server may outlive its parent, so that the parent never learns what it took. Here the
kernel hands such orphans to us (Linux, `PR_SET_CHILD_SUBREAPER`), and we wait for each.
"""

import ctypes
import os
import resource
import subprocess
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_SET_CHILD_SUBREAPER = 36
_SECONDS_BETWEEN_LOOKS = 0.25


@dataclass(frozen=True, slots=True)
class TreeRun:
    """What a command and all its processes took."""

    code: int
    output: str
    errors: str
    cpu_seconds: float
    peak_mb: float
    """The greatest sum of proportional set sizes that was seen: shared pages count once."""


def run_tree(command: list[str], environment: dict[str, str], work: Path) -> TreeRun:
    """Run a command until it and everything that it started has ended."""
    ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    before = _children_seconds()
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=errors, cwd=work)
        watch = _Watch()
        code = process.wait()
        with suppress(ChildProcessError):
            while True:
                os.wait()
        peak = watch.stop()
        out.seek(0)
        errors.seek(0)
        spent = _children_seconds() - before
        return TreeRun(code, out.read(), errors.read(), spent, peak)


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class _Watch:
    """Looks at the memory of all our descendants, now and then."""

    def __init__(self) -> None:
        self._peak_kb = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        self._done.set()
        self._thread.join()
        return self._peak_kb / 1024

    def _look(self) -> None:
        while not self._done.wait(_SECONDS_BETWEEN_LOOKS):
            self._peak_kb = max(self._peak_kb, sum(map(_pss_kb, _descendants(os.getpid()))))


def _descendants(ancestor: int) -> list[int]:
    parents: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            with suppress(OSError, ValueError):
                # The name in brackets may hold anything, spaces and brackets too.
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                parents[int(folder.name)] = int(fields[1])
    found = {ancestor}
    grown = True
    while grown:
        below = {process for process, parent in parents.items() if parent in found}
        grown = not below <= found
        found |= below
    return sorted(found - {ancestor})


def _pss_kb(process: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0
