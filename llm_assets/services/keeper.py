"""Keeps one server running for as long as somebody uses it.

    python -I -S keeper.py USERS_FILE COMMAND...

A script of its own (standard library only, so that it starts in 30 ms) between a server and the
processes that use it. Each of those holds a shared lock on USERS_FILE. The keeper waits for the
exclusive lock: the kernel grants it when the last user has left, be it by closing, by crashing or
by `kill -9`. Then the keeper stops the server and goes. It holds the exclusive lock until the
server has stopped, so a newcomer never gets hold of a server that is about to end.
"""

import fcntl
import os
import signal
import subprocess
import sys
import threading

GRACE_SECONDS = 20.0
"""How long a server may take to obey a signal before it gets the next, harsher one."""

# PostgreSQL: fast shutdown; immediate shutdown, which recovers at the next start; the end.
_SIGNALS = (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL)


def keep(users_file: str, command: list[str]) -> int:
    """Run the server until it ends or nobody uses it; return its exit code."""
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    # Descriptors that we inherited go on to the server: its lock lives as long as it does.
    server = subprocess.Popen(command, close_fds=False)
    threading.Thread(target=_await_last_user, args=(users_file, stopping), daemon=True).start()
    threading.Thread(target=_stop_when, args=(stopping, server), daemon=True).start()
    return server.wait()


def _await_last_user(users_file: str, stopping: threading.Event) -> None:
    descriptor = os.open(users_file, os.O_RDWR | os.O_CLOEXEC)
    fcntl.flock(descriptor, fcntl.LOCK_EX)  # held until this process ends
    stopping.set()


def _stop_when(stopping: threading.Event, server: subprocess.Popen[bytes]) -> None:
    stopping.wait()
    for harsher in _SIGNALS:
        server.send_signal(harsher)
        try:
            server.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            continue
        return


if __name__ == "__main__":
    # The starter does not wait for us: it may be gone long before we are.
    if os.fork():
        os._exit(0)
    sys.exit(keep(sys.argv[1], sys.argv[2:]))
