"""Runs whose process was killed: Dagster would take them for running and keep their places."""

import os
import socket
from pathlib import Path

import dagster as dg

PROCESS_TAG = "llm_assets/process"
_UNFINISHED = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]


def this_process() -> str:
    """Name this process so that another can tell whether it still lives: host, id, start."""
    return f"{socket.gethostname()}-{os.getpid()}-{_started(os.getpid())}"


def end_abandoned_runs(instance: dg.DagsterInstance) -> int:
    """Mark runs of dead processes of this host as failed; return how many there were."""
    ended = 0
    for run in instance.get_runs(filters=dg.RunsFilter(statuses=_UNFINISHED)):
        host, _, rest = run.tags.get(PROCESS_TAG, "").rpartition("-")[0].rpartition("-")
        name = run.tags.get(PROCESS_TAG, "")
        if host == socket.gethostname() and name != f"{host}-{rest}-{_started(int(rest))}":
            instance.report_run_failed(run, "Its process is gone.")
            ended += 1
    return ended


def _started(process: int) -> str:
    """Return when a process started, in clock ticks since boot; empty if there is none."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    except OSError:
        return ""
    return stat.rpartition(")")[2].split()[19]
