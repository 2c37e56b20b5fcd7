"""`mixture`: how often each document is trained on, where the recipe has a token budget."""

from collections.abc import Iterator, Mapping
from functools import cache, partial
from pathlib import Path

import dagster as dg
import polars as pl

from llm_assets.assets.final_text import final_text_tables
from llm_assets.assets.names import OWNERS, column_schema
from llm_assets.assets.near_duplicates import NEAR_DUPLICATES
from llm_assets.assets.repeated_passages import require_shards
from llm_assets.assets.trainable import MIXTURE_TABLE, TOKENIZED_CORPUS, trainable_documents
from llm_assets.corpus.identity import shard_names
from llm_assets.corpus.training.mixture import (
    MIXTURE,
    Budget,
    MixtureDecision,
    MixturePlan,
    decide_mixture,
    summarize_mixture,
)
from llm_assets.corpus.training.training_selection import budgeted_documents
from llm_assets.io.shards import Advance, DrawnTasks, FrameTask, Previous, ShardedTable, Summary
from llm_assets.recipe import Corpus, fingerprint
from llm_assets.resources import StoreResource

_VERSION = "1"


def wants_mixture(corpus: Corpus) -> bool:
    """Tell whether the corpus file has a token budget, in total or of a source."""
    return bool(budgeted_sources(corpus))


def budgeted_sources(corpus: Corpus) -> list[str]:
    """Return the sources whose repeats a token budget decides."""
    return mixture_plan(corpus).sources


def mixture_plan(corpus: Corpus) -> MixturePlan:
    """Return what the corpus file says about budgets.

    Sources with one of their own have it; the others share what is left of the total.
    """
    own = [Budget(s.tokens, {s.name: 1.0}) for s in corpus.sources if s.tokens is not None]
    shared = {s.name: s.weight for s in corpus.sources if s.tokens is None}
    mixture = corpus.recipe.mixture
    if mixture.tokens is not None and shared:
        own.append(Budget(mixture.tokens - sum(budget.tokens for budget in own), shared))
    return MixturePlan(corpus.recipe.split.dealing(), tuple(own), mixture.most_repeats)


def mixture_asset(corpus: Corpus) -> dg.AssetsDefinition:
    """Build the asset that deals token budgets out."""
    upstream = [*final_text_tables(corpus), NEAR_DUPLICATES, TOKENIZED_CORPUS]

    @dg.asset(
        name=MIXTURE_TABLE,
        group_name="training",
        io_manager_key="parquet",
        ins={name: dg.AssetIn() for name in upstream},
        kinds={"polars", "parquet"},
        owners=OWNERS,
        code_version=mixture_fingerprint(corpus),
        metadata=column_schema(MIXTURE),
        description=(
            "One row: one document of the train split whose source has a token budget, its own or "
            "the total one, and how often the document is trained on. Decided over all shards at "
            "once, whatever their order; stored as one file a shard, so that only shards whose "
            "answers changed are assembled anew. Read by `training_split`."
        ),
    )
    def mixture(store: StoreResource, **tables: ShardedTable) -> DrawnTasks:
        return DrawnTasks(partial(mixture_tasks, corpus, tables, store))

    return mixture


def mixture_fingerprint(corpus: Corpus) -> str:
    """Name how budgets are dealt out."""
    plan = mixture_plan(corpus)
    shared = [
        f"{budget.tokens}:{name}:{weight!r}"
        for budget in plan.budgets
        for name, weight in budget.weights.items()
    ]
    return fingerprint(
        MIXTURE_TABLE,
        _VERSION,
        corpus.recipe.split,
        plan.most_repeats,
        sorted(shared),
        [f"{name}:{kind}" for name, kind in MIXTURE.items()],
    )


def mixture_tasks(
    corpus: Corpus, tables: Mapping[str, ShardedTable], store: StoreResource
) -> Iterator[FrameTask]:
    """Yield a task for each shard; the decision itself is made once, if any shard needs it.

    Raises:
        dagster.Failure: if a shard is missing: a partial decision would be wrong.
    """
    shards = shard_names(corpus.shards)
    for table in tables.values():
        require_shards(table, shards)
    with store.open().scratch() as folder:
        decide = cache(partial(_decide, corpus, tables, folder))

        def rows_of(
            shard: str, previous: Previous | None, advance: Advance
        ) -> Iterator[pl.DataFrame]:
            del previous, advance  # the decision is made as a whole
            decision = decide()
            yield decision.repeats(pl.read_parquet(_file(folder, shard), glob=False))

        def describe(shard: str, rows: pl.LazyFrame) -> Summary:
            # Figures add up over shards; what is wanted is said once.
            return summarize_mixture(rows, decide().wanted() if shard == shards[0] else {})

        for shard in shards:
            yield FrameTask(
                shard=shard,
                made_from={k: v for t in tables.values() for k, v in t.ingredients().items()},
                recipe_fingerprint=mixture_fingerprint(corpus),
                schema=MIXTURE,
                make=partial(rows_of, shard),
                describe=partial(describe, shard),
            )


def _decide(corpus: Corpus, tables: Mapping[str, ShardedTable], folder: Path) -> MixtureDecision:
    """Decide; the documents that were decided about are left in files of the folder."""
    plan = mixture_plan(corpus)
    shards = shard_names(corpus.shards)
    for shard in shards:
        selected = trainable_documents(corpus, tables, shard).selected
        budgeted_documents(selected, plan).write_parquet(_file(folder, shard), compression="lz4")
    return decide_mixture(
        lambda: (pl.read_parquet(_file(folder, shard), glob=False) for shard in shards), plan
    )


def _file(folder: Path, shard: str) -> Path:
    return folder / f"{shard}.parquet"
