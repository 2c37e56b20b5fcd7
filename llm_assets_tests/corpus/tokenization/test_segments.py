from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_assets.corpus.tokenization import segments
from llm_assets.corpus.tokenization.segments import SEGMENT_CHARS, cut_text, cut_texts
from llm_assets.corpus.tokenization.spaced_pieces import BEFORE_SPACE


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
        patch.setattr(segments, "_WINDOWS", (3,))
        cut = cut_texts(pl.Series("text", texts, dtype=pl.String), lambda t: cut_text(t, 7), 7)
    pieces, starts = cut.texts, cut.starts
    assert len(starts) == len(texts) + 1
    assert all(len(piece) <= 7 for piece in pieces)
    joined = ["".join(pieces[int(a) : int(b)]) for a, b in pairwise(starts)]
    assert joined == texts


STRANGE = "\u0378"


@settings(deadline=None)
@given(st.lists(st.text(alphabet=f"ab -\n{STRANGE}", max_size=60), max_size=6))
def test_what_is_set_apart_is_between_certain_splits(texts: list[str]) -> None:
    def find(text: str) -> list[int]:
        return [place for place, character in enumerate(text) if character == STRANGE]

    apart = segments.set_apart(pl.Series("text", texts, dtype=pl.String), find)
    assert apart.inner is not None
    for piece, is_strange in zip(apart.texts, apart.inner, strict=True):
        assert is_strange == (STRANGE in piece)
    for text, (start, stop) in zip(texts, pairwise(apart.starts.tolist()), strict=True):
        pieces = apart.texts[start:stop].to_list()
        assert "".join(pieces) == text
        splits = {match.end() for match in segments.BETWEEN_WORDS.finditer(text)}
        assert {len("".join(pieces[:n])) for n in range(1, len(pieces))} <= splits


def test_only_the_words_around_it_are_set_apart() -> None:
    text = "one two " * 1_000 + f"x {STRANGE}a b c"
    apart = segments.set_apart(pl.Series([text]), lambda text: [text.index(STRANGE)])
    assert apart.texts.filter(pl.Series(apart.inner)).to_list() == [f" {STRANGE}a"]


def test_without_a_certain_split_no_letter_loses_its_marks() -> None:
    assert cut_text("-" * 8 + "e\u0301\u0301-", 9)[1] == "e\u0301\u0301-"
    assert [len(s) for s in cut_text("\u0301" * 200, 100)] == [100, 100]


@pytest.mark.parametrize(
    ("text", "pieces", "inner"),
    [
        ("aaaaaa bb", ["aaaaaa", "bb"], False),  # the space is the tokenizer's to put
        ("aaaaaaaabb", ["aaaaaaaa", "bb"], True),
        ("aaaaaa    b", ["aaaaaa  ", " b"], False),
        ("aaaaaaaa ", ["aaaaaaaa", " "], True),
    ],
)
def test_what_begins_at_a_space_leaves_it_to_the_tokenizer(
    text: str, pieces: list[str], inner: bool
) -> None:
    cut = segments.cut_texts_at_spaces(
        pl.Series(["x", text]), split=BEFORE_SPACE, certain=None, is_space=lambda _: False, limit=8
    )
    assert cut.texts.to_list() == ["x", *pieces]
    assert (cut.inner is not None and bool(cut.inner[-1])) == inner


def test_spaces_that_a_tokenizer_removes_are_no_inside_of_a_word() -> None:
    cut = segments.cut_texts_at_spaces(
        pl.Series(["aaaaaaaa\tb"]), split=None, certain=None, is_space=str.isspace, limit=8
    )
    assert (cut.texts.to_list(), cut.inner) == (["aaaaaaaa", "\tb"], None)
