"""Names: distinct for distinct things, the same on every machine, and stable for ever."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_assets.corpus.identity import (
    digest,
    document_id,
    shard_name,
    shard_names,
    shard_of,
    text_hash,
)

FIELDS = st.lists(st.text(max_size=4) | st.binary(max_size=4), max_size=4)


def plain(fields: list[str | bytes]) -> list[bytes]:
    return [
        field.encode("utf-8", "surrogatepass") if isinstance(field, str) else field
        for field in fields
    ]


@given(FIELDS, FIELDS)
def test_only_equal_sequences_have_the_same_digest(
    one: list[str | bytes], other: list[str | bytes]
) -> None:
    assert (digest(one) == digest(other)) == (plain(one) == plain(other))


def test_where_a_field_ends_matters() -> None:
    assert (
        len({digest(("ab", "c")), digest(("a", "bc")), digest(("abc",)), digest(("", "abc"))}) == 4
    )


@given(st.text(st.characters(categories=["Cs", "L"])))
def test_any_text_has_a_digest(text: str) -> None:
    assert len(digest((text,))) == 32


def test_names_stay_the_same_for_ever() -> None:
    """Ids are in users' removal lists and releases: these values must never change."""
    assert digest(()) == "cae66941d9efbd404e4d88758ea67670"
    assert document_id("books", "a/b.epub", "ch1") == "6ea4a58b6de8e2ec1f425d40ab405585"
    assert text_hash("Grüße") == "bfcb62df5ad737a5fa3fa44483bc6c08"
    assert [shard_of("books", key, 4096) for key in ("a", "b", "c")] == [
        "shard-1567",
        "shard-3814",
        "shard-0625",
    ]


def test_a_document_and_a_text_of_the_same_fields_differ() -> None:
    assert document_id("a", "b", "c") != digest(("a", "b", "c"))
    assert text_hash("a") != digest(("a",))


@given(st.text(min_size=1), st.text(min_size=1), st.integers(0, 11))
def test_doubling_the_count_splits_each_shard_in_two(source: str, key: str, power: int) -> None:
    before, after = shard_of(source, key, 2**power), shard_of(source, key, 2 ** (power + 1))
    assert int(after.removeprefix("shard-")) // 2 == int(before.removeprefix("shard-"))


def test_objects_spread_evenly() -> None:
    counts = Counter(shard_of("pages", f"{number}.html", 16) for number in range(16_000))
    assert sorted(counts) == shard_names(16)
    assert 850 < min(counts.values()) <= max(counts.values()) < 1150


def test_shard_names_are_in_order() -> None:
    assert shard_names(4) == ["shard-0000", "shard-0001", "shard-0002", "shard-0003"]
    assert shard_names(1) == [shard_name(0)]
    names = shard_names(4096)
    assert names == sorted(names)
    assert names[-1] == "shard-4095"


@pytest.mark.parametrize("count", [0, -1, 3, 6, 8192])
def test_a_count_must_be_a_power_of_two(count: int) -> None:
    with pytest.raises(ValueError, match="power of two"):
        shard_names(count)
