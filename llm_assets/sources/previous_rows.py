"""The rows that a shard had, walked beside a new listing of its objects."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from llm_assets.io.shards import Previous
from llm_assets.sources.objects import SourceObject

_IDENTITY = ["source", "object_key", "object_uri", "object_version"]


@dataclass(frozen=True)
class _Run:
    """Rows of one object that stand together in one batch."""

    source: str
    key: str
    uri: str
    version: str
    batch: pl.DataFrame
    start: int
    stop: int

    def is_of(self, item: SourceObject) -> bool:
        return (self.source, self.key, self.uri, self.version) == (
            item.source,
            item.key,
            item.uri,
            item.version,
        )


class PreviousRows:
    """Hands out the rows of objects in ascending order of source and key, which both sides have.

    Neighbouring rows are handed out together, in frames as large as they were read: one page in a
    file of a hundred thousand that changed must not make a hundred thousand frames of the others.
    """

    def __init__(self, previous: Previous | None) -> None:
        self._runs = iter(()) if previous is None else _runs(previous.scan())
        self._next = next(self._runs, None)
        self._held: tuple[pl.DataFrame, int, int] | None = None

    def go_to(self, item: SourceObject) -> bool:
        """Skip the rows of objects before this one; tell whether those of its version follow."""
        while self._next is not None and (self._next.source, self._next.key) <= (
            item.source,
            item.key,
        ):
            if self._next.is_of(item):
                return True
            self._next = next(self._runs, None)
        return False

    def take(self, item: SourceObject) -> Iterator[pl.DataFrame]:
        """Hand out the rows of the object that `go_to` found, as far as they fill frames."""
        while self._next is not None and self._next.is_of(item):
            run = self._next
            if self._held is not None and self._held[0] is run.batch and self._held[2] == run.start:
                self._held = (run.batch, self._held[1], run.stop)
            else:
                yield from self.flush()
                self._held = (run.batch, run.start, run.stop)
            self._next = next(self._runs, None)

    def flush(self) -> Iterator[pl.DataFrame]:
        """Hand out what is held back; to be called before rows of another origin follow."""
        if self._held is not None:
            batch, start, stop = self._held
            yield batch[start:stop]
        self._held = None


def _runs(rows: pl.LazyFrame) -> Iterator[_Run]:
    """Cut a raw table, read in order, where the object changes."""
    for batch in rows.collect_batches(maintain_order=True, lazy=True):
        lengths = batch.select(run=pl.struct(_IDENTITY).rle()).unnest("run")
        start = 0
        for length, identity in lengths.iter_rows():
            source, key, uri, version = (identity[name] for name in _IDENTITY)
            yield _Run(source, key, uri, version, batch, start, start + length)
            start += length
