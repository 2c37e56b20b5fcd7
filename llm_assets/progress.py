"""How long work tells that it is alive: stage by stage, shard by shard."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Literal, Protocol

from llm_assets.io.shards import Advance

Outcome = Literal["up to date", "unchanged", "published"]
"""`unchanged`: made again from other ingredients, with the same content."""


@dataclass(frozen=True)
class ShardReport:
    """What a run did about one shard."""

    asset: str
    shard: str
    outcome: Outcome
    rows: int
    size_bytes: int
    seconds: float


class Progress(Protocol):
    """Who watches: a terminal, or nobody."""

    def working(self, asset: str, shard: str, total: int | None) -> AbstractContextManager[Advance]:
        """Announce work on a shard; the block calls `advance` with documents done."""

    def finished(self, report: ShardReport) -> None:
        """Tell what became of a shard."""


class NoProgress:
    """Nobody watches; the run's own event log has the figures."""

    @contextmanager
    def working(self, asset: str, shard: str, total: int | None) -> Iterator[Advance]:
        """Do nothing with what is told."""
        del asset, shard, total
        yield lambda _count: None

    def finished(self, report: ShardReport) -> None:
        """Do nothing with what is told."""
