"""`training_split`: train, validation and test parts, as trainers read them."""

from functools import partial
from pathlib import Path

import dagster as dg

from llm_assets.assets.final_text import FinalText, final_text_tables
from llm_assets.assets.names import OWNERS, column_schema
from llm_assets.assets.tokenizer import load_tokenizer
from llm_assets.corpus.report import summarize_training
from llm_assets.corpus.schema import TRAINING_DOCUMENTS
from llm_assets.corpus.tokenize import Tokenizer
from llm_assets.corpus.training_parts import TrainingPlan, select_documents, write_parts
from llm_assets.io.shards import Advance, FilesTask, ShardedTable, Summary
from llm_assets.partitions import one_run, shard_partitions
from llm_assets.recipe import Corpus, fingerprint

ASSEMBLY_VERSION = "2"


def training_split_asset(corpus: Corpus) -> dg.AssetsDefinition:
    """Build the asset that assembles the training parts."""

    @dg.asset(
        name="training_split",
        group_name="training",
        partitions_def=shard_partitions(corpus),
        backfill_policy=one_run(),
        io_manager_key="files",
        ins={name: dg.AssetIn() for name in final_text_tables(corpus)},
        kinds={"polars", "parquet"},
        owners=OWNERS,
        code_version=assembly_fingerprint(corpus),
        metadata=column_schema(TRAINING_DOCUMENTS),
        description=(
            "One shard: `train`, `validation` and `test` as Megatron `.bin`/`.idx` and as Parquet, "
            "shuffled by seed, with the mixture's repeats and an end-of-document token after every "
            "document; and `documents.parquet`, in which one row is one token range and the "
            "document it came from (the columns below). Documents of one group (a book, a thread) "
            "are always in one split, and the split of a group never changes; of near-duplicates "
            "that both stay, the one in the larger split is left out (`left_out.parquet` says "
            "why). Read by trainers and `document_ledger`."
        ),
    )
    def training_split(
        context: dg.AssetExecutionContext,
        near_duplicates: ShardedTable,
        tokenized_corpus: ShardedTable,
        tokenizer: ShardedTable,
        **tables: ShardedTable,
    ) -> list[FilesTask]:
        upstream = (FinalText(tables), near_duplicates, tokenized_corpus)
        return [
            FilesTask(
                shard=shard,
                made_from={k: v for table in upstream for k, v in table.ingredient(shard).items()},
                recipe_fingerprint=assembly_fingerprint(corpus),
                make=partial(_assemble, corpus, shard, upstream, tokenizer),
                total=tokenized_corpus.rows(shard),
            )
            for shard in sorted(context.partition_keys)
        ]

    return training_split


def assembly_fingerprint(corpus: Corpus) -> str:
    """Name how documents are dealt, repeated, shuffled and written."""
    weights = sorted(f"{s.name}:{s.weight!r}" for s in corpus.sources if s.weight != 1.0)
    return fingerprint(
        "training_split",
        ASSEMBLY_VERSION,
        corpus.recipe.split,
        list(corpus.recipe.formats),
        corpus.recipe.tokenizer.end_of_document,
        weights,
    )


def assembled_from(
    training_split: ShardedTable,
    upstream: tuple[FinalText, ShardedTable, ShardedTable],
    corpus: Corpus,
) -> ShardedTable:
    """Return the shards that were assembled by this recipe from just these versions."""
    return training_split.only(
        [
            shard
            for shard, entry in training_split.versions.items()
            if entry.recipe_fingerprint == assembly_fingerprint(corpus)
            and dict(entry.made_from)
            == {k: v for table in upstream for k, v in table.ingredient(shard).items()}
        ]
    )


def _assemble(
    corpus: Corpus,
    shard: str,
    upstream: tuple[FinalText, ShardedTable, ShardedTable],
    tokenizer: ShardedTable,
    folder: Path,
    advance: Advance,
) -> Summary:
    texts, near_duplicates, tokenized_corpus = (table.scan(shard) for table in upstream)
    if texts is None or tokenized_corpus is None:
        raise dg.Failure(
            f"{shard} has no text or no tokens yet: materialize cleaned_text and tokenized_corpus",
            allow_retries=False,
        )
    documents = select_documents(texts, near_duplicates, tokenized_corpus)
    plan = training_plan(corpus, load_tokenizer(corpus, tokenizer))
    return summarize_training(write_parts(folder, documents, plan, advance).lazy())


def training_plan(corpus: Corpus, tokenizer: Tokenizer) -> TrainingPlan:
    """Return what the recipe and the tokenizer say about training parts."""
    split = corpus.recipe.split
    return TrainingPlan(
        train=split.train,
        validation=split.validation,
        test=split.test,
        seed=split.seed,
        weights={source.name: source.weight for source in corpus.sources if source.weight != 1.0},
        formats=corpus.recipe.formats,
        end_of_document_id=tokenizer.end_of_document_id,
        token_dtype=tokenizer.token_dtype,
    )
