"""Documents -> training sequences in order: dealt to splits, repeated, and shuffled by seed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import polars as pl

from llm_assets.corpus.schema import LEFT_OUT, SPLITS
from llm_assets.corpus.split import Dealing, repeats_of, shuffle_key
from llm_assets.corpus.training.mixture import OVER_BUDGET
from llm_assets.corpus.training.training_selection import StaleTokensError, with_tokens

NOT_SAMPLED = "not_sampled"
"""The reason of a good document that the mixture leaves out: its source's weight is below 1."""


@dataclass(frozen=True, slots=True)
class OrderPlan:
    """What the recipe says about which documents are trained on, how often and in what order."""

    dealing: Dealing
    weights: Mapping[str, float]
    """How often each source's documents are repeated; once where it is not named."""
    budgeted: Collection[str] = ()
    """Sources for which a token budget says how often each document is repeated in train."""


def order_documents(
    selected: pl.LazyFrame, plan: OrderPlan, bucket_bytes: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Put a shard's documents in the order in which they are trained on.

    Args:
        selected: of `TrainableDocuments`.
        plan: how.
        bucket_bytes: texts and tokens of neighbours in the order that make a bucket, about.

    Returns:
        `doc_id`, `source`, `text_hash`, `group_id`, `split`, `repeat` and `bucket`, by split and in
        order, a row for each copy of a document; and rows of LEFT_OUT.

    Raises:
        StaleTokensError: if a document has no tokens, or a budget does not say how often it stands.
    """
    dealt = _dealt(with_tokens(selected), plan)
    left_out = dealt.filter(pl.col("reason").is_not_null()).sort("doc_id").select(LEFT_OUT.names())
    size = pl.col("text_bytes").cast(pl.Int64) + 4 * pl.col("token_length").cast(pl.Int64)
    order = _shuffled(_copies(dealt.filter(pl.col("reason").is_null())), plan.dealing.seed)
    return (
        order.with_columns(bucket=(size.cum_sum() - 1) // bucket_bytes).select(
            "doc_id", "source", "text_hash", "group_id", "split", "repeat", "bucket"
        ),
        left_out,
    )


def _dealt(rows: pl.DataFrame, plan: OrderPlan) -> pl.DataFrame:
    """Return documents with `split`, `repeats`, and the `reason` of those in no part."""
    by_weight = repeats_of(rows["doc_id"], _weights(rows["source"], plan), plan.dealing.seed)
    in_train = pl.col("split") == "train"
    by_budget = in_train & pl.col("source").is_in(list(plan.budgeted))
    leaking = pl.lit("twin_in_") + pl.col("twin_split")
    dealt = rows.with_columns(split=plan.dealing.assign(rows["group_id"])).with_columns(
        # What a model is measured by is counted once: copies would only weigh it.
        repeats=pl.when(by_budget)
        .then("budgeted_repeats")
        .when(in_train)
        .then(by_weight)
        .otherwise(by_weight.clip(upper_bound=1)),
        reason=pl.when(pl.col("twin_split").is_not_null()).then(leaking),
    )
    undecided = dealt.filter(pl.col("repeats").is_null() & pl.col("reason").is_null()).height
    if undecided:
        raise StaleTokensError(
            f"{undecided} documents have a token budget, but no place in the mixture: materialize "
            "mixture from the current tokenized_corpus first"
        )
    none = pl.when(by_budget).then(pl.lit(OVER_BUDGET)).otherwise(pl.lit(NOT_SAMPLED))
    return dealt.with_columns(reason=pl.when(pl.col("repeats") == 0).then(none).otherwise("reason"))


def _weights(source: pl.Series, plan: OrderPlan) -> pl.Series:
    return source.replace_strict(
        list(plan.weights), list(plan.weights.values()), default=1.0, return_dtype=pl.Float64
    )


def _copies(dealt: pl.DataFrame) -> pl.DataFrame:
    """Repeat each document as often as the mixture wants it."""
    copies = pl.int_ranges(pl.col("repeats"), dtype=pl.UInt32)
    return dealt.with_columns(repeat=copies).explode("repeat")


def _shuffled(rows: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Sort by split, then in an order drawn by the seed."""
    return (
        rows.with_columns(
            pl.col("split").cast(pl.Enum(SPLITS)),
            key=shuffle_key(rows["doc_id"], rows["repeat"], seed),
        )
        .sort("split", "key", "doc_id", "repeat")
        .with_columns(pl.col("split").cast(pl.String))
    )
