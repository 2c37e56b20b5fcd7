"""The recipe's sections on training parts: how documents are dealt, mixed, packed and written."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from llm_assets.corpus.split import Dealing
from llm_assets.recipe_model import Model, mistake


class SplitShares(Model):
    """How documents are dealt to train, validation and test: by a salted hash of their group."""

    train: Annotated[float, Field(ge=0, le=1)] = 0.98
    """Share to learn from."""
    validation: Annotated[float, Field(ge=0, le=1)] = 0.01
    """Share to watch the training by."""
    test: Annotated[float, Field(ge=0, le=1)] = 0.01
    """Share that is kept for the last measurement."""
    seed: int = 0
    """Salt of the hash that assigns and shuffles."""

    @model_validator(mode="after")
    def _sums_to_one(self) -> Self:
        total = self.train + self.validation + self.test
        if abs(total - 1) > 1e-9:
            raise mistake(f"train + validation + test must be 1, not {total:g}")
        return self

    def dealing(self) -> Dealing:
        """Return the section as the core's way to deal."""
        return Dealing(**self.model_dump())


class Mixture(Model):
    """Token budgets of the train split (docs/training-split.md)."""

    tokens: Annotated[int, Field(ge=1)] | None = None
    """Tokens in total: all weights are scaled by one factor; sources with `tokens` of their own
    keep theirs. Absent: no limit."""
    most_repeats: Annotated[int, Field(ge=1, le=100)] = 4
    """Copies of a document that a budget may ask for: what is then still lacking is reported."""


class Packing(Model):
    """Sequences of one length, instead of one a document (docs/training-split.md)."""

    sequence_length: Annotated[int, Field(ge=8, le=1 << 24)] = 2048
    """Tokens of every sequence."""
    method: Literal["concatenate", "best-fit"] = "concatenate"
    """Cut the stream of documents every so many tokens; or fit documents together so that none is
    cut that is no longer than a sequence."""
    padding_token: Annotated[str, Field(min_length=1)] | None = None
    """A special token to fill sequences with; the end-of-document token when absent."""


class FillInTheMiddle(Model):
    """Train documents with a span moved to their end (docs/training-split.md)."""

    rate: Annotated[float, Field(gt=0, le=1)] = 0.5
    """Share of the train split's documents."""
    spm_rate: Annotated[float, Field(ge=0, le=1)] = 0.5
    """Share of these that have the suffix before the prefix."""
    prefix: Annotated[str, Field(min_length=1)] = "<|fim_prefix|>"
    """The special token before what comes before the span."""
    middle: Annotated[str, Field(min_length=1)] = "<|fim_middle|>"
    """The special token before the span."""
    suffix: Annotated[str, Field(min_length=1)] = "<|fim_suffix|>"
    """The special token before what comes after the span."""

    @model_validator(mode="after")
    def _tokens_differ(self) -> Self:
        if len({self.prefix, self.middle, self.suffix}) < 3:
            raise mistake("prefix, middle and suffix must be three different tokens")
        return self
