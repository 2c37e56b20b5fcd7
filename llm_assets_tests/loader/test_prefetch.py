import threading
import time
from collections.abc import Iterator

import pytest

from llm_assets.loader.prefetch import Prefetch

THREADS = [0, 1, 3]


@pytest.mark.parametrize("threads", THREADS)
def test_in_order(threads: int) -> None:
    def slow_first(item: int) -> int:
        time.sleep(0.01 if item % 3 == 0 else 0)
        return item * 2

    assert list(Prefetch(slow_first, iter(range(50)), threads, 4)) == [2 * n for n in range(50)]


@pytest.mark.parametrize("threads", THREADS)
@pytest.mark.parametrize("failing", ["make", "items"])
def test_an_error_comes_in_its_place(threads: int, failing: str) -> None:
    def items() -> Iterator[int]:
        yield from range(5)
        if failing == "items":
            raise KeyError("five")
        yield from range(5, 50)

    def make(item: int) -> int:
        if failing == "make" and item == 5:
            raise KeyError("five")
        return item

    found: list[int] = []
    with pytest.raises(KeyError, match="five"):
        found.extend(Prefetch(make, items(), threads, 4))
    assert found == [0, 1, 2, 3, 4]


def test_no_more_is_made_ahead_than_asked_for() -> None:
    made: list[int] = []
    ahead = Prefetch(made.append, iter(range(100)), 2, 3)
    deadline = time.monotonic() + 5
    while len(made) < 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.05)
    assert sorted(made) == [0, 1, 2]
    ahead.close()


def test_close_ends_waiting_threads_and_the_consumer() -> None:
    release = threading.Event()
    ahead = Prefetch(lambda _: release.wait(30), iter(range(100)), 2, 2)
    consumer = threading.Thread(target=lambda: list(ahead))
    consumer.start()
    closer = threading.Thread(target=ahead.close)
    closer.start()
    consumer.join(5)
    assert not consumer.is_alive()
    release.set()
    closer.join(5)
    assert not any(thread.is_alive() for thread in ahead._threads)
