"""Records in a JSON document: an array of objects, or an object that holds one such array.

The document is never held as a whole: the text of one item at a time is cut out, by its brackets,
and parsed. Objects that follow one another without an array around them are items too.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

from llm_assets.formats.jsonl import rows_of_lines
from llm_assets.formats.record import QuarantineReason, Unreadable
from llm_assets.formats.record_fields import NAMES, RecordFields
from llm_assets.formats.row import Row, bad_row, json_row
from llm_assets.formats.text_source import MAX_ROW_CHARS, TextSource, open_text, undecoded

_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"|["\[\]{}]', re.S)
_SCALAR = re.compile(r"[^\s,:\[\]{}\"]*+")
_SPACE = re.compile(r"[\s\ufeff]*+")
_FILLED_LINE = re.compile(r"\s*+(\S[^\r\n]?)")
_DROP = 1 << 20
_MAX_LINE = 16 << 20  # how far the end of the first line is looked for


def read_json_rows(stream: BinaryIO, fields: RecordFields) -> Iterator[Row | Unreadable]:
    """Yield the items; a bad one costs itself only, as long as its brackets and quotes close."""
    source = open_text(stream)
    if isinstance(source, Unreadable):
        yield source
        return
    cursor = _Cursor(source)
    if cursor.peek() == "{" and _is_lines(cursor):
        yield from rows_of_lines(source, cursor.rest())
        return
    items = _Items(cursor, fields)
    try:
        yield from items.document()
    except _StoppedError as stop:
        yield cursor.source.fault or items.bad("", stop.reason, stop.detail)


class _StoppedError(Exception):
    """Nothing more can be read."""

    def __init__(self, reason: QuarantineReason, detail: str) -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail


class _Cursor:
    """A place in the characters, which are read as far as they are needed."""

    def __init__(self, source: TextSource) -> None:
        self.source = source
        self.text = ""
        self.at = 0

    def more(self) -> bool:
        """Hold at least twice as much, so that what is looked at again adds up to little."""
        parts, size = [self.text], 0
        while size <= len(self.text) and (part := self.source.read()):
            parts.append(part)
            size += len(part)
        self.text = "".join(parts)
        return size > 0

    def peek(self) -> str:
        """Skip white space; return the next character, none at the end."""
        while True:
            self.at = _SPACE.match(self.text, self.at).end()  # type: ignore[union-attr]
            if self.at < len(self.text):
                return self.text[self.at]
            if not self.more():
                return ""

    def rest(self) -> str:
        """Return what is held, from here on."""
        return self.text[self.at :]

    def drop(self) -> None:
        """Forget what lies behind, if that is much."""
        if self.at > max(_DROP, len(self.text) // 2):
            self.text, self.at = self.text[self.at :], 0

    def value(self) -> str:
        """Return the text of the value that begins here, and step over it.

        Raises:
            _StoppedError: if it does not end.
        """
        start = position = self.at
        if self.text[start] not in '"[{':
            return self._scalar()
        depth = 0
        while True:
            for token in _TOKEN.finditer(self.text, position):
                first = token[0][0]
                if first in "[{":
                    depth += 1
                elif first in "]}":
                    depth -= 1
                elif token.end() - token.start() == 1:
                    break  # text whose end is not there yet
                position = token.end()
                if depth <= 0:
                    self.at = position
                    return self.text[start:position]
            if len(self.text) - start > MAX_ROW_CHARS:
                raise _StoppedError("too_large", f"more than {MAX_ROW_CHARS} characters")
            if not self.more():
                raise _StoppedError("truncated", "the object ends inside a value")

    def _scalar(self) -> str:
        start = self.at
        while True:
            end = _SCALAR.match(self.text, start).end()  # type: ignore[union-attr]
            if end < len(self.text) or end - start > MAX_ROW_CHARS or not self.more():
                # Something that no value begins with is stepped over, one by one.
                self.at = max(end, start + 1)
                return self.text[start : self.at]


class _Items:
    """The items of a document, counted from 1."""

    def __init__(self, cursor: _Cursor, fields: RecordFields) -> None:
        self._cursor = cursor
        # By name: the object that has the text is the item, whatever arrays it has beside it.
        self._said = {path.column for path in fields.text_paths()}
        self._guessed = frozenset() if self._said else frozenset(NAMES["text"])
        self._count = 0

    def document(self) -> Iterator[Row | Unreadable]:
        while first := self._cursor.peek():
            if first == "[":
                yield from self._array()
            elif first == "{":
                yield from self._object()
            else:
                yield self._item()
        if self._cursor.source.fault is not None:
            yield self._cursor.source.fault

    def bad(self, text: str, reason: QuarantineReason, detail: str) -> Unreadable:
        self._count += 1
        return bad_row(text, self._count, reason, detail, "item")

    def _array(self) -> Iterator[Row | Unreadable]:
        cursor = self._cursor
        cursor.at += 1
        while (first := cursor.peek()) != "]":
            if not first:
                raise _StoppedError("truncated", "the object ends inside an array")
            if first == ",":
                cursor.at += 1
            else:
                yield self._item()
            cursor.drop()
        cursor.at += 1

    def _item(self) -> Row | Unreadable:
        text = self._cursor.value()
        damage = undecoded(text)
        if damage is not None:
            return self.bad(text, *damage)
        self._count += 1
        return json_row(text, self._count, "item")

    def _object(self) -> Iterator[Row | Unreadable]:
        """Yield the items of the array that an object holds; if it holds none, the object.

        An object that has the field which the recipe names for texts is an item itself. Where no
        field is named, what looks like a text beside an array (the `message` of an answer, or a
        post above its comments) is told of.
        """
        cursor = self._cursor
        cursor.drop()
        start, found = cursor.at, None
        beside: list[str] = []
        is_item = False
        cursor.at += 1
        while (first := cursor.peek()) != "}":
            if not first:
                raise _StoppedError("truncated", "the object ends inside a value")
            if found is None and cursor.at - start > MAX_ROW_CHARS:
                raise _StoppedError("too_large", f"more than {MAX_ROW_CHARS} characters")
            if first in ",:":
                cursor.at += 1
                continue
            name = cursor.value()
            if cursor.peek() != ":":
                continue
            cursor.at += 1
            own = name.strip('"')
            is_item = is_item or (found is None and own in self._said)
            if own in self._said | self._guessed:
                beside.append(own)
            if cursor.peek() == "[" and self._holds_objects() and not is_item:
                if found is not None:
                    detail = f"a second array, {name[:40]}, beside {found}: it is not read"
                    yield self.bad("", "malformed", detail)
                    cursor.value()
                    continue
                found = name[:40]
                yield from self._array()
            elif cursor.peek() not in ("", "}", ","):
                cursor.value()
            if found is not None:
                cursor.drop()
        cursor.at += 1
        if found is None:
            cursor.at = start
            yield self._item()
        elif beside:
            detail = f"beside the array {found} the object has a {beside[0][:40]}: it is not read"
            yield self.bad("", "malformed", detail)

    def _holds_objects(self) -> bool:
        """Whether the array that begins here begins with an object."""
        cursor = self._cursor
        start = cursor.at
        cursor.at += 1
        first = cursor.peek()
        cursor.at = start
        return first == "{"


def _is_lines(cursor: _Cursor) -> bool:
    """Whether the first line is an object and another begins behind it, on a line with more."""
    while (end := cursor.text.find("\n", cursor.at)) < 0:
        if len(cursor.text) - cursor.at > _MAX_LINE or not cursor.more():
            return False
    while not (second := _FILLED_LINE.match(cursor.text, end)):
        if not cursor.more():
            return False
    line = cursor.text[cursor.at : end]
    # A brace alone begins an object that is written over several lines.
    return second[1].startswith("{") and len(second[1]) > 1 and isinstance(json_row(line, 1), Row)
