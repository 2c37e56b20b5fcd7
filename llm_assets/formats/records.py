"""Rows -> records: one row of a table or one object of a JSON file is one document."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, BinaryIO, Final

from llm_assets.formats.html import HTML
from llm_assets.formats.record import Reader, Record, Unreadable
from llm_assets.formats.record_fields import NAMES, RecordFields, TextFields, fields_for
from llm_assets.formats.record_paths import MISSING, FieldPath, Template
from llm_assets.formats.record_values import (
    WrongTypeError,
    as_json,
    as_name,
    as_paragraphs,
    as_time,
)
from llm_assets.formats.row import Row, canonical, named_by

RowReader = Callable[[BinaryIO, RecordFields], Iterator[Row | Unreadable]]
"""Yields every row in order; never raises on bad bytes."""

PLAIN: Final = "text/plain"
MAX_BAD_ROWS: Final = 10_000
"""Where so many rows come first that cannot be read, the object is something else."""

_MAX_LOCATOR: Final = 200
_MAX_TITLE: Final = 1_000
_MOST_NAMES: Final = 8
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*")
_GAPS: Final = re.compile(r"\n[ \t]*(?:\n[ \t]*)+\n")


def record_reader(rows: RowReader, fields: RecordFields) -> Reader:
    """Return the reader of an object whose rows are documents."""
    return partial(_read_records, rows, fields)


def _read_records(
    rows: RowReader, fields: RecordFields, stream: BinaryIO, object_key: str
) -> Iterator[Record | Unreadable]:
    bad, good = 0, False
    for row in rows(stream, fields):
        item = row if isinstance(row, Unreadable) else record_of(row, fields)
        yield item
        if good or isinstance(item, Record):
            good = True
            continue
        bad += 1
        if bad == MAX_BAD_ROWS:
            detail = f"none of its first {MAX_BAD_ROWS} rows can be read; the others were not tried"
            yield Unreadable("", "wrong_format", detail, item.offset)
            return


def record_of(row: Row, fields: RecordFields) -> Record | Unreadable:
    """Make a document of a row, or say why there is none in it."""
    values = row.values
    found = fields_for(fields, tuple(values))
    locator = _locator(values, found.id)
    if found.text is None:
        names = ", ".join(NAMES["text"][:_MOST_NAMES])
        detail = f"no field for the text ({names}, ...): it has {_names(values)}; name one as "
        return row.unreadable(locator, "empty", f"{detail}fields: {{text: ...}}")
    try:
        text = _text(values, found.text, found.text_format)
    except _NoTextError as error:
        return row.unreadable(locator, "malformed", str(error))
    if not text.strip():
        return row.unreadable(locator, "empty", _without_text(values, found.text))
    title = as_name(_find(values, found.title))
    return Record(
        locator,
        text.encode("utf-8", "replace"),
        HTML if found.text_format == "html" else PLAIN,
        encoding_hint="utf-8",
        url=as_name(_find(values, found.url)),
        published_at=as_time(_find(values, found.published_at)),
        title=title and title[:_MAX_TITLE],
        author=as_name(_find(values, found.author)),
        language_hint=_language(as_name(_find(values, found.language))),
        license=as_name(_find(values, found.license)),
        group_key=as_name(_find(values, found.group_key)),
        labels=_labels(values, found.labels),
    )


class _NoTextError(Exception):
    """A field for the text holds something else; the message says what."""


def _find(values: Mapping[str, Any], path: FieldPath | None) -> Any:
    found = None if path is None else path.find(values)
    return None if found is MISSING else found


def _locator(values: Mapping[str, Any], path: FieldPath | None) -> str:
    """Return the row's own id; where it has none, a name that follows from its content.

    Equal rows have one name: whoever collects them numbers them in their order.
    """
    identity = as_name(_find(values, path))
    if identity is None:
        return named_by(canonical(values))
    if len(identity) <= _MAX_LOCATOR:
        return identity
    return named_by(identity.encode("utf-8", "replace"))


def _text(values: Mapping[str, Any], fields: TextFields, text_format: str) -> str:
    if isinstance(fields, Template):
        parts = [p if isinstance(p, str) else _text_at(values, p) for p in fields.parts]
        text = "" if not any(_texts(values, fields.paths)) else "".join(parts)
        # A field that is empty leaves a gap.
        text = _GAPS.sub("\n\n", text) if text_format == "plain" else text
    else:
        texts = [text for text in _texts(values, fields) if text.strip()]
        if text_format == "html" and len(texts) > 1:
            texts = [f"<div>{text}</div>" for text in texts]
        text = "\n\n".join(texts)
    # A NUL stands for nothing, and many of them look like UTF-16.
    return text.replace("\0", "").strip()


def _texts(values: Mapping[str, Any], paths: tuple[FieldPath, ...]) -> list[str]:
    return [_text_at(values, path) for path in paths]


def _text_at(values: Mapping[str, Any], path: FieldPath) -> str:
    try:
        return as_paragraphs(_find(values, path)) or ""
    except WrongTypeError as error:
        raise _NoTextError(f"the field '{path.text}' holds {error}, not text") from None


def _without_text(values: Mapping[str, Any], fields: TextFields) -> str:
    paths = fields.paths if isinstance(fields, Template) else fields
    if any(path.find(values) is not MISSING for path in paths):
        return f"no text in {_quoted(paths)}"
    return f"no field {_quoted(paths)}: it has {_names(values)}"


def _quoted(paths: tuple[FieldPath, ...]) -> str:
    return " or ".join(f"'{path.text}'" for path in paths)


def _names(values: Mapping[str, Any]) -> str:
    names = [str(name)[:40] for name in list(values)[:_MOST_NAMES]]
    return ", ".join(names) + (", ..." if len(values) > _MOST_NAMES else "") or "none"


def _language(name: str | None) -> str | None:
    return name if name is not None and _LANGUAGE.fullmatch(name) else None


def _labels(values: Mapping[str, Any], fields: Mapping[str, FieldPath]) -> str | None:
    if not fields:
        return None
    found = {name: path.find(values) for name, path in fields.items()}
    return as_json({name: value for name, value in found.items() if value is not MISSING})
