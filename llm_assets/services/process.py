"""A server process that lives exactly as long as somebody uses it, and telling why it does not."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from llm_assets.services.locks import FileLock, is_free, try_lock, wait_for

_KEEPER = Path(__file__).with_name("keeper.py")
_STOP_SECONDS = 70.0  # more than a keeper needs to send all its signals


class ServiceError(Exception):
    """Something that our work needs is not in order: a server above all.

    Args:
        cause: what happened and why.
        fix: what to do about it, as a sentence.
    """

    def __init__(self, cause: str, fix: str) -> None:
        super().__init__(cause, fix)
        self.cause = cause
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.cause}\nWhat to do: {self.fix}"


def dying_with_its_parent(command: Sequence[str]) -> list[str]:
    """Make a command whose process the kernel interrupts (SIGINT) when its parent dies.

    Without `setpriv` (macOS) the command stays as it is: a weaker guarantee, since then a
    `kill -9` of a server's keeper (not of its users) leaves the server running.
    """
    setpriv = shutil.which("setpriv")
    return [*([setpriv, "--pdeathsig", "INT", "--"] if setpriv else []), *command]


def log_tail(log: Path, lines: int = 12) -> str:
    """Return the last lines of a log, or a word that there are none."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        text = ""
    return "\n".join(text.splitlines()[-lines:]) or "(it wrote nothing)"


class KeptServer:
    """A server under a keeper (see `keeper.py`), as one of its users sees it.

    The lock file `users` is shared by every user; `running` is held from the moment when somebody
    begins to start the server until its last process has ended. These locks, not process ids, tell
    what is alive from what a dead process left behind.

    Args:
        place: where its files lie: a path to which `.users`, `.running` and `.log` are appended.
    """

    def __init__(self, place: Path) -> None:
        self.log = place.with_name(f"{place.name}.log")
        self._users = place.with_name(f"{place.name}.users")
        self._running = place.with_name(f"{place.name}.running")
        self._lease: FileLock | None = None

    @property
    def is_used(self) -> bool:
        """Whether we are between `enter` and `leave`."""
        return self._lease is not None

    @property
    def is_running(self) -> bool:
        """Whether the server runs, or somebody is starting it."""
        return not is_free(self._running)

    def enter(self) -> None:
        """Become a user; waits for a server that is just being stopped.

        Raises:
            ServiceError: if it does not stop within about a minute.
            OSError: if the lock file cannot be made.
        """
        self._lease = wait_for(lambda: try_lock(self._users, exclusive=False), _STOP_SECONDS)
        if self._lease is None:
            raise self._does_not_stop()
        # A process that `exec`s another program stays a user; `subprocess` closes it in children.
        os.set_inheritable(self._lease.descriptor, True)

    def leave(self) -> None:
        """Be no user any more; if there is no other, wait until the server has stopped.

        Raises:
            ServiceError: if it does not stop within about a minute.
        """
        if self._lease is None:
            return
        self._lease.close()
        self._lease = None
        if not wait_for(lambda: not self.is_running or self._has_users(), _STOP_SECONDS):
            raise self._does_not_stop()

    def try_claim(self) -> FileLock | None:
        """Return the right to start the server, or None if it runs or somebody is starting it."""
        return try_lock(self._running, exclusive=True)

    def launch(
        self,
        command: Sequence[str],
        *,
        claim: FileLock,
        cwd: Path,
        env: Mapping[str, str] | None = None,
    ) -> None:
        """Start the server and return at once; it stops when its last user has left.

        Args:
            command: the server, in the foreground, stopping cleanly on SIGINT.
            claim: what `try_claim` returned; it goes over to the server.
            cwd: the server's working directory.
            env: the server's environment; ours if None.

        Raises:
            OSError: if the log cannot be written or the keeper cannot be started.
        """
        descriptor = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        with claim, os.fdopen(descriptor, "wb") as log:
            subprocess.run(
                [sys.executable, "-I", "-S", _KEEPER, self._users, *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=cwd,
                env=env,
                pass_fds=[claim.descriptor],
                start_new_session=True,  # Ctrl-C is for us: the server stops after its last user
                check=True,
            )

    def _does_not_stop(self) -> ServiceError:
        return ServiceError(
            f"a server that was told to stop still holds {self._running}.",
            f"Read {self.log}; 'fuser {self._running}' names the process to end.",
        )

    def _has_users(self) -> bool:
        """Whether others use it: not so if the lease is free, or held by a stopping keeper."""
        if is_free(self._users):
            return False
        share = try_lock(self._users, exclusive=False)
        if share is not None:
            share.close()
        return share is not None
