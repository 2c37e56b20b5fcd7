"""`near_duplicates`: the one decision that looks across the whole corpus."""

from collections.abc import Iterator
from functools import cache, partial

import dagster as dg
import polars as pl

from llm_assets.assets.names import OWNERS, column_schema
from llm_assets.corpus.duplicates import decide_duplicates
from llm_assets.corpus.identity import shard_names
from llm_assets.corpus.report import summarize_duplicates
from llm_assets.corpus.schema import DUPLICATES
from llm_assets.io.shards import Advance, FrameTask, Previous, ShardedTable
from llm_assets.recipe import Corpus, fingerprint

DUPLICATES_VERSION = "1"

_COLUMNS = [
    "doc_id",
    "source",
    "text_hash",
    "text_chars",
    "published_at",
    "group_key",
    "language_score",
]


def near_duplicates_asset(corpus: Corpus) -> dg.AssetsDefinition:
    """Build the asset that decides who duplicates whom, and who stays."""

    @dg.asset(
        name="near_duplicates",
        group_name="duplicates",
        io_manager_key="parquet",
        kinds={"polars", "parquet"},
        owners=OWNERS,
        code_version=duplicates_fingerprint(corpus),
        metadata=column_schema(DUPLICATES),
        description=(
            "One row: one kept document that has a duplicate, with the document that stays in its "
            "stead. Decided over all shards at once, whatever their order; stored as one file a "
            "shard, so that only shards whose verdicts changed are assembled anew. Read by "
            "`training_split` and `document_ledger`."
        ),
    )
    def near_duplicates(cleaned_text: ShardedTable) -> list[FrameTask]:
        return duplicate_tasks(corpus, cleaned_text)

    return near_duplicates


def duplicates_fingerprint(corpus: Corpus) -> str:
    """Name how duplicates are decided: the policy, and sources that it treats differently."""
    special = [f"{s.name}:{s.priority}:{s.protected}" for s in corpus.sources]
    usual = [f"{s.name}:0:False" for s in corpus.sources]
    return fingerprint(
        "duplicates",
        DUPLICATES_VERSION,
        corpus.recipe.duplicates,
        sorted(set(special) - set(usual)),
    )


def duplicate_tasks(corpus: Corpus, cleaned_text: ShardedTable) -> list[FrameTask]:
    """Return a task for each shard; the decision itself is made once, if any shard needs it.

    Raises:
        dagster.Failure: if a shard of `cleaned_text` is missing: a partial decision would be wrong.
    """
    shards = shard_names(corpus.shards)
    missing = sorted(set(shards) - set(cleaned_text.shards))
    if missing:
        raise dg.Failure(
            f"cleaned_text lacks {len(missing)} of {len(shards)} shards ({missing[0]}, ...): "
            "duplicates are decided over the whole corpus. Materialize all shards first.",
            allow_retries=False,
        )

    @cache
    def decisions() -> pl.DataFrame:
        return decide_duplicates(
            kept_documents(corpus, cleaned_text), corpus.recipe.duplicates.keep
        )

    def rows_of(shard: str, previous: Previous | None, advance: Advance) -> Iterator[pl.DataFrame]:
        del previous, advance  # the decision is made as a whole
        yield decisions().filter(pl.col("shard") == shard).select(DUPLICATES.names())

    return [
        FrameTask(
            shard=shard,
            made_from=cleaned_text.ingredients(),
            recipe_fingerprint=duplicates_fingerprint(corpus),
            schema=DUPLICATES,
            make=partial(rows_of, shard),
            describe=summarize_duplicates,
        )
        for shard in shards
    ]


def kept_documents(corpus: Corpus, cleaned_text: ShardedTable) -> pl.LazyFrame:
    """Return what the decision needs to know of every kept document."""
    policy = pl.LazyFrame(
        {
            "source": [source.name for source in corpus.sources],
            "source_priority": [source.priority for source in corpus.sources],
            "protected": [source.protected for source in corpus.sources],
        }
    )
    return (
        cleaned_text.scan_all([*_COLUMNS, "verdict"])
        .filter(pl.col("verdict") == "keep")
        .drop("verdict")
        .rename({"language_score": "quality"})
        .join(policy, on="source", how="left")
        .with_columns(pl.col("source_priority").fill_null(0), pl.col("protected").fill_null(False))
    )
