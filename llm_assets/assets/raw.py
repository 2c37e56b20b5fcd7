"""`raw_web`, `raw_books`, `raw_records`: documents as collected, one asset a kind of source."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import dagster as dg
import polars as pl

from llm_assets.assets.external_sources import source_key
from llm_assets.assets.names import OWNERS, column_schema
from llm_assets.corpus.report import summarize_raw
from llm_assets.corpus.schema import RAW
from llm_assets.formats.record_fields import describe_fields
from llm_assets.io.shards import Advance, FrameTask, Previous
from llm_assets.partitions import one_run, shard_partitions
from llm_assets.recipe import Corpus, Kind, Source, fingerprint
from llm_assets.resources import CatalogResource, SourcesResource
from llm_assets.sources.collect import READER_VERSION, Collector
from llm_assets.sources.objects import SourceObject
from llm_assets.sources.watch import ObservedSources, observe_sources

_ABOUT: dict[Kind, str] = {
    "web": "web page as collected: HTML files and the text responses of WARC and WET archives",
    "books": "book or chapter as collected: plain text, EPUB and XHTML",
    "records": "row as collected: the text of a review, an article or a post, with its labels",
}


def raw_asset(corpus: Corpus, kind: Kind) -> dg.AssetsDefinition:
    """Build the asset that collects all sources of one kind."""
    sources = corpus.sources_of(kind)

    @dg.asset(
        name=f"raw_{kind}",
        group_name="raw",
        partitions_def=shard_partitions(corpus),
        backfill_policy=one_run(),
        io_manager_key="parquet",
        deps=[source_key(source) for source in sources],
        kinds={"polars", "parquet"},
        owners=OWNERS,
        code_version=reading_fingerprint(),
        metadata={**column_schema(RAW), **_fields(sources)},
        description=(
            f"One row: one {_ABOUT[kind]}, or one record that could not be read, with the reason. "
            "Raw keeps the bytes: extraction is cleaning's business. Objects whose version did not "
            "change are not read again. Read by `cleaned_text`."
        ),
    )
    def raw(
        context: dg.AssetExecutionContext, sources: SourcesResource, catalog: CatalogResource
    ) -> list[FrameTask]:
        places = sources.open(corpus, catalog.open())
        observed = observe_sources(corpus, kind, places)
        observed.require(context.run.tags)
        return collection_tasks(
            observed,
            sorted(context.partition_keys),
            Collector({source.name: source for source in corpus.sources}, places),
        )

    return raw


def _fields(sources: Sequence[Source]) -> dict[str, dg.MetadataValue[Any]]:
    """Return where the parts of a document are looked for, as definition metadata."""
    rows = [
        dg.TableRecord({"source": source.name, "part": part, "field": field})
        for source in sources
        if source.kind == "records"
        for part, field in describe_fields(source.record_fields).items()
    ]
    return {"fields": dg.MetadataValue.table(rows)} if rows else {}


def reading_fingerprint() -> str:
    """Name how bytes become records."""
    return fingerprint("raw", READER_VERSION, libraries=["fastwarc"])


def collection_tasks(
    observed: ObservedSources, shards: list[str], collector: Collector
) -> list[FrameTask]:
    """Return a task for each shard: its objects as observed, and how to read them."""
    return [
        FrameTask(
            shard=shard,
            made_from=observed.ingredients(shard),
            recipe_fingerprint=reading_fingerprint(),
            schema=RAW,
            make=partial(_collect, collector, observed.objects(shard), observed.ingredients(shard)),
            describe=summarize_raw,
            total=len(observed.objects(shard)),
        )
        for shard in shards
    ]


def _collect(
    collector: Collector,
    objects: list[SourceObject],
    ingredients: dict[str, str],
    previous: Previous | None,
    advance: Advance,
) -> Iterator[pl.DataFrame]:
    reusable = _sources_read_alike(ingredients, previous)
    return collector.collect(objects, previous, reusable, advance)


def _sources_read_alike(ingredients: dict[str, str], previous: Previous | None) -> frozenset[str]:
    """Return the sources that the previous version read with today's readers and settings."""
    if previous is None or previous.version.recipe_fingerprint != reading_fingerprint():
        return frozenset()
    before = previous.version.made_from
    return frozenset(
        name.removeprefix("source/")
        for name, value in ingredients.items()
        if before.get(name, "").partition(":")[0] == value.partition(":")[0]
    )
