"""Rows as lines of JSON."""

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_assets.formats import text_source
from llm_assets.formats.jsonl import read_jsonl_rows
from llm_assets.formats.record import Unreadable
from llm_assets.formats.record_fields import GUESSED
from llm_assets.formats.row import Row

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text() | st.floats(-9, 9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.lists(st.dictionaries(st.text(), JSON, max_size=4), max_size=6)


def rows(data: bytes) -> list[Row | Unreadable]:
    return list(read_jsonl_rows(io.BytesIO(data), GUESSED))


def values(data: bytes) -> list[Any]:
    return [row.values if isinstance(row, Row) else row.reason for row in rows(data)]


@given(OBJECTS, st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]), st.sampled_from(["\n", "\r\n"]))
def test_written_rows_come_back(objects: list[dict[str, Any]], encoding: str, end: str) -> None:
    written = "".join(json.dumps(each) + end for each in objects).encode(encoding)
    assert values(written) == (objects or ["empty"])


@given(OBJECTS)
def test_characters_are_themselves(objects: list[dict[str, Any]]) -> None:
    written = "\n".join(json.dumps(each, ensure_ascii=False) for each in objects)
    if "\x7f" not in written and objects:
        assert values(written.encode()) == objects


@pytest.mark.parametrize(
    ("line", "expected", "told"),
    [
        (b'{"a": 1', "malformed", "is no JSON"),
        (b"[1]", "malformed", "holds a list, not an object"),
        (b'"text"', "malformed", "holds text, not an object"),
        (b"null", "malformed", "holds null, not an object"),
        (b"7", "malformed", "holds a number"),
        (b'{"a": ' + b"9" * 5000 + b"}", "malformed", "is no JSON: Exceeds the limit"),
        (b'{"a":' * 101 + b"1" + b"}" * 101, "malformed", "nested deeper than 100"),
        (b'{"a": "\xff"}', "undecodable", "byte 0xff at character 8 is no text"),
        (b"{'a': 1}", "malformed", "is no JSON"),
    ],
    ids=range(9),
)
def test_a_bad_line_costs_itself_only(line: bytes, expected: str, told: str) -> None:
    around = '{"a": "é é é é é é é é é é é é"}\n'.encode()
    before, bad, after = rows(around + line + b"\n" + around)
    assert isinstance(before, Row)
    assert isinstance(after, Row)
    assert (before.place, after.place) == (1, 3)
    assert isinstance(bad, Unreadable)
    assert bad.reason == expected
    assert bad.detail.startswith(f"line 2: {told}")
    assert bad.offset == 2
    assert bad.locator.startswith("row-")
    assert bad.head == line[:256]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b'{"a": NaN, "b": -Infinity}', {"a": None, "b": None}),
        (b'{"a": 123456789012345678901234567890}', {"a": 123456789012345678901234567890}),
        (rb'{"a": "\ud800"}', {"a": "\ud800"}),
        (rb'{"a": "\ud83d\ude00"}', {"a": "\U0001f600"}),
        (b'{"a": "tab\there"}', {"a": "tab\there"}),
        (b'{"a": "' + b"[" * 500 + b'"}', {"a": "[" * 500}),
        (b'{"a":' * 99 + b"{}" + b"}" * 99, None),
    ],
    ids=range(8),
)
def test_odd_lines_that_can_be_read(line: bytes, expected: Any) -> None:
    (row,) = rows(line)
    assert isinstance(row, Row)
    assert expected is None or row.values == expected


def test_blank_lines_are_no_rows() -> None:
    assert [row.place for row in rows(b'\n \n{"a":1}\n\t\r\n{"a":2}') if isinstance(row, Row)] == [
        3,
        5,
    ]


def test_an_old_encoding_is_told_for_the_whole_object() -> None:
    written = "\n".join(
        json.dumps({"t": text}, ensure_ascii=False)
        for text in ["Привет, как дела сегодня", "Очень хороший фильм, всем советую", "да"]
    )
    assert values(written.encode("cp1251"))[2] == {"t": "да"}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(99), "wrong_format"),
        (bytes(range(32)) * 9, "binary"),
        (b"\x1f\x8b\x08", "truncated"),
    ],
)
def test_objects_without_rows(data: bytes, reason: str) -> None:
    assert values(data) == [reason]


def test_a_line_that_is_too_long_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_source, "MAX_ROW_CHARS", 1000)
    long = json.dumps({"a": "x" * 2_000_000}).encode()
    assert values(b'{"a":1}\n' + long + b'\n{"a":2}') == [{"a": 1}, "too_large", {"a": 2}]
    assert values(long) == ["too_large"]
