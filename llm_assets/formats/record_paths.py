"""Where a value stands in a row: `body`, `user.name`, `items[0].text`, `messages[*].content`.

A path that is the name of a field as it stands is that field: names may hold dots and spaces.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

WHOLE: Final = "$"
"""The path of the whole row."""

MISSING: Final = object()
"""What stands at a path that a row does not have; null is a value."""

_EACH: Final = -1  # as a step: each item of a list
_STEP: Final = re.compile(r"\[(\d{1,6}|\*)\]|(?:(?<=[^.])\.|^)([^.\[\]{}]+)")
_PLACE: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


@dataclass(frozen=True, slots=True)
class FieldPath:
    """A path as written, and its steps: keys, and places in lists."""

    text: str
    steps: tuple[str | int, ...]

    @property
    def column(self) -> str:
        """The field of the row that it begins at."""
        return str(self.steps[0]) if self.steps else WHOLE

    def find(self, values: Mapping[str, Any]) -> Any:
        """Return what stands there; MISSING if nothing does."""
        if self.text in values:
            return values[self.text]
        return _walk(values, self.steps)


def parse_path(text: str) -> FieldPath:
    """Read a path.

    Raises:
        ValueError: if it is none; the message says what a path looks like.
    """
    if text == WHOLE:
        return FieldPath(text, ())
    steps: list[str | int] = []
    at = 0
    while at < len(text):
        match = _STEP.match(text, at)
        if match is None:
            raise ValueError(
                "is no path to a field: write name, name.name, name[0] or name[*].name"
            )
        steps.append(match[2] or (_EACH if match[1] == "*" else int(match[1])))
        at = match.end()
    if not steps:
        raise ValueError("must not be empty")
    return FieldPath(text, tuple(steps))


def field(name: str) -> FieldPath:
    """Return the path of a field by its name, whatever that holds."""
    return FieldPath(name, (name,))


@dataclass(frozen=True, slots=True)
class Template:
    """Text with values in it: `{question}: {answer}`; a brace is written twice."""

    parts: tuple[str | FieldPath, ...]

    @property
    def paths(self) -> tuple[FieldPath, ...]:
        """The paths in it."""
        return tuple(part for part in self.parts if isinstance(part, FieldPath))


def parse_template(text: str) -> Template:
    """Read a template.

    Raises:
        ValueError: if a brace has no other, or what stands in braces is no path.
    """
    return Template(tuple(_parts(text)))


def _parts(text: str) -> Iterator[str | FieldPath]:
    at = 0
    for match in _PLACE.finditer(text):
        if match.start() > at:
            yield text[at : match.start()]
        at = match.end()
        if match[1] is not None:
            yield parse_path(match[1].strip())
        elif len(match[0]) == 1:
            raise ValueError(
                f"holds a single '{match[0]}': write a field as {{name}}, and a brace twice"
            )
        else:
            yield match[0][0]
    if at < len(text):
        yield text[at:]


def _walk(value: Any, steps: Sequence[str | int]) -> Any:
    for number, step in enumerate(steps):
        if step == _EACH:
            if not isinstance(value, list):
                return MISSING
            found = [_walk(item, steps[number + 1 :]) for item in value]
            return [item for item in found if item is not MISSING]
        if isinstance(step, int):
            if not isinstance(value, list) or step >= len(value):
                return MISSING
            value = value[step]
        else:
            if not isinstance(value, Mapping) or step not in value:
                return MISSING
            value = value[step]
    return value
