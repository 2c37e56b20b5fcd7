"""`evaluation_ngrams`: what is looked for of the evaluation sets that the recipe names."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import dagster as dg
import polars as pl

from llm_assets.assets.names import OWNERS, column_schema
from llm_assets.corpus.contamination.contamination_report import summarize_ngrams
from llm_assets.corpus.contamination.evaluation_index import EVALUATION_NGRAMS, index_ngrams
from llm_assets.decontamination_recipe import Decontamination
from llm_assets.evaluation_sets import evaluation_set_versions, read_evaluation_sets
from llm_assets.io.shards import Advance, FrameTask, Previous
from llm_assets.partitions import WHOLE
from llm_assets.recipe import fingerprint

EVALUATION_NGRAMS_TABLE = "evaluation_ngrams"
_VERSION = "1"


def evaluation_ngrams_asset(
    decontamination: Decontamination, corpus_file: Path
) -> dg.AssetsDefinition:
    """Build the asset that makes an index of evaluation sets."""

    @dg.asset(
        name=EVALUATION_NGRAMS_TABLE,
        group_name="duplicates",
        io_manager_key="parquet",
        kinds={"polars", "parquet"},
        owners=OWNERS,
        code_version=ngrams_fingerprint(decontamination),
        metadata=column_schema(EVALUATION_NGRAMS),
        description=(
            "One row: one n-gram of an evaluation set, and the items that have it. Made anew when "
            "the content of a set's file changes. Read by `contamination`."
        ),
    )
    def evaluation_ngrams() -> list[FrameTask]:
        return [ngrams_task(decontamination, corpus_file)]

    return evaluation_ngrams


def ngrams_fingerprint(decontamination: Decontamination) -> str:
    """Name how items become n-grams; the files' contents are ingredients."""
    read = [f"{each.benchmark}:{each.fields}" for each in decontamination.sets]
    return fingerprint(
        EVALUATION_NGRAMS_TABLE, _VERSION, read, decontamination.ngram_words, libraries=["polars"]
    )


def ngrams_task(decontamination: Decontamination, corpus_file: Path) -> FrameTask:
    """Return the task that makes the index.

    Raises:
        ConfigurationError: if the file of an evaluation set cannot be read.
    """
    return FrameTask(
        shard=WHOLE,
        made_from=evaluation_set_versions(decontamination, corpus_file),
        recipe_fingerprint=ngrams_fingerprint(decontamination),
        schema=EVALUATION_NGRAMS,
        make=partial(_rows, decontamination, corpus_file),
        describe=summarize_ngrams,
    )


def _rows(
    decontamination: Decontamination,
    corpus_file: Path,
    previous: Previous | None,
    advance: Advance,
) -> Iterator[pl.DataFrame]:
    del previous, advance  # made as a whole
    texts = read_evaluation_sets(decontamination, corpus_file)
    yield index_ngrams(texts, decontamination.ngram_words)
