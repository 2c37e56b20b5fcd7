"""`cleaned_text`: what every record became, kept or dropped or quarantined, and why."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import dagster as dg
import polars as pl

from llm_assets.assets.names import OWNERS, column_schema
from llm_assets.assets.site_boilerplate import SITE_BOILERPLATE, wants_site_lines
from llm_assets.cleaning import (
    cleaning_fingerprint,
    cleaning_plan,
    table_schema,
    text_part,
    url_rules,
)
from llm_assets.corpus.clean import CleaningPlan, Extract, judge_texts, read_texts
from llm_assets.corpus.report import summarize_cleaned
from llm_assets.corpus.reuse import make_missing
from llm_assets.corpus.site_lines import site_hashes, site_of
from llm_assets.corpus.verdicts import judge_again
from llm_assets.extraction import extractor
from llm_assets.io.shards import Advance, DrawnTasks, FrameTask, Previous, ShardedTable
from llm_assets.partitions import one_run, shard_partitions
from llm_assets.recipe import Corpus, Kind
from llm_assets.resources import WorkersResource

_BATCH_ROWS = 512
"""Enough for batch speed, few enough that a progress bar moves."""


def cleaned_text_asset(corpus: Corpus, corpus_file: Path) -> dg.AssetsDefinition:
    """Build the asset that turns collected bytes into judged text."""
    upstream = [f"raw_{kind}" for kind in corpus.kinds]
    if wants_site_lines(corpus):
        upstream.append(SITE_BOILERPLATE)

    @dg.asset(
        name="cleaned_text",
        group_name="cleaned",
        partitions_def=shard_partitions(corpus),
        backfill_policy=one_run(),
        io_manager_key="parquet",
        ins={name: dg.AssetIn() for name in upstream},
        kinds={"polars", "parquet"},
        owners=OWNERS,
        code_version=cleaning_fingerprint(corpus, corpus_file),
        metadata=column_schema(table_schema(corpus)),
        description=(
            "One row: one collected record with its text, language, signals and verdict. A kept "
            "document has its text; a dropped one has the reason, the measured value and the "
            "threshold; a quarantined one could not be read. Records whose bytes and recipe did "
            "not change keep their row; where only rules and limits changed, verdicts are reached "
            "anew from the stored signals. Read by `near_duplicates`, `tokenizer`, "
            "`tokenized_corpus`, `training_split` and `document_ledger`."
        ),
    )
    def cleaned_text(
        context: dg.AssetExecutionContext, workers: WorkersResource, **tables: ShardedTable
    ) -> DrawnTasks:
        shards = sorted(context.partition_keys)
        return DrawnTasks(partial(cleaning_tasks, corpus, corpus_file, tables, shards, workers))

    return cleaned_text


def cleaning_tasks(
    corpus: Corpus,
    corpus_file: Path,
    tables: dict[str, ShardedTable],
    shards: Sequence[str],
    workers: WorkersResource,
) -> Iterator[FrameTask]:
    """Yield a task for each shard; the worker processes live as long as the tasks are drawn."""
    recipe = cleaning_fingerprint(corpus, corpus_file)
    urls = url_rules(corpus, corpus_file)
    site_lines = tables.get(SITE_BOILERPLATE)
    with workers.pool() as pool:
        kinds = [
            _KindOfShard(
                kind,
                tables[f"raw_{kind}"],
                cleaning_plan(corpus, kind, urls),
                extractor(pool, corpus, kind),
                site_lines if kind == "web" else None,
            )
            for kind in corpus.kinds
        ]
        for shard in shards:
            yield FrameTask(
                shard=shard,
                made_from={k: v for t in tables.values() for k, v in t.ingredient(shard).items()},
                recipe_fingerprint=recipe,
                schema=table_schema(corpus),
                make=partial(_clean_shard, kinds, shard, recipe),
                describe=summarize_cleaned,
                total=sum(part.raw.rows(shard) for part in kinds),
            )


@dataclass(frozen=True)
class _KindOfShard:
    """The documents of one kind, and what is done to them."""

    kind: Kind
    raw: ShardedTable
    plan: CleaningPlan
    extract: Extract
    site_lines: ShardedTable | None


def _clean_shard(
    kinds: Sequence[_KindOfShard],
    shard: str,
    recipe: str,
    previous: Previous | None,
    advance: Advance,
) -> Iterator[pl.DataFrame]:
    before = _made_alike(previous, recipe)
    for part in kinds:
        rows = part.raw.scan(shard)
        if rows is None:
            continue
        repeated = _site_lines(part, shard)
        keys = _keys(rows, repeated)
        stale = previous is not None and previous.version.recipe_fingerprint != recipe
        for frame in make_missing(
            rows,
            keys,
            _judged_anew(before, keys, part.plan) if stale else before,
            partial(read_texts, plan=part.plan, extract=part.extract),
            partial(judge_texts, plan=part.plan, repeated_lines=repeated),
            _BATCH_ROWS,
        ):
            yield frame
            advance(frame.height)


def _made_alike(previous: Previous | None, recipe: str) -> pl.DataFrame | None:
    """Return the rows that stand, if their texts and signals were made as today's would be."""
    if previous is None or text_part(previous.version.recipe_fingerprint) != text_part(recipe):
        return None
    return previous.scan().collect()


def _judged_anew(
    before: pl.DataFrame | None, keys: pl.DataFrame, plan: CleaningPlan
) -> pl.DataFrame | None:
    """Put today's rules to the rows of one kind; leave out those that need their text again."""
    if before is None:
        return None
    settled, _ = judge_again(before.join(keys, on="doc_id", how="semi"), plan.judging)
    return settled


def _site_lines(part: _KindOfShard, shard: str) -> pl.DataFrame | None:
    rows = None if part.site_lines is None else part.site_lines.scan(shard)
    return None if rows is None else rows.collect()


def _keys(rows: pl.LazyFrame, repeated: pl.DataFrame | None) -> pl.DataFrame:
    """Return what a record's row depends on besides the recipe, in the order of the records."""
    keys = rows.select("doc_id", "input_hash", site_of()).collect()
    if repeated is None:
        return keys.select("doc_id", "input_hash", boilerplate_hash=pl.lit(None, pl.String))
    return keys.join(site_hashes(repeated), on="site", how="left", maintain_order="left").drop(
        "site"
    )
