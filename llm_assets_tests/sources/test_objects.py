"""Objects: their manifest and their shards."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from llm_assets.corpus.identity import shard_names, shard_of
from llm_assets.sources.objects import SourceObject, by_shard, manifest_hash

OBJECTS = st.lists(
    st.builds(
        SourceObject,
        source=st.sampled_from(["a", "b"]),
        key=st.text(min_size=1, max_size=4),
        uri=st.just("uri"),
        version=st.sampled_from(["1", "2"]),
        size=st.just(1),
    ),
    unique_by=lambda item: (item.source, item.key),
    max_size=20,
)
ITEM = SourceObject("pages", "a.html", "/x/a.html", "v1", 10)


@given(OBJECTS, st.randoms())
def test_a_manifest_does_not_depend_on_order(objects: list[SourceObject], random: object) -> None:
    shuffled = objects.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert manifest_hash(shuffled) == manifest_hash(objects)


def test_a_manifest_names_every_object_and_where_it_is() -> None:
    other = replace(ITEM, key="b.html")
    hashes = [
        manifest_hash(objects)
        for objects in (
            [],
            [ITEM],
            [ITEM, other],
            [replace(ITEM, version="v2")],
            [replace(ITEM, key="b.html")],
            [replace(ITEM, uri="/elsewhere/a.html")],
            [replace(ITEM, source="books")],
        )
    ]
    assert len(set(hashes)) == len(hashes)
    assert manifest_hash([replace(ITEM, size=11)]) == hashes[1]


@given(OBJECTS, st.sampled_from([1, 2, 8]))
def test_every_object_is_in_one_shard_in_order(objects: list[SourceObject], count: int) -> None:
    shards = by_shard(iter(objects), count)
    assert sorted(item for items in shards.values() for item in items) == sorted(objects)
    assert list(shards) == sorted(shards)
    for shard, items in shards.items():
        assert shard in shard_names(count)
        assert items == sorted(items)
        assert items
        assert {shard_of(item.source, item.key, count) for item in items} == {shard}
