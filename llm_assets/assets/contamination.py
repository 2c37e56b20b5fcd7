"""`contamination`: what every kept document shares with evaluation sets, and what is done."""

from collections.abc import Callable, Iterator
from functools import cache, partial

import dagster as dg
import polars as pl

from llm_assets.assets.evaluation_ngrams import EVALUATION_NGRAMS_TABLE
from llm_assets.assets.names import OWNERS, column_schema
from llm_assets.corpus.contamination.contaminated_documents import (
    CONTAMINATION,
    ContaminationRule,
    judge_contamination,
)
from llm_assets.corpus.contamination.contamination_report import summarize_contamination
from llm_assets.corpus.contamination.evaluation_index import NgramIndex
from llm_assets.corpus.reuse import reuse_rows
from llm_assets.decontamination_recipe import Decontamination
from llm_assets.io.shards import (
    Advance,
    FrameTask,
    NotMaterializedError,
    Previous,
    ShardedTable,
)
from llm_assets.partitions import WHOLE, one_run, shard_partitions
from llm_assets.recipe import Corpus, fingerprint

CONTAMINATION_TABLE = "contamination"
_VERSION = "1"
_BATCH_ROWS = 512
"""Enough for batch speed, few enough that a progress bar moves."""


def contamination_asset(corpus: Corpus, decontamination: Decontamination) -> dg.AssetsDefinition:
    """Build the asset that looks kept documents through."""

    @dg.asset(
        name=CONTAMINATION_TABLE,
        group_name="duplicates",
        partitions_def=shard_partitions(corpus),
        backfill_policy=one_run(),
        io_manager_key="parquet",
        kinds={"polars", "parquet"},
        owners=OWNERS,
        code_version=contamination_fingerprint(decontamination),
        metadata=column_schema(CONTAMINATION),
        description=(
            "One row: one kept document that was looked through for items of evaluation sets: "
            "which it has, the matching text and its share, and whether the document is dropped "
            "or what is cut from it. Documents whose text did not change keep their row while the "
            "evaluation sets are the same. Read by what comes after `cleaned_text`."
        ),
    )
    def contamination(
        context: dg.AssetExecutionContext,
        cleaned_text: ShardedTable,
        evaluation_ngrams: ShardedTable,
    ) -> list[FrameTask]:
        judge = ContaminationJudge(decontamination, evaluation_ngrams)
        index = evaluation_ngrams.ingredient(WHOLE)
        return [
            FrameTask(
                shard=shard,
                made_from=cleaned_text.ingredient(shard) | index,
                recipe_fingerprint=contamination_fingerprint(decontamination),
                schema=CONTAMINATION,
                make=partial(_look_through, decontamination, cleaned_text, shard, index, judge),
                describe=summarize_contamination,
                total=cleaned_text.rows(shard),
            )
            for shard in sorted(context.partition_keys)
        ]

    return contamination


class ContaminationJudge:
    """Judges frames of documents; prepares the index when the first one comes."""

    def __init__(self, decontamination: Decontamination, evaluation_ngrams: ShardedTable) -> None:
        self._rule = ContaminationRule(decontamination.action, decontamination.share)
        self._index = cache(partial(_load, decontamination, evaluation_ngrams))

    def __call__(self, documents: pl.DataFrame) -> pl.DataFrame:
        """Return rows of CONTAMINATION for rows with `doc_id`, `text` and `text_hash`."""
        return judge_contamination(documents, self._index(), self._rule)


def _load(decontamination: Decontamination, evaluation_ngrams: ShardedTable) -> NgramIndex:
    rows = evaluation_ngrams.scan(WHOLE)
    if rows is None:
        raise NotMaterializedError(f"{EVALUATION_NGRAMS_TABLE} is not there: materialize it first")
    return NgramIndex.of(rows.collect(), decontamination.ngram_words)


def contamination_fingerprint(decontamination: Decontamination) -> str:
    """Name how documents are judged; the index of the evaluation sets is an ingredient."""
    return fingerprint(
        CONTAMINATION_TABLE,
        _VERSION,
        decontamination.ngram_words,
        decontamination.action,
        decontamination.share,
        libraries=["polars"],
    )


def _look_through(
    decontamination: Decontamination,
    cleaned_text: ShardedTable,
    shard: str,
    index: dict[str, str],
    judge: Callable[[pl.DataFrame], pl.DataFrame],
    previous: Previous | None,
    advance: Advance,
) -> Iterator[pl.DataFrame]:
    rows = cleaned_text.scan(shard)
    if rows is None:
        return
    before = None
    if previous is not None and _judged_alike(previous, decontamination, index):
        before = previous.scan().collect()
    columns = ["doc_id", "text_hash", "text", "verdict"]
    for group in rows.select(columns).collect_batches(maintain_order=True, lazy=True):
        for batch in group.iter_slices(_BATCH_ROWS):
            kept = batch.filter(pl.col("verdict") == "keep").drop("verdict")
            yield reuse_rows(kept, before, on=["doc_id", "text_hash"], make=judge)
            advance(batch.height)


def _judged_alike(
    previous: Previous, decontamination: Decontamination, index: dict[str, str]
) -> bool:
    version = previous.version
    same_rule = version.recipe_fingerprint == contamination_fingerprint(decontamination)
    return same_rule and version.made_from.items() >= index.items()
