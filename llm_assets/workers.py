"""A pool of processes for work that holds the interpreter lock, safe against crashing inputs."""

import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import forkserver
from types import TracebackType
from typing import Self, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_AHEAD = 2
"""Chunks in flight for each process: enough to keep it busy, few enough to bound memory."""


class WorkerPool:
    """Maps a function over chunks, in order, in other processes.

    A native extractor can crash on a hostile page and take its process along. The chunk is then
    repeated item by item, and only the item that crashes a process of its own is given up.
    Results never depend on the number of processes. No process outlives the one that made the
    pool, however that one ends.
    """

    def __init__(self, processes: int) -> None:
        self._shared = _Executor(processes)
        self._alone = _Executor(1)
        self._chunks_ahead = processes * _AHEAD

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._shared.close(wait=kind is None)
        self._alone.close(wait=kind is None)

    def map_chunks(
        self,
        function: Callable[[Sequence[Item]], list[Result]],
        chunks: Iterable[Sequence[Item]],
        crashed: Callable[[Item], Result],
    ) -> Iterator[list[Result]]:
        """Yield `function(chunk)` for each chunk, in order.

        Args:
            function: a module-level function that returns one result an item.
            chunks: the work; read a little ahead of what is being done.
            crashed: what stands for an item that kills the process it is worked on in.
        """
        source = iter(chunks)
        waiting = deque(
            (chunk, self._shared.submit(function, chunk))
            for chunk in islice(source, self._chunks_ahead)
        )
        while waiting:
            chunk, future = waiting.popleft()
            yield self._result(function, chunk, future, crashed)
            for following in islice(source, 1):
                waiting.append((following, self._shared.submit(function, following)))

    def _result(
        self,
        function: Callable[[Sequence[Item]], list[Result]],
        chunk: Sequence[Item],
        future: "Future[list[Result]]",
        crashed: Callable[[Item], Result],
    ) -> list[Result]:
        try:
            return future.result()
        except BrokenProcessPool:
            pass  # by this chunk, or by another that shared the pool with it
        again = self._result_alone(function, chunk)
        if again is not None:
            return again
        results = []
        for item in chunk:
            alone = self._result_alone(function, [item])
            results.append(crashed(item) if alone is None else alone[0])
        return results

    def _result_alone(
        self, function: Callable[[Sequence[Item]], list[Result]], chunk: Sequence[Item]
    ) -> list[Result] | None:
        """Run in a process that no other work can break; None if the work kills it."""
        try:
            return self._alone.submit(function, chunk).result()
        except BrokenProcessPool:
            return None


class _Executor:
    """An executor that starts with the first work and is replaced after a crash."""

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._executor: ProcessPoolExecutor | None = None

    def submit(
        self, function: Callable[[Sequence[Item]], list[Result]], chunk: Sequence[Item]
    ) -> "Future[list[Result]]":
        if self._executor is not None:
            try:
                return self._executor.submit(function, chunk)
            except BrokenProcessPool:
                self._executor.shutdown(wait=False)
        # Not fork: Polars' threads would be copied while they hold locks.
        self._executor = ProcessPoolExecutor(
            self._processes,
            mp_context=multiprocessing.get_context("forkserver"),
            initializer=_start_worker,
        )
        return self._executor.submit(function, chunk)

    def close(self, wait: bool) -> None:
        if self._executor is not None:
            self._executor.shutdown(wait=wait, cancel_futures=True)
            self._executor = None


def start_early(*modules: str) -> None:
    """Start the process that workers are forked from, and have it import what they will need.

    It does so beside us, and once for all workers. Modules that cannot be imported are left out.
    """
    multiprocessing.set_forkserver_preload(["__main__", *modules])
    forkserver.ensure_running()


def _start_worker() -> None:
    """Leave Ctrl-C to the parent, which stops the pool, and end when the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with_parent, args=(parent.sentinel,), daemon=True).start()


def _end_with_parent(sentinel: int) -> None:
    """A killed parent cannot stop its workers: they would wait for work forever."""
    multiprocessing.connection.wait([sentinel])
    os._exit(1)
