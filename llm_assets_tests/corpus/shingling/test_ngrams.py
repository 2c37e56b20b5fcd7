"""Hashes of n-grams: two are equal where the tokens are, in that order."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_assets.corpus.shingling.ngrams import hash_ngrams
from llm_assets.corpus.shingling.tokens import find_tokens

WORDS = st.lists(st.sampled_from("abc"), max_size=12)


@given(st.lists(WORDS, max_size=4), st.integers(1, 14))
def test_ngrams_are_equal_where_their_tokens_are(rows: list[list[str]], size: int) -> None:
    first, hashes = hash_ngrams(find_tokens(pl.Series(map(" ".join, rows), dtype=pl.String)), size)
    windows = [[tuple(row[i : i + size]) for i in range(len(row) - size + 1)] for row in rows]
    assert first.tolist() == [sum(map(len, windows[:i])) for i in range(len(rows) + 1)]
    flat = [window for row in windows for window in row]
    names = dict(zip(flat, hashes.tolist(), strict=True))
    assert [names[window] for window in flat] == hashes.tolist()
    assert len(set(names.values())) == len(names)


def test_ngrams_of_one_token_tell_all_tokens_apart() -> None:
    words = [f"w{'abcdefghij'[i % 10]}{'abcdefghij'[i // 10]}" for i in range(100)]
    _, hashes = hash_ngrams(find_tokens(pl.Series([" ".join(words)])), 1)
    assert len(set(hashes.tolist())) == 100


def test_ngram_hashes_never_change() -> None:
    _, hashes = hash_ngrams(find_tokens(pl.Series(["the quick brown fox jumps over"])), 5)
    assert hashes.tolist() == [0x61F621FF729CCA54, 0xE5C6B960E1450C70]


def test_a_window_has_a_token() -> None:
    with pytest.raises(ValueError, match="window of 0 tokens"):
        hash_ngrams(find_tokens(pl.Series(["a"])), 0)
