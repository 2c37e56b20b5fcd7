"""Data folders that were used once, and processes that use servers and can be killed."""

import os
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from llm_assets.services.embedded_postgres import EmbeddedPostgres
from llm_assets.services.process import KeptServer

CHECKOUT = Path(__file__).resolve().parents[2]

# Starts the server, says where it is, and goes on as the last argument says.
_USER = """
import os, signal, sys, time
from pathlib import Path
from llm_assets.services.embedded_postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]), durable=False)
server.start()
print(server.owned, server.url, flush=True)
if sys.argv[2] == "exec":
    os.execvp("sleep", ["sleep", "100"])
if sys.argv[2] == "ignore Ctrl-C":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    print("ignoring", flush=True)
    time.sleep(100)
if sys.argv[2] == "wait":
    time.sleep(100)
server.stop()
"""

StartUser = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture(scope="session")
def used_cluster(own_environment: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stopped server's data folder; copying it is quicker than making one for each test."""
    data = tmp_path_factory.mktemp("cluster") / "postgres"
    with EmbeddedPostgres(data, durable=False) as server:
        ask(server.url, "create table kept as select 7 as value")
    return data


@pytest.fixture
def data(used_cluster: Path, tmp_path: Path) -> Path:
    """A data folder of the test's own, with a table `kept` that holds 7."""
    copy = tmp_path / "postgres"
    shutil.copytree(used_cluster, copy)
    shutil.copy(used_cluster.with_name("postgres.password"), tmp_path)
    return copy


@pytest.fixture
def start_user() -> Iterator[StartUser]:
    """Starts processes that use the server of a folder; none survives the test."""
    started: list[subprocess.Popen[str]] = []

    def start(
        data: Path, then: str, *prefix: str, python: str = sys.executable
    ) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [*prefix, python, "-c", _USER, str(data), then],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=CHECKOUT,
            start_new_session=True,  # as at a terminal: Ctrl-C goes to the whole group
            env={**os.environ, "PYTHONPATH": sysconfig.get_path("purelib")},
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def said_by(process: "subprocess.Popen[str]") -> tuple[bool, str]:
    """What a user says once its server answers: whether it started it, and the URL."""
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, process.communicate()[1]
    owned, url = line.split()
    return owned == "True", url


def ask(url: str, question: str) -> object:
    """The first value of the answer."""
    with psycopg.connect(url) as connection:
        cursor = connection.execute(question)
        row = cursor.fetchone() if cursor.description else None
    return row[0] if row else None


def comes_true(condition: Callable[[], object], seconds: float = 15.0) -> bool:
    """Whether something becomes so in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def has_stopped(data: Path) -> bool:
    """Whether the last process of the server on a folder ends in time."""
    return comes_true(lambda: not KeptServer(data).is_running)
