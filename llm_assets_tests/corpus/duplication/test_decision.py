"""Who stays, and what the evidence says."""

import random
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from llm_assets.corpus.duplication import decision, verification
from llm_assets.corpus.duplication.decision import StaleSignaturesError
from llm_assets.corpus.duplication.policy import DuplicatePolicy, KeepRule, Scope
from llm_assets.corpus.duplication.signatures import shingle_sets
from llm_assets.corpus.groups import own_group
from llm_assets.corpus.schema import SPLITS
from llm_assets.corpus.split import Dealing
from llm_assets_tests.corpus.duplication.signed import (
    MINHASH,
    decide_about,
    document,
    signed,
    table,
    verdicts,
)

EXACT = DuplicatePolicy(minhash=None)
ALL_RULES: tuple[KeepRule, ...] = ("source_priority", "quality", "length", "oldest")


def _decide(*rows: dict[str, Any], policy: DuplicatePolicy = EXACT) -> dict[str, str | None]:
    return verdicts(decide_about(table(rows), policy))


def _words(first: int, last: int) -> str:
    """Return words that are all different; letters, as numbers count as equal."""
    return " ".join(
        f"{chr(97 + place // 26)}{chr(97 + place % 26)}" for place in range(first, last)
    )


def test_documents_without_a_twin_have_no_row() -> None:
    assert _decide(document("a", "one"), document("b", "two")) == {}
    assert _decide() == {}


def test_a_row_says_who_duplicates_whom() -> None:
    rows = decide_about(
        table(
            [
                document("b", "same", shard="shard-0001", source="blog"),
                document("a", "same", title="The first"),
                document("c", "same"),
                document("d", "other"),
            ]
        ),
        EXACT,
    )
    columns = ("doc_id", "shard", "cluster_id", "cluster_size", "duplicate_of", "keeper_source")
    assert rows.select(columns).rows() == [
        ("a", "shard-0000", "a", 3, None, None),
        ("b", "shard-0001", "a", 3, "a", "web"),
        ("c", "shard-0000", "a", 3, "a", "web"),
    ]
    assert rows["method"].to_list() == [None, "exact", "exact"]
    assert rows["similarity"].to_list() == [None, 1.0, 1.0]
    assert rows["threshold"].to_list() == [None, None, None]
    assert rows["title"].to_list() == ["The first", "b.html", "c.html"]


_HALVES = Dealing(train=0.5, validation=0.0, test=0.5)


def _group_in(split: str) -> str:
    """Return a group key of the source `web` that is dealt to a split."""
    keys = [f"k{place}" for place in range(20)]
    dealt = _HALVES.assign(pl.Series([f"web/{key}" for key in keys]))
    return next(key for key, name in zip(keys, dealt, strict=True) if name == split)


@pytest.mark.parametrize(("split_similarity", "parted"), [(0.6, False), (0.7, True)])
def test_similar_documents_that_both_stay_are_not_parted(
    split_similarity: float, parted: bool
) -> None:
    """Of 119 pairs of words, 79 are in both."""
    rows = decide_about(
        table(
            [
                document("a", _words(0, 100), group_key=_group_in("train")),
                document("b", _words(20, 120), group_key=_group_in("test")),
                document("c", _words(0, 100) + " end", group_key=_group_in("train")),
            ]
        ),
        DuplicatePolicy(MINHASH, similarity=0.8, split_similarity=split_similarity, splits=_HALVES),
    )
    twins = dict(rows.select("doc_id", "twin").iter_rows())
    stays = "c"  # the longest
    assert verdicts(rows) == {"a": "c", "c": None}
    assert twins == {"a": None, "b": None, stays: None if parted else "b"}


_OLD, _NEW = datetime(2001, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC)
_NAN = float("nan")


@pytest.mark.parametrize(
    ("better", "worse", "keep"),
    [
        ({"source_priority": 1}, {"source_priority": 0}, ["source_priority"]),
        ({"source_priority": 0}, {"source_priority": -1}, ["source_priority"]),
        ({"language_score": 0.9}, {"language_score": 0.1}, ["quality"]),
        ({"language_score": 0.0}, {"language_score": None}, ["quality"]),
        ({"language_score": 0.0}, {"language_score": _NAN}, ["quality"]),
        ({"text_chars": 9}, {"text_chars": 8}, ["length"]),
        ({"text_chars": 9}, {"text_chars": 8, "language_score": _NAN}, ["quality", "length"]),
        ({"published_at": _OLD}, {"published_at": _NEW}, ["oldest"]),
        ({"published_at": _NEW}, {"published_at": None}, ["oldest"]),
        ({"language_score": 0.9, "source_priority": 0}, {"source_priority": 5}, ["quality"]),
        ({"source_priority": 1}, {"language_score": 0.9}, ["source_priority", "quality"]),
        ({"language_score": 0.9}, {"published_at": _OLD}, ["source_priority", "quality", "oldest"]),
    ],
)
def test_the_policy_decides_in_its_order(
    better: dict[str, Any], worse: dict[str, Any], keep: tuple[KeepRule, ...]
) -> None:
    policy = DuplicatePolicy(minhash=None, keep=keep)
    # The better document has the larger id: without the rule, the other one would stay.
    rows = (document("z", "same", **better), document("a", "same", **worse))
    assert _decide(*rows, policy=policy) == {"z": None, "a": "z"}


