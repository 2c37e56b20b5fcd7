"""What must stay together: documents that would leak from one split into another if parted."""

import polars as pl


def own_group() -> pl.Expr:
    """Return a document's group, from `source`, `group_key` and `doc_id`.

    It is the book, thread or show within its source, else the document alone. A group key always
    has a "/" after its source, so that it never equals a `doc_id`.
    """
    key = pl.col("group_key")
    keyed = pl.when(key != "").then(pl.concat_str("source", pl.lit("/"), key))
    return pl.coalesce(keyed, pl.col("doc_id"))
