"""A place to materialize tiny assets in: a store, a catalog, and someone who watches."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl

from llm_assets.io.catalog import Catalog
from llm_assets.io.managers import FilesIOManager, ParquetIOManager
from llm_assets.io.object_store import LocalStore, ObjectStore
from llm_assets.io.postgres import PostgresIOManager
from llm_assets.io.shards import (
    Advance,
    DrawnTasks,
    FilesTask,
    FrameTask,
    Previous,
    ShardVersion,
    Summary,
)
from llm_assets.progress import ShardReport

SCHEMA = pl.Schema({"doc_id": pl.String, "n": pl.Int64})
SHARDS = ["shard-0000", "shard-0001", "shard-0002", "shard-0003"]
PARTITIONS = dg.StaticPartitionsDefinition(SHARDS)


@dataclass
class Watcher:
    """Remembers what it is told."""

    reports: list[ShardReport] = field(default_factory=list)
    worked_on: list[tuple[str, str, int | None]] = field(default_factory=list)
    documents: int = 0

    @contextmanager
    def working(self, asset: str, shard: str, total: int | None) -> Iterator[Advance]:
        self.worked_on.append((asset, shard, total))
        yield self._advance

    def finished(self, report: ShardReport) -> None:
        self.reports.append(report)

    def _advance(self, count: int) -> None:
        self.documents += count


@dataclass
class Workshop:
    """Runs assets on real storage, in this process."""

    store: ObjectStore
    catalog: Catalog
    watcher: Watcher = field(default_factory=Watcher)

    def run(
        self,
        *assets: dg.AssetsDefinition,
        shards: tuple[str, str] | None = None,
        only: str | None = None,
        raise_on_error: bool = True,
    ) -> dg.ExecuteInProcessResult:
        """Materialize assets over a range of shards (first and last), or unpartitioned ones."""
        self.watcher.reports.clear()
        tags = {}
        if shards is not None:
            tags = {
                "dagster/asset_partition_range_start": shards[0],
                "dagster/asset_partition_range_end": shards[1],
            }
        with dg.DagsterInstance.ephemeral() as instance:
            return dg.materialize(
                assets,
                instance=instance,
                resources={
                    "parquet": ParquetIOManager(self.store, self.catalog, self.watcher),
                    "files": FilesIOManager(self.store, self.catalog, self.watcher),
                    "postgres": PostgresIOManager(self.store, self.catalog, self.watcher),
                },
                selection=None if only is None else [only],
                tags=tags,
                raise_on_error=raise_on_error,
            )

    @property
    def outcomes(self) -> list[tuple[str, str]]:
        """Shard and outcome, as reported in the last run."""
        return [(report.shard, report.outcome) for report in self.watcher.reports]

    def current(self, asset: str = "numbers") -> dict[str, ShardVersion]:
        return self.catalog.current(asset)

    def rows(self, shard: str, asset: str = "numbers") -> list[int]:
        """Read a shard as any reader would."""
        location = self.current(asset)[shard].location
        return self.store.scan_parquet(location).collect()["n"].to_list()


def open_workshop(folder: Path, database_url: str) -> Workshop:
    """Return a workshop with a local store."""
    catalog = Catalog(database_url, "corpus")
    catalog.prepare()
    return Workshop(LocalStore(folder / "store"), catalog)


def table(shard: str, numbers: Iterable[int]) -> pl.DataFrame:
    return pl.DataFrame([(f"{shard}/{n:06}", n) for n in numbers], schema=SCHEMA, orient="row")


def figures(rows: pl.LazyFrame) -> Summary:
    counted = rows.select(rows=pl.len(), total=pl.col("n").sum()).collect()
    return {"rows": counted["rows"].item(), "total": counted["total"].item()}


def frame_task(
    shard: str,
    numbers: Iterable[int] = (),
    made_from: Mapping[str, str] | None = None,
    recipe: str = "recipe",
    **changed: Any,
) -> FrameTask:
    """Return a task whose ingredients are its numbers, unless others are named."""
    numbers = list(numbers)

    def make(_previous: Previous | None, advance: Advance) -> Iterator[pl.DataFrame]:
        yield table(shard, numbers)
        advance(len(numbers))

    ingredients = {"numbers": repr(numbers)} if made_from is None else made_from
    settings: dict[str, Any] = {
        "schema": SCHEMA,
        "make": make,
        "describe": figures,
        "total": len(numbers),
        **changed,
    }
    return FrameTask(shard, ingredients, recipe, **settings)


def files_task(shard: str, files: Mapping[str, bytes], recipe: str = "recipe") -> FilesTask:
    def make(folder: Path, advance: Advance) -> Summary:
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        advance(len(files))
        return {"rows": len(files)}

    return FilesTask(shard, {"files": repr(files)}, recipe, make, len(files))


def sharded(
    tasks: Callable[[list[str]], Iterable[FrameTask] | Iterable[FilesTask]],
    name: str = "numbers",
    manager: str = "parquet",
    partitions: dg.PartitionsDefinition[str] = PARTITIONS,
) -> dg.AssetsDefinition:
    """Return an asset that has a task for each shard of the run."""

    @dg.asset(
        name=name,
        partitions_def=partitions,
        io_manager_key=manager,
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    def asset(context: dg.AssetExecutionContext) -> Any:
        drawn = tasks(sorted(context.partition_keys))
        return DrawnTasks(lambda: drawn) if isinstance(drawn, Iterator) else drawn

    return asset


def whole(
    tasks: Callable[[], Iterable[FrameTask] | Iterable[FilesTask]],
    name: str = "numbers",
    manager: str = "parquet",
) -> dg.AssetsDefinition:
    """Return an asset without partitions, which makes several shards all the same."""

    @dg.asset(name=name, io_manager_key=manager)
    def asset() -> Any:
        return tasks()

    return asset