def test_between_equals_the_smallest_id_stays() -> None:
    rows = [document(doc_id, "same") for doc_id in "bac"]
    assert _decide(*rows) == {"a": None, "b": "a", "c": "a"}


def test_everything_unprotected_gives_way_to_a_protected_document() -> None:
    assert _decide(
        document("a", "same", source="new", source_priority=9),
        document("b", "same", source="old", protected=True),
    ) == {"a": "b", "b": None}


def test_protected_documents_of_two_sources_both_stay_and_know_of_each_other() -> None:
    rows = decide_about(
        table(
            [
                document("a", "same", source="x", protected=True, group_key="k0"),
                document("b", "same", source="y", protected=True, group_key="k1"),
                document("c", "same", source="new"),
            ]
        ),
        DuplicatePolicy(minhash=None, splits=_HALVES),
    )
    assert verdicts(rows) == {"a": None, "b": None, "c": "a"}
    assert rows.select("twin", "twin_split").rows() == [("b", "test"), (None, None), (None, None)]
    assert set(rows["cluster_id"]) == {"a"}


def test_a_protected_document_gives_way_to_its_own_source() -> None:
    assert _decide(
        document("a", "same", source="x", protected=True),
        document("b", "same", source="y", protected=True),
        document("c", "same", source="y", protected=True),
    ) == {"a": None, "b": None, "c": "b"}


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("corpus", {"a": None, "b": "a", "c": "a", "d": "a"}),
        ("source", {"a": None, "b": "a", "c": None, "d": "c"}),
        ("cross-source", {"a": None, "b": None, "c": "a", "d": "a"}),
    ],
)
def test_the_scope_says_which_duplicates_are_dropped(
    scope: Scope, expected: dict[str, str | None]
) -> None:
    rows = [document(doc_id, "same", source="xxyy"["abcd".index(doc_id)]) for doc_id in "abcd"]
    assert _decide(*rows, policy=DuplicatePolicy(minhash=None, scope=scope)) == expected


def test_a_near_duplicate_has_its_true_similarity() -> None:
    rows = decide_about(
        table([document("a", _words(0, 100)), document("b", _words(0, 98) + " end")]),
        DuplicatePolicy(MINHASH, similarity=0.9),
    )
    # 99 and 98 pairs of words, 97 of them the same.
    dropped = rows.row(1, named=True)
    assert dropped["duplicate_of"] == "a"
    assert dropped["method"] == "near"
    assert dropped["similarity"] == pytest.approx(97 / 100)
    assert dropped["threshold"] == 0.9


def test_a_chain_of_similar_documents_drops_only_what_is_like_the_one_that_stays() -> None:
    """Each is like the next; the last has nothing in common with the first."""
    chain = [document(f"{place}", _words(place * 20, place * 20 + 100)) for place in range(6)]
    policy = DuplicatePolicy(MINHASH, similarity=0.6)
    rows = decide_about(table(chain), policy)
    assert rows.height == 6
    assert verdicts(rows) == {"0": None, "1": "0", "2": None, "3": "2", "4": None, "5": "4"}
    unverified = decide_about(table(chain), DuplicatePolicy(MINHASH, verify=False))
    assert verdicts(unverified) == {"0": None, **dict.fromkeys("12345", "0")}
    assert unverified["method"].to_list() == [None, *["proposed"] * 5]
    assert unverified["similarity"].null_count() == 6


def test_pairs_that_were_rejected_are_evidence() -> None:
    rows = decide_about(
        table([document("a", _words(0, 100)), document("b", _words(20, 120))]),
        DuplicatePolicy(MINHASH, similarity=0.8, split_similarity=0.5),
    )
    rejected = rows.row(1, named=True)["rejected"]
    assert rejected == [{"doc_id": "a", "similarity": pytest.approx(79 / 119)}]
    assert verdicts(rows) == {}  # in no group


