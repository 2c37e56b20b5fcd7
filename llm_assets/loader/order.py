"""The order of samples: a function of release, split, seed, epoch and global batch size alone.

Consecutive samples form blocks of about 1 MiB. An epoch puts all blocks in a random order, end to
end, and cuts that into windows. A window of T steps is cut into as many lanes as the global batch
has samples, T samples each and permuted; lane j is column j of the window's T batches. So a batch
draws on as many places of the corpus as it has samples, and a rank, which takes some of the
columns, reads nothing but the blocks below them, in whole. (A plain shuffle buffer would have each
rank read every window whole.)

Random keys come from SplitMix64 (Steele, Lea and Flood 2014), written out here because numpy's
generators may change their streams between versions. It is a bijection, so no two keys of one
sort are equal.
"""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15
_BLOCK_BYTES = 1 << 20  # smaller ranges cost S3 more in requests than in bytes
_MOST_BLOCKS = 1 << 22  # an epoch's order of blocks: 16 MiB
_LANE_BLOCKS = 8  # a small release has smaller blocks, so that a lane still mixes so many
_WINDOW_SAMPLES = 1 << 20  # a window's permutations: 8 MiB over all ranks


@dataclass(frozen=True, slots=True)
class SampleOrder:
    """How the samples of one split are put in order; make it by `plan_order`."""

    key: str
    """Names the release, its split and the seed."""
    samples: int
    global_batch: int
    """Samples of one step over all ranks."""
    shuffle: bool
    drop_last: bool
    block: int
    """Samples that are read together; the last block may be shorter."""
    window: int
    """Steps of a window, at most."""

    @property
    def full_steps(self) -> int:
        """Steps of an epoch in which every rank gets a whole batch."""
        return self.samples // self.global_batch

    @property
    def left_over(self) -> int:
        """Samples of the last, smaller step; 0 if it is dropped."""
        return 0 if self.drop_last else self.samples % self.global_batch

    @property
    def steps(self) -> int:
        """Steps of an epoch."""
        return self.full_steps + (self.left_over > 0)

    @property
    def windows(self) -> int:
        """Windows of an epoch; a smaller last step is one of its own."""
        return self._full_windows + (self.left_over > 0)

    @property
    def _full_windows(self) -> int:
        return -(-self.full_steps // self.window)

    def window_steps(self, window: int) -> range:
        """Return the steps of a window. All windows are of one length, give or take one step."""
        full = self._full_windows
        if window == full:
            return range(self.full_steps, self.steps)
        return range(self.full_steps * window // full, self.full_steps * (window + 1) // full)

    def window_of(self, step: int) -> int:
        """Return the window that a step is in."""
        if step >= self.full_steps:
            return self._full_windows
        return ((step + 1) * self._full_windows - 1) // self.full_steps

    def epoch(self, epoch: int) -> "EpochOrder":
        """Return the order of one epoch."""
        return EpochOrder(self, epoch)


class EpochOrder:
    """The order of one epoch; holds 4 bytes a block."""

    def __init__(self, order: SampleOrder, epoch: int) -> None:
        name = hashlib.blake2b(f"{order.key}\n{epoch}".encode(), digest_size=8)
        self._key = int.from_bytes(name.digest(), "little")
        self._order = order
        blocks = -(-order.samples // order.block)
        if order.shuffle:
            keys = _keys(np.array([[self._key]], dtype=np.uint64), blocks)[0]
            self._blocks = np.argsort(keys, kind="stable").astype(np.uint32)
            self._short_at = int(np.flatnonzero(self._blocks == blocks - 1)[0])
        self._missing = blocks * order.block - order.samples

    def samples(self, window: int, columns: range) -> NDArray[np.int64]:
        """Return the samples of a window's steps, a row each, in some of the columns.

        A smaller last step has only the columns there are samples for; maybe none.
        """
        order = self._order
        steps = order.window_steps(window)
        start = steps.start * order.global_batch
        if steps.start >= order.full_steps:
            columns = range(min(columns.start, order.left_over), min(columns.stop, order.left_over))
        lanes = np.arange(columns.start, columns.stop, dtype=np.int64)
        if not order.shuffle:
            rows = np.arange(len(steps), dtype=np.int64)[:, None]
            return start + rows * order.global_batch + lanes
        within = np.argsort(_keys(self._lane_keys(window, lanes), len(steps)), axis=1)
        return self._sample_at(start + lanes * len(steps) + within.T)

    def _lane_keys(self, window: int, lanes: NDArray[np.int64]) -> NDArray[np.uint64]:
        """Return one key a lane, as a column."""
        base = _mixed(np.array([(self._key + _GOLDEN * (window + 1)) & _MASK], dtype=np.uint64))
        return _mixed(base + lanes.astype(np.uint64) * np.uint64(_GOLDEN))[:, None]

    def _sample_at(self, position: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return what stands at a position of the shuffled blocks, end to end."""
        block = self._order.block
        # As if the short block had its full length: positions behind it move up.
        end_of_short = (self._short_at + 1) * block - self._missing
        position = np.where(position < end_of_short, position, position + self._missing)
        at, within = np.divmod(position, block)
        return self._blocks[at].astype(np.int64) * block + within


def plan_order(
    key: str,
    samples: int,
    sample_bytes: int,
    global_batch: int,
    *,
    shuffle: bool,
    drop_last: bool,
    shuffle_bytes: int,
) -> SampleOrder:
    """Choose the sizes of blocks and windows.

    Args:
        key: names the release, its split and the seed.
        samples: the samples of the split.
        sample_bytes: what one of them takes in its file.
        global_batch: samples of one step over all ranks.
        shuffle: False leaves the samples in the order of the release.
        drop_last: whether the samples that fill no global batch are left out.
        shuffle_bytes: the size of a window over all ranks. It is larger where a lane would mix
            less than 4 blocks, and smaller where its permutation would not fit into 8 MiB.
    """
    block = max(-(-_BLOCK_BYTES // sample_bytes), -(-samples // _MOST_BLOCKS))
    block = max(1, min(block, samples // (global_batch * _LANE_BLOCKS)))
    wanted = min(shuffle_bytes // sample_bytes, _WINDOW_SAMPLES) // global_batch
    return SampleOrder(
        key=key,
        samples=samples,
        global_batch=global_batch,
        shuffle=shuffle,
        drop_last=drop_last,
        block=block,
        window=max(wanted, 4 * block),
    )


def _keys(seeds: NDArray[np.uint64], count: int) -> NDArray[np.uint64]:
    """Return `count` different random numbers for each seed."""
    return _mixed(seeds + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(_GOLDEN))


def _mixed(state: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return SplitMix64's output for its state; numpy wraps at 2**64 as C does."""
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))
