"""Words in UTF-8 bytes, against Python's own splitting."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_assets.corpus.word_kernels import (
    CLASSIFIED,
    LETTER,
    SCRIPT_SHIFT,
    SEPARATOR,
    WORD_COLUMNS,
    Bytes,
    Counts,
    Offsets,
    count_words,
    name_words,
    slot_of,
    table_size,
)

COMPILES = settings(deadline=None)  # the first call compiles
STOP_WORDS = {"the", "be", "to", "of", "and", "that", "have", "with"}
UNSPACED = "東京"
HUNDREDTHS_OF_A_WORD = 30


def classes() -> Bytes:
    """Class the characters as Python does; two kanji are the script without spaces."""
    table: Bytes = np.zeros(CLASSIFIED, np.uint8)
    for point in range(CLASSIFIED):
        character = chr(point)
        table[point] = SEPARATOR * character.isspace() | LETTER * character.isalpha()
    for character in UNSPACED:
        table[ord(character)] |= 1 << SCRIPT_SHIFT
    return table


CLASSES = classes()


def buffers(texts: list[str]) -> tuple[Bytes, Offsets]:
    encoded = [text.encode() for text in texts]
    return (
        np.frombuffer(b"".join(encoded), np.uint8),
        np.cumsum([0, *map(len, encoded)], dtype=np.int64),
    )


def count(texts: list[str]) -> list[dict[str, int]]:
    out: Counts = np.full((len(texts), len(WORD_COLUMNS)), -1, np.int64)
    hundredths = np.array([0, HUNDREDTHS_OF_A_WORD], np.int64)
    count_words(*buffers(texts), CLASSES, hundredths, out)
    return [dict(zip(WORD_COLUMNS, row, strict=True)) for row in out.tolist()]


def expected(text: str) -> dict[str, int]:
    words = text.split()
    plain = [word for word in words if not set(word) & set(UNSPACED)]
    stripped = {
        word.strip("".join(chr(i) for i in range(128) if not chr(i).isalpha())).lower()
        for word in plain
        if len(word.encode()) <= 12
    }
    unspaced = sum(
        max(1, (sum(word.count(kanji) for kanji in UNSPACED) * HUNDREDTHS_OF_A_WORD + 50) // 100)
        for word in words
        if set(word) & set(UNSPACED)
    )
    return {
        "words": len(words),
        "chars": sum(map(len, words)),
        "letter_words": sum(any(map(str.isalpha, word)) for word in words),
        "stop_words": len(stripped & STOP_WORDS),
        "estimate": len(plain) + unspaced,
        "unspaced": unspaced,
    }


def without_surrogates(alphabet: str = "") -> st.SearchStrategy[str]:
    characters = st.characters(exclude_categories=["Cs"])
    return st.text(st.one_of(characters, st.sampled_from(alphabet)) if alphabet else characters)


words = st.one_of(
    st.sampled_from(
        [*STOP_WORDS, "The", "THAT", '"with"', "(of)...", "ofs", "12", "東京東", "東京" * 5, "x東"]
    ),
    without_surrogates("東京 #."),
)
separators = st.sampled_from([" ", "\n", "\t", "\u3000", "\xa0", "\u2028", "  "])
texts = st.lists(st.tuples(words, separators)).map(
    lambda pairs: "".join(word + separator for word, separator in pairs)
)


@COMPILES
@given(st.lists(texts, max_size=4))
def test_counts_as_python_does(values: list[str]) -> None:
    assert count(values) == [expected(value) for value in values]


def test_stop_words_are_distinct_and_of_any_case() -> None:
    assert count(["the The THE", "to be", '(the) "of" and,', "theo toe thatch bee"]) == [
        {**expected("the The THE"), "stop_words": 1},
        {**expected("to be"), "stop_words": 2},
        {**expected('(the) "of" and,'), "stop_words": 3},
        {**expected("theo toe thatch bee"), "stop_words": 0},
    ]


@COMPILES
@given(st.lists(texts, max_size=4), st.sets(st.integers(0, 3)))
def test_names_words_by_their_first_position(values: list[str], left_out: set[int]) -> None:
    split = [[] if i in left_out else value.split() for i, value in enumerate(values)]
    first_words = np.cumsum([0, *map(len, split)], dtype=np.int64)
    names = np.empty(first_words[-1], np.uint32)
    char_ends = np.empty(first_words[-1], np.uint32)
    name_words(*buffers(values), CLASSES, first_words, names, char_ends)
    flat = [word for text in split for word in text]
    assert names.tolist() == [text.index(word) for text in split for word in text]
    assert char_ends.tolist() == np.cumsum([*map(len, flat)], dtype=np.int64).tolist()


@COMPILES
@given(st.integers(0, 2**64 - 1), st.integers(0, 2**31))
def test_slots_lie_in_their_table(key: int, keys: int) -> None:
    size = table_size(keys)
    assert size > keys
    assert 0 <= slot_of(np.uint64(key), size) < size
