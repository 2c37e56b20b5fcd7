from collections.abc import Iterator, Mapping

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_assets.corpus.identity import digest
from llm_assets.corpus.split import Dealing, repeats_of
from llm_assets.corpus.training import mixture
from llm_assets.corpus.training.mixture import (
    MIXTURE,
    Budget,
    MixturePlan,
    decide_mixture,
    summarize_mixture,
)

SOURCES = ("books", "code", "web")
LENGTHS = st.lists(st.tuples(st.sampled_from(SOURCES), st.integers(1, 9)), max_size=30)
WEIGHTS = st.fixed_dictionaries(dict.fromkeys(SOURCES, st.sampled_from([0.3, 1.0, 2.5])))


def _documents(lengths: list[tuple[str, int]]) -> pl.DataFrame:
    rows = [(digest([str(place)]), *row) for place, row in enumerate(lengths)]
    schema = {"doc_id": pl.String, "source": pl.String, "token_length": pl.UInt32}
    return pl.DataFrame(rows, schema, orient="row")


def _plan(*budgets: Budget, most_repeats: int = 4, seed: int = 0) -> MixturePlan:
    return MixturePlan(Dealing(seed=seed), budgets, most_repeats)


def _mixed(documents: pl.DataFrame, plan: MixturePlan, batches: int = 1) -> pl.DataFrame:
    def parts() -> Iterator[pl.DataFrame]:
        for part in range(batches):
            yield documents.gather_every(batches, part)

    decision = decide_mixture(parts, plan)
    mixed = decision.repeats(documents)
    assert mixed.schema == MIXTURE
    return mixed


def _taken(mixed: pl.DataFrame) -> int:
    return int((mixed["token_length"].cast(pl.Int64) * mixed["repeats"]).sum())


@given(LENGTHS, WEIGHTS, st.integers(1, 400), st.integers(1, 4), st.integers(0, 5))
def test_a_total_budget_is_met(
    lengths: list[tuple[str, int]],
    weights: Mapping[str, float],
    tokens: int,
    most_repeats: int,
    seed: int,
) -> None:
    documents = _documents(lengths)
    plan = _plan(Budget(tokens, weights), most_repeats=most_repeats, seed=seed)
    mixed = _mixed(documents, plan)
    taken, most = _taken(mixed), most_repeats * int(documents["token_length"].sum())
    assert taken <= tokens
    assert mixed["repeats"].max() in (None, *range(most_repeats + 1))
    if most <= tokens:
        assert taken == most
    else:
        assert tokens - taken < max(length for _, length in lengths)


@settings(max_examples=30)
@given(LENGTHS, WEIGHTS, st.integers(1, 400), st.randoms(), st.integers(1, 4))
def test_neither_order_nor_batches_matter(
    lengths: list[tuple[str, int]],
    weights: Mapping[str, float],
    tokens: int,
    shuffle: np.random.Generator,
    batches: int,
) -> None:
    documents, plan = _documents(lengths), _plan(Budget(tokens, weights))
    order = list(range(documents.height))
    shuffle.shuffle(order)
    other = _mixed(documents[order], plan, batches)
    assert other.sort("doc_id").equals(_mixed(documents, plan).sort("doc_id"))


@settings(max_examples=30)
@given(LENGTHS, WEIGHTS, st.integers(1, 300), st.integers(1, 300))
def test_a_larger_budget_takes_nothing_away(
    lengths: list[tuple[str, int]], weights: Mapping[str, float], tokens: int, more: int
) -> None:
    documents = _documents(lengths)
    small, large = (
        _mixed(documents, _plan(Budget(size, weights)))["repeats"]
        for size in (tokens, tokens + more)
    )
    assert (small <= large).all()


MANY = _documents([(SOURCES[place % 3], 1 + place % 50) for place in range(3_000)])
AVAILABLE = dict(MANY.group_by("source").agg(pl.col("token_length").sum()).iter_rows())


def test_all_weights_are_scaled_by_one_factor() -> None:
    weights = {"books": 2.0, "code": 1.0, "web": 0.25}
    tokens = int(1.2 * sum(weights[name] * size for name, size in AVAILABLE.items()))
    mixed = _mixed(MANY, _plan(Budget(tokens, weights)))
    by_source = mixed.group_by("source").agg((pl.col("token_length") * pl.col("repeats")).sum())
    shares = {name: taken / AVAILABLE[name] for name, taken in by_source.iter_rows()}
    assert shares == pytest.approx({"books": 2.4, "code": 1.2, "web": 0.3}, rel=0.07)


def test_the_budget_of_what_weights_ask_for_is_what_weights_ask_for() -> None:
    weights = {"books": 2.5, "code": 1.0, "web": 0.25}
    repeats = repeats_of(MANY["doc_id"], MANY["source"].replace_strict(weights), seed=0)
    tokens = int((MANY["token_length"].cast(pl.Int64) * repeats).sum())
    assert _mixed(MANY, _plan(Budget(tokens, weights)))["repeats"].equals(repeats)


def test_budgets_of_sources_are_met_each() -> None:
    wanted = {"books": 40_000, "code": 1_000, "web": 1_000_000}
    budgets = [Budget(tokens, {name: 1.0}) for name, tokens in wanted.items()]
    decision = decide_mixture(lambda: [MANY], _plan(*budgets))
    summary = summarize_mixture(decision.repeats(MANY).lazy(), decision.wanted())
    figures = summary["mixture"]
    assert figures["wanted"] == wanted
    assert figures["available"] == AVAILABLE
    assert wanted["books"] - 50 < figures["taken"]["books"] <= wanted["books"]
    assert wanted["code"] - 50 < figures["taken"]["code"] <= wanted["code"]
    # What four copies cannot reach is reported: wanted and taken differ.
    assert figures["taken"]["web"] == 4 * AVAILABLE["web"]
    assert figures["copies"]["web"] == 4_000
    assert figures["left_out"]["web"] == 0 < figures["left_out"]["code"]
    assert summary["rows"] == 3_000
    assert summary["tokens"] == sum(figures["taken"].values())


def test_what_is_wanted_of_each_source_adds_up() -> None:
    weights = {"books": 2.0, "code": 1.0, "none": 1.0, "web": 0.25}
    decision = decide_mixture(lambda: [MANY], _plan(Budget(10_000, weights)))
    wanted = decision.wanted()
    assert sum(wanted.values()) == pytest.approx(10_000, abs=2)
    assert wanted["none"] == 0
    assert wanted["books"] == pytest.approx(
        wanted["code"] * 2 * AVAILABLE["books"] / AVAILABLE["code"], rel=0.001
    )
    nothing = decide_mixture(lambda: [MANY.clear()], _plan(Budget(10, {"a": 1.0, "b": 1.0})))
    assert nothing.wanted() == {"a": 10, "b": 0}


def test_a_budget_of_nothing_takes_nothing() -> None:
    assert _taken(_mixed(MANY, _plan(Budget(0, dict.fromkeys(SOURCES, 1.0))))) == 0


def test_only_what_is_near_the_limit_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[int] = []
    limit = mixture._limit

    def counted(near: pl.DataFrame, budget: int, tokens: int) -> mixture.Limit:
        held.append(near.height)
        return limit(near, budget, tokens)

    monkeypatch.setattr(mixture, "_limit", counted)
    _mixed(MANY, _plan(Budget(20_000, dict.fromkeys(SOURCES, 1.0))), batches=10)
    assert 0 < held[0] < 30
