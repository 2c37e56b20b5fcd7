"""Shards as Dagster partitions: one definition shared by every per-document asset."""

from collections.abc import Iterable

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
    """Return the fewest ranges (first, last) of partition keys that cover just `shards`."""
    order = {name: index for index, name in enumerate(shard_names(corpus.shards))}
    ranges: list[tuple[str, str]] = []
    for shard in sorted(set(shards)):
        if ranges and order[ranges[-1][1]] + 1 == order[shard]:
            ranges[-1] = (ranges[-1][0], shard)
        else:
            ranges.append((shard, shard))
    return ranges


def range_tags(first: str, last: str) -> dict[str, str]:
    """Return the run tags that make a run cover a range of partitions."""
    return {
        "dagster/asset_partition_range_start": first,
        "dagster/asset_partition_range_end": last,
    }
