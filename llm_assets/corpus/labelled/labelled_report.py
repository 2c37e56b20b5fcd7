"""Figures of a set, by its name, so that sets stand side by side in the figures of the asset."""

from typing import Any, Final

import numpy as np
import polars as pl

from llm_assets.corpus.labelled.class_balance import absent_labels, class_balance
from llm_assets.corpus.labelled.labelled_plan import LabelledPlan
from llm_assets.corpus.labelled.labelled_set import WrittenSet
from llm_assets.corpus.report import LENGTH_EDGES

Summary = dict[str, Any]

OUTCOMES: Final = ("row", "missing", "quarantined", "left_out")


def summarize_labelled(made: WrittenSet, plan: LabelledPlan) -> Summary:
    """Summarize a set: how many documents became what, and which labels its splits have."""
    documents, balance = made.documents, class_balance(made, plan)
    rows = documents.filter(pl.col("outcome") == "row")
    counts = count_by(documents, "outcome")
    return {
        "rows": counts.get("row", 0),
        "documents_by_outcome": {f"{plan.name}: {name}": counts.get(name, 0) for name in OUTCOMES},
        "documents_by_reason": _named(plan, count_by(documents, "reason")),
        "documents_without_a_step": _named(
            plan, count_by(rows.explode("missing_steps"), "missing_steps")
        ),
        "class_balance": {plan.name: {row.pop("label"): row for row in balance.to_dicts()}},
        "text_lengths": {plan.name: length_histogram(rows["text_chars"])},
        "labels_absent": _named(
            plan,
            {
                f"{label} in {split}": 1
                for label, split in absent_labels(balance, plan, made.classes)
            },
        ),
    }


def count_by(rows: pl.DataFrame, column: str) -> dict[str, int]:
    """Count rows by a column, in the order of its values; rows without one do not count."""
    counted = rows.drop_nulls(column).group_by(column).len().sort(column)
    return {str(name): int(count) for name, count in counted.iter_rows()}


def length_histogram(lengths: pl.Series) -> Summary:
    """Count texts by their characters; what lies beyond the edges is in the first or last bin."""
    inside = lengths.drop_nulls().clip(LENGTH_EDGES[0], LENGTH_EDGES[-1]).to_numpy()
    counts, _ = np.histogram(inside, LENGTH_EDGES)
    return {"edges": list(LENGTH_EDGES), "counts": counts.tolist()}


def _named(plan: LabelledPlan, counts: dict[str, int]) -> dict[str, int]:
    return {f"{plan.name}: {name}": count for name, count in counts.items()}
