"""How many documents of each label are in each split, and which splits lack a label."""

from typing import Final

import polars as pl

from llm_assets.corpus.labelled.label_rules import sorted_names
from llm_assets.corpus.labelled.labelled_plan import LabelledPlan
from llm_assets.corpus.labelled.labelled_set import WrittenSet
from llm_assets.corpus.schema import SPLITS

_NO_LABEL: Final = "(missing)"
ALL: Final = "(all)"
_MOST_NUMBERS: Final = 20
"""Distinct numbers that are told one by one; more are put into ranges."""

_RANGES: Final = 10

BALANCE: Final = pl.Schema([("label", pl.String()), *((split, pl.Int64()) for split in SPLITS)])
"""One row: one label, in the order of ids; or a range of numbers; or `(missing)`, `(all)`."""


def class_balance(made: WrittenSet, plan: LabelledPlan) -> pl.DataFrame:
    """Count rows by label and split.

    Args:
        made: the set.
        plan: how it was made.

    Returns:
        Rows of BALANCE: every class, also those that no document has.
    """
    rows = made.documents.filter(pl.col("outcome") == "row")
    labels, order = _labels(rows, made, plan)
    counted = (
        rows.select("split", label=labels)
        .group_by("label")
        .agg((pl.col("split") == split).sum().cast(pl.Int64).alias(split) for split in SPLITS)
    )
    extra = [None] if counted["label"].has_nulls() else []
    names = pl.DataFrame({"label": pl.Series([*order, *extra], dtype=pl.String)})
    return (
        names.join(counted, on="label", how="left", nulls_equal=True, maintain_order="left")
        .with_columns(pl.col(SPLITS).fill_null(0), pl.col("label").fill_null(_no_label(order)))
        .match_to_schema(BALANCE)
    )


def _no_label(names: list[str]) -> str:
    """Return what to call rows without a label: like no label that there is."""
    name = _NO_LABEL
    while name in names:
        name = f"({name})"
    return name


def absent_labels(
    balance: pl.DataFrame, plan: LabelledPlan, classes: list[str]
) -> list[tuple[str, str]]:
    """Return label and split where a split with a share has no document of a class."""
    if not plan.has_classes:
        return []
    known = balance.filter(pl.col("label").is_in(classes))
    return [
        (label, split)
        for split in plan.splits
        for label in known.filter(pl.col(split) == 0)["label"]
    ]


def _labels(
    rows: pl.DataFrame, made: WrittenSet, plan: LabelledPlan
) -> tuple[pl.Series, list[str]]:
    """Return the label of each row as the balance calls it, and all of these in order."""
    names = rows["name"]
    if plan.has_classes:
        return names, made.classes
    if plan.task != "regression":
        return pl.repeat(ALL, rows.height, dtype=pl.String, eager=True), [ALL]
    distinct = rows["name"].drop_nulls().unique().to_list()
    if len(distinct) <= _MOST_NUMBERS:
        return names, sorted_names(distinct, plan.rules.kind)
    return _ranges(rows["number"])


def _ranges(numbers: pl.Series) -> tuple[pl.Series, list[str]]:
    """Put numbers into ranges of equal width; each begins with its lower end."""
    low, high = float(numbers.min()), float(numbers.max())  # type: ignore[arg-type]
    width = high / _RANGES - low / _RANGES  # the difference itself may be infinite
    ends = [low + width * place for place in range(_RANGES)] + [high]
    titles = [f"{ends[at]:g} to {ends[at + 1]:g}" for at in range(_RANGES)]
    place = ((numbers / width - low / width).floor().clip(0, _RANGES - 1)).cast(pl.Int64)
    return place.replace_strict(
        list(range(_RANGES)), titles, default=None, return_dtype=pl.String
    ), list(dict.fromkeys(titles))
