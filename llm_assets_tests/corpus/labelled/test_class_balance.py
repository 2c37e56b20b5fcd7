"""Counts by label and split, and the figures made of them."""

from typing import Any

import polars as pl

from llm_assets.corpus.labelled.class_balance import BALANCE, absent_labels, class_balance
from llm_assets.corpus.labelled.label_rules import LabelRules
from llm_assets.corpus.labelled.labelled_plan import LabelledPlan
from llm_assets.corpus.labelled.labelled_report import summarize_labelled
from llm_assets.corpus.labelled.labelled_set import SET_DOCUMENTS, WrittenSet
from llm_assets.corpus.report import add_summaries
from llm_assets.corpus.schema import SPLITS
from llm_assets.corpus.split import Dealing

ROWS = [
    ("pos", "train"),
    ("pos", "train"),
    ("neg", "train"),
    ("pos", "test"),
    (None, "test"),
]


def written(
    rows: list[tuple[str | None, str]], classes: list[str], numbers: bool = False
) -> WrittenSet:
    blank = dict.fromkeys(SET_DOCUMENTS.names())
    documents: list[dict[str, Any]] = [
        {
            **blank,
            "doc_id": str(place),
            "outcome": "row",
            "split": split,
            "name": name,
            "number": float(name) if numbers and name else None,
            "missing": name is None,
            "text_chars": 50,
        }
        for place, (name, split) in enumerate(rows)
    ]
    gone = {**blank, "doc_id": "x", "outcome": "quarantined", "reason": "not_in_labels"}
    return WrittenSet(pl.DataFrame([*documents, gone], SET_DOCUMENTS), classes, None)


def plan(**given: Any) -> LabelledPlan:
    usual: dict[str, Any] = {"name": "s", "task": "classification", "sources": ["r"], "label": "l"}
    return LabelledPlan(**{**usual, **given})


def test_labels_are_counted_by_split() -> None:
    balance = class_balance(written(ROWS, ["neg", "pos", "none"]), plan())
    assert balance.schema == BALANCE
    assert balance.rows() == [
        ("neg", 1, 0, 0),
        ("pos", 2, 0, 1),
        ("none", 0, 0, 0),
        ("(missing)", 0, 0, 1),
    ]
    shares = plan(dealing=Dealing(0.5, 0.0, 0.5))
    absent = absent_labels(balance, shares, ["neg", "pos", "none"])
    assert absent == [("none", "train"), ("neg", "test"), ("none", "test")]


def test_many_numbers_are_put_into_ranges() -> None:
    rows: list[tuple[str | None, str]] = [(str(float(n)), "train") for n in range(101)]
    wanted = plan(task="regression", rules=LabelRules("float"))
    balance = class_balance(written(rows, [], numbers=True), wanted)
    assert balance["label"].to_list()[::9] == ["0 to 10", "90 to 100"]
    assert balance["train"].to_list() == [10] * 9 + [11]
    few = class_balance(written([("10.0", "test"), ("9.0", "train")], [], numbers=True), wanted)
    assert few["label"].to_list() == ["9.0", "10.0"]
    assert absent_labels(few, wanted, []) == []
    huge = [(str(n * 1e306), "train") for n in range(-99, 100)]
    assert class_balance(written(list(huge), [], numbers=True), wanted)["train"].sum() == 199


def test_conversations_are_counted_together() -> None:
    wanted = plan(task="chat", label=None, rules=LabelRules("text"))
    balance = class_balance(written(ROWS, []), wanted)
    assert balance.rows() == [("(all)", 3, 0, 2)]


def test_figures_of_sets_stand_side_by_side() -> None:
    made = written(ROWS, ["neg", "pos"])
    one, other = summarize_labelled(made, plan()), summarize_labelled(made, plan(name="t"))
    assert one["rows"] == 5
    assert one["documents_by_outcome"]["s: quarantined"] == 1
    assert one["documents_by_reason"] == {"s: not_in_labels": 1}
    assert one["labels_absent"] == {
        "s: neg in validation": 1,
        "s: pos in validation": 1,
        "s: neg in test": 1,
    }
    assert one["class_balance"]["s"]["pos"] == dict(zip(SPLITS, (2, 0, 1), strict=True))
    assert sum(one["text_lengths"]["s"]["counts"]) == 5
    both = add_summaries(one, other)
    assert both["rows"] == 10
    assert both["class_balance"]["t"] == one["class_balance"]["s"]


def test_a_class_called_missing_is_not_counted_with_rows_without_a_label() -> None:
    rows: list[tuple[str | None, str]] = [("(missing)", "train"), (None, "train"), (None, "test")]
    balance = class_balance(written(rows, ["(missing)"]), plan())
    assert balance.rows() == [("(missing)", 1, 0, 0), ("((missing))", 1, 0, 1)]
