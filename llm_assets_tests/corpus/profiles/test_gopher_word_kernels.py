"""Words counted by three readings, against Python's own methods of strings."""

from statistics import median

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_assets.corpus.profiles.gopher_word_kernels import (
    ALPHANUMERIC,
    LETTER,
    PUNCTUATION,
    SPACE,
    SPLIT_COUNTS,
    SYMBOL,
    TOKEN_COUNTS,
    count_split_words,
    count_tokens,
    find_split_words,
)
from llm_assets.corpus.spans import (
    PYTHON_SPACE,
    arrow_buffers,
    classify,
    room_for_spans,
    trimmed,
)
from llm_assets_tests.corpus.pieces import cut_out

COMPILES = settings(deadline=None)  # the first call compiles
STOP_WORDS = {"the", "be", "to", "of", "and", "that", "have", "with"}
PUNCTUATION_SIGNS = ".,!#…"
CLASSES = classify(
    [
        (PYTHON_SPACE, SPACE),
        (r"\p{L}", LETTER),
        (r"[\p{L}\p{N}]", ALPHANUMERIC),
        ("[#…]", SYMBOL),
        (r"[.,!#…]", PUNCTUATION),
    ]
)

# Polars may know letters of a newer Unicode than Python does.
assigned = st.text(st.characters(exclude_categories=("Cn", "Cs")))
word = st.one_of(st.sampled_from(["the", "The", "OF", "that", "thats", "t", "wıth"]), assigned)
space = st.text(" \n\t\x00\x1c\x1f\x85\u3000", min_size=1, max_size=2)
texts = st.lists(
    st.lists(st.one_of(word, space, st.text("aé1½#….漢\u0301 ", max_size=9))).map("".join),
    max_size=4,
)


def split_counts(column: list[str]) -> list[dict[str, int]]:
    data, offsets = arrow_buffers(pl.Series(column, dtype=pl.String))
    counts = np.full((len(column), len(SPLIT_COUNTS)), -1, np.int64)
    count_split_words(data, offsets, CLASSES, counts)
    return [dict(zip(SPLIT_COUNTS, row, strict=True)) for row in counts.tolist()]


def naive_split_counts(text: str) -> dict[str, int]:
    words = text.split()
    opened = text.translate(dict.fromkeys(b"\n\r\t\v\f\0", " ")).split(" ")
    return {
        "words": len(words),
        "chars": sum(map(len, words)),
        "letter_words": sum(any(map(str.isalpha, word)) for word in words),
        "symbol_words": sum("#" in word or "…" in word for word in words),
        "stop_words": sum(word in STOP_WORDS for word in words),
        "caseless_stop_words": sum(word.lower() in STOP_WORDS for word in words),
        "twice_median_chars": int(2 * median(map(len, words))) if words else 0,
        "opened_words": sum(word[:1].isalnum() for word in opened),
    }


@COMPILES
@given(texts)
def test_words_between_whitespace(column: list[str]) -> None:
    assert split_counts(column) == list(map(naive_split_counts, column))


def test_a_stop_word_with_a_control_character_is_none() -> None:
    for word in ("the\x00", "be\x00\x00", "\x00the", "th\x00e", "the"):
        assert split_counts([word]) == [naive_split_counts(word)]


@COMPILES
@given(texts)
def test_words_are_those_of_split(column: list[str]) -> None:
    data, offsets = arrow_buffers(pl.Series(column, dtype=pl.String))
    spans = room_for_spans(offsets)
    find_split_words(data, offsets, CLASSES, *spans)
    assert cut_out(data, offsets, trimmed(spans)) == [text.split() for text in column]


@pytest.mark.parametrize("sizes", [[300], [1, 300], [300, 301, 900], [255, 256], [254, 255, 2]])
def test_median_of_long_words(sizes: list[int]) -> None:
    text = " ".join("é" * size for size in sizes)
    assert split_counts([text])[0]["twice_median_chars"] == 2 * median(sizes)


@COMPILES
@given(texts)
def test_tokens(column: list[str]) -> None:
    data, offsets = arrow_buffers(pl.Series(column, dtype=pl.String))
    spans = room_for_spans(offsets)
    find_split_words(data, offsets, CLASSES, *spans)
    counts = np.full((len(column), len(TOKEN_COUNTS)), -1, np.int64)
    count_tokens(data, offsets, *trimmed(spans), CLASSES, counts)
    for text, row in zip(column, counts.tolist(), strict=True):
        tokens = text.split()
        words = [token for token in tokens if set(token) - set(PUNCTUATION_SIGNS)]
        assert dict(zip(TOKEN_COUNTS, row, strict=True)) == {
            "tokens": len(tokens),
            "words": len(words),
            "chars": sum(map(len, words)),
            "letter_tokens": sum(any(map(str.isalpha, token)) for token in tokens),
            "stop_words": len(STOP_WORDS & set(tokens)),
        }
