"""Rows as documents: fields that are named, fields that are guessed, and what names a row."""

import io
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_assets.formats import records
from llm_assets.formats.readers import reader_of
from llm_assets.formats.record import Record, Unreadable
from llm_assets.formats.record_fields import GUESSED
from llm_assets.formats.records import record_of
from llm_assets.formats.row import Row
from llm_assets.records_recipe import Fields, record_fields
from llm_assets_tests.formats.test_jsonl import OBJECTS


def read(values: dict[str, Any], fields: dict[str, Any] | None = None, **more: Any) -> Any:
    chosen = None if fields is None else Fields.model_validate(fields)
    return record_of(Row(values, 7), record_fields(chosen, more.get("text_format")))


def text_of(values: dict[str, Any], fields: dict[str, Any] | None = None, **more: Any) -> Any:
    found = read(values, fields, **more)
    return found.payload.decode() if isinstance(found, Record) else found


REVIEW = {
    "review_id": 991,
    "title": " Fine\nfilm ",
    "body": "Good.",
    "stars": 4,
    "cat": None,
    "date": "2024-05-06",
    "user": {"name": "ann", "age": 30},
    "link": "https://example.org/1",
    "product_id": "p1",
    "lang": "en",
}


def test_every_part_is_where_it_is_said_to_be() -> None:
    found = read(
        REVIEW,
        {
            "text": ["title", "body"],
            "title": "title",
            "labels": {"rating": "stars", "category": "cat", "mood": "mood"},
            "published_at": "date",
            "author": "user.name",
            "url": "link",
            "group_key": "product_id",
            "id": "review_id",
            "language": "lang",
        },
    )
    assert found == Record(
        "991",
        b"Fine\nfilm \n\nGood.",
        "text/plain",
        url="https://example.org/1",
        encoding_hint="utf-8",
        published_at=datetime(2024, 5, 6),
        title="Fine film",
        author="ann",
        language_hint="en",
        group_key="p1",
        labels='{"category":null,"rating":4}',
    )


def test_usual_names_are_understood() -> None:
    found = read({**REVIEW, "Date": "x"})
    assert found.locator == "991"
    assert found.payload == b"Good."
    assert (found.title, found.url, found.group_key) == ("Fine film", "https://example.org/1", "p1")
    assert found.published_at == datetime(2024, 5, 6)
    assert found.author is None  # an object is no name
    assert found.labels == '{"stars":4}'


def test_what_is_named_goes_before_what_is_guessed() -> None:
    found = read(REVIEW, {"labels": ["user"], "group_key": "lang"})
    assert (found.payload, found.group_key) == (b"Good.", "en")
    assert json.loads(found.labels) == {"user": {"name": "ann", "age": 30}}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"question": "Why?", "answer": "So."}, "Why?\n\nSo."),
        ({"instruction": "Do", "input": "", "output": "Done"}, "Do\n\nDone"),
        ({"prompt": "A", "completion": "B"}, "A\n\nB"),
        ({"messages": [{"role": "user", "content": "Hi"}, {"content": "Ho"}]}, "Hi\n\nHo"),
        ({"conversations": [{"from": "a", "value": "Hi"}]}, "Hi"),
        ({"Text": "x", "body": "y"}, "x"),
        ({"content": ["one", "two"]}, "one\n\ntwo"),
    ],
    ids=range(7),
)
def test_texts_of_several_fields(values: dict[str, Any], expected: str) -> None:
    assert text_of(values) == expected


def test_a_chat_is_a_label_so_that_roles_stay() -> None:
    messages = [{"role": "user", "content": "Hi"}]
    assert json.loads(read({"messages": messages}).labels) == {"messages": messages}


def test_a_whole_row_can_be_kept() -> None:
    found = read(REVIEW, {"text": "body", "labels": {"row": "$"}})
    assert json.loads(found.labels) == {"row": REVIEW}


def test_a_template_leaves_no_gap() -> None:
    fields = {"text": "{q}\n\n{context}\n\n{{A}}: {a}"}
    assert text_of({"q": "Why?", "context": None, "a": "So."}, fields) == "Why?\n\n{A}: So."
    missing = text_of({"q": "", "a": None}, fields)
    assert (missing.reason, missing.detail) == (
        "empty",
        "line 7: no text in 'q' or 'context' or 'a'",
    )


