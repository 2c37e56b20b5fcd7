"""What names a row, and how one that cannot be read is shown."""

import pytest

from llm_assets.formats.row import MAX_DEPTH, Row, bad_row, canonical, json_row


def test_the_content_of_a_row_has_one_form() -> None:
    assert canonical({"b": 1, "a": ["é", None]}) == canonical({"a": ["é", None], "b": 1})
    assert canonical({"a": b"\x00\xff"}) == b'{"a":"00ff"}'
    assert canonical({"a": "\ud800"}) == b'{"a":"?"}'


@pytest.mark.parametrize(("depth", "readable"), [(MAX_DEPTH, True), (MAX_DEPTH + 1, False)])
def test_depth_counts_brackets_outside_of_text(depth: int, readable: bool) -> None:
    text = '{"a":' + "[" * (depth - 1) + '"]]]{{"' + "]" * (depth - 1) + "}"
    assert isinstance(json_row(text, 1), Row) is readable


def test_a_bad_row_shows_its_bytes() -> None:
    found = bad_row("a\udcff", 3, "undecodable", "no text", "item")
    assert (found.head, found.offset, found.detail) == (b"a\xff", 3, "item 3: no text")
    # Half a pair that is no byte is shown as what cannot be shown.
    assert bad_row("\ud800", 3, "malformed", "x").head == b"?"
