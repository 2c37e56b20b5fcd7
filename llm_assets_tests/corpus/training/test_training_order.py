import polars as pl
import pytest

from llm_assets.corpus.split import Dealing
from llm_assets.corpus.training.training_order import OrderPlan, order_documents
from llm_assets.corpus.training.training_selection import StaleTokensError
from llm_assets_tests.corpus.training.training_documents import ALL_TRAIN, DEALT, FIFTY, trainable


def _ordered(
    rows: pl.DataFrame, plan: OrderPlan, bucket_bytes: int = 1 << 20
) -> tuple[pl.DataFrame, dict[str, str]]:
    order, left_out = order_documents(trainable(rows.lazy()).selected, plan, bucket_bytes)
    return order, dict(left_out.iter_rows())


def test_rows_are_shuffled_by_seed() -> None:
    first, second = (
        _ordered(FIFTY, OrderPlan(Dealing(1.0, 0.0, 0.0, seed), {}))[0]["doc_id"] for seed in (0, 1)
    )
    assert first.to_list() != second.to_list()
    assert first.to_list() != sorted(first)
    assert sorted(first) == sorted(second)


def test_a_group_is_in_one_split() -> None:
    grouped = FIFTY.with_columns(group_id=pl.format("book {}", pl.int_range(pl.len()) // 10))
    order, _ = _ordered(grouped, OrderPlan(Dealing(0.4, 0.3, 0.3), {}))
    assert order["split"].n_unique() > 1
    assert (order.group_by("group_id").agg(pl.col("split").n_unique())["split"] == 1).all()


def test_other_documents_move_nothing() -> None:
    few, _ = _ordered(FIFTY[:20], OrderPlan(DEALT, {}))
    many, _ = _ordered(FIFTY, OrderPlan(DEALT, {}))
    assert many.filter(pl.col("doc_id").is_in(few["doc_id"].implode())).equals(few)


def test_weights_are_by_source_and_copies_are_in_train_alone() -> None:
    rows = pl.concat([FIFTY[:25], FIFTY[25:].with_columns(source=pl.lit("books"))])
    plan = OrderPlan(DEALT, {"books": 2.0, "web": 0.5})
    order, left_out = _ordered(rows, plan)
    books = order.filter(pl.col("source") == "books").group_by("doc_id", "split").len()
    assert set(books.select("split", "len").rows()) == {
        ("train", 2),
        ("validation", 1),
        ("test", 1),
    }
    # A weight below 1 samples every split.
    web = order.filter(pl.col("source") == "web")
    assert set(web["repeat"]) == {0}
    assert {*web["doc_id"], *left_out} == set(FIFTY["doc_id"][:25])
    assert set(left_out.values()) == {"not_sampled"}


def test_a_budget_says_how_often_a_document_stands_in_train() -> None:
    rows = FIFTY.with_columns(repeats=(pl.int_range(pl.len()) % 3).cast(pl.UInt32))
    alone, _ = _ordered(FIFTY, OrderPlan(DEALT, {}))
    order, left_out = _ordered(rows, OrderPlan(DEALT, {}, ["web"]))
    split = dict(alone.select("doc_id", "split").iter_rows())
    wanted = {
        doc_id: repeats if split[doc_id] == "train" else 1
        for doc_id, repeats in rows.select("doc_id", "repeats").iter_rows()
    }
    counts = dict(order["doc_id"].value_counts().iter_rows())
    assert {doc_id: counts.get(doc_id, 0) for doc_id in wanted} == wanted
    assert left_out == {doc_id: "over_budget" for doc_id, count in wanted.items() if count == 0}


def test_a_budget_that_does_not_know_a_document_is_stale() -> None:
    with pytest.raises(StaleTokensError, match="no place in the mixture"):
        _ordered(FIFTY, OrderPlan(ALL_TRAIN, {}, ["web"]))
    # Where no budget asks, nothing is missing.
    assert _ordered(FIFTY, OrderPlan(ALL_TRAIN, {}, ["books"]))[0].height == 50


def test_twins_of_documents_in_other_splits_are_left_out() -> None:
    alone, nothing = _ordered(FIFTY, OrderPlan(DEALT, {}))
    assert nothing == {}
    some = pl.int_range(pl.len()) % 3 == 0
    linked = FIFTY.with_columns(twin_split=pl.when(some).then(pl.lit("test")))
    order, left_out = _ordered(linked, OrderPlan(DEALT, {}))
    leaking = linked.drop_nulls("twin_split")["doc_id"]
    assert left_out == dict.fromkeys(leaking, "twin_in_test")
    # Nothing else changed: what is not left out is where it was.
    staying = alone.filter(~pl.col("doc_id").is_in(leaking.implode()))
    assert order.drop("bucket").equals(staying.drop("bucket"))


def test_neighbours_share_a_bucket() -> None:
    order, _ = _ordered(FIFTY, OrderPlan(DEALT, {}), 100)
    assert order["bucket"].is_sorted()
    assert 5 < order["bucket"].n_unique() < 25