@pytest.mark.parametrize(
    ("values", "fields", "reason", "detail"),
    [
        ({"body": None}, {"text": "body"}, "empty", "no text in 'body'"),
        ({"body": " \0 "}, {"text": "body"}, "empty", "no text in 'body'"),
        ({"a": 1, "b": 2}, {"text": "body"}, "empty", "no field 'body': it has a, b"),
        ({}, {"text": "body"}, "empty", "no field 'body': it has none"),
        ({"body": {"x": 1}}, {"text": "body"}, "malformed", "'body' holds an object, not text"),
        ({"body": True}, {"text": "body"}, "malformed", "'body' holds true, not text"),
        ({"u": {"t": [[1]]}}, {"text": "u.t"}, "malformed", "'u.t' holds a list, not text"),
        ({"foo": "x"}, None, "empty", "no field for the text (text, body, content, "),
    ],
    ids=range(8),
)
def test_a_row_without_text(
    values: dict[str, Any], fields: dict[str, Any] | None, reason: str, detail: str
) -> None:
    found = read(values, fields)
    assert isinstance(found, Unreadable)
    assert found.reason == reason
    assert found.detail.startswith("line 7: ")
    assert detail in found.detail
    assert found.offset == 7


def test_numbers_are_text() -> None:
    assert text_of({"text": 12.0}) == "12"


def test_html_is_the_business_of_cleaning() -> None:
    found = read({"body": "<p>a</p>"}, {"text": "body"}, text_format="html")
    assert (found.media_type, found.payload) == ("text/html", b"<p>a</p>")
    both = text_of({"t": "x<br>y", "b": "z"}, {"text": ["t", "b"]}, text_format="html")
    assert both == "<div>x<br>y</div>\n\n<div>z</div>"


def test_half_a_surrogate_pair_is_replaced() -> None:
    assert text_of({"text": "a\ud800b"}) == "a?b"


@given(OBJECTS)
def test_any_row_is_a_document_or_has_a_reason(objects: list[dict[str, Any]]) -> None:
    for values in objects:
        found = record_of(Row(values, 1), GUESSED)
        assert found.locator
        if isinstance(found, Unreadable):
            assert found.detail


# --- what names a row ---------------------------------------------------------------------------


def locators(rows: Sequence[dict[str, Any]]) -> list[str]:
    data = "".join(json.dumps(row) + "\n" for row in rows).encode()
    return [found.locator for found in reader_of("jsonl", GUESSED)(io.BytesIO(data), "x")]


@given(
    st.lists(st.dictionaries(st.sampled_from("ab"), st.integers(0, 3)), min_size=1, max_size=6),
    st.integers(0, 6),
)
def test_a_row_that_comes_moves_no_other(rows: list[dict[str, Any]], at: int) -> None:
    before = locators(rows)
    after = locators([*rows[:at], {"text": "new"}, *rows[at:]])
    del after[min(at, len(rows))]
    assert after == before


def test_the_spelling_of_a_row_does_not_name_it() -> None:
    lines = [b'{"text":"a","n":1}', b'{ "n": 1, "text": "\\u0061" }']
    names = {next(iter(reader_of("jsonl", GUESSED)(io.BytesIO(x), "x"))).locator for x in lines}
    assert len(names) == 1
    assert names != set(locators([{"text": "a", "n": 2}]))


def test_a_row_has_its_own_name_in_every_format() -> None:
    row = {"id": "a/1", "text": "b"}
    (by_json,) = reader_of("json", None)(io.BytesIO(json.dumps([row]).encode()), "x")
    (by_csv,) = reader_of("csv", None)(io.BytesIO(b"id,text\na/1,b\n"), "x")
    assert by_json == by_csv
    assert by_json.locator == "a/1"


def test_a_long_id_is_shortened_and_a_bad_one_is_none() -> None:
    assert len(read({"id": "x" * 5000, "text": "a"}).locator) < 50
    assert read({"id": {"x": 1}, "text": "a"}).locator.startswith("row-")
    assert read({"id": "", "text": "a"}).locator.startswith("row-")


def test_an_object_that_holds_something_else_is_left_early(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(records, "MAX_BAD_ROWS", 10)
    found = list(reader_of("jsonl", None)(io.BytesIO(b"junk\n" * 99), "x"))
    assert len(found) == 11
    assert isinstance(found[-1], Unreadable)
    assert found[-1].reason == "wrong_format"
    mixed = b'{"text":"a"}\n' + b"junk\n" * 99
    assert len(list(reader_of("jsonl", None)(io.BytesIO(mixed), "x"))) == 100