def test_an_excerpt_is_dropped_if_the_recipe_says_so() -> None:
    documents = table([document("a", _words(0, 100)), document("b", _words(30, 80))])
    assert verdicts(decide_about(documents, DuplicatePolicy(MINHASH))) == {}
    rows = decide_about(documents, DuplicatePolicy(MINHASH, containment=0.95))
    assert verdicts(rows) == {"a": None, "b": "a"}
    assert rows.row(1, named=True)["method"] == "excerpt"
    assert rows.row(1, named=True)["threshold"] == 0.95
    assert rows.row(1, named=True)["similarity"] == pytest.approx(49 / 99)


def test_texts_without_shingles_are_exact_duplicates_at_most() -> None:
    documents = [document("a", "short"), document("b", "short"), document("c", "other")]
    rows = decide_about(table(documents), DuplicatePolicy(MINHASH))
    assert verdicts(rows) == {"a": None, "b": "a"}


def test_texts_that_are_not_those_that_were_signed_are_noticed() -> None:
    documents = table([document("a", _words(0, 50)), document("b", _words(0, 49))])
    changed = documents.with_columns(text_hash=pl.lit("another"))
    with pytest.raises(StaleSignaturesError, match="2 texts are not those that were signed"):
        decide_about(changed, DuplicatePolicy(MINHASH), signatures=signed(documents, MINHASH))


