"""The one decision that looks across the whole corpus: who duplicates whom, and who stays.

A method finds clusters; `choose_keepers` decides in each of them, by a policy that is independent
of the order of documents. Exact duplicates are the first method; another one adds its own clusters
with its own similarity.
"""

from collections.abc import Sequence
from typing import Literal

import polars as pl

from llm_assets.corpus.groups import tie_groups
from llm_assets.corpus.schema import DUPLICATES

KeepRule = Literal["source_priority", "quality", "length", "oldest"]

DuplicateMethod = Literal["exact"]

_BEST_FIRST: dict[KeepRule, pl.Expr] = {
    "source_priority": -pl.col("source_priority").cast(pl.Int64),
    "quality": -pl.col("quality").fill_nan(None),
    "length": -pl.col("text_chars").cast(pl.Int64),
    "oldest": pl.col("published_at"),
}
"""What sorts the document to be kept first; one that lacks the value comes last."""


def decide_duplicates(documents: pl.LazyFrame, keep: Sequence[KeepRule]) -> pl.DataFrame:
    """Decide about every kept document of a corpus.

    Args:
        documents: `doc_id`, `shard`, `source`, `group_key`, `text_hash` and `protected` of all kept
            documents, and the columns that the rules in `keep` look at: `source_priority`,
            `quality`, `text_chars`, `published_at`.
        keep: what decides who stays, in this order; then the smallest `doc_id`.

    Returns:
        Rows of DUPLICATES with `shard` beside, by `doc_id`.
    """
    exact = find_exact_duplicates(documents, keep)
    groups = tie_groups(documents, exact.select("doc_id", "cluster_id"))
    return (
        groups.join(exact.drop("shard"), on="doc_id", how="left")
        .sort("doc_id")
        .select(*DUPLICATES.names(), "shard")
    )


def find_exact_duplicates(documents: pl.LazyFrame, keep: Sequence[KeepRule]) -> pl.DataFrame:
    """Find the documents whose text another document has too, and decide who of them stays.

    Memory grows with the number of distinct texts (their hashes), and with the duplicates.

    Args:
        documents: as for `decide_duplicates`.
        keep: as for `decide_duplicates`.

    Returns:
        `doc_id`, `shard`, `cluster_id`, `duplicate_of`, `method` and `similarity` of each document
        in a cluster of two or more, by `doc_id`.
    """
    shared = documents.group_by("text_hash").len().filter(pl.col("len") > 1)
    members = documents.join(shared, on="text_hash", how="semi").collect(engine="streaming")
    method: DuplicateMethod = "exact"
    return (
        choose_keepers(members.rename({"text_hash": "cluster"}), keep)
        .with_columns(method=pl.lit(method), similarity=pl.lit(1.0))
        .sort("doc_id")
        .select("doc_id", "shard", "cluster_id", "duplicate_of", "method", "similarity")
    )


def choose_keepers(members: pl.DataFrame, keep: Sequence[KeepRule]) -> pl.DataFrame:
    """Decide in each cluster who stays.

    A protected document gives way only to a document of its own source: the best one of each
    protected source stays. Where there is one, everything unprotected goes.

    Args:
        members: `cluster` (any name of it), `doc_id`, `source`, `protected` and the columns that
            the rules look at.
        keep: the rules.

    Returns:
        `members` with `cluster_id`, the best document's id, and `duplicate_of`, null where the
        document stays. Its rows are in another order.
    """
    best_first = [~pl.col("protected"), *(_BEST_FIRST[rule] for rule in keep), pl.col("doc_id")]
    ranked = members.sort(*best_first, nulls_last=True)
    cluster_keeper = pl.col("doc_id").first().over("cluster")
    source_keeper = pl.col("doc_id").first().over("cluster", "source", "protected")
    keeper = pl.when("protected").then(source_keeper).otherwise(cluster_keeper)
    return ranked.with_columns(
        cluster_id=cluster_keeper,
        duplicate_of=pl.when(keeper != pl.col("doc_id")).then(keeper),
    )
