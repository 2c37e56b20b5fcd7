from pathlib import Path

import pytest

from llm_assets.services.embedded_postgres import EmbeddedPostgres
from llm_assets.services.postgres_cluster import Cluster
from llm_assets.services.process import ServiceError
from llm_assets_tests.services.conftest import StartUser, ask, comes_true, has_stopped


def failure_of(data: Path, **options: object) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        EmbeddedPostgres(data, durable=False, **options).start()
    return caught.value


def test_an_interrupted_first_start_is_made_anew(tmp_path: Path, start_user: StartUser) -> None:
    data = tmp_path / "postgres"
    user = start_user(data, "stop")
    assert comes_true(lambda: list(tmp_path.glob("postgres.new-*/base/*")))
    user.kill()
    user.wait()
    assert has_stopped(data)
    assert not data.exists()
    with EmbeddedPostgres(data, durable=False) as server:
        assert ask(server.url, "select 1") == 1
    assert not list(tmp_path.glob("postgres.new-*"))


def test_an_empty_folder_becomes_the_data_folder(tmp_path: Path) -> None:
    data = tmp_path / "postgres"
    data.mkdir(mode=0o755)
    with EmbeddedPostgres(data, durable=False) as server:
        assert ask(server.url, "select 1") == 1


def test_a_folder_that_holds_something_else_is_left_as_it_is(tmp_path: Path) -> None:
    data = tmp_path / "postgres"
    data.mkdir()
    (data / "novel.txt").write_text("Chapter one")
    assert failure_of(data).fix == f"{data} holds something else: choose another folder."
    assert [path.name for path in data.iterdir()] == ["novel.txt"]
    assert not list(tmp_path.glob("postgres.new-*"))


def test_a_file_where_a_folder_should_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    assert "choose another folder" in failure_of(tmp_path / "home" / "postgres").fix.lower()


def test_a_cluster_of_another_major_version_is_refused(data: Path) -> None:
    (data / "PG_VERSION").write_text("9\n")
    error = failure_of(data)
    assert "was made by PostgreSQL 9, but 18" in error.cause
    assert "embedded-postgres 9" in error.fix
    assert "dump" in error.fix


def test_a_lost_password_is_told_and_nothing_is_overwritten(data: Path) -> None:
    password = data.with_name("postgres.password")
    password.unlink()
    assert str(password) in failure_of(data).cause
    assert not password.exists()


def test_a_wrong_password_file_is_told_at_once(data: Path) -> None:
    data.with_name("postgres.password").write_text("guess")
    error = failure_of(data)
    assert "password authentication failed" in error.cause
    assert error.fix == f"Put back the password that {data} was made with."


def test_an_open_data_folder_is_told(data: Path) -> None:
    data.chmod(0o755)
    assert failure_of(data).fix == f"Run 'chmod 700 {data}'."
    assert data.stat().st_mode & 0o777 == 0o755


def test_broken_settings_show_the_log(data: Path) -> None:
    with (data / "postgresql.conf").open("a") as file:
        file.write("nonsense = 1\n")
    error = failure_of(data)
    assert 'unrecognized configuration parameter "nonsense"' in error.cause
    assert str(data.with_name("postgres.log")) in error.fix


@pytest.mark.parametrize(
    ("cause", "fix"),
    [
        ("could not write to file: No space left on device", "Free space on the disk of /d."),
        ("[Errno 30] Read-only file system", "Choose a writable folder with LLM_ASSETS_HOME."),
        ("could not open file: Permission denied", "access to /d."),
        ("something new", "Read /log, or name a PostgreSQL server"),
    ],
)
def test_a_cause_comes_with_what_to_do(cause: str, fix: str) -> None:
    error = Cluster(Path("/d"), durable=True).failure("It failed", cause, Path("/log"))
    assert fix in error.fix
    assert str(error) == f"It failed on /d:\n{cause}\nWhat to do: {error.fix}"
