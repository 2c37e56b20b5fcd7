"""Token budgets -> how often each document stands in the train split.

Every copy that a document may have has a *turn*: document d's copy number k (from 0) of a source
with weight w has the turn (k + draw of d) / w. Copies whose turn is below 1 are what the weights
alone ask for; those below f are what they ask for when all are scaled by f. So a budget is the
longest row of copies, by turn, whose tokens it holds: it is never exceeded, and is missed by less
than the one document that is next.

Turns depend on the document and the seed alone. Finding where the budget ends takes two passes in
bounded memory: first the tokens are added up by the leading bits of the turns, then only the copies
with the leading bits in question are looked at.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from llm_assets.corpus.split import Dealing, Floats, mixture_draw

MIXTURE: Final = pl.Schema(
    {
        "doc_id": pl.String(),
        "source": pl.String(),
        "token_length": pl.UInt32(),  # end-of-document token included
        "repeats": pl.UInt32(),  # how often it stands in the train split
    }
)
"""One row: one document of the train split whose source has a budget, its own or the total one."""

OVER_BUDGET: Final = "over_budget"
"""The reason of a good document that a token budget leaves out."""

_BUCKET_SHIFT: Final = 40
"""Of a turn's 64 bits (IEEE 754) 24 lead: sign, exponent and 12 bits, 4,096 buckets an octave."""

_BUCKETS: Final = pl.Schema({"budget": pl.Int64, "bucket": pl.UInt64, "tokens": pl.Int64})


@dataclass(frozen=True, slots=True)
class Budget:
    """So many tokens of the train split, end-of-document tokens included."""

    tokens: int
    weights: Mapping[str, float]
    """The sources that share them, and how often a document of each stands before scaling."""


@dataclass(frozen=True, slots=True)
class MixturePlan:
    """What the recipe says about budgets. No source is in two of them."""

    dealing: Dealing
    budgets: tuple[Budget, ...]
    most_repeats: int
    """Copies of a document that a budget may ask for."""

    @property
    def sources(self) -> list[str]:
        """The sources whose repeats a budget decides."""
        return sorted(name for budget in self.budgets for name in budget.weights)


@dataclass(frozen=True, slots=True)
class Limit:
    """The first copy, by turn and document, that a budget does not hold."""

    turn: float
    doc_id: str


Documents = Callable[[], Iterable[pl.DataFrame]]
"""Yields `doc_id`, `source` and `token_length` of the documents with a budget, in any batches."""


@dataclass(frozen=True, slots=True)
class MixtureDecision:
    """Where each budget ends."""

    plan: MixturePlan
    limits: tuple[Limit | None, ...]
    """By budget; None where all copies that documents may have are too few."""
    available: Mapping[str, int]
    """Tokens of each source's documents, once each."""

    def repeats(self, documents: pl.DataFrame) -> pl.DataFrame:
        """Return rows of MIXTURE for documents with a budget, in their order."""
        counts = np.zeros(documents.height, np.uint32)
        for copies in _copies(documents, self.plan):
            counts += self._holds(copies)
        return documents.with_columns(repeats=pl.Series(counts, dtype=pl.UInt32)).match_to_schema(
            MIXTURE
        )

    def wanted(self) -> dict[str, int]:
        """Return the tokens that each source were to have if no document were too many or few.

        The sources of one budget share it in proportion to weight times tokens at hand.
        """
        shares = {}
        for budget in self.plan.budgets:
            sizes = {name: w * self.available.get(name, 0) for name, w in budget.weights.items()}
            total = sum(sizes.values())
            for name, size in sizes.items():
                # With nothing at hand, the first one is told to lack it all.
                share = size / total if total else float(name == min(sizes))
                shares[name] = round(budget.tokens * share)
        return dict(sorted(shares.items()))

    def _holds(self, copies: pl.DataFrame) -> NDArray[np.bool_]:
        turns = [np.inf if limit is None else limit.turn for limit in self.limits]
        ids = ["" if limit is None else limit.doc_id for limit in self.limits]
        last_turn = np.array(turns)[copies["budget"].to_numpy()]
        last_id = pl.Series(ids, dtype=pl.String).gather(copies["budget"])
        turn = copies["turn"].to_numpy()
        tied = (turn == last_turn) & (copies["doc_id"] < last_id).to_numpy()
        held: NDArray[np.bool_] = (turn < last_turn) | tied
        return held