def test_members_of_a_large_component_are_compared_where_they_share_a_band(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    documents = table(
        [document(f"{place:03d}", _words(place, place + 60)) for place in range(0, 60, 2)]
        + [document("equal", _words(0, 60)), document("zzz", "alone")]
    )
    policy = DuplicatePolicy(MINHASH, similarity=0.7)
    whole = decide_about(documents, policy)
    monkeypatch.setattr(verification, "WHOLE_COMPONENT", 3)
    by_band = decide_about(documents, policy)
    assert verdicts(by_band)["equal"] == "000"
    # These bands propose all that is so similar.
    assert verdicts(by_band) == verdicts(whole)
    assert by_band["rejected"].list.len().sum() < whole["rejected"].list.len().sum()


_TEXTS = [
    *(_words(first, first + 40) for first in (0, 2, 4, 8, 12, 100, 103)),
    *("one two three", "one two four", "", "東京の天気は晴れです", "東京の天気は雨です"),
]
_DOCUMENT = st.fixed_dictionaries(
    {
        "text": st.sampled_from(_TEXTS),
        "source": st.sampled_from(["x", "y", "z"]),
        "group_key": st.sampled_from([None, "k", "l"]),
        "language_score": st.sampled_from([None, 0.1, 0.9, _NAN]),
        "published_at": st.sampled_from([None, _OLD, _NEW]),
        "shard": st.sampled_from(["shard-0000", "shard-0001"]),
    }
)
_POLICY = st.builds(
    DuplicatePolicy,
    minhash=st.sampled_from([None, MINHASH]),
    verify=st.booleans(),
    similarity=st.sampled_from([0.6, 0.8]),
    containment=st.sampled_from([None, 0.9]),
    keep=st.permutations(ALL_RULES),
    scope=st.sampled_from(["corpus", "source", "cross-source"]),
    splits=st.just(Dealing(train=0.4, validation=0.3, test=0.3)),
)
_SOURCES = {
    "x": {"source_priority": 1, "protected": True},
    "y": {"source_priority": 0, "protected": True},
    "z": {"source_priority": 0, "protected": False},
}
SLOW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _corpus(values: dict[str, dict[str, Any]]) -> pl.DataFrame:
    return table(
        [document(doc_id, **value, **_SOURCES[value["source"]]) for doc_id, value in values.items()]
    )


@SLOW
@given(st.lists(_DOCUMENT, max_size=12), _POLICY, st.randoms())
def test_laws(
    values: list[dict[str, Any]], policy: DuplicatePolicy, shuffle: random.Random
) -> None:
    documents = _corpus({f"{place:02d}": value for place, value in enumerate(values)})
    rows = decide_about(documents, policy)
    order = shuffle.sample(range(documents.height), documents.height)
    assert_frame_equal(decide_about(documents[order], policy), rows)
    by_id = {row["doc_id"]: row for row in documents.iter_rows(named=True)}
    staying = set(rows.filter(pl.col("duplicate_of").is_null())["doc_id"])
    _check_twins(documents, rows, policy)
    for row in rows.iter_rows(named=True):
        if row["duplicate_of"] is None:
            continue
        mine, its = by_id[row["doc_id"]], by_id[row["duplicate_of"]]
        assert its["doc_id"] in staying
        assert not mine["protected"] or mine["source"] == its["source"]
        if policy.scope != "corpus":
            assert (mine["source"] == its["source"]) == (policy.scope == "source")
        if row["method"] == "exact":
            assert mine["text"] == its["text"]
        elif row["method"] == "near":
            assert _jaccard(mine["text"], its["text"]) == pytest.approx(row["similarity"])
            assert row["similarity"] >= policy.similarity
    if policy.scope == "corpus":
        unprotected = documents.filter(~pl.col("protected"))
        left = unprotected.join(rows.drop_nulls("duplicate_of"), on="doc_id", how="anti")
        assert left["text"].is_unique().all()


def _check_twins(documents: pl.DataFrame, rows: pl.DataFrame, policy: DuplicatePolicy) -> None:
    """A twin stays, as its document does, in the split that the row names, more apart than its."""
    staying = rows.filter(pl.col("duplicate_of").is_null())
    splits = policy.splits.assign(documents.select(own_group()).to_series())
    split = dict(zip(documents["doc_id"], splits, strict=True))
    twins = rows.drop_nulls("twin")
    assert set(twins["doc_id"]) | set(twins["twin"]) <= set(staying["doc_id"])
    for doc_id, twin, twin_split in twins.select("doc_id", "twin", "twin_split").iter_rows():
        assert split[twin] == twin_split
        assert SPLITS.index(twin_split) > SPLITS.index(split[doc_id])
    # Equal texts that both stay are never parted, whatever lets them stay.
    known = dict(twins.select("doc_id", "twin_split").iter_rows())
    kept = documents.filter(pl.col("doc_id").is_in(staying["doc_id"].implode()))
    for _, equal in kept.group_by("text"):
        left = {split[doc_id] for doc_id in equal["doc_id"] if doc_id not in known}
        assert len(left) <= 1  # none, where something similar is in a split more apart


def _jaccard(one: str, other: str) -> float:
    sets = shingle_sets(pl.Series([one, other]), MINHASH)
    mine, its = (set(sets.hashes[a:b].tolist()) for a, b in pairwise(sets.first))
    return len(mine & its) / len(mine | its)


_EDIT = st.tuples(st.sampled_from([f"{place:02d}" for place in range(10)]), st.none() | _DOCUMENT)


@SLOW
@given(st.lists(st.lists(_EDIT, min_size=1, max_size=4), min_size=1, max_size=6), _POLICY)
def test_after_any_edits_the_decision_is_that_of_a_rebuild(
    history: list[list[tuple[str, dict[str, Any] | None]]], policy: DuplicatePolicy
) -> None:
    """Documents come, change and go; what was signed and decided before is taken over."""
    values: dict[str, dict[str, Any]] = {}
    signatures = rows = None
    for edits in history:
        for doc_id, value in edits:
            values = {name: kept for name, kept in values.items() if name != doc_id}
            if value is not None:
                values[doc_id] = value
        documents = _corpus(values)
        signatures = signed(documents, policy.minhash, signatures)
        assert_frame_equal(signatures, signed(documents, policy.minhash))
        rows = decide_about(documents, policy, signatures=signatures, before=rows)
        assert_frame_equal(rows, decide_about(documents, policy))


def test_components_are_decided_in_buckets_that_do_not_matter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    documents = table(
        [
            document(f"{place:02d}", _TEXTS[place % len(_TEXTS)] + " end" * (place % 2))
            for place in range(40)
        ]
    )
    policy = DuplicatePolicy(MINHASH)
    rows = decide_about(documents, policy)
    monkeypatch.setattr(decision, "_BUCKET_CHARS", 100)
    assert_frame_equal(decide_about(documents, policy), rows)
    # Also where what was decided before is read in buckets.
    assert_frame_equal(decide_about(documents, policy, before=rows[3:]), rows)


def test_only_texts_of_components_that_changed_are_read() -> None:
    old = [document("a", _words(0, 50)), document("b", _words(0, 49))]
    policy = DuplicatePolicy(MINHASH)
    rows = decide_about(table(old), policy)
    new = [document("c", _words(100, 150)), document("d", _words(100, 149))]
    documents = table(old + new)
    signatures = signed(documents, MINHASH)
    # Without the old texts, which nobody should ask for.
    known = documents.with_columns(
        text_hash=pl.when(pl.col("doc_id") < "c").then(pl.lit("gone")).otherwise("text_hash")
    )
    decided = decide_about(known, policy, signatures=signatures, before=rows)
    assert verdicts(decided) == {"a": None, "b": "a", "c": None, "d": "c"}
