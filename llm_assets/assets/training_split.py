"""`training_split`: train, validation and test parts, as trainers read them."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import dagster as dg

from llm_assets.assets.final_text import final_text_tables
from llm_assets.assets.mixture import budgeted_sources, wants_mixture
from llm_assets.assets.names import OWNERS, column_schema
from llm_assets.assets.near_duplicates import NEAR_DUPLICATES
from llm_assets.assets.tokenizer import TOKENIZER, load_tokenizer
from llm_assets.assets.trainable import MIXTURE_TABLE, TOKENIZED_CORPUS, trainable_documents
from llm_assets.assets.training_plan import training_plan
from llm_assets.corpus.report import summarize_training
from llm_assets.corpus.schema import TRAINING_DOCUMENTS
from llm_assets.corpus.tokenization.tokenize import InexactEngineError
from llm_assets.corpus.training.training_parts import WrittenParts, write_parts
from llm_assets.io.shards import Advance, FilesTask, ShardedTable, Summary
from llm_assets.partitions import WHOLE, one_run, shard_partitions
from llm_assets.recipe import Corpus, fingerprint

ASSEMBLY_VERSION = "3"


def training_split_asset(corpus: Corpus) -> dg.AssetsDefinition:
    """Build the asset that assembles the training parts."""

    @dg.asset(
        name="training_split",
        group_name="training",
        partitions_def=shard_partitions(corpus),
        backfill_policy=one_run(),
        io_manager_key="files",
        ins={name: dg.AssetIn() for name in assembled_tables(corpus)},
        kinds={"polars", "parquet"},
        owners=OWNERS,
        code_version=assembly_fingerprint(corpus),
        metadata=column_schema(TRAINING_DOCUMENTS),
        description=(
            "One shard: `train`, `validation` and `test` in the formats of the recipe (Megatron "
            "`.bin`/`.idx`, Parquet, MDS, `.npy`, JSON lines), shuffled by seed, with the "
            "mixture's repeats and an end-of-document token after every document, packed to "
            "sequences of one length if the recipe says so; and `documents.parquet`, in which one "
            "row is one token range and the document it came from (the columns below). Documents "
            "of one group (a book, a thread) are always in one split, and the split of a group "
            "never changes; of near-duplicates that both stay, the one in the larger split is left "
            "out (`left_out.parquet` says why). Read by trainers and `document_ledger`."
        ),
    )
    def training_split(
        context: dg.AssetExecutionContext, **tables: ShardedTable
    ) -> list[FilesTask]:
        return [
            FilesTask(
                shard=shard,
                made_from=_ingredients(tables, shard),
                recipe_fingerprint=assembly_fingerprint(corpus),
                make=partial(_assemble, corpus, shard, tables),
                total=tables[TOKENIZED_CORPUS].rows(shard),
            )
            for shard in sorted(context.partition_keys)
        ]

    return training_split


def assembled_tables(corpus: Corpus) -> list[str]:
    """Return the assets that a shard of `training_split` is made from under this recipe."""
    decided = [MIXTURE_TABLE] if wants_mixture(corpus) else []
    # The tokenizer: control tokens and the type of ids may change where no text's ids do.
    made = [NEAR_DUPLICATES, TOKENIZED_CORPUS, TOKENIZER]
    return [*final_text_tables(corpus), *made, *decided]


def assembly_fingerprint(corpus: Corpus) -> str:
    """Name how documents are dealt, repeated, shuffled, packed and written."""
    recipe = corpus.recipe
    weights = sorted(f"{s.name}:{s.weight!r}" for s in corpus.sources if s.weight != 1.0)
    return fingerprint(
        "training_split",
        ASSEMBLY_VERSION,
        recipe.split,
        recipe.packing,
        recipe.fill_in_the_middle,
        list(recipe.formats),
        recipe.tokenizer.end_of_document,
        weights,
        budgeted_sources(corpus),
    )


def assembled_from(
    training_split: ShardedTable, tables: Mapping[str, ShardedTable], corpus: Corpus
) -> ShardedTable:
    """Return the shards that were assembled by this recipe from just these versions.

    Args:
        training_split: the parts.
        tables: the current tables of `assembled_tables`.
        corpus: what the corpus file says.
    """
    return training_split.only(
        [
            shard
            for shard, entry in training_split.versions.items()
            if entry.recipe_fingerprint == assembly_fingerprint(corpus)
            and dict(entry.made_from) == _ingredients(tables, shard)
        ]
    )


def _ingredients(tables: Mapping[str, ShardedTable], shard: str) -> dict[str, str]:
    # What is decided for the whole corpus at once has one shard for all.
    named = (table.ingredient(shard) or table.ingredient(WHOLE) for table in tables.values())
    return {name: version for each in named for name, version in each.items()}


def _assemble(
    corpus: Corpus,
    shard: str,
    tables: Mapping[str, ShardedTable],
    folder: Path,
    advance: Advance,
) -> Summary:
    documents = trainable_documents(corpus, tables, shard)

    def written(*, reference_only: bool) -> WrittenParts:
        tokenizer = load_tokenizer(corpus, tables[TOKENIZER], reference_only)
        return write_parts(folder, documents, training_plan(corpus, tokenizer), advance)

    try:
        return summarize_training(written(reference_only=False))
    except InexactEngineError:
        # Only texts whose middle moves are tokenized here. What was written is gone again.
        return summarize_training(written(reference_only=True))
