"""Work done ahead by threads, handed out in order."""

import threading
from collections.abc import Callable, Iterator
from typing import Generic, Self, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_LAST_MOMENT = 2.0  # seconds that `close` waits for a thread; one may sit in a slow request


class Prefetch(Generic[Item, Result]):
    """Iterates over `make(item)` of each item, in order, some of them made in advance.

    An error of `make`, or of the items, is raised where its result would have come, and ends the
    iteration. Without threads everything is made when it is asked for. Threads are daemons: they
    never keep a process from ending.
    """

    def __init__(
        self, make: Callable[[Item], Result], items: Iterator[Item], threads: int, ahead: int
    ) -> None:
        """Start the threads.

        Args:
            make: makes a result; called by several threads at once.
            items: what to make results of; advanced by one thread at a time.
            threads: how many; 0 for none.
            ahead: how many results may be waiting or in the making; at least 1.
        """
        self._make = make
        self._items = items
        self._ahead = ahead
        self._advance = threading.Lock()
        self._changed = threading.Condition()
        self._done: dict[int, tuple[Result | None, BaseException | None]] = {}
        self._begun = 0
        self._taken = 0
        self._exhausted = False
        self._closed = False
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Result:
        if not self._threads:
            return self._make(next(self._items))
        with self._changed:
            while self._taken not in self._done:
                if self._closed or (self._exhausted and self._taken >= self._begun):
                    raise StopIteration
                self._changed.wait()
            result, error = self._done.pop(self._taken)
            self._taken += 1
            self._changed.notify_all()
        if error is not None:
            self.close()
            raise error
        return result  # type: ignore[return-value]  # without an error there is a result

    def close(self) -> None:
        """Have the threads end; what they made is dropped."""
        with self._changed:
            self._closed = True
            self._done.clear()
            self._changed.notify_all()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(_LAST_MOMENT)

    def _work(self) -> None:
        while self._work_once():
            pass  # a call for each, so that nothing large is kept while waiting

    def _work_once(self) -> bool:
        """Make one result; tell whether there may be another."""
        with self._advance:
            place = self._begin()
            if place is None:
                return False
            try:
                item = next(self._items)
            except StopIteration:
                self._end(place)
                return False
            except BaseException as error:
                self._put(place, None, error)
                return False
        try:
            self._put(place, self._make(item), None)
        except BaseException as error:
            self._put(place, None, error)
            return False
        return True

    def _begin(self) -> int | None:
        """Wait until another result may be made; return its place, or None if none is wanted."""
        with self._changed:
            while not self._closed and self._begun - self._taken >= self._ahead:
                self._changed.wait()
            if self._closed or self._exhausted:
                return None
            self._begun += 1
            return self._begun - 1

    def _end(self, place: int) -> None:
        """Note that there is no item for this place."""
        with self._changed:
            self._exhausted = True
            self._begun = place
            self._changed.notify_all()

    def _put(self, place: int, result: Result | None, error: BaseException | None) -> None:
        with self._changed:
            if not self._closed:
                self._done[place] = result, error
            if error is not None:
                self._exhausted = True
            self._changed.notify_all()
