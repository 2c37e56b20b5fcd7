"""What all asset checks have in common: today's tables, and saying whether a claim is true."""

from collections.abc import Mapping
from typing import Any

import dagster as dg
import polars as pl

from llm_assets.assets.final_text import FinalText, final_text_tables
from llm_assets.assets.training_split import assembled_from, assembled_tables
from llm_assets.corpus.training.training_parts import DOCUMENTS_FILE
from llm_assets.io.shards import ShardedTable
from llm_assets.recipe import Corpus
from llm_assets.resources import CatalogResource, StoreResource


def verdict(
    wrong: int, claim: str, metadata: Mapping[str, Any] | None = None
) -> dg.AssetCheckResult:
    """Say whether a claim is true.

    Args:
        wrong: how many things it is not true for.
        claim: what is claimed.
        metadata: figures to show beside it.
    """
    return dg.AssetCheckResult(
        passed=wrong == 0,
        description=claim if wrong == 0 else f"not so for {wrong:,}: {claim}",
        metadata={"exceptions": wrong, **(metadata or {})},
    )


def current_table(asset: str, store: StoreResource, catalog: CatalogResource) -> ShardedTable:
    """Return an asset's current shards."""
    return ShardedTable(asset, catalog.open().current(asset), store.open())


def current_texts(corpus: Corpus, store: StoreResource, catalog: CatalogResource) -> FinalText:
    """Return the texts that are trained on."""
    names = final_text_tables(corpus)
    return FinalText({name: current_table(name, store, catalog) for name in names})


def assembled_today(corpus: Corpus, store: StoreResource, catalog: CatalogResource) -> ShardedTable:
    """Return the shards of `training_split` that were made from today's versions and recipe."""
    upstream = {name: current_table(name, store, catalog) for name in assembled_tables(corpus)}
    return assembled_from(current_table("training_split", store, catalog), upstream, corpus)


def training_documents(training_split: ShardedTable) -> pl.LazyFrame:
    """Scan the side tables of all shards (rows of TRAINING_DOCUMENTS)."""
    return training_files(training_split, DOCUMENTS_FILE)


def training_files(training_split: ShardedTable, name: str) -> pl.LazyFrame:
    """Scan a Parquet file that every shard has."""
    return pl.concat(
        pl.scan_parquet(training_split.file(shard, name), glob=False)
        for shard in training_split.shards
    )


def count(rows: pl.LazyFrame) -> int:
    """Count rows."""
    return int(rows.select(pl.len()).collect().item())
