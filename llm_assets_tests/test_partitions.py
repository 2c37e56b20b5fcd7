"""Shards as Dagster's partitions."""

import dagster as dg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_assets.corpus.identity import shard_names
from llm_assets.partitions import contiguous_ranges, one_run, range_tags, shard_partitions
from llm_assets.recipe import Corpus

SOURCES = [{"name": "pages", "kind": "web", "location": "x"}]


def corpus(shards: int) -> Corpus:
    return Corpus.model_validate({"shards": shards, "sources": SOURCES})


def test_partitions_are_the_shards() -> None:
    assert shard_partitions(corpus(4)).get_partition_keys() == shard_names(4)


def test_all_shards_are_made_in_one_run() -> None:
    assert one_run() == dg.BackfillPolicy.single_run()


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ([], []),
        ([0], [(0, 0)]),
        ([0, 1, 2, 3], [(0, 3)]),
        ([3, 1, 0, 1], [(0, 1), (3, 3)]),
        ([0, 2], [(0, 0), (2, 2)]),
        ([7], [(7, 7)]),
    ],
)
def test_ranges(numbers: list[int], expected: list[tuple[int, int]]) -> None:
    names = shard_names(8)
    ranges = contiguous_ranges([names[number] for number in numbers], corpus(8))
    assert ranges == [(names[first], names[last]) for first, last in expected]


@given(st.sets(st.integers(0, 15)))
def test_ranges_cover_just_the_shards_and_are_as_few_as_can_be(numbers: set[int]) -> None:
    names = shard_names(16)
    partitions = shard_partitions(corpus(16))
    ranges = contiguous_ranges((names[number] for number in numbers), corpus(16))
    covered = [
        name
        for first, last in ranges
        for name in partitions.get_partition_keys_in_range(dg.PartitionKeyRange(first, last))
    ]
    assert covered == [names[number] for number in sorted(numbers)]
    gaps = sum(number - 1 not in numbers for number in numbers)
    assert len(ranges) == gaps


def test_shards_that_the_corpus_no_longer_has_are_left_out() -> None:
    assert contiguous_ranges(["shard-0001", "shard-0007"], corpus(2)) == [
        ("shard-0001", "shard-0001")
    ]


def test_the_tags_that_dagster_reads() -> None:
    assert range_tags("a", "b") == {
        "dagster/asset_partition_range_start": "a",
        "dagster/asset_partition_range_end": "b",
    }
