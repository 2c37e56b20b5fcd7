"""Words in UTF-8 bytes, counted, named and cut, against Python's own splitting."""

from random import Random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_assets.corpus.word_kernels import (
    CLASSIFIED,
    CUT,
    LETTER,
    SCRIPT_SHIFT,
    SEPARATOR,
    WORD_COLUMNS,
    Bytes,
    Counts,
    Offsets,
)
from llm_assets.corpus.word_name_kernels import name_cut_words, read_words

COMPILES = settings(deadline=None)  # the first call compiles
STOP_WORDS = {"the", "be", "to", "of", "and", "that", "have", "with"}
ESTIMATED = "東京"
IN_DICTIONARY = "กข"
HUNDREDTHS_OF_A_WORD = 30


def classes() -> Bytes:
    """Class the characters as Python does; two kanji and two Thai letters have no spaces."""
    table: Bytes = np.zeros(CLASSIFIED, np.uint8)
    for point in range(CLASSIFIED):
        character = chr(point)
        table[point] = SEPARATOR * character.isspace() | LETTER * character.isalpha()
    for character in ESTIMATED:
        table[ord(character)] |= 1 << SCRIPT_SHIFT
    for character in IN_DICTIONARY:
        table[ord(character)] |= CUT
    return table


CLASSES = classes()


def buffers(texts: list[str]) -> tuple[Bytes, Offsets]:
    encoded = [text.encode() for text in texts]
    return (
        np.frombuffer(b"".join(encoded), np.uint8),
        np.cumsum([0, *map(len, encoded)], dtype=np.int64),
    )


def read(texts: list[str]) -> tuple[list[dict[str, int]], list[list[int]], list[int]]:
    """Return the counts, the names by text, and the ends of the words in characters."""
    data, offsets = buffers(texts)
    out: Counts = np.full((len(texts), len(WORD_COLUMNS)), -1, np.int64)
    hundredths = np.array([0, HUNDREDTHS_OF_A_WORD], np.int64)
    first = np.empty_like(offsets)
    names, char_ends = np.empty((2, len(data) // 2 + len(offsets)), np.uint32)
    read_words(data, offsets, CLASSES, hundredths, out, first, names, char_ends)
    by_text = [names[first[i] : first[i + 1]].tolist() for i in range(len(texts))]
    counts = [dict(zip(WORD_COLUMNS, row, strict=True)) for row in out.tolist()]
    return counts, by_text, char_ends[: first[-1]].tolist()


def expected(text: str) -> dict[str, int]:
    words = text.split()
    to_cut = [word for word in words if set(word) & set(IN_DICTIONARY)]
    to_estimate = [word for word in words if set(word) & set(ESTIMATED) and word not in to_cut]
    spaced = [word for word in words if word not in to_cut and word not in to_estimate]
    stripped = {
        word.strip("".join(chr(i) for i in range(128) if not chr(i).isalpha())).lower()
        for word in spaced
        if len(word.encode()) <= 12
    }
    return {
        "words": len(words),
        "chars": sum(map(len, words)),
        "letter_words": sum(any(map(str.isalpha, word)) for word in words),
        "stop_words": len(stripped & STOP_WORDS),
        "spaced": len(spaced),
        "estimate": sum(
            max(1, (sum(map(word.count, ESTIMATED)) * HUNDREDTHS_OF_A_WORD + 50) // 100)
            for word in to_estimate
        ),
        "unspaced": len(to_cut),
    }


def without_surrogates(alphabet: str = "") -> st.SearchStrategy[str]:
    characters = st.characters(exclude_categories=["Cs"])
    return st.text(st.one_of(characters, st.sampled_from(alphabet)) if alphabet else characters)


words = st.one_of(
    st.sampled_from(
        [
            *(*STOP_WORDS, "The", "THAT", '"with"', "(of)...", "ofs", "12", "ééééé", "\x7f"),
            *("東京東", "東京" * 5, "x東", "กข", "ก東", "a\x00b", "exactly8", "more-than-eight"),
        ]
    ),
    without_surrogates("東京กข #."),
)
separators = st.sampled_from([" ", "\n", "\t", "\u3000", "\xa0", "\u2028", "  "])
texts = st.lists(st.tuples(words, separators)).map(
    lambda pairs: "".join(word + separator for word, separator in pairs)
)


@COMPILES
@given(st.lists(texts, max_size=4))
def test_counts_as_python_does(values: list[str]) -> None:
    counts, _names, _ends = read(values)
    assert counts == [expected(value) for value in values]


def test_stop_words_are_distinct_and_of_any_case() -> None:
    values = ["the The THE", "to be", '(the) "of" and,', "theo toe thatch bee"]
    counts, _names, _ends = read(values)
    assert [count["stop_words"] for count in counts] == [1, 2, 3, 0]


@COMPILES
@given(st.lists(texts, max_size=4))
def test_names_words_by_their_first_position(values: list[str]) -> None:
    split = [value.split() for value in values]
    _counts, names, char_ends = read(values)
    assert names == [[text.index(word) for word in text] for text in split]
    flat = [len(word) for text in split for word in text]
    assert char_ends == np.cumsum(flat, dtype=np.int64).tolist()


def test_many_distinct_words_are_told_apart() -> None:
    """More than the table's first size, and again, so that it doubles while words come twice."""
    some = [f"word{i}" for i in range(3_000)]
    text = [word for pair in zip(some, [some[0], *some], strict=False) for word in pair]
    position: dict[str, int] = {}
    for i, word in enumerate(text):
        position.setdefault(word, i)
    _counts, names, _ends = read([" ".join(text), "a b a"])
    assert names == [[position[word] for word in text], [0, 1, 0]]


def test_words_that_differ_behind_their_first_eight_bytes_are_different() -> None:
    _counts, names, _ends = read(["abcdefgh abcdefghi abcdefghj abcdefgh abcdefghj abcdefgh\x00"])
    assert names == [[0, 1, 2, 0, 2, 5]]


@COMPILES
@given(st.lists(texts, max_size=4), st.sets(st.integers(0, 3)), st.randoms(use_true_random=False))
def test_cut_words_are_those_between_the_cuts(
    values: list[str], left_out: set[int], chance: Random
) -> None:
    data, offsets = buffers(values)
    pieces: list[list[str]] = []
    cuts: list[int] = []
    glued: list[int] = []
    for row, value in enumerate(values):
        pieces.append([])
        at = int(offsets[row])
        for word in [] if row in left_out else value.split():
            at = data.tobytes().index(word.encode(), at)
            bounds = sorted({0, *(i for i in range(1, len(word)) if chance.random() < 0.3)})
            for start, end in zip(bounds, [*bounds[1:], len(word)], strict=True):
                pieces[-1].append(word[start:end])
                glued.append(int(start > 0))
                if start:
                    cuts.append(at + len(word[:start].encode()))
            at += len(word.encode())
    first = np.cumsum([0, *map(len, pieces)], dtype=np.int64)
    names, char_ends = np.empty((2, first[-1]), np.uint32)
    is_glued = np.empty(first[-1], np.uint8)
    where = np.array(cuts, np.int64)
    name_cut_words(data, offsets, CLASSES, where, first, names, char_ends, is_glued)
    assert names.tolist() == [text.index(word) for text in pieces for word in text]
    lengths = [len(word) for text in pieces for word in text]
    assert char_ends.tolist() == np.cumsum(lengths, dtype=np.int64).tolist()
    assert is_glued.tolist() == glued
