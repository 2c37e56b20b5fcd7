from typing import Any

import pytest

from llm_assets.assets.mixture import (
    budgeted_sources,
    mixture_fingerprint,
    mixture_plan,
    wants_mixture,
)
from llm_assets.assets.training_split import assembled_tables, assembly_fingerprint
from llm_assets.corpus.training.mixture import Budget
from llm_assets.recipe import Corpus


def _corpus(total: int | None = None, **tokens: int) -> Corpus:
    sources: list[dict[str, Any]] = [
        {"name": "web", "kind": "web", "location": "x", "weight": 0.5},
        {"name": "books", "kind": "books", "location": "y"},
    ]
    for source in sources:
        if source["name"] in tokens:
            source |= {"tokens": tokens[source["name"]], "weight": 1.0}
    mixture = {} if total is None else {"mixture": {"tokens": total}}
    return Corpus.model_validate({"sources": sources, "recipe": mixture})


def test_without_budgets_there_is_no_mixture() -> None:
    assert not wants_mixture(_corpus())
    assert "mixture" not in assembled_tables(_corpus())


def test_a_source_s_budget_is_its_own() -> None:
    assert mixture_plan(_corpus(books=7)).budgets == (Budget(7, {"books": 1.0}),)
    assert budgeted_sources(_corpus(books=7)) == ["books"]
    assert assembled_tables(_corpus(books=7))[-1] == "mixture"


def test_the_others_share_what_is_left_of_the_total() -> None:
    assert mixture_plan(_corpus(100)).budgets == (Budget(100, {"web": 0.5, "books": 1.0}),)
    assert mixture_plan(_corpus(100, books=7)).budgets == (
        Budget(7, {"books": 1.0}),
        Budget(93, {"web": 0.5}),
    )
    every = mixture_plan(_corpus(100, books=7, web=8))
    assert [budget.tokens for budget in every.budgets] == [8, 7]


@pytest.mark.parametrize(
    "other", [_corpus(101), _corpus(100, books=7), _corpus(100, web=50), _corpus(books=100)]
)
def test_another_budget_is_another_mixture(other: Corpus) -> None:
    assert mixture_fingerprint(other) != mixture_fingerprint(_corpus(100))


def test_how_much_a_budget_holds_concerns_the_parts_through_the_mixture_alone() -> None:
    assert assembly_fingerprint(_corpus(100)) == assembly_fingerprint(_corpus(200))
    assert assembly_fingerprint(_corpus(100)) != assembly_fingerprint(_corpus())
