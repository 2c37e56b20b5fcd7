"""What must stay together: documents that would leak from one split into another if parted.

A document's group is its `group_key` (book, thread, show) within its source, else the document
alone. Duplicates tie groups together: if a chapter of one edition of a book has the text of a
chapter of another edition, both books are one group, also where one of the two chapters is dropped.
"""

from collections.abc import Iterable

import polars as pl


def own_group() -> pl.Expr:
    """Return a document's group as far as it alone tells, from `source`, `group_key`, `doc_id`.

    A group key always has a "/" after its source, so that it never equals a `doc_id`.
    """
    return pl.coalesce(_keyed_group(), pl.col("doc_id"))


def _keyed_group() -> pl.Expr:
    key = pl.col("group_key")
    return pl.when(key != "").then(pl.concat_str("source", pl.lit("/"), key))


def tie_groups(documents: pl.LazyFrame, clusters: pl.DataFrame) -> pl.DataFrame:
    """Find the groups that duplicates tie together.

    The id of tied groups is the smallest of their group keys; of duplicates without group keys,
    the cluster's. So what moves a document to another group, and perhaps to another split, is:
    another keeper for its cluster (none of whose members has a group key), or a duplicate that ties
    its group to one of a smaller key. Documents that come, go or change elsewhere move nothing.

    Args:
        documents: `doc_id`, `shard`, `source` and `group_key` of all kept documents.
        clusters: `doc_id` and `cluster_id` of those that have a duplicate, dropped ones included.

    Returns:
        `doc_id`, `shard` and `group_id` of every document in a cluster, and of every other one
        whose group is not its own.
    """
    keyed = documents.with_columns(key=_keyed_group())
    members = keyed.join(clusters.lazy(), on="doc_id")
    edges = members.filter(pl.col("key").is_not_null()).select("cluster_id", "key").unique()
    root = connect(edges.collect(engine="streaming").iter_rows())
    roots = pl.LazyFrame({"node": root.keys(), "root": root.values()}, _ROOTS)
    in_cluster = members.join(roots, left_on="cluster_id", right_on="node", how="left").select(
        "doc_id", "shard", group_id=pl.coalesce("root", "cluster_id")
    )
    tied = (
        keyed.join(roots.filter(pl.col("node") != pl.col("root")), left_on="key", right_on="node")
        .join(clusters.lazy(), on="doc_id", how="anti")
        .select("doc_id", "shard", group_id=pl.col("root"))
    )
    return pl.concat([in_cluster, tied]).collect(engine="streaming")


_ROOTS = pl.Schema({"node": pl.String, "root": pl.String})


def connect(edges: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Name the connected parts of a graph between clusters and group keys.

    Args:
        edges: (cluster, key) pairs. They are few: only duplicates with a group key make one, so
            plain Python will do.

    Returns:
        For every node the smallest key of its part.
    """
    parent: dict[tuple[bool, str], tuple[bool, str]] = {}

    def find(node: tuple[bool, str]) -> tuple[bool, str]:
        parent.setdefault(node, node)
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for cluster, key in edges:
        # Keys sort before clusters and the smaller root wins: a part's root is its smallest key.
        first, second = sorted((find((True, cluster)), find((False, key))))
        parent[second] = first
    return {node[1]: find(node)[1] for node in parent}
