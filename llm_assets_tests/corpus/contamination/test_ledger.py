"""What the ledger says of contaminated documents."""

from typing import Any

import polars as pl
import pytest

from llm_assets.corpus.contamination.contaminated_documents import CONTAMINATION
from llm_assets.corpus.ledger import build_ledger
from llm_assets.corpus.schema import CLEANED, DUPLICATES, LEDGER

DECIDED = ("stage", "verdict", "reason", "measured", "threshold", "detail")


def found(doc_id: str, action: str | None, benchmark: str | None = "riddles") -> dict[str, Any]:
    if benchmark is None:
        return {"doc_id": doc_id}
    evidence = {"benchmark": benchmark, "item": 7, "share": 0.25, "threshold": 0.1}
    return {"doc_id": doc_id, "action": action, **evidence, "matched_text": "Which lamp?"}


CONTAMINATED = [found("out", "drop"), found("shorter", "cut"), found("allowed", None)]
CLEAN = [found("clean", None, None)]


def ledger(*, with_duplicates: bool = False) -> dict[str, tuple[Any, ...]]:
    rows = [{"doc_id": row["doc_id"], "verdict": "keep"} for row in (*CONTAMINATED, *CLEAN)]
    rows.append({"doc_id": "short", "verdict": "drop", "reason": "gopher_short_doc"})
    books = build_ledger(
        pl.LazyFrame(rows, CLEANED),
        pl.LazyFrame(schema=DUPLICATES) if with_duplicates else None,
        None,
        None,
        None,
        "",
        pl.LazyFrame([*CONTAMINATED, *CLEAN], CONTAMINATION),
    )
    assert books.schema == LEDGER
    return {row["doc_id"]: tuple(row[name] for name in DECIDED) for row in books.to_dicts()}


@pytest.mark.parametrize(
    ("doc_id", "outcome"),
    [
        ("out", ("drop", "contaminated_riddles", 0.25, 0.1, "riddles item 7: Which lamp?")),
        ("shorter", ("keep", None, None, None, "cut: riddles item 7: Which lamp?")),
        ("allowed", ("keep", None, None, None, None)),
        ("clean", ("keep", None, None, None, None)),
    ],
)
def test_outcomes(doc_id: str, outcome: tuple[Any, ...]) -> None:
    assert ledger()[doc_id] == ("contamination", *outcome)


def test_what_cleaning_dropped_never_came_so_far() -> None:
    assert ledger()["short"][:3] == ("cleaned_text", "drop", "gopher_short_doc")


def test_what_is_contaminated_goes_no_further() -> None:
    stages = {doc_id: row[0] for doc_id, row in ledger(with_duplicates=True).items()}
    assert stages["out"] == "contamination"
    assert stages["shorter"] == stages["allowed"] == stages["clean"] == "near_duplicates"
