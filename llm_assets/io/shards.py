"""What assets and IO managers say to each other: shards that can be read, and shards to be made.

An asset returns *tasks*: what each shard is made from and the function that makes it. The IO
manager decides what to do with them: skip a shard whose catalog entry names the same ingredients,
make and publish the others one at a time, and report. So the incremental rules live in one place,
and a run over four thousand shards holds one in memory.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from llm_assets.corpus.identity import digest

Summary = dict[str, Any]
"""JSON figures of a shard that add up over shards; see `llm_assets.corpus.report`."""


class RowsWithdrawnError(Exception):
    """`make` takes back the rows that it has yielded: call it again, without the version before."""


class NotMaterializedError(Exception):
    """An asset is read of which there is nothing yet; the message says what to run."""


@dataclass(frozen=True)
class ShardVersion:
    """The catalog's entry for an (asset, shard): its current, complete version."""

    asset: str
    shard: str
    version: str  # hash of the content: the same content has the same version on every machine
    location: str  # store key of the file, or of the folder (ends in "/")
    recipe_fingerprint: str  # of the stage that made it
    made_from: Mapping[str, str]  # ingredient -> version, e.g. {"cleaned_text/shard-0000": "..."}
    rows: int
    size_bytes: int
    summary: Summary
    run_id: str
    published_at: datetime | None = None
    revision: int = 0  # grows with every publication; guards against racing runs
    schema_hash: str = ""  # of a table's columns and types; "" for a folder of files


class Previous(Protocol):
    """The version of a shard that stands before it is made anew."""

    @property
    def version(self) -> ShardVersion:
        """Its catalog entry."""

    def scan(self) -> pl.LazyFrame:
        """Its rows, lazily."""


@dataclass(frozen=True)
class _Ingredients:
    shard: str
    made_from: Mapping[str, str]
    recipe_fingerprint: str


@dataclass(frozen=True)
class FrameTask(_Ingredients):
    """A shard that is one table: `make` yields its rows in order, in frames of any size.

    The frames' boundaries do not matter: the writer regroups rows by a rule of its own. `describe`
    turns the published table into figures. `total` is the number of documents to go through, for
    progress; `advance` is called by `make` through the `Progress` it is given.
    """

    schema: pl.Schema
    make: Callable[[Previous | None, "Advance"], Iterator[pl.DataFrame]]
    describe: Callable[[pl.LazyFrame], Summary]
    total: int | None = None

    @property
    def schema_hash(self) -> str:
        """Name the columns and their types: rows made for others are of no use."""
        return digest(part for name, kind in self.schema.items() for part in (name, str(kind)))


@dataclass(frozen=True)
class FilesTask(_Ingredients):
    """A shard that is a folder of files: `make` writes them into an empty folder.

    It returns the shard's figures; `rows` among them is required.
    """

    make: Callable[[Path, "Advance"], Summary]
    total: int | None = None

    @property
    def schema_hash(self) -> str:
        """A folder of files has no schema of its own."""
        return ""


Advance = Callable[[int], None]
"""Called with the number of documents done since the last call."""


class ReadableStore(Protocol):
    """The part of the object store that reading shards needs."""

    def scan_parquet(self, key: str) -> pl.LazyFrame:
        """Scan one file lazily."""

    def open_local(self, key: str) -> Path:
        """Return a path to the object on this machine, fetched first where it is remote."""


@dataclass(frozen=True)
class ShardedTable:
    """The current shards of an upstream asset, read lazily."""

    asset: str
    versions: Mapping[str, ShardVersion] = field(repr=False)
    store: ReadableStore = field(repr=False)

    @property
    def shards(self) -> list[str]:
        """The shards at hand, in order."""
        return sorted(self.versions)

    def only(self, shards: Collection[str]) -> "ShardedTable":
        """Return the table of some shards alone."""
        chosen = {shard: entry for shard, entry in self.versions.items() if shard in shards}
        return replace(self, versions=chosen)

    def ingredient(self, shard: str) -> dict[str, str]:
        """Name this shard's version as an ingredient of another; empty if there is none."""
        current = self.versions.get(shard)
        return {} if current is None else {f"{self.asset}/{shard}": current.version}

    def ingredients(self) -> dict[str, str]:
        """Name all shards' versions as ingredients of something corpus-wide."""
        return {name: v for shard in self.shards for name, v in self.ingredient(shard).items()}

    def rows(self, shard: str) -> int:
        """Return how many rows a shard has; 0 if there is none."""
        return self.versions[shard].rows if shard in self.versions else 0

    def scan(self, shard: str) -> pl.LazyFrame | None:
        """Scan one shard's table; None if there is none. Only the columns used are read."""
        current = self.versions.get(shard)
        return None if current is None else self.store.scan_parquet(current.location)

    def scan_all(self, columns: Sequence[str]) -> pl.LazyFrame:
        """Scan some columns of every shard, in shard order, with the shard's name beside them.

        Raises:
            NotMaterializedError: if there is no shard, for then nothing says what a row is.
        """
        if not self.versions:
            raise NotMaterializedError(f"{self.asset} has no shard yet: materialize it first")
        return pl.concat(
            [
                self.store.scan_parquet(self.versions[shard].location)
                .select(columns)
                .with_columns(shard=pl.lit(shard))
                for shard in self.shards
            ]
        )

    def file(self, shard: str, name: str) -> Path:
        """Return a local path to one file of a shard that is a folder.

        Raises:
            NotMaterializedError: if there is no such shard.
        """
        if shard not in self.versions:
            raise NotMaterializedError(f"{self.asset}/{shard} is not there: materialize it first")
        return self.store.open_local(self.versions[shard].location + name)


@dataclass(frozen=True)
class DrawnTasks:
    """Tasks that are drawn one at a time, because they share something that must be closed.

    A class of its own, since Dagster takes a generator for a sequence of outputs.
    """

    draw: Callable[[], Iterator[FrameTask]]

    def __iter__(self) -> Iterator[FrameTask]:
        return self.draw()
