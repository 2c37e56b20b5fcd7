"""Working on what comes next while what came before is in use."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def map_ahead(
    function: Callable[[Item], Result], items: Iterable[Item], ahead: int = 2
) -> Iterator[Result]:
    """Yield `function(item)` for each item, in order, and work on the next ones meanwhile.

    It pays where the function waits for other processes or leaves the interpreter lock alone.
    Results are those of `map`, and so is the first error.

    Args:
        function: is called from one other thread, for one item after the other.
        items: the work; drawn by the caller's thread, at most `ahead` before they are asked for.
        ahead: how many results may wait: enough that neither side waits for the other.
    """
    source = iter(items)
    thread = ThreadPoolExecutor(1)
    try:
        waiting: deque[Future[Result]] = deque(
            thread.submit(function, item) for item in islice(source, ahead)
        )
        while waiting:
            result = waiting.popleft().result()
            waiting.extend(thread.submit(function, item) for item in islice(source, 1))
            yield result
    finally:
        # Not waiting: after an error nobody wants what is still being made.
        thread.shutdown(wait=False, cancel_futures=True)
