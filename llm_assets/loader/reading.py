"""One pass over the batches of a rank, with threads that work ahead."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, Self, TypeVar

from llm_assets.loader.order import SampleOrder
from llm_assets.loader.prefetch import Prefetch
from llm_assets.loader.windows import StoppedError, Window, WindowReader, window_places

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Position:
    """The next step to come."""

    epoch: int
    step: int


@dataclass(frozen=True, slots=True)
class Share:
    """Every `of`-th batch, from the `number`-th on: what one of several worker processes makes."""

    number: int = 0
    of: int = 1


class Reading(Generic[Made]):
    """Iterates over batches from a position on, until it is closed."""

    def __init__(
        self,
        reader: WindowReader,
        order: SampleOrder,
        make: Callable[[WindowReader, Window, int], Made],
        start: Position,
        epochs: int | None,
        share: Share,
        threads: int,
        ahead: int,
    ) -> None:
        """Start the threads.

        Args:
            reader: loads the rank's windows; closed with this.
            order: of the samples.
            make: makes the batch of one step of a window.
            start: the first step.
            epochs: the end, in epochs from 0; None for none.
            share: which of the batches to make.
            threads: how many make batches; one more loads windows. 0: no threads at all.
            ahead: how many batches are made in advance.
        """
        self._reader = reader
        places = window_places(order, start.epoch, start.step, epochs)
        self._windows = Prefetch(reader.load, places, min(threads, 1), 1)
        tasks = _tasks(self._windows, start, share)
        self._batches = Prefetch(lambda task: make(reader, *task), tasks, threads, ahead)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Made:
        try:
            return next(self._batches)
        except StoppedError:
            raise StopIteration from None
        except BaseException:  # the end, an error, or Ctrl-C
            self.close()
            raise

    def close(self) -> None:
        """Stop all threads; from any thread, and as often as one likes."""
        self._reader.stop()
        self._windows.close()
        self._batches.close()


def _tasks(
    windows: Iterator[Window], start: Position, share: Share
) -> Iterator[tuple[Window, int]]:
    """Yield the steps to make, each with its window."""
    number = 0
    for window in windows:
        for step in window.steps:
            if window.epoch > start.epoch or step >= start.step:
                if number % share.of == share.number:
                    yield window, step
                number += 1
