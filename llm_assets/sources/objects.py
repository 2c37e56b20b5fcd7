"""An object of a source, and the places where objects live."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from llm_assets.corpus.identity import digest, shard_of


class SourceError(Exception):
    """A source cannot be listed or read at all; the message names it and says what to do."""


class SourceChangedError(Exception):
    """An object is no longer the version that was listed: list again, then read again."""


class ObjectUnreadableError(Exception):
    """The place shows this object but does not hand it out; others of its source are fine."""


@dataclass(frozen=True, order=True)
class SourceObject:
    """One object as it was listed."""

    source: str
    key: str
    """Its name inside the source; part of its documents' identity."""
    uri: str
    version: str
    """Content hash or etag: changes if and only if the bytes do."""
    size: int


class Place(Protocol):
    """Where the objects of one source are."""

    def objects(self) -> Iterator[SourceObject]:
        """List every object, each key once, in any order.

        Raises:
            SourceError: if the place does not exist or may not be listed.
        """

    def open(self, item: SourceObject) -> AbstractContextManager[BinaryIO]:
        """Open an object of just the listed version as a seekable stream.

        Raises:
            ObjectUnreadableError: if the object alone cannot be read.
            SourceChangedError: if there is another version now, or none.
            SourceError: if nothing can be read there.
        """


def manifest_hash(objects: Iterable[SourceObject]) -> str:
    """Name a set of objects, where they are, and their versions; the order does not matter."""
    fields = [
        part for item in sorted(objects) for part in (item.source, item.key, item.uri, item.version)
    ]
    return digest(("manifest", *fields))


def by_shard(objects: Iterable[SourceObject], count: int) -> dict[str, list[SourceObject]]:
    """Deal objects to the shards, each sorted by source and key."""
    shards: dict[str, list[SourceObject]] = {}
    for item in objects:
        shards.setdefault(shard_of(item.source, item.key, count), []).append(item)
    return {shard: sorted(items) for shard, items in sorted(shards.items())}
