"""The whole of cleaning's work on characters and lines."""

import textwrap

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from llm_assets.corpus.normalize import normalize_text

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
GARBLED = st.text(st.sampled_from("aÃ©â€œÂ\x9d\xa0\u00ad\u200b \n-"), max_size=40)
WRAPPED = st.lists(
    st.text(st.sampled_from("abcÃÂ©-"), min_size=1, max_size=12), min_size=30, max_size=60
).map(lambda words: textwrap.fill(" ".join(words), 64))


def normalize(*texts: str | None, kind: str = "web") -> list[str | None]:
    frame = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    return normalize_text(frame, kind=kind)["text"].to_list()


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("a\u00ad\u200bb\ufeff", "ab"),
        ("a\x00b\x07", "ab"),
        ("a\u00a0b\u2003c", "a b c"),
        ("a  \n\n\n\n\tb  ", "a\n\n\tb"),
        ("e\u0301", "é"),
        ("cafÃ© â€œquotedâ€\x9d", "café “quoted”"),
        ("Ã\xa0 la carte", "à la carte"),
        ("caf\u00c3\u200b\u00a9", "café"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("日本\u3000語", "日本\u3000語"),
        ("Ãœber die Ã„cker", "Über die Äcker"),
        ("\x93quoted\x94", "“quoted”"),
    ],
)
def test_each_kind_of_damage_is_repaired(given_text: str, expected: str) -> None:
    assert normalize(given_text) == [expected]


def test_null_stays_null_beside_texts() -> None:
    assert normalize(None, " a ", None) == [None, "a", None]
    assert normalize() == []


def test_other_columns_stay_and_another_column_can_be_named() -> None:
    frame = pl.DataFrame({"title": ["a\u00a0b"], "text": ["a\u00a0b"], "n": [1]})
    expected = pl.DataFrame({"title": ["a b"], "text": ["a\u00a0b"], "n": [1]})
    assert_frame_equal(normalize_text(frame, "title"), expected)


def test_only_books_are_unwrapped() -> None:
    words = "some words that go on and on until the line of the book is full and then on " * 9
    text = textwrap.fill(words.strip(), 70)
    assert normalize(text) == [text]
    assert normalize(text, kind="books") == [words.strip()]


@given(st.lists(ANY_TEXT | GARBLED | WRAPPED, max_size=6), st.sampled_from(["web", "books"]))
def test_normalizing_twice_is_normalizing_once(texts: list[str], kind: str) -> None:
    once = normalize(*texts, kind=kind)
    assert normalize(*once, kind=kind) == once


@given(st.lists(GARBLED, min_size=2, max_size=6), st.sampled_from(["web", "books"]))
def test_batches_do_not_matter(texts: list[str], kind: str) -> None:
    together = normalize(*texts, kind=kind)
    assert together == [normalize(text, kind=kind)[0] for text in texts]
