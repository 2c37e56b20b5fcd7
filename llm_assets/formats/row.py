"""What a table of records holds: rows, or the reason why one cannot be read."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from llm_assets.formats.record import HEAD_BYTES, QuarantineReason, Unreadable

MAX_DEPTH = 100
"""How deep a JSON value may be nested: what is deeper is an attack, or costs more than it says."""

_STRINGS = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.S)
_BRACKETS = re.compile(r"[\[\]{}]")


@dataclass(frozen=True, slots=True)
class Row:
    """One row as its file has it.

    `place` is the number of its line, item or row, counted from 1; `unit` says which.
    """

    values: Mapping[str, Any]
    place: int
    unit: str = "line"

    def unreadable(self, locator: str, reason: QuarantineReason, detail: str) -> Unreadable:
        """Return why no document can be made of it."""
        shown = canonical(self.values)[:HEAD_BYTES]
        return Unreadable(locator, reason, f"{self.unit} {self.place}: {detail}", self.place, shown)


def bad_row(
    text: str, place: int, reason: QuarantineReason, detail: str, unit: str = "line"
) -> Unreadable:
    """Return why a row cannot be read, named by its own content."""
    content = text.encode("utf-8", "surrogateescape") if _is_escaped(text) else _encoded(text)
    return Unreadable(
        named_by(content), reason, f"{unit} {place}: {detail}", place, content[:HEAD_BYTES]
    )


def json_row(text: str, place: int, unit: str = "line") -> Row | Unreadable:
    """Read a row that is a JSON object.

    Of a key that stands twice the last value counts; NaN, which JSON does not have, is a missing
    value.
    """
    if _is_too_deep(text):
        return bad_row(text, place, "malformed", f"nested deeper than {MAX_DEPTH}", unit)
    try:
        value = _DECODER.decode(text)
    except ValueError as error:
        return bad_row(text, place, "malformed", f"is no JSON: {_told(error)}", unit)
    if not isinstance(value, dict):
        kind = _KINDS.get(type(value), "null")
        return bad_row(text, place, "malformed", f"holds {kind}, not an object", unit)
    return Row(value, place, unit)


def named_by(content: bytes) -> str:
    """Return a locator that follows from a row's content alone."""
    return f"row-{hashlib.blake2b(content, digest_size=16).hexdigest()}"


def canonical(values: Mapping[str, Any]) -> bytes:
    """Return a row's content in one form, whatever the order of its fields and their spelling."""
    return _encoded(_ENCODER.encode(values))


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _is_escaped(text: str) -> bool:
    """Whether all surrogates of a text stand for bytes, so that these can be shown."""
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True


def _is_too_deep(text: str) -> bool:
    if text.count("{") + text.count("[") <= MAX_DEPTH:
        return False
    depth = 0
    for bracket in _BRACKETS.finditer(_STRINGS.sub("", text)):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > MAX_DEPTH:
            return True
    return False


def _told(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at character {error.pos + 1}"
    return str(error).partition(";")[0]


def _spelled(value: object) -> str:
    """Spell a value that JSON has no form for: times, decimals and bytes of a Parquet file."""
    return value.hex() if isinstance(value, bytes) else str(value)


_KINDS: Mapping[type, str] = {
    list: "a list",
    str: "text",
    int: "a number",
    float: "a number",
    bool: "true or false",
}
_DECODER = json.JSONDecoder(parse_constant=lambda _: None, strict=False)
_ENCODER = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=_spelled
)
