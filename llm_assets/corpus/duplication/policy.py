"""What the recipe says about duplicates: who stays, and what counts as one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import polars as pl

from llm_assets.corpus.duplication.profiles import MinHash
from llm_assets.corpus.split import Dealing

KeepRule = Literal["source_priority", "quality", "length", "oldest"]

Scope = Literal["corpus", "source", "cross-source"]
SCOPES: tuple[Scope, ...] = get_args(Scope)

_BEST_FIRST: dict[KeepRule, pl.Expr] = {
    "source_priority": -pl.col("source_priority").cast(pl.Int64),
    "quality": -pl.col("quality").fill_nan(None),
    "length": -pl.col("text_chars").cast(pl.Int64),
    "oldest": pl.col("published_at"),
}
"""What sorts the document to be kept first; one that lacks the value comes last."""


@dataclass(frozen=True, slots=True)
class DuplicatePolicy:
    """How duplicates are found and which of them stay."""

    minhash: MinHash | None
    """Whose bands propose near-duplicates; None: only equal texts are duplicates."""
    verify: bool = True
    """Whether a pair must have the similarity asked for; else to be proposed is enough."""
    similarity: float = 0.75
    """Least share of common shingles (Jaccard) of near-duplicates."""
    containment: float | None = None
    """Least share of a document's shingles that the one to stay has, for it to be an excerpt."""
    split_similarity: float = 0.5
    """Documents that both stay and are at least this similar are not to be in two splits."""
    keep: Sequence[KeepRule] = ("source_priority", "quality", "length")
    scope: Scope = "corpus"
    """Which duplicates are dropped: all, those of the same source, or those of another."""
    splits: Dealing = field(default_factory=Dealing)
    """How documents are dealt, so that similar ones that both stay are not parted."""

    def ranking(self) -> list[pl.Expr]:
        """Return what sorts the documents that stay to the front, whatever their order was.

        Protected documents come first: whatever is not protected gives way to them.
        """
        return [~pl.col("protected"), *(_BEST_FIRST[rule] for rule in self.keep), pl.col("doc_id")]
