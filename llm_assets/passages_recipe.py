"""The recipe's sections on passages that stand in several documents."""

from typing import Annotated

from pydantic import Field

from llm_assets.corpus.passages.passages import PassagePlan, Scope, Unit
from llm_assets.recipe_model import Model


class Passages(Model):
    """Which lines or paragraphs are cut because other documents have them (docs/passages.md)."""

    unit: Unit = "paragraph"
    """What is compared: a `paragraph` ends at a blank line; or each `line`."""
    scope: Scope = "corpus"
    """Where the other document may be: anywhere, or on the same `site`."""
    min_words: Annotated[int, Field(ge=1)] = 10
    """Shorter passages stay. In scripts without spaces two characters count as a word."""
    min_chars: Annotated[int, Field(ge=1)] = 1
    """Passages with fewer characters stay too."""
    copies: Annotated[int, Field(ge=2)] = 2
    """In how many documents a passage must stand; one of them keeps it."""
    min_words_left: Annotated[int, Field(ge=0)] = 50
    """A document of which fewer words are left is dropped, unless it keeps a passage for others."""

    def plan(self) -> PassagePlan:
        """Return the section as the core's plan."""
        return PassagePlan(**self.model_dump())


class Substrings(Model):
    """A report on spans of tokens that stand in several places (docs/passages.md)."""

    tokens: Annotated[int, Field(ge=10, le=10_000)] = 50
    """Least tokens of a span."""
