"""Documents -> chat messages: templates that the recipe writes, filled in for each document."""

from collections.abc import Iterator
from dataclasses import dataclass
from string import Formatter
from typing import Final, Literal

import polars as pl

Role = Literal["system", "user", "assistant"]

FIELDS: Final = ("title", "text", "label", "author", "source", "language")
"""What may stand in braces in a template."""

MESSAGES: Final = pl.List(pl.Struct({"role": pl.String(), "content": pl.String()}))
"""A conversation, as chat templates of tokenizers take it."""


class TemplateError(ValueError):
    """A template cannot be filled in; the message says what to write."""


@dataclass(frozen=True, slots=True)
class ChatTemplate:
    """The messages of a conversation, as templates."""

    system: str | None
    user: str
    assistant: str

    @property
    def turns(self) -> tuple[tuple[Role, str], ...]:
        """The templates by role, in the order of the conversation."""
        turns: tuple[tuple[Role, str], ...] = (("user", self.user), ("assistant", self.assistant))
        return turns if self.system is None else (("system", self.system), *turns)

    @property
    def fields(self) -> set[str]:
        """What the templates name of a document."""
        return {name for _, template in self.turns for name in template_fields(template)}


def template_fields(template: str) -> set[str]:
    """Return the fields that a template names.

    Raises:
        TemplateError: for braces that do not match, or a field that documents do not have.
    """
    return {name for _, name in _pieces(template) if name is not None}


def messages(template: ChatTemplate) -> pl.Expr:
    """Return conversations from the columns of FIELDS; a field without a value is empty.

    Messages are trimmed, so that an empty title leaves no blank line in front.
    """
    turns = [pl.struct(role=pl.lit(role), content=message(text)) for role, text in template.turns]
    return pl.concat_list(turns).cast(MESSAGES)


def message(template: str) -> pl.Expr:
    """Return one message from the columns of FIELDS."""
    parts = [
        part
        for literal, name in _pieces(template)
        for part in (
            *([pl.lit(literal)] if literal else []),
            *([pl.col(name).fill_null("")] if name is not None else []),
        )
    ]
    return pl.concat_str(parts or [pl.lit("")]).str.strip_chars()


def _pieces(template: str) -> Iterator[tuple[str, str | None]]:
    """Yield pieces of a template: characters, and the field behind them."""
    known = ", ".join(f"{{{name}}}" for name in FIELDS)
    try:
        parsed = list(Formatter().parse(template))
    except ValueError as error:
        raise TemplateError(f"{error}: write {{{{ and }}}} for braces that name no field") from None
    for literal, name, layout, conversion in parsed:
        if name is not None and (name not in FIELDS or layout or conversion):
            raise TemplateError(f"'{{{name}}}' is no field: use {known}, or {{{{ for a brace")
        yield literal, name
