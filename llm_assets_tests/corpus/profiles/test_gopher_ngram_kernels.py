"""N-grams by three readings, each against the plainest Python that computes the same."""

from collections import Counter

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_assets.corpus.ngram_kernels import DUPLICATE_SIZES, TOP_SIZES
from llm_assets.corpus.profiles.gopher_ngram_kernels import (
    measure_datatrove_tops,
    measure_dclm_ngrams,
    measure_dolma_ngrams,
)
from llm_assets.corpus.profiles.joined_ngram_kernels import measure_joined_duplicates
from llm_assets.corpus.spans import Spans, arrow_buffers, named
from llm_assets.corpus.word_kernels import Counts

COMPILES = settings(deadline=None)  # the first call compiles

Texts = list[list[str]]
Rows = list[list[int]]


def spans_of(texts: Texts) -> tuple[np.ndarray, np.ndarray, Spans]:
    """Write words into texts, one space between them."""
    data, offsets = arrow_buffers(pl.Series([" ".join(words) for words in texts], dtype=pl.String))
    sizes = [[len(word.encode()) for word in words] for words in texts]
    starts = [sum(row[:i]) + i for row in sizes for i in range(len(row))]
    lengths = [size for row in sizes for size in row]
    first = np.cumsum([0, *map(len, texts)])
    return data, offsets, Spans(first, np.array(starts, np.uint32), np.array(lengths, np.uint32))


def room(texts: Texts, sizes: tuple[int, ...]) -> Counts:
    return np.full((len(texts), len(sizes)), -1, np.int64)


def dolma(texts: Texts) -> tuple[Rows, Rows, Rows]:
    names = named(*spans_of(texts))
    top, duplicate, whole = (
        room(texts, sizes) for sizes in (TOP_SIZES, DUPLICATE_SIZES, DUPLICATE_SIZES)
    )
    measure_dolma_ngrams(*names, top, duplicate, whole)
    return top.tolist(), duplicate.tolist(), whole.tolist()


def dclm(texts: Texts) -> tuple[Rows, Rows]:
    top, duplicate = room(texts, TOP_SIZES), room(texts, DUPLICATE_SIZES)
    measure_dclm_ngrams(*named(*spans_of(texts)), top, duplicate)
    return top.tolist(), duplicate.tolist()


def datatrove(texts: Texts) -> tuple[Rows, Rows]:
    top, duplicate = room(texts, TOP_SIZES), room(texts, DUPLICATE_SIZES)
    data, offsets, spans = spans_of(texts)
    names = named(data, offsets, spans)
    measure_joined_duplicates(data, offsets, *spans, names.char_ends, duplicate)
    measure_datatrove_tops(*names, top)
    return top.tolist(), duplicate.tolist()


def grams(words: list[str], size: int) -> list[tuple[str, ...]]:
    return [tuple(words[i : i + size]) for i in range(len(words) - size + 1)]


def chars(gram: tuple[str, ...]) -> int:
    return len("".join(gram))


def naive_dolma_top(words: list[str], size: int) -> int:
    counts = Counter(grams(words, size))
    return max((count * chars(gram) for gram, count in counts.most_common(1)), default=0)


def naive_dolma_duplicate(words: list[str], size: int) -> int:
    counts = Counter(grams(words, size))
    return sum(count * chars(gram) for gram, count in counts.items() if count > 1)


def naive_dclm_top(words: list[str], size: int) -> int:
    counts = Counter(grams(words, size))
    most = max(counts.values(), default=1)
    return most * max((chars(gram) for gram in counts if counts[gram] == most > 1), default=0)


def naive_dclm_duplicate(words: list[str], size: int) -> int:
    counts = Counter(grams(words, size))
    covered = {
        i + j for i, gram in enumerate(grams(words, size)) if counts[gram] > 1 for j in range(size)
    }
    return sum(len(words[i]) for i in covered)


def naive_datatrove_top(words: list[str], size: int) -> int:
    counts = Counter(map(" ".join, grams(words, size)))
    return max((len(gram) * count for gram, count in counts.most_common(1)), default=0)


def naive_datatrove_duplicate(words: list[str], size: int) -> int:
    seen: set[str] = set()
    found = at = 0
    while at <= len(words) - size:
        gram = "".join(words[at : at + size])
        found += len(gram) if gram in seen else 0
        at += size if gram in seen else 1
        seen.add(gram)
    return found


LETTERS = list("abcdefgh")


