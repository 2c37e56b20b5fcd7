"""Pieces of texts: named, counted, and cut into groups, against plain Python."""

from collections import Counter
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_assets.corpus import spans
from llm_assets.corpus.span_kernels import count_repeated, decode_back
from llm_assets.corpus.spans import (
    CODE_POINTS,
    Spans,
    arrow_buffers,
    character_series,
    classify,
    named,
    regex_class,
    room_for_spans,
    span_chars,
    text_groups,
    trimmed,
)
from llm_assets.corpus.word_kernels import Bytes, Offsets

COMPILES = settings(deadline=None)  # the first call compiles

pieces = st.lists(st.text("aé漢🙂 ", max_size=3), max_size=12)


def buffers_of(texts: list[list[str]]) -> tuple[Bytes, Offsets, Spans]:
    """Join pieces to texts, with a letter between them that is of none."""
    data, offsets = arrow_buffers(pl.Series(["x".join(text) for text in texts], dtype=pl.String))
    sizes = [len(piece.encode()) for text in texts for piece in text]
    starts = [
        sum(len(piece.encode()) + 1 for piece in text[:i])
        for text in texts
        for i in range(len(text))
    ]
    first = np.cumsum([0, *map(len, texts)])
    return data, offsets, Spans(first, np.array(starts, np.uint32), np.array(sizes, np.uint32))


@COMPILES
@given(st.lists(pieces, max_size=4))
def test_pieces_have_the_same_name_if_they_are_the_same(texts: list[list[str]]) -> None:
    data, offsets, found = buffers_of(texts)
    names = named(data, offsets, found)
    assert names.names.tolist() == [text.index(piece) for text in texts for piece in text]
    chars = [len(piece) for text in texts for piece in text]
    assert names.char_ends.tolist() == np.cumsum(chars).tolist()
    assert span_chars(names).tolist() == [len("".join(text)) for text in texts]


@COMPILES
@given(st.lists(pieces, max_size=4))
def test_repeated_pieces(texts: list[list[str]]) -> None:
    counts = np.empty((len(texts), 6), np.int64)
    count_repeated(*named(*buffers_of(texts)), counts)
    for row, text in zip(counts.tolist(), texts, strict=True):
        times = Counter(text)
        later = [piece for i, piece in enumerate(text) if piece in text[:i]]
        copies = [piece for piece in text if times[piece] > 1]
        assert row == [
            *(len(text), len("".join(text))),
            *(len(later), len("".join(later))),
            *(len(copies), len("".join(copies))),
        ]


@COMPILES
@given(st.text(min_size=1))
def test_the_last_character(text: str) -> None:
    data = np.frombuffer(text.encode(), np.uint8)
    code_point, start = decode_back(data, len(data))
    assert (chr(code_point), start) == (text[-1], len(text[:-1].encode()))


def test_buffers_of_a_part_of_a_column() -> None:
    data, offsets = arrow_buffers(pl.Series(["a", "é", "", "漢"])[1:])
    texts = [bytes(data[start:end]).decode() for start, end in pairwise(offsets)]
    assert texts == ["é", "", "漢"]


@pytest.mark.parametrize("texts", [[], [""], ["", "a"]])
def test_groups_have_every_text(texts: list[str]) -> None:
    _data, offsets = arrow_buffers(pl.Series(texts, dtype=pl.String))
    assert [len(group) - 1 for group in text_groups(offsets)] == ([len(texts)] if texts else [])


def test_a_group_has_one_long_text_or_many_short_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spans, "_GROUP_BYTES", 10)
    _data, offsets = arrow_buffers(pl.Series(["a" * size for size in (3, 4, 5, 40, 2, 0, 1)]))
    groups = [np.diff(group).tolist() for group in text_groups(offsets)]
    assert groups == [[3, 4, 5], [40], [2, 0, 1]]


def test_room_is_for_a_span_a_byte() -> None:
    _data, offsets = arrow_buffers(pl.Series(["abc", ""]))
    room = room_for_spans(offsets)
    assert len(room.starts) >= 3 + 2
    room.first[:] = (0, 2, 2)
    assert [len(column) for column in trimmed(room)] == [3, 2, 2]


def test_classes_are_those_of_the_expressions() -> None:
    classes = classify([(r"\p{L}", 1), (regex_class("a[]-^\\\n"), 4)])
    assert len(classes) == CODE_POINTS
    assert [classes[ord(sign)] for sign in "ab]-\\1\nω🙂"] == [5, 1, 4, 4, 4, 0, 4, 1, 0]
    assert not classes[0xD800:0xE000].any()


def test_every_code_point_has_the_class_that_the_engine_gives_it() -> None:
    kinds = [(r"\p{Co}", 1), (r"\p{Cn}", 2), (r"\P{L}", 4), (r"[\w\s]", 8)]
    points = [point for point in range(CODE_POINTS) if not 0xD800 <= point < 0xE000]
    characters = pl.Series([chr(point) for point in points])
    expected = sum(characters.str.contains(kind).to_numpy() * bits for kind, bits in kinds)
    classes = classify(kinds)
    assert np.array_equal(classes[points], expected)
    assert not classes[0xD800:0xE000].any()


@pytest.mark.parametrize("points", [[], [0, 0x7F, 0x80, 0x7FF, 0x800, 0xFFFF, 0x10000, 0x10FFFF]])
def test_characters_by_their_code_points(points: list[int]) -> None:
    characters = character_series(np.array(points, np.int64))
    assert characters.to_list() == [chr(point) for point in points]
