"""Deciding about the documents of some components, from their texts."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl

from llm_assets.corpus.duplication.policy import SCOPES, DuplicatePolicy
from llm_assets.corpus.duplication.signatures import Shingles, shingle_sets
from llm_assets.corpus.duplication.verification_kernels import Places, choose_keepers

WHOLE_COMPONENT: Final = 1_000
"""Documents of a component in which each is compared with all that stay, for that finds twins that
share no band. In a larger one, as templates make them, only those that share one are compared: the
number of pairs would grow with the square."""

MOST_REJECTED: Final = 20
"""Pairs of a document that came to nothing and are kept as evidence: the most similar."""

OUTCOME: Final = pl.Schema(
    {
        "keeper": pl.Int64(),  # place of what stays in its stead; null for one that stays
        "similarity": pl.Float64(),  # to that
        "outcome": pl.UInt8(),  # EXACT, NEAR, ... of the kernels
        "cluster": pl.Int64(),  # place of the best document of those that duplicates connect
        "closest": pl.Int64(),  # place of a similar one that stays in a split more apart
        "rejected": pl.Array(pl.Int64, MOST_REJECTED),  # places, -1 behind the last
        "rejected_similarity": pl.Array(pl.Float64(), MOST_REJECTED),
    }
)
_IMPOSSIBLE: Final = 2.0


def decide(
    documents: pl.DataFrame, texts: pl.DataFrame, bands: Sequence[str], policy: DuplicatePolicy
) -> pl.DataFrame:
    """Decide who stays in some components.

    Args:
        documents: the components' documents, one component after the other and each by rank:
            `component`, `doc_id`, `source`, `protected`, `text_hash`, `held_out` (how much its
            split is to be kept apart) and the columns `bands`.
        texts: `text_hash` and `text`, each text once; those that are missing are like no other.
        bands: the columns of band keys.
        policy: what the recipe says.

    Returns:
        Rows of OUTCOME, one for each document; all places are places in `documents`.
    """
    numbers = documents["text_hash"].rank("dense").cast(pl.Int64).to_numpy() - 1
    shingles = _shingles_by_number(documents["text_hash"], texts, policy)
    list_first, lists, list_count = _lists(documents, bands, policy)
    clusters = np.arange(documents.height, dtype=np.uint32)
    rejected = np.empty((documents.height, MOST_REJECTED), np.int64)
    rejected_similarities = np.zeros((documents.height, MOST_REJECTED), np.float64)
    least = min(policy.similarity, policy.split_similarity)
    containment = _IMPOSSIBLE if policy.containment is None else policy.containment
    keepers, similarities, outcomes, closest = choose_keepers(
        numbers,
        shingles.first,
        shingles.hashes,
        list_first,
        lists,
        list_count,
        documents["source"].rank("dense").cast(pl.Int64).to_numpy(),
        documents["protected"].to_numpy(),
        documents["held_out"].cast(pl.UInt8).to_numpy(),
        SCOPES.index(policy.scope),
        (policy.verify, policy.similarity, containment, least),
        clusters,
        rejected,
        rejected_similarities,
    )
    columns = (keepers, similarities, outcomes, clusters, closest, rejected, rejected_similarities)
    found = pl.DataFrame(dict(zip(OUTCOME, columns, strict=True)))
    return found.with_columns(
        pl.col("keeper", "closest").replace(-1, None),
        pl.col("similarity").fill_nan(None),
        pl.col("cluster").cast(pl.Int64),
    ).match_to_schema(OUTCOME)


def _shingles_by_number(
    text_hashes: pl.Series, texts: pl.DataFrame, policy: DuplicatePolicy
) -> Shingles:
    """Return the shingles of each distinct text, in the order of their hashes."""
    distinct = pl.DataFrame({"text_hash": text_hashes.unique().sort()})
    if policy.minhash is None or texts.is_empty():
        return Shingles(np.zeros(distinct.height + 1, np.int64), np.empty(0, np.uint64))
    ordered = distinct.join(texts, on="text_hash", how="left", maintain_order="left")
    return shingle_sets(ordered["text"], policy.minhash)


def _lists(
    documents: pl.DataFrame, bands: Sequence[str], policy: DuplicatePolicy
) -> tuple[Places, Places, int]:
    """Put documents on lists: one a component, or one for each band key.

    By band key where a component is large. Where nobody verifies, all that bands connect is one
    group, as others take it, however large.

    Returns:
        Where each document's lists begin, their numbers, and how many there are.
    """
    size = pl.len().over("component")
    by_band = (size > WHOLE_COMPONENT) & pl.lit(policy.verify)
    large = documents.select(by_band).to_series()
    place = pl.Series("place", np.arange(documents.height))
    keys = documents.select("component", *bands).with_columns(place)
    parts = [keys.filter(~large).select("place", "component", band=pl.lit(""), key=None)]
    parts += [
        keys.filter(large & keys[band].is_not_null()).select(
            "place", "component", band=pl.lit(band), key=pl.col(band)
        )
        for band in bands
    ]
    # Equal texts are to be compared even if they have no band.
    hashes = documents.select("component", "text_hash").with_columns(place).filter(large)
    parts.append(
        hashes.select("place", "component", band=pl.lit("text"), key=pl.col("text_hash").hash())
    )
    entries = pl.concat([part.with_columns(pl.col("key").cast(pl.UInt64)) for part in parts]).sort(
        "place", maintain_order=True
    )
    numbers = entries.select(pl.struct("component", "band", "key").rank("dense")).to_series()
    first = entries["place"].search_sorted(np.arange(documents.height + 1)).to_numpy()
    count = int(numbers.max() or 0)  # type: ignore[arg-type]
    return first.astype(np.int64), numbers.cast(pl.Int64).to_numpy() - 1, count
