from typing import Any

import polars as pl
import pytest

from llm_assets.corpus.schema import CLEANED, DUPLICATES, TOKENIZED
from llm_assets.corpus.split import Dealing
from llm_assets.corpus.training.mixture import MIXTURE, Budget, MixturePlan
from llm_assets.corpus.training.training_selection import (
    StaleTokensError,
    budgeted_documents,
    select_documents,
    with_tokens,
)

_CLEANED: list[dict[str, Any]] = [
    {"doc_id": "a", "source": "web", "text": "A", "text_hash": "1", "verdict": "keep"},
    {"doc_id": "b", "source": "web", "text": "B", "text_hash": "2", "verdict": "keep"},
    {"doc_id": "c", "source": "books", "text": "C", "text_hash": "3", "verdict": "keep",
     "group_key": "moby"},
    {"doc_id": "d", "source": "web", "verdict": "drop"},
    {"doc_id": "e", "source": "web", "text": "E", "text_hash": "5", "verdict": "keep"},
]  # fmt: skip


def _tokenized(**changes: str) -> pl.LazyFrame:
    return pl.LazyFrame(
        [
            {
                "doc_id": row["doc_id"],
                "text_hash": changes.get(row["doc_id"], row.get("text_hash")),
                "token_ids": [place] * place,
                "token_count": place,
            }
            for place, row in enumerate(_CLEANED)
        ],
        TOKENIZED,
    )


def _selected(duplicates: pl.LazyFrame | None) -> dict[str, str]:
    documents = select_documents(pl.LazyFrame(_CLEANED, CLEANED), duplicates, _tokenized())
    selected = documents.selected.collect()
    assert selected["token_count"].null_count() == 0
    assert selected["text_bytes"].null_count() == 0
    for table, columns in ((documents.texts, ["text"]), (documents.tokens, ["token_ids"])):
        assert table.collect_schema().names() == ["doc_id", *columns]
        assert set(selected["doc_id"]) <= set(table.collect()["doc_id"])
    return dict(selected.select("doc_id", "group_id").iter_rows())


def test_kept_documents_are_selected() -> None:
    assert _selected(None) == {"a": "a", "b": "b", "c": "books/moby", "e": "e"}


def test_duplicates_are_left_out() -> None:
    rows = [{"doc_id": "a", "duplicate_of": "x"}, {"doc_id": "b"}, {"doc_id": "c"}]
    assert _selected(pl.LazyFrame(rows, DUPLICATES)) == {"b": "b", "c": "books/moby", "e": "e"}


def test_tokens_of_another_text_are_no_tokens() -> None:
    cleaned = pl.LazyFrame(_CLEANED, CLEANED)
    selected = select_documents(cleaned, None, _tokenized(a="old")).selected
    with pytest.raises(StaleTokensError, match="1 of 4 kept documents have no tokens"):
        with_tokens(selected)
    rest = with_tokens(selected.filter(pl.col("doc_id") != "a")).sort("doc_id")
    assert rest["token_length"].to_list() == [2, 3, 5]


def test_the_mixture_s_repeats_stand_beside_the_documents() -> None:
    mixture = pl.LazyFrame([{"doc_id": "b", "source": "web", "repeats": 3}], MIXTURE)
    cleaned = pl.LazyFrame(_CLEANED, CLEANED)
    selected = select_documents(cleaned, None, _tokenized(), mixture).selected.collect()
    repeats = dict(selected.select("doc_id", "budgeted_repeats").iter_rows())
    assert repeats == {"a": None, "b": 3, "c": None, "e": None}


def test_a_budget_is_shared_by_what_stays_in_train() -> None:
    twins = pl.LazyFrame([{"doc_id": "e", "twin_split": "test"}], DUPLICATES)
    selected = select_documents(pl.LazyFrame(_CLEANED, CLEANED), twins, _tokenized()).selected

    def shared(dealing: Dealing) -> list[tuple[Any, ...]]:
        budgets = (Budget(10, {"web": 1.0}),)
        return budgeted_documents(selected, MixturePlan(dealing, budgets, 4)).rows()

    assert shared(Dealing(1.0, 0.0, 0.0)) == [("a", "web", 1), ("b", "web", 2)]
    assert shared(Dealing(0.0, 1.0, 0.0)) == []
