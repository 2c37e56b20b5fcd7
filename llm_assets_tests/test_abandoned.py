"""Runs of processes that are gone."""

import subprocess
import sys

import dagster as dg
import pytest

from llm_assets.abandoned import PROCESS_TAG, end_abandoned_runs, this_process


@dg.job
def work() -> None:
    """Do nothing."""


def name_of_a_dead_process() -> str:
    program = "from llm_assets.abandoned import this_process; print(this_process())"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("tags", "ended"),
    [
        ({PROCESS_TAG: "dead"}, True),
        ({PROCESS_TAG: "this"}, False),
        ({PROCESS_TAG: "another-host-1-1"}, False),
        ({}, False),
    ],
)
def test_only_runs_of_dead_processes_of_this_host_are_ended(
    tags: dict[str, str], ended: bool
) -> None:
    names = {"dead": name_of_a_dead_process(), "this": this_process()}
    tags = {key: names.get(value, value) for key, value in tags.items()}
    with dg.DagsterInstance.ephemeral() as instance:
        run = instance.create_run_for_job(work, tags=tags, status=dg.DagsterRunStatus.STARTED)
        assert end_abandoned_runs(instance) == int(ended)
        status = instance.get_run_by_id(run.run_id).status
        assert status == (dg.DagsterRunStatus.FAILURE if ended else dg.DagsterRunStatus.STARTED)
