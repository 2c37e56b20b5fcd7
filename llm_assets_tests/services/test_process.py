import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from llm_assets.services import keeper
from llm_assets.services.locks import is_free, try_lock, wait_for
from llm_assets.services.ports import free_ports
from llm_assets.services.process import KeptServer, ServiceError, log_tail
from llm_assets_tests.services.conftest import comes_true

DEAF = """
import signal, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)  # a background shell hands down that it is ignored
print("deaf", flush=True)
time.sleep(60)
"""


class TestKeptServer:
    def test_the_server_lives_from_launch_until_the_last_user_leaves(self, tmp_path: Path) -> None:
        first, second = KeptServer(tmp_path / "x"), KeptServer(tmp_path / "x")
        first.enter()
        claim = first.try_claim()
        assert claim is not None
        assert second.try_claim() is None
        first.launch(["sleep", "60"], claim=claim, cwd=tmp_path)
        second.enter()
        first.leave()
        assert second.is_running
        second.leave()
        assert not second.is_running

    def test_its_output_goes_to_a_private_log_that_starts_empty(self, tmp_path: Path) -> None:
        server = KeptServer(tmp_path / "x")
        server.log.write_text("of the last time")
        server.enter()
        claim = server.try_claim()
        assert claim is not None
        server.launch(
            ["sh", "-c", "echo $GREETING; exit 3"],
            claim=claim,
            cwd=tmp_path,
            env={"GREETING": "hello"},
        )
        assert comes_true(lambda: not server.is_running)
        assert log_tail(server.log) == "hello"
        server.leave()

    def test_a_program_that_does_not_exist_ends_at_once(self, tmp_path: Path) -> None:
        server = KeptServer(tmp_path / "x")
        server.enter()
        claim = server.try_claim()
        assert claim is not None
        server.launch([str(tmp_path / "none")], claim=claim, cwd=tmp_path)
        assert comes_true(lambda: not server.is_running)
        assert "No such file or directory" in log_tail(server.log)
        server.leave()


class TestKeeper:
    def test_a_server_that_ignores_the_first_signal_gets_a_harsher_one(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(keeper, "GRACE_SECONDS", 0.5)
        with subprocess.Popen([sys.executable, "-c", DEAF], stdout=subprocess.PIPE) as server:
            assert server.stdout is not None
            assert server.stdout.readline() == b"deaf\n"
            stopping = threading.Event()
            stopping.set()
            keeper._stop_when(stopping, server)
            assert server.returncode == -signal.SIGQUIT


class TestLocks:
    def test_users_share_and_exclude_a_claim(self, tmp_path: Path) -> None:
        file = tmp_path / "lock"
        with try_lock(file, exclusive=False) as first, try_lock(file, exclusive=False) as second:
            assert first is not None
            assert second is not None
            assert try_lock(file, exclusive=True) is None
            assert not is_free(file)
        assert is_free(file)

    def test_the_kernel_gives_back_the_lock_of_a_killed_process(self, tmp_path: Path) -> None:
        file = tmp_path / "lock"
        script = (
            "import sys, time; from pathlib import Path; from llm_assets.services.locks import *;"
            "lock = try_lock(Path(sys.argv[1]), exclusive=True); print('held', flush=True);"
            "time.sleep(60)"
        )
        command = [sys.executable, "-c", script, str(file)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"held\n"
            assert not is_free(file)
            holder.kill()
        assert is_free(file)

    def test_waiting_is_bounded(self) -> None:
        start = time.monotonic()
        assert wait_for(lambda: None, 0.1) is None
        assert 0.1 <= time.monotonic() - start < 5


def test_free_ports_are_distinct_and_free() -> None:
    ports = free_ports(10)
    assert len(set(ports)) == 10
    for port in ports:
        socket.create_server(("127.0.0.1", port)).close()


def test_a_log_that_is_absent_or_empty_is_said_to_be_so(tmp_path: Path) -> None:
    assert log_tail(tmp_path / "log") == "(it wrote nothing)"
    (tmp_path / "log").write_bytes(b"\xff one\ntwo\nthree\n")
    assert log_tail(tmp_path / "log", lines=2) == "two\nthree"


def test_an_error_tells_cause_and_fix() -> None:
    error = ServiceError("It is broken.", "Mend it.")
    assert str(error) == "It is broken.\nWhat to do: Mend it."
