"""N-grams of named words, against the plainest Python that computes the same."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_assets.corpus.ngram_kernels import DUPLICATE_SIZES, TOP_SIZES, measure_ngrams
from llm_assets.corpus.word_kernels import Counts

COMPILES = settings(deadline=None)  # the first call compiles


def measure(
    texts: list[list[str]], chars_before: int = 0, glued: list[int] | None = None
) -> tuple[Counts, Counts]:
    """Name the words with a dictionary, and measure."""
    names, char_ends, first_words, chars = [], [], [0], chars_before
    for words in texts:
        known: dict[str, int] = {}
        for position, word in enumerate(words):
            chars += len(word)
            names.append(known.setdefault(word, position))
            char_ends.append(chars % 2**32)
        first_words.append(len(names))
    top = np.full((len(texts), len(TOP_SIZES)), -1, np.int64)
    duplicate = np.full((len(texts), len(DUPLICATE_SIZES)), -1, np.int64)
    measure_ngrams(
        np.array(first_words, np.int64),
        np.array(names, np.uint32),
        np.array(char_ends, np.uint32),
        np.array(glued or [], np.uint8),
        top,
        duplicate,
    )
    return top, duplicate


def grams(words: list[str], size: int) -> list[tuple[str, ...]]:
    return [tuple(words[i : i + size]) for i in range(len(words) - size + 1)]


def naive_top(words: list[str], size: int) -> int:
    if len(words) < size:
        return 0
    gram, count = Counter(grams(words, size)).most_common(1)[0]
    return len(" ".join(gram)) * count


def naive_duplicate(words: list[str], size: int) -> int:
    seen: set[tuple[str, ...]] = set()
    chars = at = 0
    while at <= len(words) - size:
        gram = tuple(words[at : at + size])
        if gram in seen:
            chars += len("".join(gram))
            at += size
        else:
            seen.add(gram)
            at += 1
    return chars


@pytest.mark.parametrize(
    ("text", "size", "chars"),
    [
        ("a b a b", 2, 6),  # "a b" twice
        ("a b c d", 2, 3),  # no repetition: the first
        ("a bb c a bb d bb c", 2, 8),  # "a bb" and "bb c" twice: the first
        ("a a a", 2, 6),  # overlapping
        ("a b c", 4, 0),  # too short
        ("a b c x a b c", 3, 10),
        ("a b c d x a b c d", 4, 14),
    ],
)
def test_most_frequent(text: str, size: int, chars: int) -> None:
    top, _duplicate = measure([text.split()])
    assert top[0, TOP_SIZES.index(size)] == chars


@pytest.mark.parametrize(
    ("text", "size", "chars"),
    [
        ("a|b c|d a b", 2, 4),  # "ab" as it stands first, twice
        ("a b c a|b d", 2, 6),  # "a b"
        ("a|b|c x a b c", 3, 6),
        ("a|b|c|d", 4, 4),
    ],
)
def test_most_frequent_without_spaces(text: str, size: int, chars: int) -> None:
    words = text.replace("|", " ").split()
    glued = [0, *(int(mark == "|") for mark in text if mark in " |")]
    top, duplicate = measure([words], glued=glued)
    assert top[0, TOP_SIZES.index(size)] == chars
    assert duplicate.tolist() == measure([words])[1].tolist()


@pytest.mark.parametrize(
    ("text", "size", "chars"),
    [
        ("a b c d e a b c d e", 5, 5),
        ("a b c d e f a b c d e f", 5, 5),  # the f is left over
        ("a b c d e f a b c d e f", 6, 6),
        ("a b c d e f a b c d e f", 7, 0),
        ("a a a a a a", 5, 5),  # the second begins inside the first
        ("a b c d e", 5, 0),
        ("ab c d e f x a bc d e f", 5, 0),  # the same letters, other words
    ],
)
def test_duplicate(text: str, size: int, chars: int) -> None:
    _top, duplicate = measure([text.split()])
    assert duplicate[0, DUPLICATE_SIZES.index(size)] == chars


# Few different words, so that long n-grams repeat; "a"+"bc" and "ab"+"c" must not be mixed up.
repetitive = st.lists(st.sampled_from(["a", "ab", "bc", "c", "ddddd"]), max_size=80)
looping = st.builds(
    lambda head, loop, times, tail: head + loop * times + tail,
    repetitive,
    repetitive,
    st.integers(0, 4),
    repetitive,
)


@COMPILES
@given(st.lists(st.one_of(repetitive, looping), max_size=4))
def test_equals_the_plain_computation(texts: list[list[str]]) -> None:
    top, duplicate = measure(texts)
    assert top.tolist() == [[naive_top(words, size) for size in TOP_SIZES] for words in texts]
    assert duplicate.tolist() == [
        [naive_duplicate(words, size) for size in DUPLICATE_SIZES] for words in texts
    ]


@COMPILES
@given(looping, st.integers(2**32 - 40, 2**32))
def test_character_positions_may_wrap(words: list[str], chars_before: int) -> None:
    filler = ["x" * 7]  # a text before, whose last character position is that of the batch
    for plain, wrapped in zip(
        measure([filler, words]), measure([filler, words], chars_before), strict=True
    ):
        assert plain[1].tolist() == wrapped[1].tolist()
