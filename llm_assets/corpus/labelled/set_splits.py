"""Dealing the documents of a set to train, validation and test, so that nothing leaks.

By default each document's split is drawn by its own group, as `training_split` draws it: nothing
moves when the set grows, and a document that is a test document of the corpus is one of the set.
Of similar documents in two splits, the one in the larger split is left out.

A stratified set is dealt label by label instead: groups that hold similar documents are joined and
assigned whole, in the order of a draw by their names. Shares then hold within each label, and what
a new document moves is a document at a border between splits.
"""

from typing import Final

import numpy as np
import polars as pl

from llm_assets.corpus.identity import digest
from llm_assets.corpus.labelled.labelled_plan import LabelledPlan
from llm_assets.corpus.labelled.similar_documents import SimilarDocuments
from llm_assets.corpus.schema import SPLITS
from llm_assets.corpus.split import Dealing

_STRATA_OF_NUMBERS: Final = 10
_NO_LABEL: Final = ""


def deal_documents(
    rows: pl.DataFrame, similar: SimilarDocuments, plan: LabelledPlan
) -> pl.DataFrame:
    """Deal documents to splits.

    Args:
        rows: `group_id`, `name` and `number` of LABEL_VALUES, and `twin_split` of DUPLICATES.
        similar: the same documents in the same order.
        plan: how.

    Returns:
        `split`, and `reason`: why a document is left out of it, else null.
    """
    if plan.stratify:
        strata = _strata(rows, plan)
        split = stratified_splits(similar.group_names(), strata, plan.dealing)
        return pl.DataFrame([split, pl.Series("reason", [None] * rows.height, pl.String)])
    split = plan.dealing.assign(rows["group_id"])
    apart = similar.most_apart(split)
    # The corpus's twins may be outside the set: its training documents are not tested by these.
    twin = pl.lit(None, pl.String) if plan.own_dealing else pl.col("twin_split")
    return rows.select(
        split,
        reason=pl.lit("twin_in_") + pl.coalesce(pl.when(apart != split).then(apart), twin),
    )


def _strata(rows: pl.DataFrame, plan: LabelledPlan) -> pl.Series:
    """Return what shares are to hold within: the label, or a tenth of the documents by number."""
    if plan.task != "regression":
        return rows["name"].fill_null(_NO_LABEL)
    rank = pl.col("number").rank("min") - 1
    tenth = (_STRATA_OF_NUMBERS * rank / pl.col("number").count()).floor().cast(pl.Int64)
    return rows.select(tenth.cast(pl.String).fill_null(_NO_LABEL)).to_series()


def stratified_splits(group: pl.Series, stratum: pl.Series, dealing: Dealing) -> pl.Series:
    """Deal groups whole, so that each split has its share of the documents of each stratum.

    A group belongs to the stratum of most of its documents, the least one of several. Within a
    stratum groups stand in the order of a draw, and a group is in the split that the middle of its
    documents falls into: so a split misses its share by less than one group a border.

    Args:
        group: of each document the name of its group.
        stratum: of each document.
        dealing: the shares, and the seed of the draw.
    """
    rows = pl.DataFrame(
        {"group": group, "stratum": stratum}, {"group": pl.String, "stratum": pl.String}
    )
    groups = (
        rows.group_by("group", "stratum")
        .len("documents")
        .sort("documents", "stratum", descending=[True, False])
        .group_by("group", maintain_order=True)
        .agg(pl.col("stratum").first(), pl.col("documents").sum())
    )
    draws = [digest(("stratified", str(dealing.seed), name)) for name in groups["group"]]
    total = pl.col("documents").sum().over("stratum")
    middle = pl.col("documents").cum_sum().over("stratum") - pl.col("documents") / 2
    placed = (
        groups.with_columns(pl.Series("draw", draws, pl.String))
        .sort("stratum", "draw", "group")
        .select("group", position=middle / total)
    )
    shares = zip(SPLITS, (dealing.train, dealing.validation, dealing.test), strict=True)
    names, sizes = zip(*((name, share) for name, share in shares if share > 0), strict=True)
    limits = np.cumsum(sizes[:-1])
    places = np.searchsorted(limits, placed["position"].to_numpy(), side="right")
    splits = pl.Series([names[place] for place in places], dtype=pl.String)
    return group.replace_strict(placed["group"], splits, return_dtype=pl.String).alias("split")