@pytest.mark.parametrize(
    ("text", "size", "dolma_chars", "dclm_chars", "datatrove_chars"),
    [
        ("a b a b", 2, 4, 4, 6),
        ("a b c d", 2, 2, 0, 3),  # nothing repeats: the first, or none
        ("a bb c a bb d bb ccc bb ccc", 2, 6, 10, 8),  # the first of equals, or the longest
        ("a a a", 2, 4, 4, 6),
        ("a b c", 4, 0, 0, 0),
    ],
)
def test_most_frequent(
    text: str, size: int, dolma_chars: int, dclm_chars: int, datatrove_chars: int
) -> None:
    column = TOP_SIZES.index(size)
    words = [text.split()]
    assert dolma(words)[0][0][column] == dolma_chars
    assert dclm(words)[0][0][column] == dclm_chars
    assert datatrove(words)[0][0][column] == datatrove_chars


@pytest.mark.parametrize(
    ("text", "size", "dolma_chars", "dclm_chars", "datatrove_chars"),
    [
        ("a b c d e a b c d e", 5, 10, 10, 5),
        ("a b c d e f a b c d e f", 5, 20, 12, 5),  # overlapping; covered; read on behind
        ("a a a a a a", 5, 10, 6, 5),  # the second begins inside the first
        ("ab c d e f x a bc d e f", 5, 0, 0, 6),  # the same letters, other words
        ("a b c d e", 5, 0, 0, 0),
    ],
)
def test_duplicate(
    text: str, size: int, dolma_chars: int, dclm_chars: int, datatrove_chars: int
) -> None:
    column = DUPLICATE_SIZES.index(size)
    words = [text.split()]
    assert dolma(words)[1][0][column] == dolma_chars
    assert dclm(words)[1][0][column] == dclm_chars
    assert datatrove(words)[1][0][column] == datatrove_chars


# Few different words, so that long n-grams repeat; "a"+"bc" and "ab"+"c" are joined to the same.
repetitive = st.lists(st.sampled_from(["a", "ab", "bc", "c", "é", "ddddddddd"]), max_size=60)
looping = st.builds(
    lambda head, loop, times, tail: head + loop * times + tail,
    repetitive,
    repetitive,
    st.integers(0, 4),
    repetitive,
)


@COMPILES
@given(st.lists(st.one_of(repetitive, looping), max_size=4))
def test_equals_the_plain_computation(texts: Texts) -> None:
    top, duplicate, whole = dolma(texts)
    assert top == [[naive_dolma_top(words, size) for size in TOP_SIZES] for words in texts]
    assert duplicate == [
        [naive_dolma_duplicate(words, size) for size in DUPLICATE_SIZES] for words in texts
    ]
    assert whole == [
        [sum(map(chars, grams(words, size))) for size in DUPLICATE_SIZES] for words in texts
    ]
    top, duplicate = dclm(texts)
    assert top == [[naive_dclm_top(words, size) for size in TOP_SIZES] for words in texts]
    assert duplicate == [
        [naive_dclm_duplicate(words, size) for size in DUPLICATE_SIZES] for words in texts
    ]
    top, duplicate = datatrove(texts)
    assert top == [[naive_datatrove_top(words, size) for size in TOP_SIZES] for words in texts]
    assert duplicate == [
        [naive_datatrove_duplicate(words, size) for size in DUPLICATE_SIZES] for words in texts
    ]


def test_words_that_are_longer_than_the_table_of_powers() -> None:
    words = ["x" * 700, "y" * 700, *LETTERS] * 3
    assert datatrove([words])[1] == [
        [naive_datatrove_duplicate(words, size) for size in DUPLICATE_SIZES]
    ]


def test_strings_whose_rolling_hashes_are_equal_are_told_apart() -> None:
    """Such strings of 2^11 letters (Thue and Morse) have one hash modulo 2^64, for any base."""
    thue = ["a"]
    for _ in range(11):
        thue += ["b" if letter == "a" else "a" for letter in thue]
    letters = "".join(thue)
    start = "x" * 20  # so that they begin with the same bytes, and are looked at
    one = start + letters
    other = start + letters.translate(str.maketrans("ab", "ba"))
    words = [*LETTERS[:4], one, *LETTERS[:4], other, *LETTERS[:4], one]
    assert datatrove([words])[1] == [
        [naive_datatrove_duplicate(words, size) for size in DUPLICATE_SIZES]
    ]
