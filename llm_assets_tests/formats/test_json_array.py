"""Rows as items of one JSON document."""

import io
import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_assets.formats import json_array
from llm_assets.formats.json_array import read_json_rows
from llm_assets.formats.record import Unreadable
from llm_assets.formats.record_fields import GUESSED, RecordFields
from llm_assets.formats.record_paths import parse_path
from llm_assets.formats.row import Row
from llm_assets_tests.formats.test_jsonl import OBJECTS


def rows(data: bytes) -> list[Row | Unreadable]:
    return list(read_json_rows(io.BytesIO(data), GUESSED))


def values(data: bytes | str) -> list[Any]:
    data = data.encode() if isinstance(data, str) else data
    return [row.values if isinstance(row, Row) else row.reason for row in rows(data)]


@given(OBJECTS, st.sampled_from([None, 0, 2]), st.booleans())
def test_an_array_that_was_written_comes_back(
    objects: list[dict[str, Any]], indent: int | None, escaped: bool
) -> None:
    written = json.dumps(objects, indent=indent, ensure_ascii=escaped)
    # A control character that is not escaped is, in so short a file, a sign of binary data.
    if "\x7f" not in written:
        assert values(written) == objects


@given(OBJECTS, st.sampled_from([None, 2]))
def test_an_array_in_an_object_comes_back(
    objects: list[dict[str, Any]], indent: int | None
) -> None:
    document = {"version": "1 [x] {", "tags": ["a", [1]], "meta": {"a": [{}]}, "rows": objects}
    written = json.dumps({**document, "n": 3}, indent=indent)
    assert values(written) == (objects or [{**document, "n": 3}])


@given(OBJECTS, st.sampled_from([None, 2]))
def test_objects_one_after_the_other(objects: list[dict[str, Any]], indent: int | None) -> None:
    flat = [
        {"n": number, **{k: v for k, v in each.items() if not isinstance(v, list)}}
        for number, each in enumerate(objects)
    ]
    written = "\n".join(json.dumps(each, indent=indent) for each in flat)
    assert values(written) == (flat or ["empty"])


def test_lines_of_objects_are_lines_even_where_they_hold_arrays() -> None:
    chats = [{"messages": [{"role": "user", "content": "a"}]}, {"messages": [{"content": "b"}]}]
    assert values("\n".join(map(json.dumps, chats))) == chats


def test_an_object_without_rows_is_a_row() -> None:
    assert values('{"text": "a", "tags": ["b"]}') == [{"text": "a", "tags": ["b"]}]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('[{"a":1}, {"a":}, {"a":2}]', [{"a": 1}, "malformed", {"a": 2}]),
        ('[{"a":1}, 5, "x", null, [1], {"a":2}]', [{"a": 1}, *["malformed"] * 4, {"a": 2}]),
        ('[{"a":1} {"a":2},,{"a":3},]', [{"a": 1}, {"a": 2}, {"a": 3}]),
        ('[{"a":1}, {"a"', [{"a": 1}, "truncated"]),
        ('[{"a":1}', [{"a": 1}, "truncated"]),
        ('[{"a":"x', ["truncated"]),
        ('{"a":1', ["truncated"]),
        ('[{"a":1}, @ {"a":2}]', [{"a": 1}, "malformed", {"a": 2}]),
        ('{"a":[{"b":1}],"c":[{"d":2}]}', [{"b": 1}, "malformed"]),
        ('[{"a":' + "[" * 101 + "]" * 101 + '}, {"a":2}]', ["malformed", {"a": 2}]),
        ("[]", []),
        ("{}", [{}]),
        ("]", ["malformed"]),
        ("{]", ["truncated"]),
    ],
    ids=range(14),
)
def test_a_bad_item_costs_itself_only(written: str, expected: list[Any]) -> None:
    assert values(written) == expected


def test_a_bad_item_is_told_by_its_number() -> None:
    _, bad = rows(b'[{"a":1}, {"b":\xff}]')
    assert isinstance(bad, Unreadable)
    assert bad.detail.startswith("item 2: ")
    assert bad.offset == 2


def test_an_item_that_is_too_large_ends_the_object(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_array, "MAX_ROW_CHARS", 1000)
    written = json.dumps([{"a": 1}, {"a": "x" * 3_000_000}])
    assert values(written) == [{"a": 1}, "too_large"]


def test_many_items_and_one_large_one_take_linear_time() -> None:
    large = {"t": 'a "[{' * 1_000_000}
    written = json.dumps([{"n": 1}, large, *({"n": n} for n in range(50_000))]).encode()
    started = time.process_time()
    assert sum(1 for _ in rows(written)) == 50_002
    assert time.process_time() - started < 10


POST = b'{"id": 1, "text": "post", "comments": [{"text": "first"}]}'


def test_an_object_with_the_named_field_is_an_item_whatever_arrays_it_has() -> None:
    fields = RecordFields(text=(parse_path("text"),))
    (row,) = read_json_rows(io.BytesIO(POST), fields)
    assert isinstance(row, Row)
    assert row.values["text"] == "post"


def test_a_text_beside_an_array_is_not_lost_silently() -> None:
    row, told = rows(POST)
    assert isinstance(row, Row)
    assert row.values == {"text": "first"}
    assert isinstance(told, Unreadable)
    assert "has a text" in told.detail


def test_an_object_of_too_many_members_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_array, "MAX_ROW_CHARS", 1_000)
    (told,) = rows(json.dumps({f"key{n}": "a" * 50 for n in range(100)}).encode())
    assert isinstance(told, Unreadable)
    assert told.reason == "too_large"
