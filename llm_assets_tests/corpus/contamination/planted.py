"""Evaluation sets of a few items, and documents that they stand in."""

from typing import Any

import polars as pl

from llm_assets.corpus.contamination.contaminated_documents import (
    CONTAMINATION,
    Action,
    ContaminationRule,
    judge_contamination,
)
from llm_assets.corpus.contamination.evaluation_index import (
    EVALUATION_TEXTS,
    NgramIndex,
    index_ngrams,
)
from llm_assets.corpus.identity import text_hash

LAMPS = (
    "A lighthouse keeper climbs nineteen steps every morning and polishes both lamps twice. How "
    "many lamps has he polished after one week?"
)
LADDERS = "Seven painters share four ladders, and whoever holds one lends it at noon."
SHORT = "Which river in Europe has the most tributaries of all?"
PROSE = "Nothing in this sentence was ever asked in an examination, {} or anywhere. "

NGRAMS = index_ngrams(
    pl.DataFrame(
        [("riddles", 1, LAMPS), ("riddles", 2, LADDERS), ("rivers", 7, SHORT), ("rivers", 8, "No")],
        EVALUATION_TEXTS,
        orient="row",
    ),
    13,
)
INDEX = NgramIndex.of(NGRAMS, 13)


def prose(sentences: int) -> str:
    """Return a text that shares nothing with the sets."""
    return "".join(PROSE.format(f"number {i}") for i in range(sentences))


def frame(*texts: str | None) -> pl.DataFrame:
    rows = [
        (f"d{i}", text, None if text is None else text_hash(text)) for i, text in enumerate(texts)
    ]
    columns = {"doc_id": pl.String, "text": pl.String, "text_hash": pl.String}
    return pl.DataFrame(rows, columns, orient="row")


def judge(*texts: str | None, action: Action = "drop", share: float = 0.0) -> pl.DataFrame:
    judged = judge_contamination(frame(*texts), INDEX, ContaminationRule(action, share))
    assert judged.schema == CONTAMINATION
    assert judged["doc_id"].to_list() == [f"d{i}" for i in range(len(texts))]
    return judged


def row(text: str | None, **rule: Any) -> dict[str, Any]:
    return judge(text, **rule).row(0, named=True)
