"""Finding one's way in HTML."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_assets.corpus.pages.html_scan import (
    Bytes,
    after_declaration,
    after_element,
    after_raw,
    after_space,
    look_up,
    name_hash,
    open_table,
    tag_name,
)


def data(text: str) -> Bytes:
    return np.frombuffer(text.encode(), np.uint8)


@settings(deadline=None)
@given(st.dictionaries(st.integers(1, 2**64 - 1), st.integers(-(2**31), 2**31 - 1), max_size=40))
def test_an_open_table_holds_what_was_put_into_it(values: dict[int, int]) -> None:
    keys, held = open_table(values)
    assert {key: look_up(np.uint64(key), keys, held) for key in values} == values
    absent = next(key for key in range(1, 100) if key not in values)
    assert look_up(np.uint64(absent), keys, held) == 0


@pytest.mark.parametrize("name", ["a", "blockquote", "h1", "x-y"])
@pytest.mark.parametrize("rest", [">", " class='x'>", ""])
def test_a_tag_name_has_the_hash_of_its_name(name: str, rest: str) -> None:
    state, end = tag_name(data(f"<{name}{rest}"), 1)
    assert (int(state), end) == (name_hash(name), 1 + len(name))


def test_white_space_is_blanks_line_ends_and_no_break_spaces() -> None:
    assert after_space(data(" \n\t&nbsp; x"), 0) == 10
    assert after_space(data("&amp;x"), 0) == 0
    assert after_space(data("  "), 0) == 2


@pytest.mark.parametrize(
    ("text", "end"),
    [("<!-- a > b -->x", 14), ("<!doctype html>x", 15), ("<!-->x", 6), ("<!-- open", 9)],
)
def test_a_comment_ends_where_parsers_end_it(text: str, end: int) -> None:
    assert after_declaration(data(text), 0) == end


def test_a_script_ends_at_its_own_end_tag() -> None:
    text = "<script>a = '</div></scripts>';</script>x"
    assert text[after_raw(data(text), 8, 1, 7) :] == "</script>x"
    assert after_raw(data("<style>a"), 7, 1, 6) == 8


def test_an_element_ends_after_those_of_its_name_within() -> None:
    text = "<svg><svg></svg><!-- </svg> --><svgs></svgs></svg>x"
    assert text[after_element(data(text), 1, 4) :] == "x"
    assert after_element(data("<svg><b>"), 1, 4) == 8
