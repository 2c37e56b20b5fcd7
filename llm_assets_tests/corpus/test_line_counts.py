"""Lines and paragraphs, against plain Python."""

import re

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from llm_assets.corpus.line_counts import TEXT_LINES, measure_lines

COMPILES = settings(deadline=None)  # the first call compiles
ENDS_2024 = tuple(".'\"!?")
ENDS = tuple(".!?。।")  # of those in the texts below


def measure(*texts: str) -> list[dict[str, int]]:
    return measure_lines(pl.Series(texts, dtype=pl.String)).to_dicts()


def repeated(items: list[str]) -> tuple[int, int]:
    later = [item for i, item in enumerate(items) if item in items[:i]]
    return len(later), sum(map(len, later))


def plain(text: str) -> dict[str, int]:
    raw = text.split("\n")
    lines = [line for line in raw if line.strip()]
    paragraphs = [part for part in re.split("\n{2,}", text.strip()) if part.strip()]
    line_count, line_chars = repeated(lines)
    paragraph_count, paragraph_chars = repeated(paragraphs)
    return {
        "raw_lines": len(raw),
        "raw_terminal_2024": sum(line.endswith(ENDS_2024) for line in raw),
        "raw_short": sum(len(line) <= 30 for line in raw),
        "lines": len(lines),
        "bullet": sum(line.strip()[0] in "•●*-" for line in lines),
        "ellipsis": sum(line.rstrip().endswith(("...", "…")) for line in lines),
        "terminal": sum(line.endswith(ENDS) for line in lines),
        "short": sum(len(line) <= 30 for line in lines),
        "repeated_lines": line_count,
        "repeated_line_chars": line_chars,
        "paragraphs": len(paragraphs),
        "repeated_paragraphs": paragraph_count,
        "repeated_paragraph_chars": paragraph_chars,
    }


# Python strips four separator controls that are no whitespace to Unicode.
characters = st.characters(exclude_categories=["Cs"], exclude_characters="\x1c\x1d\x1e\x1f")
pieces = st.one_of(
    st.sampled_from(
        [
            *("\n", "\n\n", "\n\n\n", "\n \n", " ", "\u3000", "\r", "\x0b", "\x00"),
            *("a", "é", "東京", "seven b", "eight by", "...", "…", "。", "•", "* x"),
            "one line of some thirty-one ch",
        ]
    ),
    st.text(characters.filter(lambda c: c.isalnum()), max_size=3),
)
documents = st.lists(st.lists(pieces, max_size=30).map("".join), max_size=5)


@COMPILES
@given(documents)
def test_equals_the_plain_count(texts: list[str]) -> None:
    assert measure(*texts) == [plain(text) for text in texts]


def test_many_distinct_lines_are_told_apart() -> None:
    """More than the table's first size, and again, so that it doubles."""
    lines = [f"line {i // 2}" for i in range(4_000)]
    row = measure("\n".join(lines))[0]
    assert (row["lines"], row["repeated_lines"]) == (4_000, 2_000)
    row = measure("\n\n".join(lines))[0]
    assert (row["paragraphs"], row["repeated_paragraphs"]) == (4_000, 2_000)


def test_short_paragraphs_of_the_same_lines_in_another_order_are_told_apart() -> None:
    row = measure("a\nb\n\nb\na\n\na\nb")[0]
    assert (row["paragraphs"], row["repeated_paragraphs"]) == (3, 1)


@pytest.mark.parametrize("text", ["", "\n", " ", "\n" * 1_000, "\u2028\n\t"])
def test_a_blank_text_has_no_lines(text: str) -> None:
    row = measure(text)[0]
    assert row["raw_lines"] == text.count("\n") + 1
    assert {row[name] for name in TEXT_LINES if not name.startswith("raw")} == {0}


def test_no_texts() -> None:
    assert measure_lines(pl.Series([], dtype=pl.String)).schema == TEXT_LINES


@COMPILES
@given(documents, st.integers(0, 5))
def test_batches_do_not_matter(texts: list[str], cut: int) -> None:
    series = pl.Series(texts, dtype=pl.String)
    parts = [measure_lines(series[:cut]), measure_lines(series[cut:])]
    assert_frame_equal(pl.concat(parts), measure_lines(series))
