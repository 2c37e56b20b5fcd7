"""Characters that carry no text."""

import sys
import unicodedata

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_series_equal

from llm_assets.corpus import characters
from llm_assets.corpus.characters import change_where, clean_characters

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
AWKWARD = st.text(
    st.sampled_from(
        "a e\u0301\u0327\u1100\u1161\u200c\u200d\u200b\u00ad\u00a0\u3000"
        "\n\r\t\u2028ی\u0915\u094d👩\ufe0f\x85\x00"
    ),
    max_size=30,
)


def clean(text: str) -> str:
    return str(clean_characters(pl.Series([text]))[0])


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [
        ("a\r\nb\rc\x0bd\x0ce\x85f\u2028g", "a\nb\nc\nd\ne\nf\ng"),
        ("a\u2029b", "a\n\nb"),
        ("a\u00ad\u200bb\ufeff\u2060", "ab"),
        ("a\x00b\x07\x1b", "ab"),
        ("a\u202eb\u2066c\u200fd", "abcd"),
        ("tag\U000e0041\U000e007f", "tag"),
        ("a\u00a0b\u2003c\u202fd", "a b c d"),
        ("a  \n\t\n\n\n\tb  ", "a\n\n\tb"),
        ("　日本\u3000語　\n　行", "　日本\u3000語\n　行"),
        ("e\u0301", "é"),
        ("e\u00ad\u0301", "é"),
        ("\u1100\u1161\u11a8", "각"),
        ("Å \u212b \u2126", "Å Å Ω"),
        ("ﬁ ½ Ａ", "ﬁ ½ Ａ"),
    ],
)
def test_each_kind_is_dealt_with(given_text: str, expected: str) -> None:
    assert clean(given_text) == expected


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष", "क्\u200dष"),
        ("👩\u200d💻 👩🏽\u200d🚀 ❤\ufe0f\u200d🔥", "👩\u200d💻 👩🏽\u200d🚀 ❤\ufe0f\u200d🔥"),
        ("zero\u200cwidth\u200djoiners", "zerowidthjoiners"),
        ("می\u200c خواهم\u200c", "می خواهم"),
        ("می\u200c\u200cخواهم", "می\u200cخواهم"),
        ("\u200dخ", "خ"),
    ],
)
def test_joiners_stay_where_a_script_needs_them(given_text: str, expected: str) -> None:
    assert clean(given_text) == expected


@given(ANY_TEXT | AWKWARD)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert unicodedata.is_normalized("NFC", once)


@given(st.lists(st.none() | AWKWARD, max_size=6))
def test_rows_do_not_matter_to_each_other(texts: list[str | None]) -> None:
    column = pl.Series("name", texts, dtype=pl.String)
    expected = pl.Series("name", [t if t is None else clean(t) for t in texts], dtype=pl.String)
    assert_series_equal(clean_characters(column), expected)


def test_every_character_that_composition_may_change_is_looked_for() -> None:
    """Holds for this Python's Unicode; what it leaves out is NFC beside any other character."""
    pattern = characters._MAYBE_NOT_NFC
    points = [point for point in range(sys.maxunicode + 1) if not 0xD800 <= point < 0xE000]
    found = pl.Series([chr(point) for point in points]).str.contains(pattern)
    for point, looked_for in zip(points, found, strict=True):
        char = chr(point)
        if not looked_for:
            assert unicodedata.is_normalized("NFC", char), hex(point)
            assert unicodedata.combining(char) == 0, hex(point)


def test_only_wanted_rows_change() -> None:
    texts = pl.Series("t", ["a", None, "b"])
    changed = change_where(texts, pl.Series([True, None, False]), lambda t: t.str.to_uppercase())
    assert changed.to_list() == ["A", None, "b"]
    assert texts.to_list() == ["a", None, "b"]


def test_no_control_is_left() -> None:
    kept = clean("".join(map(chr, range(0x2000))))
    controls = [char for char in kept if unicodedata.category(char) == "Cc"]
    assert set(controls) <= {"\t", "\n"}
