"""`dedup_signatures`: what finds near-duplicates, of every kept document."""

from collections.abc import Iterator, Mapping
from functools import partial

import dagster as dg
import polars as pl

from llm_assets.assets.contamination import CONTAMINATION_TABLE
from llm_assets.assets.names import OWNERS, column_schema
from llm_assets.corpus.contamination.contaminated_documents import without_contaminated
from llm_assets.corpus.cuts import final_texts
from llm_assets.corpus.duplication.signing import sign, signature_schema
from llm_assets.corpus.report import summarize_signatures
from llm_assets.io.shards import Advance, FrameTask, Previous, ShardedTable
from llm_assets.partitions import one_run, shard_partitions
from llm_assets.recipe import Corpus, fingerprint

DEDUP_SIGNATURES = "dedup_signatures"
SIGNING_VERSION = "1"


def dedup_signatures_asset(corpus: Corpus) -> dg.AssetsDefinition:
    """Build the asset that signs kept documents."""
    upstream = ["cleaned_text"]
    if corpus.recipe.decontaminate is not None:
        upstream.append(CONTAMINATION_TABLE)

    @dg.asset(
        name=DEDUP_SIGNATURES,
        group_name="duplicates",
        partitions_def=shard_partitions(corpus),
        backfill_policy=one_run(),
        io_manager_key="parquet",
        ins={name: dg.AssetIn() for name in upstream},
        kinds={"polars", "parquet"},
        owners=OWNERS,
        code_version=signing_fingerprint(corpus),
        metadata=column_schema(_schema(corpus)),
        description=(
            "One row: one kept document with the keys of its MinHash bands (those that share one "
            "may be near-duplicates) and what decides who of duplicates stays. Texts that are "
            "signed already are not read again. Read by `near_duplicates`."
        ),
    )
    def dedup_signatures(
        context: dg.AssetExecutionContext, **tables: ShardedTable
    ) -> list[FrameTask]:
        return [
            FrameTask(
                shard=shard,
                made_from={k: v for t in tables.values() for k, v in t.ingredient(shard).items()},
                recipe_fingerprint=signing_fingerprint(corpus),
                schema=_schema(corpus),
                make=partial(_sign, corpus, tables, shard),
                describe=summarize_signatures,
            )
            for shard in sorted(context.partition_keys)
        ]

    return dedup_signatures


def signing_fingerprint(corpus: Corpus) -> str:
    """Name how documents are signed."""
    duplicates = corpus.recipe.duplicates
    libraries = ["spacy"] if duplicates.needs_spacy else []
    return fingerprint(DEDUP_SIGNATURES, SIGNING_VERSION, duplicates.profile, libraries=libraries)


def signed_texts(kept: pl.LazyFrame, contamination: pl.LazyFrame | None) -> pl.LazyFrame:
    """Return kept documents as they are compared: what evaluation sets hold is cut or dropped.

    Two documents may be the same only without that.
    """
    if contamination is None:
        return kept
    return final_texts(without_contaminated(kept, contamination), [contamination])


def _schema(corpus: Corpus) -> pl.Schema:
    return signature_schema(corpus.recipe.duplicates.minhash)


def _sign(
    corpus: Corpus,
    tables: Mapping[str, ShardedTable],
    shard: str,
    previous: Previous | None,
    advance: Advance,
) -> Iterator[pl.DataFrame]:
    del advance  # it takes no longer than a batch of any other stage
    rows = tables["cleaned_text"].scan(shard)
    if rows is None:
        return
    alike = previous is not None and (
        previous.version.recipe_fingerprint == signing_fingerprint(corpus)
    )
    before = previous.scan() if previous is not None and alike else None
    contamination = tables.get(CONTAMINATION_TABLE)
    judged = None if contamination is None else contamination.scan(shard)
    kept = rows.filter(pl.col("verdict") == "keep")
    yield sign(signed_texts(kept, judged), before, corpus.recipe.duplicates.minhash)
