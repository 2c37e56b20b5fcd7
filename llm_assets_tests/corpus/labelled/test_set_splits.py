"""Dealing documents: nothing leaks, shares hold, nothing moves that need not."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_assets.corpus.labelled.labelled_plan import LabelledPlan
from llm_assets.corpus.labelled.set_splits import deal_documents, stratified_splits
from llm_assets.corpus.labelled.similar_documents import find_similar
from llm_assets.corpus.split import Dealing
from llm_assets_tests.corpus.labelled.set_documents import doc_id, duplicates

HALVES = Dealing(train=0.5, validation=0.25, test=0.25)


def plan(**given_: object) -> LabelledPlan:
    return LabelledPlan("set", "classification", ["reviews"], dealing=HALVES, **given_)  # type: ignore[arg-type]


def rows_of(names: list[str], **columns: list[str | None]) -> pl.DataFrame:
    """Return rows whose group and texts are their own unless they are given."""
    alone = {
        "group_id": names,
        "text_hash": names,
        "content_hash": names,
        "name": ["a"] * len(names),
    }
    frame = pl.DataFrame({**alone, **columns}, schema_overrides={"name": pl.String})
    return frame.with_columns(
        pl.Series("doc_id", [doc_id(name) for name in names], pl.String),
        number=pl.lit(None, pl.Float64),
        twin_split=pl.lit(None, pl.String),
    )


def dealt(rows: pl.DataFrame, twins: pl.DataFrame | None = None, **given_: object) -> pl.DataFrame:
    similar = find_similar(rows, duplicates() if twins is None else twins, 0.5)
    return deal_documents(rows, similar, plan(**given_))


@given(
    st.lists(
        st.tuples(st.integers(0, 12), st.integers(0, 30), st.sampled_from("abc")),
        min_size=1,
        max_size=60,
    ),
    st.booleans(),
)
def test_no_group_and_no_text_is_in_two_splits(
    documents: list[tuple[int, int, str]], stratify: bool
) -> None:
    names = [f"d{place}" for place in range(len(documents))]
    rows = rows_of(
        names,
        group_id=[f"g{group}" for group, _, _ in documents],
        text_hash=[f"t{text}" for _, text, _ in documents],
        name=[label for _, _, label in documents],
    )
    splits = dealt(rows, stratify=stratify)
    stays = rows.hstack(splits.select("split", "reason")).filter(pl.col("reason").is_null())
    for key in ("group_id", "text_hash"):
        assert (
            stays.group_by(key).agg(pl.col("split").n_unique())["split"].to_list()
            == [1] * stays[key].n_unique()
        )
    assert stays.height == rows.height or not stratify


def test_the_order_of_documents_decides_nothing() -> None:
    names = [f"d{place}" for place in range(200)]
    rows = rows_of(names, name=["ab"[place % 2] for place in range(200)])
    for stratify in (False, True):
        straight = rows.hstack(dealt(rows, stratify=stratify)).sort("doc_id")
        reverse = rows.reverse()
        assert straight.equals(reverse.hstack(dealt(reverse, stratify=stratify)).sort("doc_id"))


def test_a_split_is_that_of_the_corpus_and_never_moves() -> None:
    rows = rows_of([f"d{place}" for place in range(300)])
    splits = dealt(rows)
    assert splits["split"].to_list() == HALVES.assign(rows["group_id"]).to_list()
    assert dealt(rows.head(100))["split"].to_list() == splits["split"].head(100).to_list()


def of_split(split: str, start: int = 0) -> str:
    """Return a group that is dealt to a split."""
    names = [f"n{number}" for number in range(start, start + 100)]
    return names[HALVES.assign(pl.Series(names)).to_list().index(split)]


def test_of_similar_documents_the_one_in_the_larger_split_is_left_out() -> None:
    train, test = of_split("train"), of_split("test")
    rows = rows_of([train, test], text_hash=["same", "same"])
    assert dealt(rows)["reason"].to_list() == ["twin_in_test", None]
    pair = duplicates({"doc_id": train, "rejected": [{"doc_id": doc_id(test), "similarity": 0.6}]})
    assert dealt(rows_of([train, test]), pair)["reason"].to_list() == ["twin_in_test", None]
    unlike = duplicates(
        {"doc_id": train, "rejected": [{"doc_id": doc_id(test), "similarity": 0.4}]}
    )
    assert dealt(rows_of([train, test]), unlike)["reason"].to_list() == [None, None]
    cluster = duplicates(*({"doc_id": name, "cluster_id": "c"} for name in (train, test)))
    assert dealt(rows_of([train, test]), cluster)["reason"].to_list() == ["twin_in_test", None]


def test_a_twin_outside_the_set_counts_where_splits_are_those_of_the_corpus() -> None:
    rows = rows_of([of_split("train")]).with_columns(twin_split=pl.lit("validation"))
    assert dealt(rows)["reason"].to_list() == ["twin_in_validation"]
    assert dealt(rows, own_dealing=True)["reason"].to_list() == [None]


def test_a_stratified_set_keeps_similar_documents_together_and_all_of_them() -> None:
    names = [f"d{place}" for place in range(100)]
    chain = duplicates(
        *({"doc_id": names[i], "twin": names[i + 1]} for i in range(0, 99, 2)),
    )
    splits = dealt(rows_of(names), chain, stratify=True)
    assert splits["reason"].null_count() == 100
    assert splits["split"][::2].to_list() == splits["split"][1::2].to_list()
    assert splits["split"].n_unique() == 3


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 9)), min_size=1, max_size=80),
    st.sampled_from(
        [HALVES, Dealing(0.8, 0.1, 0.1, 7), Dealing(0.7, 0.0, 0.3), Dealing(1.0, 0.0, 0.0)]
    ),
)
def test_shares_hold_within_each_label_within_one_group(
    groups: list[tuple[str, int]], dealing: Dealing
) -> None:
    """A split has two borders, and misses its share by half of the group at each."""
    documents = [(f"g{n}", label) for n, (label, size) in enumerate(groups) for _ in range(size)]
    frame = pl.DataFrame(documents, ["group", "stratum"], orient="row")
    split = stratified_splits(frame["group"], frame["stratum"], dealing)
    frame = frame.with_columns(split)
    assert frame.group_by("group").agg(pl.col("split").n_unique())["split"].max() == 1
    shares = {"train": dealing.train, "validation": dealing.validation, "test": dealing.test}
    for (label,), part in frame.group_by("stratum"):
        largest = max(size for each, size in groups if each == label)
        for name, share in shares.items():
            wanted = share * part.height
            assert abs((part["split"] == name).sum() - wanted) <= largest + 1e-9
            assert share > 0 or name not in part["split"]


def test_growth_moves_documents_at_borders_only() -> None:
    names = [f"d{place}" for place in range(2_000)]
    before, after = rows_of(names[:1_900]), rows_of(names)
    splits = dealt(after, stratify=True)["split"].head(1_900)
    moved = (splits != dealt(before, stratify=True)["split"]).sum()
    assert moved < 60  # by chance it would be more than a thousand


def test_a_group_of_several_labels_belongs_to_most_of_its_documents() -> None:
    group = pl.Series(["g"] * 3 + [f"x{n}" for n in range(20)])
    stratum = pl.Series(["b", "a", "b"] + ["a"] * 20)
    one = stratified_splits(group, stratum, HALVES)
    other = stratified_splits(group, pl.Series(["b"] * 3 + ["a"] * 20), HALVES)
    assert one.to_list() == other.to_list()


@pytest.mark.parametrize("stratify", [False, True])
def test_a_set_without_documents(stratify: bool) -> None:
    assert dealt(rows_of([]), stratify=stratify).height == 0


def test_numbers_are_stratified_by_tenths() -> None:
    numbers = [float(n) for n in range(1_000)]
    rows = rows_of([f"d{n}" for n in range(1_000)]).with_columns(pl.Series("number", numbers))
    similar = find_similar(rows, duplicates(), 0.5)
    plan_ = LabelledPlan("set", "regression", ["reviews"], dealing=HALVES, stratify=True)
    split = deal_documents(rows, similar, plan_)["split"]
    for start in range(0, 1_000, 100):
        counts = dict(split[start : start + 100].value_counts().iter_rows())
        assert counts == {"train": 50, "validation": 25, "test": 25}
