"""`repeated_substrings`: a report on spans of tokens that stand in several places."""

from collections.abc import Iterator, Mapping
from functools import cache, partial
from pathlib import Path

import dagster as dg
import polars as pl

from llm_assets.assets.names import OWNERS, column_schema
from llm_assets.assets.near_duplicates import NEAR_DUPLICATES
from llm_assets.assets.repeated_passages import require_shards
from llm_assets.assets.tokenizer import load_tokenizer
from llm_assets.corpus.identity import shard_names
from llm_assets.corpus.passages.passage_report import describe_shares, summarize_substrings
from llm_assets.corpus.passages.record_files import count_ranges
from llm_assets.corpus.passages.repeated_substrings import (
    REPEATED_SUBSTRINGS,
    WINDOW,
    SubstringReport,
)
from llm_assets.io.shards import Advance, DrawnTasks, FrameTask, Previous, ShardedTable, Summary
from llm_assets.partitions import WHOLE
from llm_assets.passages_recipe import Substrings
from llm_assets.recipe import Corpus, fingerprint
from llm_assets.resources import StoreResource

_REPEATED_SUBSTRINGS = "repeated_substrings"
_VERSION = "1"
_MEMORY_BYTES = 1 << 30
"""To compare windows in, about."""


def repeated_substrings_asset(corpus: Corpus, substrings: Substrings) -> dg.AssetsDefinition:
    """Build the asset that reports repeated spans."""

    @dg.asset(
        name=_REPEATED_SUBSTRINGS,
        group_name="analysis",
        io_manager_key="parquet",
        kinds={"polars", "parquet"},
        owners=OWNERS,
        code_version=substrings_fingerprint(substrings),
        metadata=column_schema(REPEATED_SUBSTRINGS),
        description=(
            "One row: one place of one of the largest spans of tokens that stand word for word in "
            "several places of the corpus; and for each source the share of its tokens in such "
            "spans. Found over all shards at once. Read by people; no other asset depends on it."
        ),
    )
    def repeated_substrings(
        cleaned_text: ShardedTable,
        near_duplicates: ShardedTable,
        tokenizer: ShardedTable,
        tokenized_corpus: ShardedTable,
        store: StoreResource,
    ) -> DrawnTasks:
        tables = {
            table.asset: table
            for table in (cleaned_text, near_duplicates, tokenizer, tokenized_corpus)
        }
        return DrawnTasks(partial(substring_tasks, corpus, substrings, tables, store))

    return repeated_substrings


def substrings_fingerprint(substrings: Substrings) -> str:
    """Name how the report is made."""
    return fingerprint(
        _REPEATED_SUBSTRINGS,
        _VERSION,
        substrings,
        [f"{name}:{kind}" for name, kind in REPEATED_SUBSTRINGS.items()],
    )


def substring_tasks(
    corpus: Corpus, substrings: Substrings, tables: Mapping[str, ShardedTable], store: StoreResource
) -> Iterator[FrameTask]:
    """Yield a task for each shard; the report is made once, if any shard needs it.

    Raises:
        dagster.Failure: if a shard is missing.
    """
    shards = shard_names(corpus.shards)
    decided = [tables[name] for name in (NEAR_DUPLICATES, "tokenized_corpus")]
    for table in decided:
        require_shards(table, shards)
    with store.open().scratch() as folder:
        report = cache(partial(_report, corpus, substrings, tables, folder))

        def rows_of(
            shard: str, previous: Previous | None, advance: Advance
        ) -> Iterator[pl.DataFrame]:
            del previous, advance  # the report is made as a whole
            yield report()[shards.index(shard)][0]

        def describe(shard: str, rows: pl.LazyFrame) -> Summary:
            totals = [totals for _, totals in report()]
            shares = describe_shares(pl.concat(totals))
            return summarize_substrings(rows, totals[shards.index(shard)], shares)

        for shard in shards:
            yield FrameTask(
                shard=shard,
                made_from={k: v for t in decided for k, v in t.ingredients().items()}
                | tables["tokenizer"].ingredient(WHOLE),
                recipe_fingerprint=substrings_fingerprint(substrings),
                schema=REPEATED_SUBSTRINGS,
                make=partial(rows_of, shard),
                describe=partial(describe, shard),
            )


def _report(
    corpus: Corpus, substrings: Substrings, tables: Mapping[str, ShardedTable], folder: Path
) -> list[tuple[pl.DataFrame, pl.DataFrame]]:
    counts = tables["tokenized_corpus"].scan_all(["token_count"])
    tokens = counts.select(pl.col("token_count").cast(pl.Int64).sum()).collect().item()
    ranges = count_ranges(WINDOW.itemsize * tokens, _MEMORY_BYTES)
    report = SubstringReport(substrings.tokens, folder, ranges)
    for shard in shard_names(corpus.shards):
        report.read(_documents(tables, shard))
    return report.finish(load_tokenizer(corpus, tables["tokenizer"]).decode)


def _documents(tables: Mapping[str, ShardedTable], shard: str) -> Iterator[pl.DataFrame]:
    """Yield the tokens of a shard's documents that are no duplicates."""
    tokens, cleaned, twins = (
        tables[name].scan(shard) for name in ("tokenized_corpus", "cleaned_text", NEAR_DUPLICATES)
    )
    if tokens is None or cleaned is None or twins is None:
        return
    dropped = twins.filter(pl.col("duplicate_of").is_not_null()).select("doc_id")
    yield from (
        tokens.select("doc_id", "token_ids")
        .join(dropped, on="doc_id", how="anti", maintain_order="left")
        .join(cleaned.select("doc_id", "source"), on="doc_id", maintain_order="left")
        .select("doc_id", "source", "token_ids")
        .collect_batches(maintain_order=True, lazy=True)
    )
