"""Texts as datatrove simplifies them: the kernel against the definition in plain Python."""

from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_assets.corpus.duplication.datatrove_text import simplify_text, simplify_texts
from llm_assets.corpus.duplication.datatrove_text_kernels import MOST_GROWTH
from llm_assets.corpus.spans import arrow_buffers

TEXTS = st.text(st.characters(codec="utf-8") | st.sampled_from("aΣσ1. \t\u0301'’İ\u302e\u1b44"))


def simplified(texts: list[str]) -> list[str]:
    data, ends = simplify_texts(*arrow_buffers(pl.Series(texts, dtype=pl.String)))
    return [data[start:end].tobytes().decode() for start, end in pairwise(ends.tolist())]


@given(st.lists(TEXTS, max_size=4))
def test_the_kernel_is_the_definition(texts: list[str]) -> None:
    assert simplified(texts) == [simplify_text(text) for text in texts]


def test_all_characters_are_those_of_the_definition() -> None:
    points = [point for point in range(0x110000) if not 0xD800 <= point < 0xE000]
    texts = [
        "".join(f"a{chr(point)}Σ {chr(point)}1" for point in points[i : i + 1024])
        for i in range(0, 0x40000, 1024)
    ]
    assert simplified(texts) == [simplify_text(text) for text in texts]


def test_no_character_grows_beyond_the_room() -> None:
    points = [point for point in range(0x40000) if not 0xD800 <= point < 0xE000]
    growth = {len(simplify_text(c).encode()) / len(c.encode()) for c in map(chr, points)}
    assert max(growth) == MOST_GROWTH


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  Don't STOP!\n", "don t stop"),
        ("1,234.5 and 12٫7", "0 0 and 0"),
        ("ΟΔΟΣ ΣΑΣ, Σ", "οδος σας σ"),
        ("a \u0301 b", "a  b"),  # the mark keeps its two spaces
        ("\u0301 a\u0301", "a"),
        ("a\u302e\u1b44b", "a\u1b44\u302eb"),  # marks that change places
        ("½ → x\u00adＡ", "½ → x\u00adａ"),
        ("\x00..", ""),
    ],
)
def test_examples_by_the_original(text: str, expected: str) -> None:
    assert simplified([text]) == [expected]
    assert simplify_text(text) == expected
