"""A pool of processes for work that holds the interpreter lock, safe against crashing inputs."""

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from types import TracebackType
from typing import Self, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_AHEAD = 2
"""Chunks in flight for each process: enough to keep it busy, few enough to bound memory."""


class WorkerPool:
    """Maps a function over chunks, in order, in other processes.

    A native extractor can crash on a hostile page and take its process along. The chunk is then
    repeated item by item, and only the item that crashes a fresh process again is given up.
    Results never depend on the number of processes.
    """

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._executor: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._executor is not None:
            self._executor.shutdown(wait=kind is None, cancel_futures=True)
            self._executor = None

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
            (chunk, self._submit(function, chunk))
            for chunk in islice(source, self._processes * _AHEAD)
        )
        while waiting:
            chunk, future = waiting.popleft()
            yield self._result(function, chunk, future, crashed)
            for following in islice(source, 1):
                waiting.append((following, self._submit(function, following)))

    def _submit(
        self, function: Callable[[Sequence[Item]], list[Result]], chunk: Sequence[Item]
    ) -> "Future[list[Result]]":
        if self._executor is None:
            self._executor = _executor(self._processes)
        try:
            return self._executor.submit(function, chunk)
        except BrokenProcessPool:
            # Its other chunks have failed as well and are repeated one by one when their turn
            # comes; new work goes to a new pool.
            self._executor = _executor(self._processes)
            return self._executor.submit(function, chunk)

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
        again = _in_own_process(function, chunk)
        if again is not None:
            return again
        results = []
        for item in chunk:
            alone = _in_own_process(function, [item])
            results.append(crashed(item) if alone is None else alone[0])
        return results


def _executor(processes: int) -> ProcessPoolExecutor:
    # Not fork: Polars' threads would be copied while they hold locks.
    return ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("forkserver"))


def _in_own_process(
    function: Callable[[Sequence[Item]], list[Result]], chunk: Sequence[Item]
) -> list[Result] | None:
    """Run in a process that nothing else can break; None if the work kills it."""
    with _executor(1) as executor:
        try:
            return executor.submit(function, chunk).result()
        except BrokenProcessPool:
            return None
