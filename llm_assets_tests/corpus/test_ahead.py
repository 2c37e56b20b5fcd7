"""Mapping ahead: the results of `map`, a bounded number of items in flight."""

import threading
import time
from collections.abc import Iterator

import pytest

from llm_assets.corpus.ahead import map_ahead

SECONDS = 10


@pytest.mark.parametrize("ahead", [1, 2, 5])
@pytest.mark.parametrize("count", [0, 1, 2, 9])
def test_results_are_those_of_map(ahead: int, count: int) -> None:
    assert list(map_ahead(lambda n: n * n, range(count), ahead)) == [n * n for n in range(count)]


def test_the_next_item_is_worked_on_while_the_last_is_in_use() -> None:
    began = [threading.Event() for _ in range(3)]

    def work(number: int) -> int:
        began[number].set()
        return number

    for number in map_ahead(work, range(3), 1):
        assert all(event.wait(SECONDS) for event in began[: number + 2])


def test_one_item_is_worked_on_at_a_time() -> None:
    running = threading.Lock()

    def work(number: int) -> bool:
        alone = running.acquire(blocking=False)
        time.sleep(0.01)
        running.release()
        return alone

    assert list(map_ahead(work, range(6), 3)) == [True] * 6


def test_items_are_drawn_only_so_far_ahead() -> None:
    drawn: list[int] = []

    def items() -> Iterator[int]:
        for number in range(10):
            drawn.append(number)
            yield number

    results = map_ahead(lambda n: n, items(), 2)
    assert drawn == []
    assert next(results) == 0
    assert len(drawn) == 3
    assert next(results) == 1
    assert len(drawn) == 4
    results.close()  # type: ignore[attr-defined]
    assert len(drawn) == 4


def test_the_first_error_comes_in_its_turn() -> None:
    results = map_ahead(lambda n: 1 // (2 - n), range(5), 2)
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(ZeroDivisionError):
        next(results)
