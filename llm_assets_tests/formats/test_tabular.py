"""Rows as delimited text."""

import csv
import io
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_assets.formats import tabular
from llm_assets.formats.record import Unreadable
from llm_assets.formats.record_fields import GUESSED, RecordFields
from llm_assets.formats.record_paths import parse_path
from llm_assets.formats.row import Row
from llm_assets.formats.tabular import (
    DELIMITERS,
    Dialect,
    read_csv_rows,
    read_tsv_rows,
    sniff_delimiter,
)

CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8) | (
    st.text('a",;\t|\r\n ', max_size=8)
)
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=6)
)
NAMELESS = RecordFields(text=(parse_path("[0]"),))


def rows(data: bytes, fields: RecordFields = GUESSED) -> list[Row | Unreadable]:
    return list(read_csv_rows(io.BytesIO(data), fields))


def values(data: bytes | str) -> list[Any]:
    data = data.encode() if isinstance(data, str) else data
    return [list(row.values.values()) if isinstance(row, Row) else row.reason for row in rows(data)]


@given(TABLES, st.sampled_from(DELIMITERS), st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
def test_written_tables_come_back(
    table: list[list[str]], delimiter: str, end: str, quoted: bool
) -> None:
    """What Python's csv module writes; blank rows, which it reads as such, are none."""
    sink = io.StringIO()
    # The module does not quote a line end that is not its own.
    quoted = quoted or any("\r" in cell or "\n" in cell for row in table for cell in row)
    quoting = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    writer = csv.writer(sink, delimiter=delimiter, lineterminator=end, quoting=quoting)
    header = ["aa", "bb", "cc", "dd"][: len(table[0]) if table else 2]
    writer.writerows([header, *table])
    found = [
        row.values if isinstance(row, Row) else row
        for row in tabular._read(io.BytesIO(sink.getvalue().encode()), GUESSED, delimiter)
    ]
    assert found == [dict(zip(header, row, strict=True)) for row in table]


@given(st.text('a",\r\n', max_size=40))
def test_rows_are_cut_as_by_the_csv_module(text: str) -> None:
    expected = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    dialect, at, found = Dialect(","), 0, []
    while at < len(text):
        match = dialect.row.match(text, at)
        if match is None:  # a quote is not closed: the module takes all that follows as one row
            assert len(list(csv.reader(io.StringIO(text[at:], newline="")))) == 1
            assert found == expected[:-1]
            return
        at = match.end()
        found += [dialect.values(match[1])] if match[1] else []
    assert found == expected


@pytest.mark.parametrize("delimiter", DELIMITERS)
def test_the_delimiter_is_told(delimiter: str) -> None:
    table = [["id", "text"], ["1", "a, b; c | d"], ["2", 'x "y", z'], ["3", "line\nbreak"]]
    sink = io.StringIO()
    csv.writer(sink, delimiter=delimiter).writerows(table)
    assert sniff_delimiter(sink.getvalue()) == delimiter
    assert values(sink.getvalue()) == table[1:]


def test_one_column_has_no_delimiter() -> None:
    assert values("text\nfirst one\nsecond one\n") == [["first one"], ["second one"]]


def test_ragged_rows_are_told_by_their_line() -> None:
    found = rows(b'a,b\n1,"x\ny"\n2\n3,4,5\n\n6,7\n')
    assert [row.place if isinstance(row, Row) else row.offset for row in found] == [2, 4, 5, 7]
    details = [row.detail for row in found if isinstance(row, Unreadable)]
    assert details == [
        "line 4: 1 values where the first row has 2",
        "line 5: 3 values where the first row has 2",
    ]


def test_names_of_columns_are_each_their_own() -> None:
    (row,) = rows(b"\xef\xbb\xbfid,,id, text \n1,2,3,4\n")
    assert isinstance(row, Row)
    assert list(row.values) == ["id", "column 2", "id#2", "text"]


def test_a_table_without_names_begins_with_a_row() -> None:
    assert [row.values for row in rows(b"x,1\ny,2\n", NAMELESS) if isinstance(row, Row)] == [
        {"[0]": "x", "[1]": "1"},
        {"[0]": "y", "[1]": "2"},
    ]


def test_tabs_alone_part_the_values_of_tsv() -> None:
    (row,) = read_tsv_rows(io.BytesIO(b"a,b,c\td\n1,2,3\t4\n"), GUESSED)
    assert isinstance(row, Row)
    assert row.values == {"a,b,c": "1,2,3", "d": "4"}


def test_a_quote_that_is_not_closed_costs_its_line_only() -> None:
    assert values('a,b\n1,"x\n2,y\n3,z\n') == ["malformed", ["2", "y"], ["3", "z"]]
    assert values('a,b\n1,x"y\n2,"a"b\n') == [["1", 'x"y'], ["2", "ab"]]


def test_bytes_that_are_no_text_cost_their_row_only() -> None:
    good = "1,é é é é é é é é é é é é\n".encode()
    found = values(b"a,b\n" + good + b"2,\xff\n" + good)
    assert [row[0] if isinstance(row, list) else row for row in found] == ["1", "undecodable", "1"]


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "cp1251", "shift_jis"])
def test_other_encodings(encoding: str) -> None:
    text = {
        "cp1251": "Очень хороший фильм, советую всем",
        "shift_jis": "とても良い映画でした。また見たいと思います。",
    }.get(encoding, "Très bon film, à voir et à revoir, déjà vu cet été")
    table = f'id;text\n1;"{text}"\n2;"{text}"\n'
    assert values(table.encode(encoding)) == [["1", text], ["2", text]]


def test_rows_that_are_too_long_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tabular, "MAX_ROW_CHARS", 1000)
    long = "x" * 3_000_000
    assert values(f"a,b\n1,2\n{long},3\n4,5\n") == [["1", "2"], "too_large", ["4", "5"]]
    assert values(f'a,b\n1,2\n"{long}",3\n4,5\n') == [["1", "2"], "too_large", ["4", "5"]]
    assert values(f'a,b\n1,2\n"{long}') == [["1", "2"], "too_large"]


@pytest.mark.parametrize("line", ['a"b,"c\n', '"""\n', '""', '"\n', ',"', "a,b\n"])
def test_quotes_in_any_disorder_take_linear_time(line: str) -> None:
    data = ("a,b\n" + line * (400_000 // len(line))).encode()
    started = time.process_time()
    count = sum(1 for _ in read_csv_rows(io.BytesIO(data), GUESSED))
    assert count > 0
    assert time.process_time() - started < 10
