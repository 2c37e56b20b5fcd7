"""Starting a server that lives exactly as long as somebody uses it, and telling why it did not."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from llm_assets.services.locks import FileLock

_KEEPER = Path(__file__).with_name("keeper.py")


class ServiceError(Exception):
    """A server could not be started, reached or stopped; the message says why and what to do."""


def dying_with_its_parent(command: Sequence[str]) -> list[str]:
    """Make a command whose process the kernel interrupts (SIGINT) when its parent dies.

    Without `setpriv` (macOS) the command stays as it is: a weaker guarantee, since then a
    `kill -9` of a server's keeper (not of its users) leaves the server running.
    """
    setpriv = shutil.which("setpriv")
    return [*([setpriv, "--pdeathsig", "INT", "--"] if setpriv else []), *command]


def start_server(
    command: Sequence[str],
    *,
    users: Path,
    log: Path,
    cwd: Path,
    running: FileLock | None = None,
    env: Mapping[str, str] | None = None,
) -> None:
    """Start a server under a keeper (see `keeper.py`) and return at once.

    Args:
        command: the server, in the foreground, stopping cleanly on SIGINT.
        users: the lock file that each user of the server shares. The caller must hold it.
        log: where the server's output goes; emptied first, readable by its owner only.
        cwd: the server's working directory.
        running: a lock that passes to the server and is free again when its last process ended.
        env: the server's environment; ours if None.

    Raises:
        OSError: if the log cannot be written or the keeper cannot be started.
    """
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "wb") as output:
        subprocess.run(
            [sys.executable, "-I", "-S", _KEEPER, users, *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=cwd,
            env=env,
            pass_fds=[] if running is None else [running.descriptor],
            start_new_session=True,  # Ctrl-C is for us: the server stops after its last user
            check=True,
        )
    if running is not None:
        running.close()


def log_tail(log: Path, lines: int = 12) -> str:
    """Return the last lines of a log, indented, or a word that there are none."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        text = ""
    return "\n".join(f"  {line}" for line in text.splitlines()[-lines:]) or "  (it wrote nothing)"
