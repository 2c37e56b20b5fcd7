"""`document_ledger`: for every document ever seen, what became of it and why."""

from collections.abc import Iterator
from functools import partial

import dagster as dg
import polars as pl

from llm_assets.assets.contamination import CONTAMINATION_TABLE
from llm_assets.assets.final_text import FinalText, final_text_tables
from llm_assets.assets.names import OWNERS, column_schema
from llm_assets.assets.repeated_passages import REPEATED_PASSAGES_TABLE
from llm_assets.corpus.ledger import build_ledger
from llm_assets.corpus.report import summarize_ledger
from llm_assets.corpus.schema import LEDGER
from llm_assets.corpus.training.training_parts import DOCUMENTS_FILE, LEFT_OUT_FILE, token_suffix
from llm_assets.io.shards import Advance, FrameTask, Previous, ShardedTable
from llm_assets.partitions import one_run, shard_partitions
from llm_assets.recipe import Corpus, fingerprint

LEDGER_VERSION = "3"


def document_ledger_asset(corpus: Corpus) -> dg.AssetsDefinition:
    """Build the asset that keeps the books."""

    @dg.asset(
        name="document_ledger",
        group_name="ledger",
        partitions_def=shard_partitions(corpus),
        backfill_policy=one_run(),
        io_manager_key="postgres",
        ins={name: dg.AssetIn() for name in final_text_tables(corpus)},
        kinds={"postgres", "polars"},
        owners=OWNERS,
        code_version=ledger_fingerprint(),
        metadata=column_schema(LEDGER),
        description=(
            "One row: one document ever seen, kept, dropped or quarantined: where it came from, "
            "the last stage it reached, the verdict with measured value and threshold, whose "
            "duplicate it is, its split and its token ranges. The PostgreSQL table "
            "`llm_assets.document_ledger`. Read by `llm-assets why` and `llm-assets funnel`."
        ),
    )
    def document_ledger(
        context: dg.AssetExecutionContext,
        near_duplicates: ShardedTable,
        tokenized_corpus: ShardedTable,
        training_split: ShardedTable,
        **tables: ShardedTable,
    ) -> list[FrameTask]:
        upstream = (FinalText(tables), near_duplicates, tokenized_corpus, training_split)
        return [
            FrameTask(
                shard=shard,
                made_from={k: v for table in upstream for k, v in table.ingredient(shard).items()},
                recipe_fingerprint=ledger_fingerprint(),
                schema=LEDGER,
                make=partial(_rows, upstream, shard),
                describe=summarize_ledger,
            )
            for shard in sorted(context.partition_keys)
        ]

    return document_ledger


def ledger_fingerprint() -> str:
    """Name how the books are kept; a new column is a new version."""
    return fingerprint("ledger", LEDGER_VERSION, [f"{k}:{v}" for k, v in LEDGER.items()])


def _rows(
    upstream: tuple[FinalText, ShardedTable, ShardedTable, ShardedTable],
    shard: str,
    previous: Previous | None,
    advance: Advance,
) -> Iterator[pl.DataFrame]:
    del previous, advance  # a shard's books are written at once
    texts, near_duplicates, tokenized_corpus, training_split = upstream
    cleaned = texts.records(shard)
    if cleaned is None:
        return
    part = training_split.versions.get(shard)
    documents, left_out = (
        None if part is None else pl.scan_parquet(training_split.file(shard, name), glob=False)
        for name in (DOCUMENTS_FILE, LEFT_OUT_FILE)
    )
    yield build_ledger(
        cleaned,
        near_duplicates.scan(shard),
        tokenized_corpus.scan(shard),
        documents,
        left_out,
        "" if part is None else part.location,
        contamination=texts.optional(CONTAMINATION_TABLE, shard),
        passages=texts.optional(REPEATED_PASSAGES_TABLE, shard),
        file_suffix=None if part is None else token_suffix(part.summary["files"]),
    )
