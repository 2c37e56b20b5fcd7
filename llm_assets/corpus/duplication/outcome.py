"""The rows that say what was decided about each document, with the evidence."""

from typing import Final

import polars as pl

from llm_assets.corpus.duplication.policy import DuplicatePolicy
from llm_assets.corpus.duplication.verification_kernels import (
    EXACT,
    EXCERPT,
    NEAR,
    PROPOSED,
    REJECTED,
)
from llm_assets.corpus.groups import own_group
from llm_assets.corpus.schema import COMPARED, DUPLICATES

_METHODS: Final = {EXACT: "exact", NEAR: "near", EXCERPT: "excerpt", PROPOSED: "proposed"}

_MOST_COMPARED: Final = 20
"""Rejected pairs of a document that are kept as evidence: the most similar."""


def outcome_rows(
    documents: pl.DataFrame, pairs: pl.DataFrame, policy: DuplicatePolicy
) -> pl.DataFrame:
    """Put a decision into words.

    Args:
        documents: as `verification.decide` took and judged them, with `shard` and `decided_from`.
        pairs: PAIRS that were compared.
        policy: what the recipe says.

    Returns:
        Rows of DUPLICATES with `shard` beside.
    """
    rows = documents.with_row_index("place").with_columns(pl.col("place").cast(pl.Int64))
    stays = pl.col("keeper").is_null()
    names = rows.select("place", "doc_id", "source", group=own_group(), stays=stays)
    rows = (
        rows.join(_of_keeper(names), on="keeper", how="left", maintain_order="left")
        .join(_evidence(pairs, policy), on=["place", "keeper"], how="left", maintain_order="left")
        .join(_clusters(rows), on="cluster", how="left", maintain_order="left")
        .join(_rejected(pairs, names), on="place", how="left", maintain_order="left")
        .join(_twins(pairs, names, policy), on="place", how="left", maintain_order="left")
    )
    return rows.select(*DUPLICATES.names(), "shard")


def _of_keeper(names: pl.DataFrame) -> pl.DataFrame:
    return names.select(keeper="place", duplicate_of="doc_id", keeper_source="source")


def _evidence(pairs: pl.DataFrame, policy: DuplicatePolicy) -> pl.DataFrame:
    """Return how each pair came out, and the limit that it was held against."""
    threshold = (
        pl.when(pl.col("outcome") == NEAR)
        .then(policy.similarity)
        .when(pl.col("outcome") == EXCERPT)
        .then(policy.containment)
    )
    method = pl.col("outcome").replace_strict(_METHODS, default=None, return_dtype=pl.String)
    return pairs.select(
        place="one",
        keeper="other",
        method=method,
        similarity=pl.col("similarity").fill_nan(None),
        threshold=threshold.cast(pl.Float64),
    )


def _clusters(rows: pl.DataFrame) -> pl.DataFrame:
    """Return name and size of clusters of two or more."""
    return (
        rows.group_by("cluster")
        .agg(cluster_size=pl.len().cast(pl.UInt32))
        .filter(pl.col("cluster_size") > 1)
        .join(rows.select(cluster="place", cluster_id="doc_id"), on="cluster")
    )


def _rejected(pairs: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """Return the documents that each was compared with in vain, the most similar first."""
    return (
        pairs.filter(pl.col("outcome") == REJECTED)
        .join(names.select(other="place", doc_id="doc_id"), on="other")
        .sort("one", -pl.col("similarity"), "doc_id")
        .group_by("one", maintain_order=True)
        .agg(rejected=pl.struct("doc_id", "similarity").head(_MOST_COMPARED))
        .with_columns(pl.col("rejected").cast(COMPARED))
        .rename({"one": "place"})
    )


def _twins(pairs: pl.DataFrame, names: pl.DataFrame, policy: DuplicatePolicy) -> pl.DataFrame:
    """Return the documents of other groups that stay beside one that stays and is like them."""
    alike = pairs.filter(
        (pl.col("outcome") != REJECTED) | (pl.col("similarity") >= policy.split_similarity)
    ).select("one", "other")
    both_ways = pl.concat([alike, alike.select(one="other", other="one")])
    staying = names.filter("stays")
    return (
        both_ways.join(staying.select(one="place", own="group"), on="one")
        .join(staying.select("doc_id", other="place", group_id="group"), on="other")
        .filter(pl.col("own") != pl.col("group_id"))
        .sort("one", "doc_id")
        .group_by("one", maintain_order=True)
        .agg(twins=pl.struct("doc_id", "group_id"))
        .rename({"one": "place"})
    )
