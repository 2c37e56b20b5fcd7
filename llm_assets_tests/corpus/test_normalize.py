"""Repair of characters."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_series_equal

from llm_assets.corpus.normalize import normalize_text


def normalize(*texts: str | None) -> list[str | None]:
    frame = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    return normalize_text(frame)["text"].to_list()


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
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("日本\u3000語", "日本\u3000語"),
        ("Ãœber die Ã„cker", "Über die Äcker"),
    ],
)
def test_each_kind_of_damage_is_repaired(given_text: str, expected: str) -> None:
    assert normalize(given_text) == [expected]


def test_null_stays_null_beside_texts() -> None:
    assert normalize(None, " a ", None) == [None, "a", None]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=80), max_size=6))
def test_normalizing_twice_is_normalizing_once(texts: list[str]) -> None:
    once = normalize_text(pl.DataFrame({"text": texts}, schema={"text": pl.String}))
    assert_series_equal(normalize_text(once)["text"], once["text"])


@given(st.lists(st.text("aÃ©â€œ\x9d\u00ad \n", max_size=30), min_size=2, max_size=6))
def test_batches_do_not_matter(texts: list[str]) -> None:
    together = normalize(*texts)
    assert together == [normalize(text)[0] for text in texts]
