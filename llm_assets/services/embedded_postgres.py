"""A PostgreSQL server of our own for one machine, started and stopped with its users.

    with EmbeddedPostgres(home / "postgres") as server:
        connect(server.url)

The first user starts it, later ones (of the same or other processes) share it, and it stops when
the last one has left, even if by `kill -9`. It listens on the loopback interface only, wants a
password, and runs as root as well as an ordinary user (see `postgres_binaries.py`).

Beside the data folder `postgres` lie `postgres.password`, `postgres.log` and two lock files (see
`KeptServer`).
"""

from contextlib import suppress
from pathlib import Path
from typing import Self

import psycopg
from psycopg.errors import DuplicateDatabase, UniqueViolation

from llm_assets.services.locks import FileLock, wait_for
from llm_assets.services.ports import free_ports
from llm_assets.services.postgres_binaries import find_programs
from llm_assets.services.postgres_cluster import USER, Cluster, server_environment
from llm_assets.services.process import KeptServer, ServiceError, log_tail

_DATABASE = "llm_assets"
_LAUNCHES = 3  # a free port may be taken before the server gets there
_SETTINGS = ("timezone=UTC", "log_timezone=UTC")
_NOT_DURABLE = ("fsync=off", "full_page_writes=off")


class EmbeddedPostgres:
    """A server on a data folder, used from `start` to `stop`; also a context manager.

    Args:
        data_dir: made at the first start, with a database `llm_assets` in UTF-8.
        durable: False for tests: do not wait for the disk, a crash of the machine may lose all.
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
        self._cluster = Cluster(self.data_dir, durable=durable)
        self._server = KeptServer(self.data_dir)
        self._settings = _SETTINGS if durable else _SETTINGS + _NOT_DURABLE
        self._wanted_port = port
        self._programs = programs
        self._start_seconds = start_seconds
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
            raise ServiceError(f"no PostgreSQL server runs on {self.data_dir}.", "Start it.")
        return int(lines[3])

    @property
    def url(self) -> str:
        """Where the database is, with user and password: keep it out of messages and logs."""
        return self.database_url(_DATABASE)

    def database_url(self, name: str) -> str:
        """Return the URL of another database of this server."""
        return f"postgresql://{USER}:{self._cluster.password()}@127.0.0.1:{self.port}/{name}"

    def start(self) -> None:
        """Start the server, or share the one that runs on this folder, and wait until it answers.

        Raises:
            ServiceError: if it does not answer in time; the message tells cause and fix.
        """
        if self._server.is_used:
            return
        self.owned, self._launches, self._refusal = False, 0, ""
        try:
            self.data_dir.parent.mkdir(parents=True, exist_ok=True)
            self._server.enter()
            if not wait_for(self._start_or_share, self._start_seconds):
                raise self._failure("PostgreSQL was not ready in time", self._refusal)
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
        self._server.leave()

    def _start_or_share(self) -> bool:
        """Whether the server answers; starts it if it is not running."""
        claim = self._server.try_claim()
        if claim is None:
            return self._answers()
        with claim:
            if self._launches and not self._may_launch_again():
                raise self._failure("PostgreSQL did not start")
            self._launch(claim)
        self._launches += 1
        self.owned = True
        return False

    def _may_launch_again(self) -> bool:
        lost_port = "Address already in use" in log_tail(self._server.log)
        return lost_port and self._wanted_port is None and self._launches < _LAUNCHES

    def _launch(self, claim: FileLock) -> None:
        runner = self._cluster.prepare(self._programs or find_programs(), claim)
        self._remove_stale_pid_file()
        command = runner.command(
            "postgres",
            *("-D", runner.address(self.data_dir)),
            *("-h", "127.0.0.1", "-p", str(self._wanted_port or free_ports(1)[0])),
            *("-k", ""),  # no Unix socket: its path may have no more than 107 bytes
            *(part for setting in self._settings for part in ("-c", setting)),
        )
        self._server.launch(command, claim=claim, cwd=self.data_dir, env=server_environment())

    def _remove_stale_pid_file(self) -> None:
        """Remove what a killed server left, which may name a process that is another one by now.

        We hold the claim, so none of our servers is alive. One that was started by hand works in
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
        log = self._server.log
        return self._cluster.failure(what, cause or log_tail(log), log)
