import random
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_assets.corpus.duplicates import KeepRule, decide_duplicates
from llm_assets.corpus.schema import DUPLICATES

_TYPES = {
    "doc_id": pl.String,
    "shard": pl.String,
    "source": pl.String,
    "group_key": pl.String,
    "text_hash": pl.String,
    "text_chars": pl.UInt64,
    "published_at": pl.Datetime("us", "UTC"),
    "quality": pl.Float64,
    "source_priority": pl.Int64,
    "protected": pl.Boolean,
}
ALL_RULES: tuple[KeepRule, ...] = ("source_priority", "quality", "length", "oldest")


def _row(doc_id: str, text: str = "t", **values: Any) -> dict[str, Any]:
    usual = {"shard": "shard-0000", "source": "web", "source_priority": 0, "protected": False}
    return {"doc_id": doc_id, "text_hash": text, "text_chars": 1, **usual, **values}


def _decide(*rows: dict[str, Any], keep: tuple[KeepRule, ...] = ALL_RULES) -> dict[str, str | None]:
    decided = decide_duplicates(pl.LazyFrame(list(rows), _TYPES), keep)
    return dict(decided.drop_nulls("cluster_id").select("doc_id", "duplicate_of").iter_rows())


def test_documents_without_a_twin_have_no_row() -> None:
    assert _decide(_row("a", "1"), _row("b", "2")) == {}
    assert _decide() == {}


def test_a_row_says_who_duplicates_whom() -> None:
    documents = pl.LazyFrame(
        [_row("b", shard="shard-0001"), _row("a"), _row("c"), _row("d", "other")], _TYPES
    )
    decided = decide_duplicates(documents, ["quality"])
    assert decided.drop("shard").schema == DUPLICATES
    assert decided.select("doc_id", "shard", "cluster_id", "duplicate_of").rows() == [
        ("a", "shard-0000", "a", None),
        ("b", "shard-0001", "a", "a"),
        ("c", "shard-0000", "a", "a"),
    ]
    assert set(decided["method"]) == {"exact"}
    assert set(decided["similarity"]) == {1.0}
    assert set(decided["group_id"]) == {"a"}


_OLD, _NEW = datetime(2001, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("better", "worse", "keep"),
    [
        ({"source_priority": 1}, {"source_priority": 0}, ["source_priority"]),
        ({"source_priority": 0}, {"source_priority": -1}, ["source_priority"]),
        ({"quality": 0.9}, {"quality": 0.1}, ["quality"]),
        ({"quality": 0.0}, {"quality": None}, ["quality"]),
        ({"quality": 0.0}, {"quality": float("nan")}, ["quality"]),
        ({"text_chars": 9}, {"text_chars": 8}, ["length"]),
        ({"text_chars": 9}, {"text_chars": 8, "quality": float("nan")}, ["quality", "length"]),
        ({"published_at": _OLD}, {"published_at": _NEW}, ["oldest"]),
        ({"published_at": _NEW}, {"published_at": None}, ["oldest"]),
        ({"quality": 0.9, "source_priority": 0}, {"source_priority": 5}, ["quality"]),
        ({"source_priority": 1}, {"quality": 0.9}, ["source_priority", "quality"]),
        ({"quality": 0.9}, {"published_at": _OLD}, ["source_priority", "quality", "oldest"]),
    ],
)
def test_the_policy_decides_in_its_order(
    better: dict[str, Any], worse: dict[str, Any], keep: tuple[KeepRule, ...]
) -> None:
    # The better document has the larger id: without the rule, the other one would stay.
    assert _decide(_row("z", **better), _row("a", **worse), keep=keep) == {"z": None, "a": "z"}


def test_between_equals_the_smallest_id_stays() -> None:
    assert _decide(_row("b"), _row("a"), _row("c"), keep=()) == {"a": None, "b": "a", "c": "a"}


def test_everything_unprotected_gives_way_to_a_protected_document() -> None:
    assert _decide(
        _row("a", source="new", source_priority=9), _row("b", source="old", protected=True)
    ) == {"a": "b", "b": None}


def test_protected_documents_of_two_sources_both_stay() -> None:
    assert _decide(
        _row("a", source="x", protected=True),
        _row("b", source="y", protected=True),
        _row("c", source="new"),
    ) == {"a": None, "b": None, "c": "a"}


def test_a_protected_document_gives_way_to_its_own_source() -> None:
    assert _decide(
        _row("a", source="x", protected=True),
        _row("b", source="y", protected=True),
        _row("c", source="y", protected=True),
    ) == {"a": None, "b": None, "c": "b"}


def test_a_book_tied_by_another_ones_chapter_has_a_row_for_its_other_chapters() -> None:
    rows = [
        _row("a", "shared", source="x", group_key="one"),
        _row("b", "shared", source="x", group_key="two"),
        _row("c", "own", source="x", group_key="two", shard="shard-0003"),
    ]
    decided = decide_duplicates(pl.LazyFrame(rows, _TYPES), [])
    assert decided["group_id"].to_list() == ["x/one"] * 3
    assert decided.row(2, named=True) == {
        "doc_id": "c",
        "cluster_id": None,
        "duplicate_of": None,
        "method": None,
        "similarity": None,
        "group_id": "x/one",
        "shard": "shard-0003",
    }


_DOCUMENTS = st.lists(
    st.fixed_dictionaries(
        {
            "text_hash": st.sampled_from("tuvw"),
            "source": st.sampled_from(["x", "y", "z"]),
            "group_key": st.sampled_from([None, "k", "l"]),
            "quality": st.sampled_from([None, 0.1, 0.9, float("nan")]),
            "text_chars": st.integers(0, 3),
            "published_at": st.sampled_from([None, _OLD, _NEW]),
        }
    ),
    max_size=12,
)


@settings(deadline=None)
@given(_DOCUMENTS, st.permutations(ALL_RULES), st.randoms())
def test_laws(values: list[dict[str, Any]], keep: list[KeepRule], shuffle: random.Random) -> None:
    rows = [
        _row(f"{place:02d}", **value)
        | {"protected": value["source"] != "z", "source_priority": ord(value["source"]) % 2}
        for place, value in enumerate(values)
    ]
    decided = decide_duplicates(pl.LazyFrame(rows, _TYPES), keep)
    shuffled = shuffle.sample(rows, len(rows))
    assert decide_duplicates(pl.LazyFrame(shuffled, _TYPES), keep).equals(decided)

    text = {row["doc_id"]: row["text_hash"] for row in rows}
    source = {row["doc_id"]: row["source"] for row in rows}
    members = decided.drop_nulls("cluster_id")
    sizes = {hash_: list(text.values()).count(hash_) for hash_ in "tuvw"}
    assert members.height == sum(size for size in sizes.values() if size > 1)
    kept = set(members.filter(pl.col("duplicate_of").is_null())["doc_id"])
    for doc_id, cluster_id, keeper in members.select(
        "doc_id", "cluster_id", "duplicate_of"
    ).iter_rows():
        assert cluster_id in kept
        assert text[cluster_id] == text[doc_id]
        if keeper is not None:
            assert keeper in kept
            assert text[keeper] == text[doc_id]
            assert source[doc_id] == "z" or source[keeper] == source[doc_id]