def decide_mixture(documents: Documents, plan: MixturePlan) -> MixtureDecision:
    """Find where each budget ends; the documents are gone through twice.

    Args:
        documents: those with a budget, in any order.
        plan: the budgets.
    """
    buckets, available = _add_up(documents(), plan)
    chosen = [_bucket_of_limit(buckets, number, b.tokens) for number, b in enumerate(plan.budgets)]
    wanted = pl.DataFrame(
        [(number, found[0]) for number, found in enumerate(chosen) if found is not None],
        schema={"budget": pl.Int64, "bucket": pl.UInt64},
        orient="row",
    )
    near = [
        copies.join(wanted, on=["budget", "bucket"], how="semi")
        for batch in documents()
        for copies in _copies(batch, plan)
    ]
    limits = tuple(
        None if found is None else _limit(pl.concat(near), number, budget.tokens - found[1])
        for number, (budget, found) in enumerate(zip(plan.budgets, chosen, strict=True))
    )
    return MixtureDecision(plan, limits, available)


def _add_up(
    batches: Iterable[pl.DataFrame], plan: MixturePlan
) -> tuple[pl.DataFrame, dict[str, int]]:
    """Return tokens by budget and bucket, and by source."""
    buckets = pl.DataFrame(schema=_BUCKETS)
    available: dict[str, int] = dict.fromkeys(plan.sources, 0)
    for batch in batches:
        for name, tokens in _tokens_by_source(batch):
            available[name] += tokens
        for copies in _copies(batch, plan):
            more = copies.select("budget", "bucket", tokens=pl.col("token_length").cast(pl.Int64))
            buckets = (
                pl.concat([buckets, more]).group_by("budget", "bucket").agg(pl.col("tokens").sum())
            )
    return buckets, available


def _tokens_by_source(documents: pl.DataFrame) -> Iterator[tuple[str, int]]:
    sums = documents.group_by("source").agg(pl.col("token_length").cast(pl.Int64).sum())
    yield from sums.iter_rows()


def _copies(documents: pl.DataFrame, plan: MixturePlan) -> Iterator[pl.DataFrame]:
    """Yield each document's first copy, then each one's second, ...: with turn and bucket."""
    weights = {name: w for budget in plan.budgets for name, w in budget.weights.items()}
    numbers = {name: n for n, budget in enumerate(plan.budgets) for name in budget.weights}
    source = documents["source"]
    weight = _mapped(source, weights, pl.Float64).to_numpy()
    draw = mixture_draw(documents["doc_id"], plan.dealing.seed)
    rows = documents.select("doc_id", "token_length", budget=_mapped(source, numbers, pl.Int64))
    for copy in range(plan.most_repeats):
        turn: Floats = (copy + draw) / weight
        bucket = turn.view(np.uint64) >> np.uint64(_BUCKET_SHIFT)
        yield rows.with_columns(turn=pl.Series(turn), bucket=pl.Series(bucket, dtype=pl.UInt64))


def _mapped(names: pl.Series, values: Mapping[str, Any], kind: type[pl.DataType]) -> pl.Series:
    return names.replace_strict(list(values), list(values.values()), return_dtype=kind)


def _bucket_of_limit(buckets: pl.DataFrame, budget: int, tokens: int) -> tuple[int, int] | None:
    """Return the bucket in which a budget ends, and the tokens before it; None if in none."""
    own = buckets.filter(pl.col("budget") == budget).sort("bucket")
    sums = own["tokens"].cum_sum()
    over = sums > tokens
    place = over.arg_max() if over.any() else None
    if place is None:
        return None
    return int(own["bucket"][place]), int(sums[place] - own["tokens"][place])


def _limit(near: pl.DataFrame, budget: int, tokens: int) -> Limit:
    """Return the first copy that `tokens` do not hold, of the bucket in which they end."""
    own = near.filter(pl.col("budget") == budget).sort("turn", "doc_id")
    first_over = int((own["token_length"].cast(pl.Int64).cum_sum() > tokens).arg_max() or 0)
    return Limit(float(own["turn"][first_over]), str(own["doc_id"][first_over]))


def summarize_mixture(rows: pl.LazyFrame, wanted: Mapping[str, int]) -> dict[str, Any]:
    """Summarize rows of MIXTURE.

    Args:
        rows: of one shard.
        wanted: tokens of the whole corpus that each source were to have; empty for all shards but
            one, as figures add up over shards.
    """
    length = pl.col("token_length").cast(pl.Int64)
    repeats = pl.col("repeats").cast(pl.Int64)
    figures = (
        rows.group_by("source")
        .agg(
            available=length.sum(),
            taken=(length * repeats).sum(),
            documents=pl.len(),
            left_out=(repeats == 0).sum(),
            copies=repeats.sum(),
        )
        .sort("source")
        .collect(engine="streaming")
    )
    by_source = {
        name: dict(figures.select("source", name).iter_rows())
        for name in ("available", "taken", "documents", "left_out", "copies")
    }
    return {
        "rows": int(figures["documents"].sum()),
        "tokens": int(figures["taken"].sum()),
        "mixture": {"wanted": dict(wanted), **by_source},
    }
