"""Batches of fixed length from a release: shuffled, sharded over ranks, resumable."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import DTypeLike

from llm_assets.loader.batch import Batch, BatchKind, StoredBatch
from llm_assets.loader.errors import LoaderError
from llm_assets.loader.order import plan_order
from llm_assets.loader.places import open_place
from llm_assets.loader.reading import Made, Position, Reading, Share
from llm_assets.loader.release_split import read_split
from llm_assets.loader.settings import (
    check_numbers,
    default_workers,
    dtype_for,
    sample_layout,
)
from llm_assets.loader.state import checked_state, saved_state
from llm_assets.loader.token_stream import TokenStream
from llm_assets.loader.windows import Window, WindowReader

if TYPE_CHECKING:
    from llm_assets.loader.torch_dataset import TokenIterableDataset


class TokenLoader:
    """Iterates over one rank's batches of a split.

    Not packed, a release is one stream of tokens, and sample i has its tokens from
    i x sequence_length on, sequence_length inputs and one more for the last label, as in
    Megatron-LM: every token but the first is a label once an epoch. What is left at the end of
    the stream is in no sample.

    Packed, every sample is one of the release's sequences. With the release's own sequence_length
    its last position has no label; with one less the last token is the label of the one before.

    The order of samples is a function of the release, its split, the seed, the epoch,
    batch_size x world_size and shuffle_bytes: the same on every machine, and for any number of
    ranks, threads and worker processes.
    """

    def __init__(
        self,
        place: str | Path,
        split: str = "train",
        *,
        sequence_length: int | None = None,
        batch_size: int = 8,
        seed: int = 0,
        shuffle: bool = True,
        rank: int = 0,
        world_size: int = 1,
        epochs: int | None = None,
        drop_last: bool = True,
        workers: int | None = None,
        prefetch: int = 4,
        dtype: DTypeLike = np.int64,
        as_torch: bool = False,
        padding_id: int | None = None,
        verify: bool = False,
        cache: str | Path | None = None,
        cache_bytes: int = 32 << 30,
        shuffle_bytes: int = 256 << 20,
    ) -> None:
        """Open a release.

        Args:
            place: the folder or `s3://` address that holds the release's `manifest.json`.
            split: `train`, `validation` or `test`.
            sequence_length: inputs of a sample; by default that of a packed release, else 2048.
            batch_size: samples of a batch, on each rank.
            seed: another seed gives another order.
            shuffle: False leaves the samples in the order of the release.
            rank: this process among the ranks, from 0.
            world_size: how many ranks there are.
            epochs: how often to go through all samples; None for without end.
            drop_last: leave out the samples that fill no batch on all ranks. Else they make a
                last, smaller batch, which may be empty on some ranks.
            workers: threads that read and convert ahead; 0 does it all when asked for a batch. By
                default 1, or 8 that fetch at once where the release is on S3.
            prefetch: how many batches are made in advance.
            dtype: an integer type for the tokens handed out.
            as_torch: hand out torch tensors.
            padding_id: the token that fills packed sequences up, if not the end-of-document token.
            verify: compare the files' hashes with the manifest's first; in a folder only.
            cache: a local folder to keep what was read from S3.
            cache_bytes: the size the cache is kept to.
            shuffle_bytes: how many bytes of tokens are shuffled together, over all ranks. A rank
                holds twice its share of it, where the release is not in a folder.

        Raises:
            LoaderError: if the release cannot be read, or does not fit the settings.
        """
        check_numbers(batch_size, world_size, rank, prefetch, workers, shuffle_bytes)
        self._place = open_place(place, None if cache is None else Path(cache), cache_bytes)
        self._split = read_split(self._place.manifest(), split, str(place))
        for file in self._split.files:
            self._place.check(file, contents=verify)
        self._layout = sample_layout(self._split, sequence_length)
        self.sequence_length = self._layout.stride if sequence_length is None else sequence_length
        self._kind = BatchKind(
            release=self._split.release,
            split=split,
            dtype=dtype_for(self._split, dtype),
            as_torch=as_torch,
            extra_token=self._layout.width > self.sequence_length,
            padding_id=self._split.end_of_document_id if padding_id is None else padding_id,
            end_of_document_id=self._split.end_of_document_id,
        )
        self._identity: dict[str, Any] = {
            "content_hash": self._split.content_hash,
            "split": split,
            "sequence_length": self.sequence_length,
            "global_batch": batch_size * world_size,
            "seed": seed,
            "shuffle": shuffle,
            "shuffle_bytes": shuffle_bytes,
        }
        self._order = plan_order(
            f"{self._split.content_hash}\n{split}\n{seed}",
            self._layout.samples(self._split.tokens),
            self._layout.stride * self._split.item_bytes,
            batch_size * world_size,
            shuffle=shuffle,
            drop_last=drop_last,
            shuffle_bytes=shuffle_bytes,
        )
        self._check_samples(str(place))
        self._columns = range(rank * batch_size, (rank + 1) * batch_size)
        self._epochs = epochs
        self._workers = default_workers(self._place) if workers is None else workers
        self._prefetch = prefetch
        self._position = Position(0, 0)
        self._reading: Reading[Batch] | None = None

    @property
    def samples(self) -> int:
        """Samples of the split."""
        return self._order.samples

    @property
    def steps_per_epoch(self) -> int:
        """Batches that every rank gets in one epoch."""
        return self._order.steps

    def __iter__(self) -> Iterator[Batch]:
        """Yield batches from where the loader stands; an earlier iteration ends."""
        self.close()
        reading = self._reading = self.read()
        try:
            for batch in reading:
                self._position = self._after(batch)
                yield batch
        finally:
            reading.close()

    def read(self) -> Reading[Batch]:
        """Start reading where the loader stands, without moving it on."""
        return self._reading_of(lambda *task: self._stored(*task).batch(), Share())

    def read_stored(self, share: Share) -> Reading[StoredBatch]:
        """Start reading a worker process's share, in the form that is sent to another process."""
        return self._reading_of(self._stored, share)

    def state_dict(self) -> dict[str, Any]:
        """Return where the loader stands: behind the last batch it handed out."""
        return self._state(self._position)

    def state_after(self, batch: Batch) -> dict[str, Any]:
        """Return the state behind a batch, for batches that a DataLoader handed out."""
        return self._state(self._after(batch))

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where a state was saved, maybe by other ranks or with other numbers of workers.

        Raises:
            LoaderError: if the state is of another release or another order of samples.
        """
        epoch, step = checked_state(state, self._identity)
        if step >= self._order.steps:  # saved with a smaller last batch, and none is wanted now
            epoch, step = epoch + 1, 0
        self.close()
        self._position = Position(epoch, step)

    def as_iterable_dataset(self) -> "TokenIterableDataset":
        """Return this loader for torch's DataLoader, which is to have `batch_size=None`."""
        # Imported here: torch takes seconds, and numpy is enough for the rest.
        from llm_assets.loader.torch_dataset import TokenIterableDataset

        return TokenIterableDataset(self)

    def close(self) -> None:
        """End the iteration and its threads."""
        if self._reading is not None:
            self._reading.close()
            self._reading = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_reading": None}

    def _stored(self, reader: WindowReader, window: Window, step: int) -> StoredBatch:
        rows, offsets = reader.rows(window, step), reader.offsets(window, step)
        return StoredBatch(self._kind, rows, offsets, window.epoch, step)

    def _reading_of(
        self, make: Callable[[WindowReader, Window, int], Made], share: Share
    ) -> Reading[Made]:
        reader = WindowReader(
            TokenStream(self._place, self._split),
            self._layout,
            self._order,
            self._columns,
            self._workers,
        )
        # Where reads wait, the threads are needed for them; one makes batches far faster.
        makers = min(self._workers, 1) if self._place.reads_wait else self._workers
        return Reading(
            reader, self._order, make, self._position, self._epochs, share, makers, self._prefetch
        )

    def _after(self, batch: Batch) -> Position:
        if batch.step + 1 < self._order.steps:
            return Position(batch.epoch, batch.step + 1)
        return Position(batch.epoch + 1, 0)

    def _state(self, position: Position) -> dict[str, Any]:
        seen = position.step * self._order.global_batch
        return saved_state(self._identity, self._split.release, position.epoch, seen)

    def _check_samples(self, place: str) -> None:
        """Refuse a split that would give no batch: a training would wait for it for ever."""
        order = self._order
        if order.steps > 0:
            return
        has = (
            f"{place}: '{self._split.split}' has {self._split.tokens:,} tokens, {order.samples:,}"
            f" samples of {self.sequence_length:,}"
        )
        if order.samples == 0:
            raise LoaderError(f"{has}: take a smaller sequence_length, or another split")
        raise LoaderError(
            f"{has}, fewer than the {order.global_batch:,} of one step over all ranks: take a"
            " smaller batch_size, or drop_last=False"
        )
