"""The worker pool: order, survival of inputs that crash a process, and a clean end."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from llm_assets.workers import WorkerPool
from llm_assets_tests.worker_functions import double, double_or_die, interrupted, process_id

_KILLED_WHILE_IT_HAS_WORKERS = """
import os, signal
from llm_assets.workers import WorkerPool
from llm_assets_tests.worker_functions import process_id

if __name__ == "__main__":
    with WorkerPool(2) as pool:
        for ids in pool.map_chunks(process_id, [[n] for n in range(8)], crashed=lambda _item: 0):
            print(*ids, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("processes", [1, 2])
def test_results_come_in_the_order_of_the_chunks(processes: int) -> None:
    chunks = [list(range(start, start + 3)) for start in range(0, 60, 3)]
    with WorkerPool(processes) as pool:
        results = list(pool.map_chunks(double, chunks, crashed=lambda item: -item))
    assert results == [double(chunk) for chunk in chunks]


@pytest.mark.parametrize("processes", [1, 2])
def test_only_the_item_that_crashes_a_process_is_given_up(processes: int) -> None:
    chunks = [[1, 2], [3, 13, 4], [5], [6, 7], [13], [8]]
    with WorkerPool(processes) as pool:
        results = list(pool.map_chunks(double_or_die, chunks, crashed=lambda item: -item))
    assert results == [[2, 4], [6, -13, 8], [10], [12, 14], [-13], [16]]


def test_an_exception_of_the_function_reaches_the_caller() -> None:
    with WorkerPool(1) as pool, pytest.raises(TypeError):
        list(pool.map_chunks(double, [[1], [None]], crashed=lambda item: 0))  # type: ignore[list-item]


def test_a_pool_serves_many_maps_with_the_same_processes() -> None:
    with WorkerPool(1) as pool:
        first = list(pool.map_chunks(process_id, [[1]], crashed=lambda item: 0))
        second = list(pool.map_chunks(process_id, [[1]], crashed=lambda item: 0))
    assert first == second != [[os.getpid()]]


def test_chunks_are_read_only_a_little_ahead() -> None:
    read: list[int] = []

    def chunks() -> Iterator[Sequence[int]]:
        for number in range(100):
            read.append(number)
            yield [number]

    with WorkerPool(2) as pool:
        results = pool.map_chunks(double, chunks(), crashed=lambda item: 0)
        assert read == []
        next(results)
        assert len(read) == 4
        next(results)
        assert len(read) == 5


def test_ctrl_c_is_left_to_the_parent() -> None:
    with WorkerPool(1) as pool:
        results = list(pool.map_chunks(interrupted, [[1], [2]], crashed=lambda item: -item))
    assert results == [[2], [4]]


def test_no_worker_outlives_a_killed_parent(tmp_path: Path) -> None:
    script = tmp_path / "killed.py"
    script.write_text(_KILLED_WHILE_IT_HAS_WORKERS)
    root = str(Path(__file__).parents[1])
    output = tmp_path / "output"  # no pipe: a worker that is left would keep it open
    with output.open("w") as stream:
        subprocess.run(
            [sys.executable, str(script)],
            env={**os.environ, "PYTHONPATH": root},
            stdout=stream,
            stderr=stream,
            check=False,
        )
    workers = {int(line) for line in output.read_text().split()}
    assert len(workers) == 2
    deadline = time.monotonic() + 10
    while alive := [worker for worker in workers if _is_running(worker)]:
        assert time.monotonic() < deadline, f"workers {alive} are still there"
        time.sleep(0.02)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{process}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"
