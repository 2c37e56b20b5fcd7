"""Which shards a change to a source makes stale."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_assets.corpus.identity import shard_names, shard_of
from llm_assets.io.shards import ShardVersion
from llm_assets.recipe import Corpus, Source
from llm_assets.sources.objects import Place, SourceChangedError, SourceObject, manifest_hash
from llm_assets.sources.watch import (
    OBSERVED_TAG,
    ObservedSources,
    observe_source,
    observe_sources,
    settings_of,
)

SHARDS = shard_names(8)
SOURCE = Source(name="pages", kind="web", location="x")


@dataclass
class Listed:
    """A place that can only be listed."""

    versions: Mapping[str, str]
    source: str = "pages"

    def objects(self) -> Iterator[SourceObject]:
        for key, version in self.versions.items():
            yield SourceObject(self.source, key, f"/{key}", version, 1)

    def open(self, item: SourceObject) -> AbstractContextManager[BinaryIO]:
        raise NotImplementedError


def observe(versions: Mapping[str, str], source: Source = SOURCE) -> ObservedSources:
    return observe_source(source, Listed(versions), len(SHARDS))


def made(observed: ObservedSources) -> dict[str, ShardVersion]:
    """Return catalog entries of shards that were made from what was observed."""
    return {
        shard: ShardVersion(
            "raw_web", shard, "v", "l", "r", observed.ingredients(shard), 0, 0, {}, "run"
        )
        for shard in SHARDS
    }


def shard(key: str) -> str:
    return shard_of("pages", key, len(SHARDS))


VERSIONS = st.dictionaries(st.text(max_size=3), st.sampled_from(["1", "2"]), max_size=12)


@given(VERSIONS, VERSIONS)
def test_stale_are_just_the_shards_in_which_an_object_differs(
    before: dict[str, str], after: dict[str, str]
) -> None:
    now = observe(after)
    stale = now.stale_shards("pages", made(observe(before)), SHARDS)
    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    assert set(stale) == {shard(key) for key in changed}
    for name, manifest in stale.items():
        objects = [item for item in Listed(after).objects() if shard(item.key) == name]
        assert manifest == manifest_hash(objects)


def test_nothing_is_stale_after_it_was_made() -> None:
    observed = observe({"a": "1", "b": "1"})
    assert observed.stale_shards("pages", made(observed), SHARDS) == {}


def test_shards_that_were_never_made_are_stale() -> None:
    observed = observe({"a": "1"})
    current = made(observed)
    del current["shard-0003"]
    assert list(observed.stale_shards("pages", current, SHARDS)) == ["shard-0003"]


@pytest.mark.parametrize(
    "changed", [{"format": "warc"}, {"license": "CC0"}, {"language": "de"}, {"kind": "books"}]
)
def test_settings_that_shape_rows_make_the_source_s_shards_stale(changed: dict[str, str]) -> None:
    current = made(observe({"a": "1"}))
    now = observe({"a": "1"}, Source(**{**SOURCE.model_dump(), **changed}))
    assert list(now.stale_shards("pages", current, SHARDS)) == [shard("a")]


def test_settings_of_later_stages_do_not_matter() -> None:
    other = SOURCE.model_copy(
        update={"weight": 2.0, "priority": 5, "protected": True, "filters": [], "location": "y"}
    )
    assert settings_of(other) == settings_of(SOURCE)


def test_a_shard_is_made_from_the_sources_that_have_objects_in_it() -> None:
    corpus = Corpus(
        shards=8,
        sources=[
            SOURCE,
            Source(name="more", kind="web", location="y"),
            Source(name="books", kind="books", location="z"),
        ],
    )
    places: dict[str, Place] = {
        "pages": Listed({"a": "1"}),
        "more": Listed({str(number): "1" for number in range(99)}, "more"),
    }
    observed = observe_sources(corpus, "web", places)
    assert set(observed.ingredients(shard("a"))) == {"source/more", "source/pages"}
    other = next(name for name in SHARDS if name != shard("a"))
    assert set(observed.ingredients(other)) == {"source/more"}
    objects = observed.objects(shard("a"))
    assert objects == sorted(objects)
    assert [item.key for item in objects if item.source == "pages"] == ["a"]
    assert sum(len(observed.objects(name)) for name in SHARDS) == 100


def test_a_source_that_is_no_longer_there_is_no_ingredient() -> None:
    assert observe({}).ingredients("shard-0000") == {}
    assert observe({}).objects("shard-0000") == []


def test_a_run_requires_what_its_sensor_saw() -> None:
    seen = observe({"a": "1"})
    manifest = manifest_hash(seen.objects(shard("a")))
    tags = {OBSERVED_TAG: f"pages/{shard('a')}/{manifest}"}
    seen.require(tags)
    seen.require({})
    seen.require({OBSERVED_TAG: f"books/{shard('a')}/other"})  # of another kind of source
    changed = observe({"a": "2"})
    with pytest.raises(SourceChangedError, match="source 'pages' changed again"):
        changed.require(tags)
    with pytest.raises(SourceChangedError, match="source 'pages' changed again"):
        observe({}).require(tags)


def test_a_run_requires_the_emptiness_that_its_sensor_saw() -> None:
    gone = observe({})
    tags = {OBSERVED_TAG: f"pages/{shard('a')}/{manifest_hash([])}"}
    gone.require(tags)
    with pytest.raises(SourceChangedError):
        observe({"a": "1"}).require(tags)
