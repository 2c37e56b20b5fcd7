"""Values of rows as text, times and labels."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_assets.formats.record_values import (
    WrongTypeError,
    as_json,
    as_name,
    as_paragraphs,
    as_text,
    as_time,
)

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a", "a"),
        (None, None),
        (5, "5"),
        (5.0, "5"),
        (0.1, "0.1"),
        (1e300, "1e+300"),
        (float("nan"), None),
        (float("inf"), None),
        (Decimal("1.50"), "1.50"),
        (date(2024, 1, 2), "2024-01-02"),
        ("é".encode(), "é"),
    ],
)
def test_text(value: Any, expected: str | None) -> None:
    assert as_text(value) == expected


@pytest.mark.parametrize(
    ("value", "told"),
    [(True, "true"), ({}, "an object"), ([], "a list"), (b"\xff", "bytes that are no UTF-8")],
)
def test_no_text(value: Any, told: str) -> None:
    with pytest.raises(WrongTypeError, match=told):
        as_text(value)


def test_a_list_is_paragraphs() -> None:
    assert as_paragraphs(["a", None, " ", 3]) == "a\n\n3"
    assert as_paragraphs([]) is None
    with pytest.raises(WrongTypeError, match="an object"):
        as_paragraphs([{}])


def test_a_name_is_one_line_or_nothing() -> None:
    assert as_name(" a\n b ") == "a b"
    assert as_name(["Ann", None, "Bob"]) == "Ann, Bob"
    assert as_name({"a": 1}) is None
    assert as_name(" ") is None
    assert as_name(7) == "7"


NOON = datetime(2024, 5, 6, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2024-05-06T12:00:00Z", NOON),
        ("2024-05-06T14:00:00+02:00", NOON),
        ("2024-05-06 12:00:00 UTC", NOON),
        ("2024-05-06 12:00", NOON.replace(tzinfo=None)),
        ("2024-05-06", datetime(2024, 5, 6)),
        ("20240506", datetime(2024, 5, 6)),
        (" 2024-05-06T12:00:00.000Z ", NOON),
        ("Mon, 06 May 2024 12:00:00 GMT", NOON),
        ("6 May 2024 12:00:00 +0000", NOON),
        (1714996800, NOON),
        (1714996800.0, NOON),
        ("1714996800", NOON),
        (1714996800_000, NOON),
        ("1714996800000", NOON),
        (1714996800_000_000, NOON),
        (1714996800_000_000_000, NOON),
        (1714996800.5, NOON + timedelta(milliseconds=500)),
        (NOON, NOON),
        (date(2024, 5, 6), datetime(2024, 5, 6, tzinfo=UTC)),
        # Nobody can tell, or there is nothing to tell.
        ("05/06/2024", None),
        ("15.07.31", None),
        (2024, None),
        ("yesterday", None),
        ("", None),
        (None, None),
        (True, None),
        ([], None),
        (float("nan"), None),
        (10**30, None),
        ("9" * 20, None),
        ("2024-05-06" * 100, None),
        ("31 Foo 2024", None),
    ],
)
def test_time(value: Any, expected: datetime | None) -> None:
    assert as_time(value) == expected


def test_a_zone_stays() -> None:
    zone = timezone(timedelta(hours=-7))
    assert as_time("2024-05-06T12:00:00-07:00") == datetime(2024, 5, 6, 12, tzinfo=zone)


@given(ANY)
def test_no_value_raises(value: Any) -> None:
    as_time(value)
    as_name(value)
    json.loads(as_json({"label": value}))


def test_labels_are_as_they_are() -> None:
    labels = {"b": 4, "a": 4.5, "c": None, "d": "x", "e": [1, {"f": True}], "t": date(2024, 1, 2)}
    written = as_json(labels)
    assert written == '{"a":4.5,"b":4,"c":null,"d":"x","e":[1,{"f":true}],"t":"2024-01-02"}'
    assert as_json({"x": [float("nan"), {"y": float("inf")}, 1]}) == '{"x":[null,{"y":null},1]}'
    assert as_json({"x": Decimal("1.5"), "y": b"\xff"}) == '{"x":1.5,"y":"\\ufffd"}'.replace(
        "\\ufffd", "\ufffd"
    )
