"""What a label may be, and what becomes of the values that documents have.

A value is trimmed, written in Unicode's NFKC and, where the recipe folds case, folded. Then the
recipe's `map` renames it, or it is one that says that there is none; then it is converted to the
set's type; then it must be within the range, or among the labels, that the recipe names. What fails
is quarantined with the value and the reason. Nothing is guessed: "4/5", "1,5" and "4 stars" are
numbers only if `map` says which.
"""

import json
import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

import polars as pl

LabelType = Literal["integer", "float", "boolean", "category", "text"]

LabelReason = Literal[
    "not_a_single_value",
    "not_an_integer",
    "not_a_number",
    "not_a_boolean",
    "out_of_range",
    "not_in_labels",
]
"""Why a value is no label of the set."""

LABEL_VALUES: Final = pl.Schema(
    {
        "name": pl.String(),  # the label as the set writes it
        "number": pl.Float64(),  # of integers and floats: its value
        "missing": pl.Boolean(),
        "reason": pl.String(),  # a LabelReason; null for a label and for a missing one
    }
)
"""One row: what a value is. Either `name` is set, or `missing` is true, or `reason` is set."""

_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,300}(?:\.0{0,300})?")
_NUMBER: Final = re.compile(
    r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]{1,9})?", re.IGNORECASE
)
_BOOLEANS: Final = {"true": "true", "yes": "true", "1": "true", "1.0": "true"} | {
    "false": "false",
    "no": "false",
    "0": "false",
    "0.0": "false",
}
_LARGEST_WHOLE: Final = 2**53
"""Beyond it a Float64 does not tell every whole number from the next."""

_LARGEST: Final = 1e150
"""Squares of larger numbers, of which a deviation is made, are no numbers any more."""


class LabelValue(NamedTuple):
    """What a value is: one row of LABEL_VALUES."""

    name: str | None = None
    number: float | None = None
    missing: bool = False
    reason: LabelReason | None = None


_MISSING: Final = LabelValue(missing=True)


@dataclass(frozen=True)
class LabelRules:
    """What the recipe says about labels."""

    kind: LabelType = "category"
    fold_case: bool = True
    """Whether "Sports" and "sports" are one category; `map` and `missing_values` follow it too."""
    mapping: Mapping[str, str] = field(default_factory=dict)
    """What values are renamed to."""
    allowed: tuple[str, ...] = ()
    """The only labels of the set, in the order of their ids; empty: all that occur."""
    least: float = -math.inf
    most: float = math.inf
    missing_values: tuple[str, ...] = ("",)
    """Values that say that there is none; an empty one always does."""

    _mapped: Mapping[str, str] = field(init=False, repr=False, compare=False)
    _spellings: Mapping[str, str] = field(init=False, repr=False, compare=False)
    _gaps: frozenset[str] = field(init=False, repr=False, compare=False)
    _names: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Look up by values as they are compared."""
        spelled = (*self.allowed, *self.mapping.values()) if self.kind == "category" else ()
        tables = {
            "_mapped": {self.compared(key): value for key, value in self.mapping.items()},
            # The first spelling is the set's: that of `labels` before that of `map`.
            "_spellings": {self.compared(name): name.strip() for name in reversed(spelled)},
            "_gaps": frozenset(self.compared(value) for value in (*self.missing_values, "")),
        }
        for name, table in tables.items():
            object.__setattr__(self, name, table)
        typed = (self._typed(name).name for name in self.allowed)
        object.__setattr__(self, "_names", tuple(name for name in typed if name is not None))

    def compared(self, value: str) -> str:
        """Return what values are compared by: NFKC, single spaces, and one case if case is folded.

        Folding may bring up what NFKC would change, so NFKC comes last as well (UAX 15).
        """
        text = " ".join(unicodedata.normalize("NFKC", value).split())
        return unicodedata.normalize("NFKC", text.casefold()) if self.fold_case else text

    def convert(self, value: str | None) -> LabelValue:
        """Say what a document's value is; a number or truth value comes as JSON writes it."""
        if value is None:
            return _MISSING
        compared = self.compared(value)
        if compared in self._mapped:
            return self.convert_own(self._mapped[compared])
        if compared in self._gaps:
            return _MISSING
        if self.kind != "text" and _is_nested(value):
            return LabelValue(reason="not_a_single_value")
        return self.convert_own(value)

    def convert_own(self, value: str) -> LabelValue:
        """Say what a label is that the recipe itself writes: nothing renames it any more."""
        return self._checked(self._typed(value))

    def _typed(self, value: str) -> LabelValue:
        if self.kind == "text":
            return LabelValue(value.strip())
        compared = self.compared(value)
        if self.kind == "category":
            return LabelValue(self._spellings.get(compared, compared))
        if self.kind == "boolean":
            truth = _BOOLEANS.get(compared.casefold())
            return LabelValue(truth) if truth else LabelValue(reason="not_a_boolean")
        return _number(compared, whole=self.kind == "integer")

    def _checked(self, label: LabelValue) -> LabelValue:
        if label.name is None:
            return label
        if label.number is not None and not self.least <= label.number <= self.most:
            return LabelValue(reason="out_of_range")
        if self.allowed and label.name not in self._names:
            return LabelValue(reason="not_in_labels")
        return label

    def names(self) -> list[str]:
        """Return the labels that the recipe allows as the set writes them, in its order."""
        return list(self._names)


def convert_labels(values: pl.Series, rules: LabelRules) -> pl.DataFrame:
    """Convert values; each distinct one is looked at once.

    Args:
        values: of each document its value as text; null for none.
        rules: what the recipe says.

    Returns:
        Rows of LABEL_VALUES, in the order of `values`.
    """
    distinct = values.unique()
    converted = pl.DataFrame(
        [rules.convert(value) for value in distinct], LABEL_VALUES, orient="row"
    )
    table = converted.with_columns(distinct.alias("value"))
    return (
        values.to_frame("value")
        .join(table, on="value", how="left", nulls_equal=True, maintain_order="left")
        .select(LABEL_VALUES.names())
    )


def sorted_names(names: list[str], kind: LabelType) -> list[str]:
    """Sort labels: numbers by value, everything else by its characters."""
    if kind in ("integer", "float"):
        return sorted(names, key=float)
    return sorted(names)


def number_name(number: float, kind: LabelType) -> str:
    """Write a number as the name of a label."""
    return str(int(number)) if kind == "integer" else repr(number)


def _number(text: str, *, whole: bool) -> LabelValue:
    """Read a number in JSON's notation, with a sign or a leading point as well."""
    if whole:
        if not _INTEGER.fullmatch(text):
            return LabelValue(reason="not_an_integer")
        integer = int(text.partition(".")[0])
        if abs(integer) > _LARGEST_WHOLE:
            return LabelValue(reason="out_of_range")
        return LabelValue(str(integer), float(integer))
    if not _NUMBER.fullmatch(text):
        return LabelValue(reason="not_a_number")
    number = float(text) + 0.0  # -0.0 is 0.0
    if not abs(number) <= _LARGEST:
        return LabelValue(reason="out_of_range")
    return LabelValue(number_name(number, "float"), number)


def _is_nested(value: str) -> bool:
    """Tell a JSON list or object from text that only starts like one, such as "[deleted]"."""
    if not value.startswith(("[", "{")):
        return False
    try:
        return isinstance(json.loads(value), list | dict)
    except (ValueError, RecursionError):
        return False
