"""Tokens, about as spaCy and NLTK cut them: the kernel beside regular expressions that say it."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_assets.corpus.profiles.tokens import measure_tokens

UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Bopomofo}ー\p{Thai}\p{Tibetan}"
LETTERS = rf"[\w--[{UNSPACED}]]+"
REST = rf"[\w&&[{UNSPACED}]]|\.{{2,}}|-{{2,}}|[^\w\s]"
LIKE_SPACY = rf"{LETTERS}(?:[.,@/:]+{LETTERS})*|['’]{LETTERS}|{REST}"
LIKE_NLTK = rf"{LETTERS}(?:[.,:'’\-/]{LETTERS})*|{REST}"


@pytest.mark.parametrize(
    ("text", "spacy", "nltk"),
    [
        ("", 0, 0),
        ("two words", 2, 2),
        ("A word, and another.", 6, 6),
        ("well-known", 3, 1),
        ("it's", 2, 1),
        ("3.14 a@b.org", 2, 3 + 1),
        ("wait... -- what", 4, 4),
        ("東京 ไป", 4, 4),
    ],
)
def test_counts(text: str, spacy: int, nltk: int) -> None:
    assert measure_tokens(pl.Series([text])).row(0) == (spacy, nltk)


@given(st.lists(st.text("ab1_é東ไ .,:;/@'’-\n\u00a0(\u0301", max_size=20), max_size=4))
def test_the_kernel_counts_what_the_expressions_match(texts: list[str]) -> None:
    series = pl.Series(texts, dtype=pl.String)
    counts = measure_tokens(series)
    assert counts["spacy_tokens"].to_list() == series.str.count_matches(LIKE_SPACY).to_list()
    assert counts["nltk_tokens"].to_list() == series.str.count_matches(LIKE_NLTK).to_list()
