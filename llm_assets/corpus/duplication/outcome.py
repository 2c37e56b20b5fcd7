"""The rows that say what was decided about each document, with the evidence."""

from typing import Final

import polars as pl

from llm_assets.corpus.duplication.policy import DuplicatePolicy
from llm_assets.corpus.duplication.verification_kernels import (
    EXACT,
    EXCERPT,
    NEAR,
    PROPOSED,
)
from llm_assets.corpus.schema import COMPARED, DUPLICATES

_METHODS: Final = {EXACT: "exact", NEAR: "near", EXCERPT: "excerpt", PROPOSED: "proposed"}


def outcome_rows(documents: pl.DataFrame, policy: DuplicatePolicy) -> pl.DataFrame:
    """Put a decision into words.

    Args:
        documents: documents as `verification.decide` took them, with `shard`, `decided_from` and
            `split`, beside its OUTCOME.
        policy: what the recipe says.

    Returns:
        Rows of DUPLICATES with `shard` beside.
    """
    rows = documents.with_row_index("place").with_columns(pl.col("place").cast(pl.Int64))
    method = pl.col("outcome").replace_strict(_METHODS, default=None, return_dtype=pl.String)
    named = rows.select("place", "doc_id", "source", "split")
    return (
        rows.with_columns(method=method, threshold=_limit(policy))
        .join(_of_keeper(named), on="keeper", how="left", maintain_order="left")
        .join(_of_closest(named), on="closest", how="left", maintain_order="left")
        .join(_clusters(rows), on="cluster", how="left", maintain_order="left")
        .drop("rejected")
        .join(_rejected(rows, named), on="place", how="left", maintain_order="left")
        .select(*DUPLICATES.names(), "shard")
    )


def _limit(policy: DuplicatePolicy) -> pl.Expr:
    """Return the limit that a duplicate's similarity was held against."""
    limits = {NEAR: policy.similarity, EXCERPT: policy.containment}
    return pl.col("outcome").replace_strict(limits, default=None, return_dtype=pl.Float64)


def _of_keeper(named: pl.DataFrame) -> pl.DataFrame:
    return named.select(keeper="place", duplicate_of="doc_id", keeper_source="source")


def _of_closest(named: pl.DataFrame) -> pl.DataFrame:
    return named.select(closest="place", twin="doc_id", twin_split="split")


def _clusters(rows: pl.DataFrame) -> pl.DataFrame:
    """Return name and size of clusters of two or more."""
    return (
        rows.group_by("cluster")
        .agg(cluster_size=pl.len().cast(pl.UInt32))
        .filter(pl.col("cluster_size") > 1)
        .join(rows.select(cluster="place", cluster_id="doc_id"), on="cluster")
    )


def _rejected(rows: pl.DataFrame, named: pl.DataFrame) -> pl.DataFrame:
    """Return the documents that each was compared with in vain, the most similar first."""
    return (
        rows.select(
            "place",
            other=pl.col("rejected").arr.to_list(),
            similarity=pl.col("rejected_similarity").arr.to_list(),
        )
        .explode("other", "similarity")
        .filter(pl.col("other") >= 0)
        .join(named.select("doc_id", other="place"), on="other")
        .sort("place", -pl.col("similarity"), "doc_id")
        .group_by("place", maintain_order=True)
        .agg(rejected=pl.struct("doc_id", "similarity"))
        .with_columns(pl.col("rejected").cast(COMPARED))
    )
