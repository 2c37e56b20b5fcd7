"""`dev`: the Dagster UI, its daemon and the code server, as one foreground process."""

import signal
import subprocess
import sys
import threading
import urllib.request
from urllib.error import URLError

import dagster as dg

from llm_assets.abandoned import end_abandoned_runs
from llm_assets.runtime import Platform
from llm_assets.terminal import LOG

_SECONDS_TO_STOP = 20


def serve(platform: Platform, host: str, port: int) -> int:
    """Run `dagster dev` until it ends or is interrupted; return its exit code."""
    with dg.DagsterInstance.get() as instance:
        end_abandoned_runs(instance)
    command = [sys.executable, "-W", "ignore", "-m", "dagster", "dev"]
    command += ["-m", "llm_assets.definitions", "-h", host, "-p", str(port)]
    command += ["--log-level", "warning"]
    LOG.print(
        f"Starting the UI for [bold]{platform.corpus.name}[/bold] ...  Ctrl-C stops everything."
    )
    # In a process group of its own, so that Ctrl-C reaches it once, from here.
    # In Dagster's home: a dagster.yaml in another working folder only makes it warn.
    home = platform.settings.dagster_home
    server = subprocess.Popen(command, start_new_session=True, cwd=home)
    stop = threading.Event()
    threading.Thread(target=_announce, args=(host, port, stop), daemon=True).start()
    previous = signal.signal(signal.SIGTERM, _interrupt)
    try:
        return server.wait()
    except KeyboardInterrupt:
        LOG.print("Stopping ...")
        return _stop(server)
    finally:
        stop.set()
        signal.signal(signal.SIGTERM, previous)


def _interrupt(signum: int, frame: object) -> None:
    raise KeyboardInterrupt


def _stop(server: "subprocess.Popen[bytes]") -> int:
    """Ask the group to stop, and make it stop if it does not."""
    server.send_signal(signal.SIGINT)
    try:
        server.wait(_SECONDS_TO_STOP)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        server.kill()
        server.wait()
    return 0


def _announce(host: str, port: int, stop: threading.Event) -> None:
    """Say where the UI is as soon as it answers."""
    address = f"http://{host}:{port}"
    while not stop.wait(0.5):
        try:
            with urllib.request.urlopen(f"{address}/server_info", timeout=2):  # noqa: S310
                break
        except (URLError, OSError):
            continue
    else:
        return
    LOG.print(
        f"The UI is at [link={address}]{address}[/link]: open Assets, then View lineage, and "
        "Materialize all. Sensors watch the sources and refresh what changes."
    )
