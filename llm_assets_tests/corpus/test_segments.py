from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_assets.corpus import segments
from llm_assets.corpus.segments import SEGMENT_CHARS, cut_text, cut_texts


def test_short_texts_are_left_alone() -> None:
    assert cut_text("") == [""]
    assert cut_text("a" * SEGMENT_CHARS) == ["a" * SEGMENT_CHARS]


@pytest.mark.parametrize(
    ("end", "rest"),
    [("word", " word"), ("word", "\nword"), ("9", "\t9"), ("語", "。語"), ("字", "、字")],
)
def test_cuts_at_the_last_certain_split(end: str, rest: str) -> None:
    text = "a b " * (SEGMENT_CHARS // 4 - 10) + "-" * 20 + end + rest + "-" * 100
    first, second = cut_text(text)
    assert first.endswith("-" + end)
    assert second.startswith(rest)


@pytest.mark.parametrize("not_certain", [". word", "- word", "…。", "\u0301 word", "  ", "aa"])
def test_other_places_are_no_certain_splits(not_certain: str) -> None:
    text = "-" * (SEGMENT_CHARS - 1) + not_certain
    assert [len(segment) for segment in cut_text(text)] == [SEGMENT_CHARS, len(not_certain) - 1]


def test_a_stretch_without_certain_split_is_cut_at_its_end() -> None:
    assert [len(s) for s in cut_text("-" * (2 * SEGMENT_CHARS + 5))] == [
        SEGMENT_CHARS,
        SEGMENT_CHARS,
        5,
    ]


@settings(deadline=None)
@given(st.lists(st.text(alphabet="ab -.\n。語\u0301", max_size=60), max_size=8))
def test_segments_join_to_the_texts(texts: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segments, "SEGMENT_CHARS", 7)
        patch.setattr(segments, "_WINDOWS", (3,))
        patch.setattr(segments.cut_text, "__defaults__", (7,))
        pieces, starts = cut_texts(pl.Series("text", texts, dtype=pl.String))
    assert len(starts) == len(texts) + 1
    assert all(len(piece) <= 7 for piece in pieces)
    joined = ["".join(pieces[int(a) : int(b)]) for a, b in pairwise(starts)]
    assert joined == texts
