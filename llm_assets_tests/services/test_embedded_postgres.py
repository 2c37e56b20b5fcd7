import os
import shutil
import signal
import socket
import stat
import subprocess
import time
from pathlib import Path

import psycopg
import pytest

from llm_assets.services import embedded_postgres
from llm_assets.services.embedded_postgres import EmbeddedPostgres
from llm_assets.services.ports import free_ports
from llm_assets.services.postgres_binaries import choose_runner, find_programs
from llm_assets.services.process import KeptServer, ServiceError
from llm_assets_tests.services.conftest import StartUser, ask, comes_true, has_stopped, said_by


def postmaster(data: Path) -> int:
    return int((data / "postmaster.pid").read_text().splitlines()[0])


class TestLife:
    def test_first_start_makes_a_private_utf8_cluster(self, tmp_path: Path) -> None:
        data = tmp_path / "with a space, ü" / "postgres"
        with EmbeddedPostgres(data) as server:
            assert server.owned
            assert server.url.startswith("postgresql://llm_assets:")
            assert server.url.endswith(f"@127.0.0.1:{server.port}/llm_assets")
            assert ask(server.url, "show server_encoding") == "UTF8"
            assert ask(server.url, "show timezone") == "UTC"
            assert ask(server.url, "show fsync") == "on"
            assert ask(server.url, "show listen_addresses") == "127.0.0.1"
            assert ask(server.url, "show unix_socket_directories") == ""
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in data.parent.iterdir()}
        assert modes == {
            "postgres": 0o700,
            "postgres.log": 0o600,
            "postgres.password": 0o600,
            "postgres.running": 0o600,
            "postgres.users": 0o600,
        }

    def test_stop_ends_every_process_and_the_next_start_finds_the_data(self, data: Path) -> None:
        server = EmbeddedPostgres(data, durable=False)
        server.start()
        url = server.url
        server.stop()
        assert not KeptServer(data).is_running
        assert not (data / "postmaster.pid").exists()
        with pytest.raises(psycopg.OperationalError, match="refused"):
            ask(url, "select 1")
        with pytest.raises(ServiceError, match="no PostgreSQL server runs"):
            _ = server.url
        server.stop()  # twice does no harm
        with EmbeddedPostgres(data, durable=False) as again:
            assert ask(again.url, "select value from kept") == 7

    def test_variables_of_postgresql_do_not_confuse_it(
        self, data: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name, value in {"PGDATA": "/none", "PGPORT": "1", "PGSSLMODE": "require"}.items():
            monkeypatch.setenv(name, value)
        with EmbeddedPostgres(data, durable=False) as server:
            assert ask(f"{server.url}?sslmode=disable", "select value from kept") == 7

    def test_a_wrong_password_is_refused(self, data: Path) -> None:
        password = data.with_name("postgres.password")
        with EmbeddedPostgres(data, durable=False) as server:
            guessed = server.url.replace(password.read_text(), "guess")
            with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
                ask(guessed, "select 1")


class TestSharing:
    def test_the_last_of_several_users_stops_it(self, data: Path) -> None:
        first = EmbeddedPostgres(data, durable=False)
        second = EmbeddedPostgres(data, durable=False)
        first.start()
        second.start()
        assert (first.owned, second.owned) == (True, False)
        assert first.url == second.url
        first.stop()
        assert ask(second.url, "select value from kept") == 7
        second.stop()
        assert not KeptServer(data).is_running

    def test_processes_share_it(self, data: Path, start_user: StartUser) -> None:
        with EmbeddedPostgres(data, durable=False) as server:
            other = start_user(data, "stop")
            assert said_by(other) == (False, server.url)
            assert other.wait(20) == 0
            assert ask(server.url, "select value from kept") == 7

    def test_two_first_starts_at_once_make_one_cluster(
        self, tmp_path: Path, start_user: StartUser
    ) -> None:
        users = [start_user(tmp_path / "new" / "postgres", "wait") for _ in range(2)]
        (owned_1, url_1), (owned_2, url_2) = map(said_by, users)
        assert {owned_1, owned_2} == {True, False}
        assert url_1 == url_2
        assert ask(url_1, "select 1") == 1


class TestDeath:
    def test_kill_9_of_its_only_user_stops_it(self, data: Path, start_user: StartUser) -> None:
        user = start_user(data, "wait")
        owned, url = said_by(user)
        assert owned
        assert ask(url, "select value from kept") == 7
        user.kill()
        assert has_stopped(data)
        assert not (data / "postmaster.pid").exists(), "it was not stopped cleanly"

    def test_kill_9_of_its_starter_leaves_it_to_the_others(
        self, data: Path, start_user: StartUser
    ) -> None:
        starter = start_user(data, "wait")
        said_by(starter)
        with EmbeddedPostgres(data, durable=False) as server:
            assert not server.owned
            starter.kill()
            starter.wait()
            time.sleep(0.3)
            assert ask(server.url, "select value from kept") == 7
        assert not KeptServer(data).is_running

    def test_ctrl_c_is_for_its_user_not_for_it(self, data: Path, start_user: StartUser) -> None:
        user = start_user(data, "ignore Ctrl-C")
        _, url = said_by(user)
        assert user.stdout is not None
        assert user.stdout.readline() == "ignoring\n"
        os.killpg(user.pid, signal.SIGINT)
        time.sleep(0.3)
        assert ask(url, "select value from kept") == 7

    def test_a_user_that_execs_another_program_stays_one(
        self, data: Path, start_user: StartUser
    ) -> None:
        user = start_user(data, "exec")
        _, url = said_by(user)
        time.sleep(0.3)
        assert ask(url, "select value from kept") == 7
        user.kill()
        assert has_stopped(data)

    @pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs setpriv")
    @pytest.mark.parametrize("with_signal", [signal.SIGTERM, signal.SIGKILL])
    def test_it_does_not_outlive_its_keeper(self, data: Path, with_signal: signal.Signals) -> None:
        with EmbeddedPostgres(data, durable=False):
            parent = Path("/proc", str(postmaster(data)), "stat").read_text().split()[3]
            os.kill(int(parent), with_signal)
            assert has_stopped(data)
        assert not (data / "postmaster.pid").exists(), "it was not stopped cleanly"

    def test_kill_9_of_the_server_loses_nothing_and_the_next_user_restarts_it(
        self, data: Path
    ) -> None:
        with EmbeddedPostgres(data, durable=False) as server:
            ask(server.url, "create table late as select 8 as value")
            os.kill(postmaster(data), signal.SIGKILL)
            with EmbeddedPostgres(data, durable=False) as again:
                assert again.owned
                assert ask(again.url, "select value from late") == 8

    def test_a_left_pid_file_that_names_a_stranger_is_no_hindrance(self, data: Path) -> None:
        lines = [str(os.getppid()), str(data), "0", "1", "", "127.0.0.1", "0 0", "ready"]
        (data / "postmaster.pid").write_text("\n".join(lines))
        with EmbeddedPostgres(data, durable=False) as server:
            assert ask(server.url, "select value from kept") == 7

    def test_a_server_started_by_hand_is_left_alone(self, data: Path) -> None:
        runner = choose_runner(find_programs(), data)
        options = ["-D", runner.address(data), "-p", str(free_ports(1)[0]), "-k", ""]
        command = runner.command("postgres", *options)
        with subprocess.Popen(command, cwd=data, stderr=subprocess.DEVNULL) as by_hand:
            pid_file = data / "postmaster.pid"
            assert comes_true(lambda: pid_file.exists() and "ready" in pid_file.read_text())
            with pytest.raises(ServiceError, match="started by hand"):
                EmbeddedPostgres(data, durable=False).start()
            assert postmaster(data) == by_hand.pid
            by_hand.send_signal(signal.SIGINT)


class TestPorts:
    def test_a_port_that_is_taken_is_told(self, data: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            server = EmbeddedPostgres(data, durable=False, port=taken.getsockname()[1])
            with pytest.raises(ServiceError, match="Address already in use") as caught:
                server.start()
        assert caught.value.fix == "Stop the program on that port, or leave the choice of it to us."
        assert not KeptServer(data).is_running

    def test_a_free_port_that_somebody_else_gets_first_is_given_up(
        self, data: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            offers = [[taken.getsockname()[1]], free_ports(1)]
            monkeypatch.setattr(embedded_postgres, "free_ports", lambda _: offers.pop(0))
            with EmbeddedPostgres(data, durable=False) as server:
                assert ask(server.url, "select value from kept") == 7
        assert not offers
