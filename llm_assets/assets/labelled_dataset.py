"""`labelled_dataset`: fine-tuning sets, from documents with a label."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final

import dagster as dg

from llm_assets.assets.final_text import FinalText, final_text_tables
from llm_assets.assets.names import OWNERS, column_schema
from llm_assets.assets.near_duplicates import NEAR_DUPLICATES
from llm_assets.corpus.identity import shard_names
from llm_assets.corpus.labelled.labelled_plan import LabelledPlan
from llm_assets.corpus.labelled.labelled_report import summarize_labelled
from llm_assets.corpus.labelled.labelled_set import SET_DOCUMENTS, SetShard, write_set
from llm_assets.corpus.labelled.set_card import write_card
from llm_assets.corpus.linguistic.linguist import Linguist
from llm_assets.io.shards import Advance, FilesTask, ShardedTable, Summary
from llm_assets.labelled_recipe import LabelledSet
from llm_assets.nltk_data import find_nltk_data
from llm_assets.recipe import Corpus, fingerprint

LABELLED_DATASET: Final = "labelled_dataset"
_VERSION: Final = "1"
_WORD_LIBRARIES: Final = ["nltk", "regex"]
_NLTK_DATA: Final = "nltk_data"


def labelled_dataset_asset(corpus: Corpus) -> dg.AssetsDefinition:
    """Build the asset that writes the sets of the recipe."""

    @dg.asset(
        name=LABELLED_DATASET,
        group_name="training",
        io_manager_key="files",
        ins={name: dg.AssetIn() for name in set_tables(corpus)},
        kinds={"polars", "parquet"},
        owners=OWNERS,
        code_version=fingerprint(
            *(set_fingerprint(corpus, each) for each in corpus.recipe.labelled)
        ),
        metadata=column_schema(SET_DOCUMENTS),
        description=(
            "Fine-tuning sets, a folder each: `train`, `validation` and `test` as Parquet and JSON "
            "lines, `labels.json`, `quarantine.parquet` with the values that are no label, and "
            "`documents.parquet`, in which one row is one document of the set's sources and what "
            "became of it (the columns below). Documents of one group, equal texts and similar "
            "documents are never in two splits. Read by trainers; no other asset depends on it."
        ),
    )
    def labelled_dataset(**tables: ShardedTable) -> list[FilesTask]:
        return [set_task(corpus, each, tables) for each in corpus.recipe.labelled]

    return labelled_dataset


def set_tables(corpus: Corpus) -> list[str]:
    """Return the assets that sets are made from."""
    return [*final_text_tables(corpus), NEAR_DUPLICATES]


def set_plan(corpus: Corpus, wanted: LabelledSet) -> LabelledPlan:
    """Return what the recipe says about a set."""
    recipe = corpus.recipe
    return wanted.plan(recipe.split.dealing(), recipe.duplicates.split_similarity)


def set_fingerprint(corpus: Corpus, wanted: LabelledSet) -> str:
    """Name how a set is made; NLTK's data is an ingredient."""
    recipe = corpus.recipe
    libraries = [] if wanted.words is None else _WORD_LIBRARIES
    similar = recipe.duplicates.split_similarity
    return fingerprint(
        LABELLED_DATASET, _VERSION, wanted, recipe.split, similar, libraries=libraries
    )


def set_task(corpus: Corpus, wanted: LabelledSet, tables: Mapping[str, ShardedTable]) -> FilesTask:
    """Return the task that makes a set.

    Raises:
        dagster.Failure: if a shard is missing: the set would be another one.
        MissingNltkDataError: if `words` names a language that lacks something.
    """
    shards = shard_names(corpus.shards)
    for name in set_tables(corpus):
        if missing := sorted(set(shards) - set(tables[name].shards)):
            raise dg.Failure(
                f"{name} lacks {len(missing)} of {len(shards)} shards ({missing[0]}, ...): a set "
                "has documents of the whole corpus. Materialize all shards first.",
                allow_retries=False,
            )
    made_from, linguist = set_ingredients(corpus, wanted, tables), None
    if wanted.words is not None:
        linguist = Linguist(wanted.words.plan(), find_nltk_data())
    return FilesTask(
        shard=wanted.name,
        made_from=made_from,
        recipe_fingerprint=set_fingerprint(corpus, wanted),
        make=partial(_make, corpus, set_plan(corpus, wanted), tables, linguist),
    )


def set_ingredients(
    corpus: Corpus, wanted: LabelledSet, tables: Mapping[str, ShardedTable]
) -> dict[str, str]:
    """Name what a set is made from: every shard's versions, and NLTK's data if words are."""
    named = (tables[name].ingredients() for name in set_tables(corpus))
    made_from = {name: version for each in named for name, version in each.items()}
    if wanted.words is not None:
        made_from[_NLTK_DATA] = find_nltk_data().digest(wanted.words.plan().resources)
    return made_from


def _make(
    corpus: Corpus,
    plan: LabelledPlan,
    tables: Mapping[str, ShardedTable],
    linguist: Linguist | None,
    folder: Path,
    advance: Advance,
) -> Summary:
    shards = set_shards(corpus, tables)
    made = write_set(folder, shards, plan, linguist, advance)
    write_card(folder, made, plan)
    return summarize_labelled(made, plan)


def set_shards(corpus: Corpus, tables: Mapping[str, ShardedTable]) -> list[SetShard]:
    """Return what is read of each shard."""
    texts = FinalText({name: tables[name] for name in final_text_tables(corpus)})
    scans = ((texts.scan(s), tables[NEAR_DUPLICATES].scan(s)) for s in shard_names(corpus.shards))
    return [SetShard(records, duplicates) for records, duplicates in scans if records is not None]
