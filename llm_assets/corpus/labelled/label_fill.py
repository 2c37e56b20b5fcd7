"""Giving documents without a label one: a constant, or what the train split says; no other split.

A value that was learnt from validation or test documents would leak what they are to measure.
"""

import polars as pl

from llm_assets.corpus.labelled.label_rules import LabelValue, number_name, sorted_names
from llm_assets.corpus.labelled.labelled_plan import LabelledPlan


def fill_missing(rows: pl.DataFrame, plan: LabelledPlan) -> tuple[pl.DataFrame, str | None]:
    """Fill in missing labels, where the recipe says so.

    Args:
        rows: `outcome`, `reason`, `split`, and `name`, `number` and `missing` of LABEL_VALUES.
        plan: how.

    Returns:
        The rows, `missing` as it was; and the label that was filled in, if any. Where the train
        split has no label to learn from, rows without one are quarantined.
    """
    gap = pl.col("missing") & (pl.col("outcome") == "row")
    if plan.missing != "fill" or not rows.select(gap.any()).item():
        return rows, None
    label = plan.fill or learnt_label(rows, plan)
    if label is None:
        return rows.with_columns(
            outcome=pl.when(gap).then(pl.lit("quarantined")).otherwise("outcome"),
            reason=pl.when(gap).then(pl.lit("nothing_to_fill_with")).otherwise("reason"),
            split=pl.when(~gap).then("split"),
        ), None
    return rows.with_columns(
        name=pl.when(gap).then(pl.lit(label.name, pl.String)).otherwise("name"),
        number=pl.when(gap).then(pl.lit(label.number, pl.Float64)).otherwise("number"),
    ), label.name


def learnt_label(rows: pl.DataFrame, plan: LabelledPlan) -> LabelValue | None:
    """Return the median or the most frequent label of the train split; None if it has none.

    Of two middle integers the lower one is the median, so that it is an integer too. Of labels that
    are equally frequent, the first in the order of ids is taken.
    """
    train = rows.filter(
        pl.col("outcome") == "row", pl.col("split") == "train", pl.col("name").is_not_null()
    )
    if train.is_empty():
        return None
    kind = plan.rules.kind
    if plan.fill_by == "median":
        whole = kind == "integer"
        median = train["number"].quantile(0.5, "lower" if whole else "midpoint")
        assert median is not None
        return LabelValue(number_name(median, kind), median)
    counts = dict(train.group_by("name").len().iter_rows())
    ranks = {
        name: rank for rank, name in enumerate(plan.class_names(sorted_names(list(counts), kind)))
    }
    name = min(counts, key=lambda name: (-counts[name], ranks[name]))
    return LabelValue(name, train.filter(pl.col("name") == name)["number"][0])
