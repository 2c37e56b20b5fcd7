"""Where and how the corpus is kept and made: the store, the catalog, the sources, the workers."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import Field

from llm_assets.io.catalog import Catalog
from llm_assets.io.managers import FilesIOManager, ParquetIOManager
from llm_assets.io.object_store import ObjectStore, open_store
from llm_assets.io.postgres import PostgresIOManager
from llm_assets.progress import NoProgress, Progress
from llm_assets.recipe import Corpus
from llm_assets.settings import POSTGRES_VARIABLE, Settings
from llm_assets.sources.objects import Place
from llm_assets.sources.places import open_places
from llm_assets.workers import WorkerPool


class StoreResource(dg.ConfigurableResource[ObjectStore]):
    """The object store that holds the large files."""

    place: str = Field(description="A folder, or s3://bucket/prefix.")
    cache: str = Field(description="A local folder for downloads and files on their way up.")

    def open(self) -> ObjectStore:
        """Open the store."""
        return open_store(self.place, Path(self.cache))


class CatalogResource(dg.ConfigurableResource[Catalog]):
    """The PostgreSQL catalog that says which version of a shard is current."""

    postgres_url: str = Field(description="postgresql://user:password@host:port/database")
    corpus: str = Field(description="The corpus's name in corpus.yaml.")

    def open(self) -> Catalog:
        """Return the catalog, its tables brought up to date."""
        catalog = Catalog(self.postgres_url, self.corpus)
        catalog.prepare()
        return catalog


class WorkersResource(dg.ConfigurableResource["WorkersResource"]):
    """The processes that extract text."""

    processes: int = Field(default=1, ge=1, description="Worker processes of a run.")

    @contextmanager
    def pool(self) -> Iterator[WorkerPool]:
        """Yield a pool; its processes start with the first work and end with the block."""
        with WorkerPool(self.processes) as pool:
            yield pool


class SourcesResource(dg.ConfigurableResource["SourcesResource"]):
    """The places that the corpus file names."""

    corpus_file: str = Field(description="Path of the corpus file; locations are relative to it.")

    def open(self, corpus: Corpus, catalog: Catalog) -> dict[str, Place]:
        """Return every source's place, by the source's name."""
        return open_places(corpus, Path(self.corpus_file), catalog)


def build_resources(
    corpus: Corpus, settings: Settings, progress: Progress | None = None
) -> dict[str, Any]:
    """Return the resources of a code location; secrets stay in the environment."""
    return {
        "store": StoreResource(place=settings.store, cache=str(settings.home / "cache")),
        "catalog": CatalogResource(postgres_url=dg.EnvVar(POSTGRES_VARIABLE), corpus=corpus.name),
        "sources": SourcesResource(corpus_file=str(settings.corpus_file)),
        "workers": WorkersResource(processes=settings.workers),
        "progress": dg.ResourceDefinition.hardcoded_resource(progress or NoProgress()),
        "parquet": _io_manager(ParquetIOManager, "One immutable Parquet file a shard."),
        "files": _io_manager(FilesIOManager, "One immutable folder of files a shard."),
        "postgres": _io_manager(PostgresIOManager, "One partition of a PostgreSQL table a shard."),
    }


def _io_manager(
    kind: type[ParquetIOManager] | type[FilesIOManager] | type[PostgresIOManager], description: str
) -> dg.IOManagerDefinition:
    @dg.io_manager(required_resource_keys={"store", "catalog", "progress"}, description=description)
    def build(context: dg.InitResourceContext) -> dg.IOManager:
        resources = context.resources
        return kind(resources.store.open(), resources.catalog.open(), resources.progress)

    return build
