"""The IO managers: they make an asset's stale shards one at a time, publish and report them.

All three follow one protocol (see `ShardIOManager`) and differ in where a shard's content goes:
a Parquet file, a folder of files, or a partition of a PostgreSQL table.
"""

import time
from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

import dagster as dg
import polars as pl

from llm_assets.corpus.identity import digest
from llm_assets.io.catalog import Catalog, PublishConflictError, same_ingredients
from llm_assets.io.object_store import ObjectStore
from llm_assets.io.parquet_file import file_hash, write_table
from llm_assets.io.shards import (
    Advance,
    FilesTask,
    FrameTask,
    ShardedTable,
    ShardVersion,
)
from llm_assets.metadata import corpus_metadata, shard_metadata
from llm_assets.progress import Outcome, Progress, ShardReport

_ATTEMPTS = 5

Task = TypeVar("Task", FrameTask, FilesTask)


@dataclass(frozen=True)
class StoredVersion:
    """The version that stands before a shard is made anew, and its rows."""

    version: ShardVersion
    store: ObjectStore

    def scan(self) -> pl.LazyFrame:
        """Scan its rows lazily."""
        return self.store.scan_parquet(self.version.location)


class ShardIOManager(dg.IOManager, Generic[Task]):
    """Publishes shards by the protocol of the design.

    For each task: if the catalog's entry names the same ingredients and recipe, nothing is done.
    Else the content is made and written completely under a name that holds its hash, and then one
    statement makes it current, provided that no other run was faster; if one was, look again.
    A crash before that statement leaves a file that no reader ever sees.
    """

    def __init__(self, store: ObjectStore, catalog: Catalog, progress: Progress) -> None:
        self._store = store
        self._catalog = catalog
        self._progress = progress

    @abstractmethod
    def _publish(
        self, task: Task, asset: str, current: ShardVersion | None, run_id: str, advance: Advance
    ) -> ShardVersion:
        """Make a shard's content, store it, and make it current."""

    def handle_output(self, context: dg.OutputContext, obj: Iterable[Task]) -> None:
        """Bring every shard that `obj` has a task for up to date.

        Tasks are drawn one at a time: what they share (a worker pool) lives until the last is done.
        """
        asset = asset_name(context.asset_key)
        shards = sorted(context.asset_partition_keys) if context.has_asset_partitions else None
        current = self._catalog.current(asset, shards)
        made: list[tuple[ShardReport, ShardVersion]] = []
        for task in obj:
            report, entry = self._bring_up_to_date(
                task, asset, current.get(task.shard), context.run_id
            )
            self._progress.finished(report)
            context.log.info(
                f"{asset}/{task.shard}: {report.outcome}, {report.rows} rows, "
                f"{report.size_bytes} bytes, {report.seconds:.1f} s"
            )
            made.append((report, entry))
        self._record(context, made)

    def load_input(self, context: dg.InputContext) -> ShardedTable:
        """Return the upstream asset's current shards: the run's own, or all for a wide asset."""
        upstream = context.upstream_output
        if upstream is None or upstream.asset_key is None:
            raise dg.DagsterInvariantViolationError("only assets are loaded as shards")
        asset = asset_name(upstream.asset_key)
        shards = sorted(context.asset_partition_keys) if context.has_asset_partitions else None
        return ShardedTable(asset, self._catalog.current(asset, shards), self._store)

    def _bring_up_to_date(
        self, task: Task, asset: str, current: ShardVersion | None, run_id: str
    ) -> tuple[ShardReport, ShardVersion]:
        for _ in range(_ATTEMPTS):
            if current and same_ingredients(current, task.made_from, task.recipe_fingerprint):
                return _report(current, "up to date", 0.0), current
            started = time.perf_counter()
            try:
                with self._progress.working(asset, task.shard, task.total) as advance:
                    entry = self._publish(task, asset, current, run_id, advance)
            except PublishConflictError:
                current = self._catalog.current(asset, [task.shard]).get(task.shard)
                continue
            seconds = time.perf_counter() - started
            same = current is not None and current.version == entry.version
            return _report(entry, "unchanged" if same else "published", seconds), entry
        raise dg.Failure(
            f"{asset}/{task.shard}: other runs kept publishing it first", allow_retries=True
        )

    def _record(
        self, context: dg.OutputContext, made: list[tuple[ShardReport, ShardVersion]]
    ) -> None:
        """Attach each shard's figures to its own materialization in Dagster's event log."""
        step = context.step_context
        partitioned = context.has_asset_partitions
        for report, entry in made:
            metadata = shard_metadata(report, entry, self._store)
            if partitioned:
                step.add_asset_metadata(
                    asset_key=context.asset_key, metadata=metadata, partition_key=entry.shard
                )
        if not partitioned:
            reports, entries = [r for r, _ in made], [e for _, e in made]
            context.add_output_metadata(corpus_metadata(reports, entries))


def asset_name(key: dg.AssetKey) -> str:
    """Return the asset's name in the catalog and in the store's keys."""
    return "_".join(key.path)


def _report(entry: ShardVersion, outcome: Outcome, seconds: float) -> ShardReport:
    return ShardReport(
        entry.asset, entry.shard, outcome, entry.rows, entry.size_bytes, seconds
    )


class ParquetIOManager(ShardIOManager[FrameTask]):
    """A shard is one Parquet file: `<asset>/<shard>/<version>.parquet`."""

    def _publish(
        self,
        task: FrameTask,
        asset: str,
        current: ShardVersion | None,
        run_id: str,
        advance: Advance,
    ) -> ShardVersion:
        previous = None if current is None else StoredVersion(current, self._store)
        with self._store.scratch() as folder:
            written = write_table(
                folder / "rows.parquet", task.schema, task.make(previous, advance)
            )
            summary = task.describe(pl.scan_parquet(written.path, glob=False))
            location = f"{asset}/{task.shard}/{written.content_hash}.parquet"
            if not self._store.exists(location):
                self._store.put(written.path, location)
        entry = ShardVersion(
            asset=asset,
            shard=task.shard,
            version=written.content_hash,
            location=location,
            recipe_fingerprint=task.recipe_fingerprint,
            made_from=task.made_from,
            rows=written.rows,
            size_bytes=written.size_bytes,
            summary=summary,
            run_id=run_id,
        )
        return self._catalog.publish(entry, current.revision if current else 0)


class FilesIOManager(ShardIOManager[FilesTask]):
    """A shard is a folder of files that belong together: `<asset>/<shard>/<version>/...`."""

    def _publish(
        self,
        task: FilesTask,
        asset: str,
        current: ShardVersion | None,
        run_id: str,
        advance: Advance,
    ) -> ShardVersion:
        with self._store.scratch() as folder:
            summary = task.make(folder, advance)
            paths = sorted(path for path in folder.rglob("*") if path.is_file())
            hashes = {path.relative_to(folder).as_posix(): file_hash(path) for path in paths}
            version = digest(part for item in sorted(hashes.items()) for part in item)
            location = f"{asset}/{task.shard}/{version}/"
            size_bytes = sum(path.stat().st_size for path in paths)
            for path in paths:
                key = location + path.relative_to(folder).as_posix()
                if not self._store.exists(key):
                    self._store.put(path, key)
        entry = ShardVersion(
            asset=asset,
            shard=task.shard,
            version=version,
            location=location,
            recipe_fingerprint=task.recipe_fingerprint,
            made_from=task.made_from,
            rows=int(summary["rows"]),
            size_bytes=size_bytes,
            summary={**summary, "files": hashes},
            run_id=run_id,
        )
        return self._catalog.publish(entry, current.revision if current else 0)
