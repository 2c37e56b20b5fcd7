"""Lines, paragraphs and the marks at their ends, against Python's own methods of strings."""

import re

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_assets.corpus import line_kernels
from llm_assets.corpus.line_kernels import AS_IS, STRIP_EACH, STRIP_TEXT
from llm_assets.corpus.spans import (
    PYTHON_SPACE,
    arrow_buffers,
    classify,
    room_for_spans,
    trimmed,
)
from llm_assets_tests.corpus.pieces import cut_out

COMPILES = settings(deadline=None)  # the first call compiles
SPACES = classify([(PYTHON_SPACE, line_kernels.SPACE)])

texts = st.lists(
    st.text("ab \n\r\t\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u2028\u2029\u3000é漢🙂.…-•", max_size=24),
    max_size=4,
)


def cut(column: list[str], least: int, *, greedy: bool, strip: int) -> list[list[str]]:
    data, offsets = arrow_buffers(pl.Series(column, dtype=pl.String))
    spans = room_for_spans(offsets)
    line_kernels.cut_at_newlines(data, offsets, least, greedy, strip, SPACES, *spans)
    return cut_out(data, offsets, trimmed(spans))


@COMPILES
@given(texts)
def test_cuts_are_those_of_regular_expressions(column: list[str]) -> None:
    assert cut(column, 1, greedy=True, strip=AS_IS) == [re.split(r"\n+", text) for text in column]
    assert cut(column, 1, greedy=False, strip=AS_IS) == [text.split("\n") for text in column]
    assert cut(column, 2, greedy=True, strip=STRIP_TEXT) == [
        re.split(r"\n{2,}", text.strip()) for text in column
    ]


@COMPILES
@given(texts)
def test_stripped_pieces_have_something_in_them(column: list[str]) -> None:
    for least in (1, 2):
        assert cut(column, least, greedy=False, strip=STRIP_EACH) == [
            [stripped for piece in text.split("\n" * least) if (stripped := piece.strip())]
            for text in column
        ]


@COMPILES
@given(texts)
def test_line_ends_are_those_of_splitlines(column: list[str]) -> None:
    data, offsets = arrow_buffers(pl.Series(column, dtype=pl.String))
    spans = room_for_spans(offsets)
    line_kernels.cut_at_line_ends(data, offsets, *spans)
    assert cut_out(data, offsets, trimmed(spans)) == [text.splitlines() for text in column]


def count_marked(text: str, bullets: str, ellipses: int, *, strip: bool) -> tuple[int, int]:
    data, offsets = arrow_buffers(pl.Series([text]))
    spans = room_for_spans(offsets)
    line_kernels.cut_at_newlines(data, offsets, 1, False, AS_IS, SPACES, *spans)
    points = np.array(list(map(ord, bullets)), np.int64)
    counts = np.empty((1, 2), np.int64)
    line_kernels.count_marked(
        data, offsets, *trimmed(spans), points, ellipses, strip, SPACES, counts
    )
    bullet, ellipsis = counts[0].tolist()
    return bullet, ellipsis


@pytest.mark.parametrize(
    ("line", "strip", "marks"),
    [
        ("• a", False, (1, 0)),
        ("•", False, (1, 0)),
        ("* a", False, (0, 0)),  # not asked for
        (" - a", False, (0, 0)),
        (" - a", True, (1, 0)),
        ("a…", False, (0, 1)),
        ("a...", False, (0, 1)),
        ("a....", False, (0, 1)),
        ("a..", False, (0, 0)),
        ("..", False, (0, 0)),
        ("a. . .", False, (0, 0)),  # not asked for
        ("a…\u3000", False, (0, 0)),
        ("a…\u3000", True, (0, 1)),
        ("\x1f- a…\x1f", True, (1, 1)),
        ("", True, (0, 0)),
        (" \t", True, (0, 0)),
    ],
)
def test_marks(line: str, strip: bool, marks: tuple[int, int]) -> None:
    ellipses = line_kernels.THREE_DOTS | line_kernels.ELLIPSIS
    assert count_marked(line, "•-", ellipses, strip=strip) == marks
    twice = count_marked(f"{line}\nplain\n{line}", "•-", ellipses, strip=strip)
    assert twice == (2 * marks[0], 2 * marks[1])


@pytest.mark.parametrize(("line", "count"), [("a . . .", 1), (". . .", 1), (". .", 0), ("...", 0)])
def test_dots_with_spaces(line: str, count: int) -> None:
    assert count_marked(line, "", line_kernels.SPACED_DOTS, strip=False) == (0, count)
