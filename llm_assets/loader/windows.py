"""Windows of the order with the tokens below them: the unit of reading."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from llm_assets.loader.order import EpochOrder, SampleOrder
from llm_assets.loader.places import Tokens
from llm_assets.loader.prefetch import Prefetch
from llm_assets.loader.token_stream import TokenStream


@dataclass(frozen=True, slots=True)
class SampleLayout:
    """Where samples are in the token stream."""

    stride: int
    """Tokens from the start of a sample to that of the next."""
    width: int
    """Tokens of a sample: one more than the stride where its last token is the next one's first."""

    def samples(self, tokens: int) -> int:
        """Return how many samples a stream has; fewer tokens than one has at its end are left."""
        return max(0, (tokens - self.width) // self.stride + 1)


class StoppedError(Exception):
    """The reading was closed meanwhile."""


@dataclass(frozen=True, slots=True)
class Window:
    """Some consecutive steps of one epoch, as far as one rank is concerned."""

    epoch: int
    steps: range
    samples: NDArray[np.int64]
    """A row for each step."""
    blocks: dict[int, Tokens]
    """The tokens of every block that any of the samples is in."""


class WindowReader:
    """Loads the windows of one rank."""

    def __init__(
        self,
        stream: TokenStream,
        layout: SampleLayout,
        order: SampleOrder,
        columns: range,
        threads: int,
    ) -> None:
        """Read from `stream`.

        Args:
            stream: the split's tokens.
            layout: where samples are in it.
            order: of the samples.
            columns: the rank's share of each step.
            threads: how many blocks are fetched at once, where reads wait.
        """
        self._stream = stream
        self._layout = layout
        self._order = order
        self._columns = columns
        self._threads = threads if stream.reads_wait else 0
        self._epoch: tuple[int, EpochOrder] | None = None
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Have `load` raise `StoppedError` soon, now and later."""
        self._stopped.set()

    def load(self, place: tuple[int, int]) -> Window:
        """Load one window, named by its epoch and its number in it; one call at a time."""
        epoch, number = place
        if self._epoch is None or self._epoch[0] != epoch:
            self._epoch = epoch, self._order.epoch(epoch)
        samples = self._epoch[1].samples(number, self._columns)
        # In the order of first use, so that the disk cache of several ranks fills evenly.
        needed, first = np.unique(samples // self._order.block, return_index=True)
        blocks = needed[np.argsort(first)].tolist()
        fetched = Prefetch(self._block, iter(blocks), self._threads, max(1, 2 * self._threads))
        try:
            tokens = dict(zip(blocks, fetched, strict=True))
        finally:
            fetched.close()
        return Window(epoch, self._order.window_steps(number), samples, tokens)

    def rows(self, window: Window, step: int) -> Tokens:
        """Return the tokens of a step's samples as they are stored, a sample a row."""
        samples = window.samples[step - window.steps.start].tolist()
        stride, width = self._layout.stride, self._layout.width
        rows: Tokens = np.empty((len(samples), width), self._stream.dtype)
        for row, sample in enumerate(samples):
            block, within = divmod(sample, self._order.block)
            rows[row] = window.blocks[block][within * stride : within * stride + width]
        return rows

    def offsets(self, window: Window, step: int) -> NDArray[np.int64]:
        """Return where a step's samples begin in the stream."""
        samples: NDArray[np.int64] = window.samples[step - window.steps.start]
        return samples * self._layout.stride

    def _block(self, block: int) -> Tokens:
        if self._stopped.is_set():
            raise StoppedError
        first = block * self._order.block
        samples = min(self._order.block, self._order.samples - first)
        stride, width = self._layout.stride, self._layout.width
        return self._stream.read(first * stride, (samples - 1) * stride + width)


def window_places(
    order: SampleOrder, epoch: int, step: int, epochs: int | None
) -> Iterator[tuple[int, int]]:
    """Yield the windows from a step on, until `epochs` are over; without end if that is None."""
    first = order.window_of(step)
    while epochs is None or epoch < epochs:
        for number in range(first, order.windows):
            yield epoch, number
        epoch, first = epoch + 1, 0
