"""`near_duplicates`: the one decision that looks across the whole corpus."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path

import dagster as dg
import polars as pl

from llm_assets.assets.contamination import CONTAMINATION_TABLE
from llm_assets.assets.dedup_signatures import (
    DEDUP_SIGNATURES,
    signed_texts,
    signing_fingerprint,
)
from llm_assets.assets.names import OWNERS, column_schema
from llm_assets.corpus.duplication.decision import (
    SignedCorpus,
    StaleSignaturesError,
    decide_duplicates,
)
from llm_assets.corpus.duplication.signing import signature_schema
from llm_assets.corpus.identity import shard_names
from llm_assets.corpus.report import summarize_duplicates
from llm_assets.corpus.schema import DUPLICATES
from llm_assets.corpus.split import Dealing
from llm_assets.io.shards import Advance, DrawnTasks, FrameTask, Previous, ShardedTable
from llm_assets.recipe import Corpus, fingerprint
from llm_assets.resources import CatalogResource, StoreResource

NEAR_DUPLICATES = "near_duplicates"
DUPLICATES_VERSION = "2"


def near_duplicates_asset(corpus: Corpus) -> dg.AssetsDefinition:
    """Build the asset that decides who duplicates whom, and who stays."""
    upstream = ["cleaned_text", DEDUP_SIGNATURES]
    if corpus.recipe.decontaminate is not None:
        upstream.append(CONTAMINATION_TABLE)

    @dg.asset(
        name=NEAR_DUPLICATES,
        group_name="duplicates",
        io_manager_key="parquet",
        ins={name: dg.AssetIn() for name in upstream},
        kinds={"polars", "parquet"},
        owners=OWNERS,
        code_version=duplicates_fingerprint(corpus),
        metadata=column_schema(DUPLICATES),
        description=(
            "One row: one kept document that shares its text or a MinHash band with another, with "
            "the document that stays in its stead, their true similarity, and those that it was "
            "compared with in vain. Decided over all shards at once, whatever their order; stored "
            "as one file a shard, so that only shards whose rows changed are assembled anew. "
            "Read by `training_split` and `document_ledger`."
        ),
    )
    def near_duplicates(
        store: StoreResource, catalog: CatalogResource, **tables: ShardedTable
    ) -> DrawnTasks:
        opened = store.open()
        alike = {
            shard: entry
            for shard, entry in catalog.open().current(NEAR_DUPLICATES).items()
            if entry.recipe_fingerprint == duplicates_fingerprint(corpus)
        }
        before = ShardedTable(NEAR_DUPLICATES, alike, opened)

        def tasks() -> Iterator[FrameTask]:
            with opened.scratch() as folder:
                yield from duplicate_tasks(corpus, tables, before, folder)

        return DrawnTasks(tasks)

    return near_duplicates


def duplicates_fingerprint(corpus: Corpus) -> str:
    """Name how duplicates are decided: the policy, the sources it treats differently, the splits.

    Of similar documents that both stay it is noted in which splits they are.
    """
    special = [f"{s.name}:{s.priority}:{s.protected}" for s in corpus.sources]
    usual = [f"{s.name}:0:False" for s in corpus.sources]
    return fingerprint(
        NEAR_DUPLICATES,
        DUPLICATES_VERSION,
        signing_fingerprint(corpus),
        corpus.recipe.duplicates,
        corpus.recipe.split,
        [f"{name}:{kind}" for name, kind in DUPLICATES.items()],
        sorted(set(special) - set(usual)),
    )


def duplicate_tasks(
    corpus: Corpus,
    tables: Mapping[str, ShardedTable],
    before: ShardedTable,
    folder: Path,
) -> Iterator[FrameTask]:
    """Yield a task for each shard; the decision itself is made once, if any shard needs it.

    Args:
        corpus: what the corpus file says.
        tables: all shards of `cleaned_text`, `dedup_signatures`, and `contamination` if there is.
        before: shards that were decided in the same way earlier.
        folder: a folder that lives until the last task is done.

    Raises:
        dagster.Failure: if a shard of `dedup_signatures` is missing: a partial decision would be
            wrong.
    """
    shards, dedup_signatures = shard_names(corpus.shards), tables[DEDUP_SIGNATURES]
    missing = sorted(set(shards) - set(dedup_signatures.shards))
    if missing:
        raise dg.Failure(
            f"dedup_signatures lacks {len(missing)} of {len(shards)} shards ({missing[0]}, ...): "
            "duplicates are decided over the whole corpus. Materialize all shards first.",
            allow_retries=False,
        )
    decisions = cache(partial(_decide, corpus, tables, before, folder))

    def rows_of(shard: str, previous: Previous | None, advance: Advance) -> Iterator[pl.DataFrame]:
        del previous, advance  # the decision is made as a whole
        rows = decisions().filter(pl.col("shard") == shard).sort("doc_id")
        yield rows.select(DUPLICATES.names()).collect(engine="streaming")

    for shard in shards:
        yield FrameTask(
            shard=shard,
            made_from=dedup_signatures.ingredients(),
            recipe_fingerprint=duplicates_fingerprint(corpus),
            schema=DUPLICATES,
            make=partial(rows_of, shard),
            describe=summarize_duplicates,
        )


def _decide(
    corpus: Corpus,
    tables: Mapping[str, ShardedTable],
    before: ShardedTable,
    folder: Path,
) -> pl.LazyFrame:
    """Decide, and leave the rows in files of the folder."""

    def texts(shards: Sequence[str]) -> pl.LazyFrame:
        return pl.concat(_texts(tables, shard) for shard in shards)

    policy = corpus.recipe.duplicates.policy(Dealing(**corpus.recipe.split.model_dump()))
    signed = SignedCorpus(
        signatures=with_standing(corpus, tables[DEDUP_SIGNATURES]),
        texts=texts,
        before=before.scan_all(DUPLICATES.names()).drop("shard") if before.shards else None,
    )
    work, rows = folder / "work", folder / "rows"
    work.mkdir()
    rows.mkdir()
    pl.DataFrame(schema={**DUPLICATES, "shard": pl.String}).write_parquet(rows / "none.parquet")
    try:
        for number, frame in enumerate(decide_duplicates(signed, policy, work)):
            frame.write_parquet(rows / f"{number}.parquet", compression="lz4")
    except StaleSignaturesError as error:
        raise dg.Failure(str(error), allow_retries=False) from error
    # By name, not by pattern: the folder's own name may look like one.
    return pl.scan_parquet(sorted(rows.iterdir()), glob=False)


def _texts(tables: Mapping[str, ShardedTable], shard: str) -> pl.LazyFrame:
    contamination = tables.get(CONTAMINATION_TABLE)
    judged = None if contamination is None else contamination.scan(shard)
    kept = tables["cleaned_text"].only([shard]).scan_all(["doc_id", "text_hash", "text"])
    return signed_texts(kept, judged)


def with_standing(corpus: Corpus, dedup_signatures: ShardedTable) -> pl.LazyFrame:
    """Return every document's signature beside the standing that its source has."""
    standing = pl.LazyFrame(
        {
            "source": [source.name for source in corpus.sources],
            "source_priority": [source.priority for source in corpus.sources],
            "protected": [source.protected for source in corpus.sources],
        }
    )
    columns = signature_schema(corpus.recipe.duplicates.minhash).names()
    return (
        dedup_signatures.scan_all(columns)
        .join(standing, on="source", how="left", maintain_order="left")
        .with_columns(pl.col("source_priority").fill_null(0), pl.col("protected").fill_null(False))
    )
