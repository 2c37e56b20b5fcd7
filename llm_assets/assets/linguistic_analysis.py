"""`linguistic_analysis`: the words and sentences of every kept document, by NLTK."""

from collections.abc import Iterator
from functools import partial

import dagster as dg
import polars as pl

from llm_assets.assets.names import OWNERS, column_schema
from llm_assets.corpus.linguistic.linguist import Linguist
from llm_assets.corpus.linguistic.linguistic_report import summarize_linguistic
from llm_assets.corpus.linguistic.linguistics import LINGUISTIC, analyse_texts
from llm_assets.corpus.reuse import reuse_rows
from llm_assets.io.shards import Advance, FrameTask, Previous, ShardedTable
from llm_assets.linguistics_recipe import Linguistics
from llm_assets.nltk_data import find_nltk_data
from llm_assets.partitions import one_run, shard_partitions
from llm_assets.recipe import Corpus, fingerprint

LINGUISTICS_VERSION = "1"

_LIBRARIES = ["nltk", "polars", "regex"]
_NLTK_DATA = "nltk_data"
_BATCH_ROWS = 512
"""Enough for words to repeat, few enough that a progress bar moves."""


def linguistic_analysis_asset(corpus: Corpus, linguistics: Linguistics) -> dg.AssetsDefinition:
    """Build the asset that analyses kept documents."""

    @dg.asset(
        name="linguistic_analysis",
        group_name="analysis",
        partitions_def=shard_partitions(corpus),
        backfill_policy=one_run(),
        io_manager_key="parquet",
        kinds={"polars", "parquet"},
        owners=OWNERS,
        code_version=linguistics_fingerprint(linguistics),
        metadata=column_schema(LINGUISTIC),
        description=(
            "One row: one kept document's words after stop words were removed and forms reduced, "
            "as the recipe says, with counts of sentences, words and distinct words. Documents "
            "whose text, recipe and NLTK data did not change keep their row. Read by people who "
            "study the corpus or make classification sets; no other asset depends on it."
        ),
    )
    def linguistic_analysis(
        context: dg.AssetExecutionContext, cleaned_text: ShardedTable
    ) -> list[FrameTask]:
        plan, data = linguistics.plan(), find_nltk_data()
        linguist = Linguist(plan, data)
        recipe = linguistics_fingerprint(linguistics)
        resources = {_NLTK_DATA: data.digest(plan.resources)}
        return [
            FrameTask(
                shard=shard,
                made_from=cleaned_text.ingredient(shard) | resources,
                recipe_fingerprint=recipe,
                schema=LINGUISTIC,
                make=partial(_analyse, cleaned_text, shard, recipe, resources, linguist),
                describe=summarize_linguistic,
                total=cleaned_text.rows(shard),
            )
            for shard in sorted(context.partition_keys)
        ]

    return linguistic_analysis


def linguistics_fingerprint(linguistics: Linguistics) -> str:
    """Name how texts are analysed; NLTK's data is an ingredient."""
    return fingerprint("linguistics", LINGUISTICS_VERSION, linguistics, libraries=_LIBRARIES)


def _analyse(
    cleaned_text: ShardedTable,
    shard: str,
    recipe: str,
    resources: dict[str, str],
    linguist: Linguist,
    previous: Previous | None,
    advance: Advance,
) -> Iterator[pl.DataFrame]:
    before = None
    if previous is not None and previous.version.recipe_fingerprint == recipe:
        same_data = previous.version.made_from.items() >= resources.items()
        before = previous.scan().collect() if same_data else None
    rows = cleaned_text.scan(shard)
    if rows is None:
        return
    columns = ["doc_id", "text_hash", "language", "text", "verdict"]
    for group in rows.select(columns).collect_batches(maintain_order=True, lazy=True):
        for batch in group.iter_slices(_BATCH_ROWS):
            kept = batch.filter(pl.col("verdict") == "keep").drop("verdict")
            yield reuse_rows(
                kept,
                before,
                on=["doc_id", "text_hash", "language"],
                make=partial(analyse_texts, linguist=linguist),
            )
            advance(batch.height)
