"""Shards as Dagster partitions: one definition shared by every per-document asset."""

from collections.abc import Iterable
from itertools import groupby

import dagster as dg

from llm_assets.corpus.identity import shard_names
from llm_assets.recipe import Corpus

WHOLE = "all"
"""The one shard of an asset that is not partitioned."""


def shard_partitions(corpus: Corpus) -> dg.StaticPartitionsDefinition:
    """Return the partitions of a corpus: `shard-0000`, `shard-0001`, ..."""
    return dg.StaticPartitionsDefinition(shard_names(corpus.shards))


def one_run() -> dg.BackfillPolicy:
    """All requested shards in one run: a run skips those that are up to date."""
    return dg.BackfillPolicy.single_run()


def contiguous_ranges(shards: Iterable[str], corpus: Corpus) -> list[tuple[str, str]]:
    """Return the fewest ranges (first, last) of partition keys that cover just `shards`.

    Shards that the corpus does not have, because its count was lowered, are left out.
    """
    wanted = set(shards)
    runs = groupby(shard_names(corpus.shards), key=wanted.__contains__)
    covered = [list(names) for asked_for, names in runs if asked_for]
    return [(names[0], names[-1]) for names in covered]


def range_tags(first: str, last: str) -> dict[str, str]:
    """Return the run tags that make a run cover a range of partitions."""
    return {
        "dagster/asset_partition_range_start": first,
        "dagster/asset_partition_range_end": last,
    }
