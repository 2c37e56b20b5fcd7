"""Records as rows of delimited text: CSV, TSV and their relatives.

Quoting is that of RFC 4180, as lenient as Python's csv module: a quote counts at the beginning of a
value only, what follows a closing quote belongs to the value.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

from llm_assets.formats.record import Unreadable
from llm_assets.formats.record_fields import RecordFields
from llm_assets.formats.row import Row, bad_row
from llm_assets.formats.text_source import MAX_ROW_CHARS, TextSource, open_text, undecoded

DELIMITERS = ",;\t|"
"""Of what stands first wins where several fit equally well."""

_SAMPLE_CHARS = 1 << 16
_SAMPLE_ROWS = 50
_DROP = 1 << 20
_LINE = re.compile(r"([^\r\n]*+)(\r\n|\r|\n|\Z)")
_QUOTED = re.compile(r'"((?:[^"]++|"")*+)"(.*)', re.S)


class Dialect:
    """How one delimiter cuts rows and values."""

    def __init__(self, delimiter: str) -> None:
        mark = re.escape(delimiter)
        value = rf'(?:"(?:[^"]++|"")*+"[^{mark}\r\n]*+|[^"{mark}\r\n][^{mark}\r\n]*+)?+'
        self.delimiter = delimiter
        self.row = re.compile(rf"({value}(?:{mark}{value})*+)(\r\n|\r|\n|\Z)")
        self._value = re.compile(value)

    def values(self, row: str) -> list[str]:
        """Return the values of a row without its end."""
        if '"' not in row:
            return row.split(self.delimiter)
        values, at = [], 0
        while True:
            match = self._value.match(row, at)
            assert match is not None  # it matches nothing at all, too
            values.append(_unquoted(match[0]))
            at = match.end() + 1
            if at > len(row):
                return values


def read_csv_rows(stream: BinaryIO, fields: RecordFields) -> Iterator[Row | Unreadable]:
    """Yield the rows, whatever of `DELIMITERS` is between their values."""
    yield from _read(stream, fields, None)


def read_tsv_rows(stream: BinaryIO, fields: RecordFields) -> Iterator[Row | Unreadable]:
    """Yield the rows, whose values are parted by tabs."""
    yield from _read(stream, fields, "\t")


def _read(
    stream: BinaryIO, fields: RecordFields, delimiter: str | None
) -> Iterator[Row | Unreadable]:
    source = open_text(stream)
    if isinstance(source, Unreadable):
        yield source
        return
    text = source.read()
    dialect = Dialect(delimiter or sniff_delimiter(text[:_SAMPLE_CHARS]))
    names: list[str] | None = None
    for row in _Rows(source, text, dialect):
        if isinstance(row, Unreadable):
            yield row
            continue
        line, content = row
        damage = undecoded(content)
        values = dialect.values(content)
        if names is None:
            names = _places(len(values)) if fields.by_position else _unique(values)
            if not fields.by_position:
                continue
        if damage is not None:
            yield bad_row(content, line, *damage)
        elif len(values) != len(names):
            detail = f"{len(values)} values where the first row has {len(names)}"
            yield bad_row(content, line, "malformed", detail)
        else:
            yield Row(dict(zip(names, values, strict=True)), line)
    if source.fault is not None:
        yield source.fault


def sniff_delimiter(sample: str) -> str:
    """Return the delimiter that cuts the first rows into the same number of values."""
    scores = {mark: _score(sample, mark) for mark in DELIMITERS}
    return max(DELIMITERS, key=lambda mark: scores[mark])


def _score(sample: str, delimiter: str) -> tuple[float, int]:
    """Return the share of rows with as many values as the first, and that number."""
    dialect = Dialect(delimiter)
    counts: list[int] = []
    for match in dialect.row.finditer(sample):
        if match[1] and (match.end() < len(sample) or not counts):
            counts.append(len(dialect.values(match[1])))
        if len(counts) == _SAMPLE_ROWS:
            break
    if not counts or counts[0] < 2:
        return 0.0, 0
    return counts.count(counts[0]) / len(counts), counts[0]


def _unquoted(value: str) -> str:
    match = _QUOTED.fullmatch(value)
    return value if match is None else match[1].replace('""', '"') + match[2]


def _places(count: int) -> list[str]:
    return [f"[{place}]" for place in range(count)]


def _unique(names: list[str]) -> list[str]:
    """Return the names of columns; one without a name is told by its place."""
    unique: dict[str, None] = {}
    for place, given in enumerate(names, start=1):
        name = wanted = given.strip() or f"column {place}"
        number = 1
        while name in unique:  # a later column may be called as the second of an earlier name
            number += 1
            name = f"{wanted}#{number}"
        unique[name] = None
    return list(unique)


class _Rows:
    """Iterates over the rows that are not blank, each with the number of its first line.

    Where a quote is not closed within the limit, the lines that were searched for its end are taken
    one by one: so each is searched twice at most, whatever quotes a hostile file holds.
    """

    def __init__(self, source: TextSource, text: str, dialect: Dialect) -> None:
        self._source, self._text, self._dialect = source, text, dialect
        self._at = 0
        self._line = 1
        self._ended = False
        self._by_line_until = 0

    def __iter__(self) -> Iterator[tuple[int, str] | Unreadable]:
        while self._at < len(self._text) or self._more():
            row = self._row() if self._at >= self._by_line_until else self._single_line()
            if row is not None:
                yield row
            if self._at > max(_DROP, len(self._text) // 2):
                self._by_line_until = max(0, self._by_line_until - self._at)
                self._text, self._at = self._text[self._at :], 0

    def _row(self) -> tuple[int, str] | Unreadable | None:
        while True:
            match = self._dialect.row.match(self._text, self._at)
            # A row that ends where the text does may go on, or its line end may be half.
            if match is not None and (match.end() < len(self._text) or self._ended):
                return self._pass(match)
            if len(self._text) - self._at > MAX_ROW_CHARS:
                break
            if not self._more() and match is None:
                break
        self._by_line_until = len(self._text)
        return self._single_line()

    def _single_line(self) -> tuple[int, str] | Unreadable | None:
        while True:
            match = _LINE.match(self._text, self._at)
            assert match is not None  # it matches nothing at all, too
            if match.end() < len(self._text) or self._ended:
                break
            if len(self._text) - self._at > MAX_ROW_CHARS:
                return self._skip_line()
            self._more()
        whole = self._dialect.row.fullmatch(match[1])
        number = self._line
        row = self._pass(match)
        if whole is not None or row is None:
            return row
        return bad_row(match[1], number, "malformed", "a quote is not closed")

    def _pass(self, match: re.Match[str]) -> tuple[int, str] | None:
        number = self._line
        self._at = match.end()
        row = match[1]
        if "\n" in row or "\r" in row:
            self._line += max(row.count("\n"), row.count("\r"))
        self._line += 1
        return (number, row) if row else None

    def _skip_line(self) -> Unreadable:
        head = self._text[self._at : self._at + 1024]
        self._text, self._at, self._by_line_until = "", 0, 0
        while self._more():
            match = _LINE.match(self._text)
            assert match is not None  # it matches nothing at all, too
            if match[2]:
                self._at = match.end()
                break
            self._text = ""
        self._line += 1
        detail = f"more than {MAX_ROW_CHARS} characters"
        return bad_row(head, self._line - 1, "too_large", detail)

    def _more(self) -> bool:
        """Hold at least twice as much, so that what is looked at again adds up to little."""
        held = len(self._text) - self._at
        parts, size = [self._text], 0
        while size <= held and (part := self._source.read()):
            parts.append(part)
            size += len(part)
        self._text = "".join(parts)
        self._ended = size == 0
        return size > 0
