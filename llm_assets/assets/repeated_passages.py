"""`repeated_passages`: what is cut from documents because others have it too."""

from collections.abc import Iterator, Mapping
from functools import cache, partial
from pathlib import Path

import dagster as dg
import polars as pl

from llm_assets.assets.contamination import CONTAMINATION_TABLE
from llm_assets.assets.names import OWNERS, column_schema
from llm_assets.assets.near_duplicates import NEAR_DUPLICATES
from llm_assets.corpus.cuts import without_dropped
from llm_assets.corpus.identity import shard_names
from llm_assets.corpus.passages.passage_report import summarize_passages
from llm_assets.corpus.passages.passages import PASSAGE
from llm_assets.corpus.passages.record_files import count_ranges
from llm_assets.corpus.passages.repeated_passages import REPEATED_PASSAGES, PassageDecision
from llm_assets.corpus.site_lines import site_of
from llm_assets.io.shards import Advance, DrawnTasks, FrameTask, Previous, ShardedTable, Summary
from llm_assets.passages_recipe import Passages
from llm_assets.recipe import Corpus, fingerprint
from llm_assets.resources import StoreResource

REPEATED_PASSAGES_TABLE = "repeated_passages"
_VERSION = "1"
_MEMORY_BYTES = 1 << 30
"""To count passages in, about; texts are read 64 MB at a time, or one longer document."""
_BYTES_A_PASSAGE = 64
"""Of text; with fewer, counting takes more memory."""


def repeated_passages_asset(corpus: Corpus, passages: Passages) -> dg.AssetsDefinition:
    """Build the asset that finds what stands in several documents."""
    upstream = ["cleaned_text", NEAR_DUPLICATES]
    if corpus.recipe.decontaminate is not None:
        upstream.append(CONTAMINATION_TABLE)

    @dg.asset(
        name=REPEATED_PASSAGES_TABLE,
        group_name="duplicates",
        io_manager_key="parquet",
        ins={name: dg.AssetIn() for name in upstream},
        kinds={"polars", "parquet"},
        owners=OWNERS,
        code_version=passages_fingerprint(passages),
        metadata=column_schema(REPEATED_PASSAGES),
        description=(
            "One row: one document with lines or paragraphs that another document keeps: which "
            "bytes of its text are cut, and whether too little is left. Decided over all shards at "
            "once, whatever their order; stored as one file a shard, so that only shards whose "
            "passages changed are made anew. Read by what comes after `near_duplicates`."
        ),
    )
    def repeated_passages(store: StoreResource, **tables: ShardedTable) -> DrawnTasks:
        return DrawnTasks(partial(passage_tasks, corpus, passages, tables, store))

    return repeated_passages


def passages_fingerprint(passages: Passages) -> str:
    """Name how repeated passages are found."""
    return fingerprint(
        REPEATED_PASSAGES_TABLE,
        _VERSION,
        passages,
        [f"{name}:{kind}" for name, kind in REPEATED_PASSAGES.items()],
        libraries=["polars"],  # lower case is its
    )


def passage_tasks(
    corpus: Corpus, passages: Passages, tables: Mapping[str, ShardedTable], store: StoreResource
) -> Iterator[FrameTask]:
    """Yield a task for each shard; the decision itself is made once, if any shard needs it.

    Raises:
        dagster.Failure: if a shard is missing: a partial decision would be wrong.
    """
    shards = shard_names(corpus.shards)
    for table in tables.values():
        require_shards(table, shards)
    with store.open().scratch() as folder:
        decide = cache(partial(_decide, tables, passages, shards, folder))

        def rows_of(
            shard: str, previous: Previous | None, advance: Advance
        ) -> Iterator[pl.DataFrame]:
            del previous, advance  # the decision is made as a whole
            return decide().rows(shards.index(shard), _documents(tables, shard))

        def describe(shard: str, rows: pl.LazyFrame) -> Summary:
            return summarize_passages(rows, decide().excerpts[shards.index(shard)])

        for shard in shards:
            yield FrameTask(
                shard=shard,
                made_from={k: v for t in tables.values() for k, v in t.ingredients().items()},
                recipe_fingerprint=passages_fingerprint(passages),
                schema=REPEATED_PASSAGES,
                make=partial(rows_of, shard),
                describe=partial(describe, shard),
            )


def require_shards(table: ShardedTable, shards: list[str]) -> None:
    """See that all shards of a table are there.

    Raises:
        dagster.Failure: if one is not.
    """
    missing = sorted(set(shards) - set(table.shards))
    if missing:
        raise dg.Failure(
            f"{table.asset} lacks {len(missing)} of {len(shards)} shards ({missing[0]}, ...): "
            "what is repeated shows in the whole corpus only. Materialize all shards first.",
            allow_retries=False,
        )


def _decide(
    tables: Mapping[str, ShardedTable], passages: Passages, shards: list[str], folder: Path
) -> PassageDecision:
    kept = tables["cleaned_text"].scan_all(["text_bytes", "verdict"]).filter(verdict="keep")
    text_bytes = kept.select(pl.col("text_bytes").sum()).collect(engine="streaming").item()
    estimate = PASSAGE.itemsize * int(text_bytes) // _BYTES_A_PASSAGE
    decision = PassageDecision(passages.plan(), folder, count_ranges(estimate, _MEMORY_BYTES))
    for number, shard in enumerate(shards):
        decision.read(number, _documents(tables, shard))
    decision.decide()
    return decision


def _documents(tables: Mapping[str, ShardedTable], shard: str) -> Iterator[pl.DataFrame]:
    """Yield the documents of a shard that no earlier stage dropped, always in the same order."""
    cleaned_text, near_duplicates = tables["cleaned_text"], tables[NEAR_DUPLICATES]
    rows, twins = cleaned_text.scan(shard), near_duplicates.scan(shard)
    if rows is None or twins is None:
        return
    rows = rows.select("doc_id", "text_hash", "url", "source", "text", "verdict").filter(
        verdict="keep"
    )
    dropped = twins.filter(pl.col("duplicate_of").is_not_null()).select("doc_id")
    rows = rows.join(dropped, on="doc_id", how="anti", maintain_order="left")
    contamination = tables.get(CONTAMINATION_TABLE)
    judged = None if contamination is None else contamination.scan(shard)
    left = rows if judged is None else without_dropped(rows, [judged])
    yield from left.select("doc_id", "text_hash", site_of(), "text").collect_batches(
        maintain_order=True, lazy=True
    )
