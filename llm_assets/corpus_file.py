"""The YAML side of a corpus file: reading it, and telling a mistake by its line and its fix."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq, TaggedScalar
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.reader import ReaderError

Location = tuple[str | int, ...]

_MESSAGES = {
    "missing": "is required",
    "string_type": "must be text: put it in quotes",
    "string_too_short": "must not be empty",
    "string_unicode": "holds characters that no text can hold",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "list_type": "must be a list: [a, b], or a line '- a' for each entry",
    "too_short": "needs at least one entry",
    "invalid_key": "a key must be text: put it in quotes",
}
"""In our words, where the validation library's do not say what to write. By its type of error."""

_MOST_CHARACTERS = 60


class YamlMistakeError(Exception):
    """A text is no YAML mapping."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


class _Constructor(RoundTripConstructor):
    """Dates stay text: nothing in a corpus file is one, and an impossible one has no line."""


_Constructor.add_constructor("tag:yaml.org,2002:timestamp", RoundTripConstructor.construct_yaml_str)


def read_yaml(text: str) -> CommentedMap:
    """Read a mapping that knows its lines.

    Raises:
        YamlMistakeError: with the line, counted from 1.
    """
    yaml = YAML(typ="rt")
    yaml.Constructor = _Constructor
    try:
        document = yaml.load(text)
        plain(document)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problem = str(error.problem or error.context).partition("\n")[0]
        raise YamlMistakeError(line, f"not valid YAML: {problem}") from None
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise YamlMistakeError(line, f"not valid YAML: {error.reason}") from None
    except RecursionError:
        raise YamlMistakeError(1, "nested too deeply") from None
    if not isinstance(document, CommentedMap):
        raise YamlMistakeError(1, "a corpus file is a mapping with the key 'sources'")
    return document


def plain(node: Any) -> Any:
    """Return a document as plain Python values, without lines, comments and spellings."""
    if isinstance(node, CommentedMap):
        return {_plain_key(key): plain(value) for key, value in node.items()}
    if isinstance(node, CommentedSeq):
        return [plain(value) for value in node]
    if isinstance(node, TaggedScalar):
        return str(node.value)
    for kind in (bool, int, float, str):
        if isinstance(node, kind):
            return kind(node)
    return node


def _plain_key(key: Any) -> Any:
    return str(key) if isinstance(key, str) else key


def mistakes(
    document: CommentedMap,
    error: ValidationError,
    model: type[BaseModel],
    spellings: Mapping[str, str],
) -> list[tuple[int, str]]:
    """Return each mistake, from the top: its line, counted from 1; the field, and what is right.

    Args:
        document: what was read.
        error: what `model` found wrong with its plain form.
        model: the model of the whole document.
        spellings: what each pattern of the model means in words.
    """
    found = []
    for item in error.errors(include_url=False):
        # A rule over several fields names the one at fault.
        location = (*item["loc"], *item.get("ctx", {}).get("at", ()))
        line = _line_of(document, location)
        spelling = spellings.get(item.get("ctx", {}).get("pattern", ""))
        message = spelling or _message(item, location, model)
        found.append((line, f"{_dotted(location)}: {message}{_given(item)}"))
    return sorted(found, key=lambda mistake: mistake[0])


def _message(item: ErrorDetails, location: Location, model: type[BaseModel]) -> str:
    kind, context = item["type"], item.get("ctx", {})
    if kind == "extra_forbidden":
        keys = _keys_of(model, location[:-1])
        near = difflib.get_close_matches(str(location[-1]), keys, n=1)
        fix = f"did you mean '{near[0]}'?" if near else f"known are {', '.join(keys)}"
        return f"is no known key here: {fix}"
    if kind == "model_type":
        return f"must hold keys: {', '.join(_keys_of(model, location))}"
    if kind == "literal_error":
        return f"must be {context['expected']}"
    text = _MESSAGES.get(kind) or item["msg"].removeprefix("Value error, ")
    return text.replace("Input should", "must")


def _given(item: ErrorDetails) -> str:
    given = item["input"]
    if item["type"] in ("extra_forbidden", "mistake") or not isinstance(given, str | int | float):
        return ""
    text = repr(given)
    return f" (given: {text if len(text) <= _MOST_CHARACTERS else text[:_MOST_CHARACTERS] + '...'})"


def _dotted(location: Location) -> str:
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text or "file"


def _line_of(document: CommentedMap, location: Location) -> int:
    """Return the line of the deepest part of `location` that stands in the file."""
    line = 0
    node: Any = document
    for part in location:
        try:
            position = node.lc.item(part) if isinstance(node, CommentedSeq) else node.lc.key(part)
            node = node[part]
        except (AttributeError, KeyError, IndexError, TypeError):
            break  # a key that is missing, or merged from elsewhere
        line = position[0]
    return int(line) + 1


def _keys_of(model: type[BaseModel], location: Location) -> Sequence[str]:
    """Return the keys that may stand in the part of a document at `location`."""
    for name in (part for part in location if isinstance(part, str)):
        model = _model_in(model.model_fields[name].annotation) or model
    return list(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """Return the model that a field, or a list of it, holds."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)
