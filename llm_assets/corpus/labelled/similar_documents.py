"""Which documents of a set must not be parted, beside those of one book, thread or product.

Three things tell: an equal text (as collected, or as the set writes it), a common cluster of
duplicates that all stay, and a pair that was compared and found similar. Duplicates that do not
stay are in no set.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from llm_assets.corpus.duplication.candidate_kernels import flatten, unite_equal
from llm_assets.corpus.schema import SPLITS
from llm_assets.corpus.split import held_out

_KEYS = ("text_hash", "content_hash", "cluster_id")


@dataclass(frozen=True, slots=True)
class SimilarDocuments:
    """Documents of a set, and what connects them."""

    rows: pl.DataFrame
    """`doc_id`, `group_id`, `text_hash`, `content_hash`, and `cluster_id` (null for none)."""
    pairs: pl.DataFrame
    """`place` and `other`: row numbers of documents that were found similar, in both directions."""

    def group_names(self) -> pl.Series:
        """Name for each document all those that anything connects it with: their least group."""
        places = pl.int_range(self.rows.height, dtype=pl.UInt32, eager=True).alias("place")
        keyed = self._keys().with_columns(places)
        same = [
            keyed.select("place", other=pl.col("place").min().over(key)) for key in self._columns
        ]
        edges = pl.concat([*same, self.pairs])
        ends = edges.select("place", "other").to_numpy().astype(np.uint32).ravel()
        component = np.arange(self.rows.height, dtype=np.uint32)
        unite_equal(np.arange(len(ends), dtype=np.uint64) // 2, ends, component)
        flatten(component)
        named = self.rows.select("group_id", component=pl.Series(component))
        return named.select(name=pl.col("group_id").min().over("component")).to_series()

    def most_apart(self, split: pl.Series) -> pl.Series:
        """Return for each document the most held-out split that it or a similar one is in."""
        rows = self._keys().with_columns(split.alias("split"))
        apart = rows.with_columns(apart=held_out("split").cast(pl.Int64))
        far = apart.select(
            pl.max_horizontal(pl.col("apart").max().over(name) for name in self._columns)
        ).to_series()
        others = (
            self.pairs.with_columns(apart=apart["apart"].gather(self.pairs["other"]))
            .group_by("place")
            .agg(pl.col("apart").max())
        )
        places = pl.DataFrame({"place": pl.int_range(rows.height, dtype=pl.UInt32, eager=True)})
        by_pair = places.join(others, on="place", how="left", maintain_order="left")["apart"]
        furthest = pl.select(pl.max_horizontal(far, by_pair)).to_series()
        return furthest.replace_strict(
            list(range(len(SPLITS))), list(SPLITS), return_dtype=pl.String
        ).alias("apart")

    @property
    def _columns(self) -> tuple[str, ...]:
        return ("group_id", *_KEYS)

    def _keys(self) -> pl.DataFrame:
        """Return what equal documents have in common; what is null connects with nothing."""
        alone = pl.concat_str(pl.lit("alone/"), "doc_id")
        return self.rows.select(
            "group_id", *(pl.coalesce(name, alone).alias(name) for name in _KEYS)
        )


def find_similar(
    rows: pl.DataFrame, duplicates: pl.DataFrame, least_similarity: float
) -> SimilarDocuments:
    """Connect the documents of a set.

    Args:
        rows: `doc_id`, `group_id`, `text_hash` and `content_hash` of each.
        duplicates: `doc_id`, `cluster_id`, `twin` and `rejected` of DUPLICATES, of others too.
        least_similarity: of pairs that were compared and are no duplicates, to count as similar.
    """
    places = rows.select("doc_id").with_row_index("place")
    own = duplicates.join(places, on="doc_id")
    compared = own.select("place", "rejected").explode("rejected").drop_nulls("rejected")
    alike = compared.unnest("rejected").filter(pl.col("similarity") >= least_similarity)
    found = pl.concat(
        [
            own.select("place", doc_id="twin").drop_nulls("doc_id"),
            alike.select("place", "doc_id"),
        ]
    )
    pairs = found.join(places.rename({"place": "other"}), on="doc_id").select("place", "other")
    both = pl.concat([pairs, pairs.select(place="other", other="place")]).unique()
    clusters = own.select("doc_id", "cluster_id")
    return SimilarDocuments(
        rows=rows.select("doc_id", "group_id", "text_hash", "content_hash").join(
            clusters, on="doc_id", how="left", maintain_order="left"
        ),
        pairs=both,
    )
