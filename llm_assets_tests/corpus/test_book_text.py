"""Joining the lines of wrapped paragraphs."""

from hypothesis import given
from hypothesis import strategies as st

from llm_assets.corpus.book_text import unwrapped

LINE = ("word " * 13).strip()


def test_wrapped_paragraphs_become_lines_and_verse_stays() -> None:
    prose = f"{LINE}\n{LINE}\nend."
    verse = "Tyger Tyger, burning bright,\nIn the forests of the night;"
    table = "a    b\n  c    d"
    joined = unwrapped(f"{prose}\n\n{verse}\n\n{table}")
    assert joined == f"{LINE} {LINE} end.\n\n{verse}\n\n{table}"


def test_a_hyphen_at_a_line_end_stays_without_a_space() -> None:
    assert unwrapped("x" * 60 + " well-\nknown.") == "x" * 60 + " well-known."


def test_a_dash_at_a_line_end_keeps_its_space() -> None:
    assert unwrapped("x" * 60 + " so--\nand so.") == "x" * 60 + " so-- and so."


@given(st.text(st.sampled_from("ab -\n"), max_size=300))
def test_unwrapping_twice_is_unwrapping_once(text: str) -> None:
    assert unwrapped(unwrapped(text)) == unwrapped(text)
