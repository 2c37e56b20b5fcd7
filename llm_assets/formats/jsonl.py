"""Records as JSON objects, one a line."""

from collections.abc import Iterator
from typing import BinaryIO

from llm_assets.formats.record import Unreadable
from llm_assets.formats.record_fields import RecordFields
from llm_assets.formats.row import Row, bad_row, json_row
from llm_assets.formats.text_source import MAX_ROW_CHARS, TextSource, lines, open_text, undecoded


def read_jsonl_rows(stream: BinaryIO, fields: RecordFields) -> Iterator[Row | Unreadable]:
    """Yield the rows; a bad line costs itself only."""
    source = open_text(stream)
    if isinstance(source, Unreadable):
        yield source
        return
    yield from rows_of_lines(source)


def rows_of_lines(source: TextSource, text: str = "") -> Iterator[Row | Unreadable]:
    """Yield a row for each line that is not blank.

    Args:
        source: the characters.
        text: what was read of them before.
    """
    for number, line in lines(source, text):
        if line is None:
            detail = f"more than {MAX_ROW_CHARS} characters"
            yield bad_row("", number, "too_large", detail)
        elif line and not line.isspace():
            damage = undecoded(line)
            yield bad_row(line, number, *damage) if damage else json_row(line, number)
    if source.fault is not None:
        yield source.fault
