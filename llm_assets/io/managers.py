"""The IO managers: they make an asset's stale shards one at a time, publish and report them.

All three follow one protocol (see `ShardIOManager`) and differ in where a shard's content goes:
a Parquet file, a folder of files, or a partition of a PostgreSQL table (`llm_assets.io.postgres`).
"""

import time
from abc import abstractmethod
from collections.abc import Collection, Generator, Iterable
from contextlib import closing, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import dagster as dg
import polars as pl

from llm_assets.corpus.identity import digest
from llm_assets.io.catalog import Catalog, PublishConflictError, same_ingredients
from llm_assets.io.object_store import ObjectStore
from llm_assets.io.parquet_file import WrittenFile, file_hash, write_table
from llm_assets.io.shards import (
    Advance,
    FilesTask,
    FrameTask,
    Previous,
    RowsWithdrawnError,
    ShardedTable,
    ShardVersion,
    Summary,
)
from llm_assets.metadata import (
    corpus_metadata,
    funnel_metadata,
    shard_metadata,
    total_summary,
)
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
        """Make a shard's content, store it, and make it current.

        Raises:
            PublishConflictError: if the shard no longer stands at `current`.
        """

    def handle_output(self, context: dg.OutputContext, obj: Iterable[Task]) -> None:
        """Bring every shard that `obj` has a task for up to date.

        Tasks are drawn one at a time: what they share (a worker pool) lives until the last is
        done, or until one fails.
        """
        asset = asset_name(context.asset_key)
        shards = sorted(context.asset_partition_keys) if context.has_asset_partitions else None
        current = self._catalog.current(asset, shards)
        made: list[tuple[ShardReport, ShardVersion]] = []
        tasks = iter(obj)
        with closing(tasks) if isinstance(tasks, Generator) else nullcontext():
            for task in tasks:
                report, entry = self._bring_up_to_date(
                    task, asset, current.get(task.shard), context.run_id
                )
                self._progress.finished(report)
                context.log.info(
                    f"{asset}/{task.shard}: {report.outcome}, {report.rows} rows, "
                    f"{report.size_bytes} bytes, {report.seconds:.1f} s"
                )
                made.append((report, entry))
        if made:
            self._retire(asset, _shards_of_asset(context, [entry.shard for _, entry in made]))
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
            if current is not None and _is_up_to_date(current, task):
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

    def _retire(self, asset: str, shards: Collection[str]) -> None:
        """Forget shards that the corpus no longer has, because its shard count was lowered."""
        with self._catalog.connect() as connection:
            self._catalog.retire_within(connection, asset, shards)

    def _record(
        self, context: dg.OutputContext, made: list[tuple[ShardReport, ShardVersion]]
    ) -> None:
        """Attach each shard's figures to its own materialization in Dagster's event log."""
        if not context.has_asset_partitions:
            reports, entries = [r for r, _ in made], [e for _, e in made]
            context.add_output_metadata(corpus_metadata(reports, entries))
            return
        latest = list(context.asset_partition_keys)[-1]  # what the asset's page shows
        for report, entry in made:
            # A shard that was left alone has its pictures from when it was made.
            drawn = report.outcome != "up to date" or entry.shard == latest
            metadata = shard_metadata(report, entry, self._store, pictures=drawn)
            if entry.shard == latest:
                every = self._catalog.current(entry.asset).values()
                metadata |= funnel_metadata(total_summary(every), "funnel_of_the_corpus")
            context.step_context.add_asset_metadata(
                asset_key=context.asset_key, metadata=metadata, partition_key=entry.shard
            )


def asset_name(key: dg.AssetKey) -> str:
    """Return the asset's name in the catalog and in the store's keys."""
    return "_".join(key.path)


def new_version(
    task: FrameTask | FilesTask,
    asset: str,
    run_id: str,
    *,
    version: str,
    location: str,
    rows: int,
    size_bytes: int,
    summary: Summary,
) -> ShardVersion:
    """Return the entry of content that was just made by a task."""
    return ShardVersion(
        asset=asset,
        shard=task.shard,
        version=version,
        location=location,
        recipe_fingerprint=task.recipe_fingerprint,
        made_from=task.made_from,
        rows=rows,
        size_bytes=size_bytes,
        summary=summary,
        run_id=run_id,
        schema_hash=task.schema_hash,
    )


def _is_up_to_date(current: ShardVersion, task: FrameTask | FilesTask) -> bool:
    return same_ingredients(current, task.made_from, task.recipe_fingerprint, task.schema_hash)


def _shards_of_asset(context: dg.OutputContext, made: list[str]) -> list[str]:
    """Return all shards that the asset has: its partitions, or those that it always makes."""
    if not context.has_asset_partitions:
        return made
    return list(context.asset_partitions_def.get_partition_keys())


def _report(entry: ShardVersion, outcome: Outcome, seconds: float) -> ShardReport:
    return ShardReport(entry.asset, entry.shard, outcome, entry.rows, entry.size_bytes, seconds)


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
        with self._store.scratch() as folder:
            written = self._write(task, current, folder, advance)
            location = f"{asset}/{task.shard}/{written.content_hash}.parquet"
            entry = new_version(
                task,
                asset,
                run_id,
                version=written.content_hash,
                location=location,
                rows=written.rows,
                size_bytes=written.size_bytes,
                summary=task.describe(pl.scan_parquet(written.path, glob=False)),
            )
            if not self._store.exists(location):
                self._store.put(written.path, location)
        return self._catalog.publish(entry, current.revision if current else 0)

    def _write(
        self, task: FrameTask, current: ShardVersion | None, folder: Path, advance: Advance
    ) -> WrittenFile:
        path = folder / "rows.parquet"
        try:
            frames = task.make(self._reusable(task, current), advance)
            return write_table(path, task.schema, frames)
        except RowsWithdrawnError:
            # Nor are rows of the version before to be trusted, which came about alike.
            return write_table(path, task.schema, task.make(None, advance))

    def _reusable(self, task: FrameTask, current: ShardVersion | None) -> Previous | None:
        """Return the version whose rows may be taken over: none of other columns."""
        if current is None or current.schema_hash != task.schema_hash:
            return None
        return StoredVersion(current, self._store)


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
            paths = {
                path.relative_to(folder).as_posix(): path
                for path in sorted(folder.rglob("*"))
                if path.is_file()
            }
            hashes = {name: file_hash(path) for name, path in paths.items()}
            version = digest(part for item in sorted(hashes.items()) for part in item)
            entry = new_version(
                task,
                asset,
                run_id,
                version=version,
                location=f"{asset}/{task.shard}/{version}/",
                rows=int(summary["rows"]),
                size_bytes=sum(path.stat().st_size for path in paths.values()),
                summary={**summary, "files": hashes},
            )
            for name, path in paths.items():
                if not self._store.exists(entry.location + name):
                    self._store.put(path, entry.location + name)
        return self._catalog.publish(entry, current.revision if current else 0)
