"""Putting wrapped paragraphs together again."""

import textwrap
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_assets.corpus.unwrap import unwrap_lines

PROSE = (
    "It is a truth universally acknowledged, that a single man in possession of a good fortune, "
    "must be in want of a wife. However little known the feelings or views of such a man may be on "
    "his first entering a neighbourhood, this truth is so well fixed in the minds of the "
    "surrounding families, that he is considered the rightful property of some one or other of "
    "their daughters."
)
VERSE = "\n".join(
    ["Tyger Tyger, burning bright,", "In the forests of the night;", "What immortal hand or eye,"]
    * 4
)
LONG_VERSE = "\n".join(
    [
        "Thou reader throbbest life and pride and love the same as I,",
        "Therefore for thee the following chants.",
        "In the name of these States shall I scorn the antique?",
        "Why these are the children of the antique to justify it.",
    ]
)
TABLE = "CHAPTER I      The harbour and its history up to now       12\n" * 5
WORDS = st.lists(st.text("abcdefg", min_size=1, max_size=12), min_size=40, max_size=90)


def unwrap(text: str) -> str:
    return str(unwrap_lines(pl.Series([text]))[0])


def wrapped(text: str = PROSE, width: int = 70, indent: str = "") -> str:
    return textwrap.fill(
        text,
        width,
        initial_indent=indent,
        subsequent_indent=indent,
        break_on_hyphens=False,
        break_long_words=False,
    )


BOOK = f"{wrapped()}\n\n{wrapped()}"  # enough to show how the text is wrapped
JOINED = f"{PROSE}\n\n{PROSE}"


@pytest.mark.parametrize("width", [60, 72, 80])
def test_wrapped_paragraphs_become_lines(width: int) -> None:
    text = "\n\n".join([wrapped(width=width), "Short.", wrapped(width=width)])
    assert unwrap(text) == f"{PROSE}\n\nShort.\n\n{PROSE}"


def test_an_indented_quotation_is_unwrapped_too() -> None:
    quotation = wrapped(PROSE[:150], 64, "    ")
    assert unwrap(f"{BOOK}\n\n{quotation}") == f"{JOINED}\n\n{PROSE[:150].strip()}"


@pytest.mark.parametrize("other", [VERSE, LONG_VERSE, TABLE.strip(), "  a\n    b\n  c", "Ann\nBob"])
def test_what_is_no_prose_stays(other: str) -> None:
    assert unwrap(f"{BOOK}\n\n{other}\n") == f"{JOINED}\n\n{other}\n"
    assert unwrap(other) == other


def test_two_lines_are_joined_only_in_a_text_that_is_wrapped() -> None:
    two = wrapped(PROSE[:123])
    assert two.count("\n") == 1
    assert unwrap(two) == two
    assert unwrap(f"{BOOK}\n\n{two}") == f"{JOINED}\n\n{PROSE[:123].strip()}"


def test_one_odd_line_does_not_save_a_paragraph() -> None:
    lines = wrapped(PROSE * 5).split("\n")
    lines[4:5] = [lines[4][:40].rstrip(), lines[4][40:].lstrip()]
    assert "\n" not in unwrap("\n".join(lines))


@pytest.mark.parametrize(
    ("end", "start", "joined"),
    [
        ("well-", "known things", "well-known things"),
        ("the years 1914-", "1918 were", "the years 1914-1918 were"),
        ("Haupt-", "und Nebensatz", "Haupt- und Nebensatz"),
        ("so he said--", "and left", "so he said--and left"),
        ("so he said —", "and left", "so he said — and left"),
        ("so he said", "--and left", "so he said--and left"),
        ("so he said --", "and left", "so he said -- and left"),
    ],
)
def test_hyphens_and_dashes_at_line_ends(end: str, start: str, joined: str) -> None:
    filler = wrapped(PROSE * 2).split("\n")
    first = f"{'x' * (69 - len(end))} {end}"
    text = "\n".join([*filler[:6], first, start + " " + "y" * 40, *filler[6:]])
    assert joined in unwrap(text)


def test_a_broken_word_is_mended_if_the_text_has_it_whole() -> None:
    lines = [
        *wrapped(PROSE * 2).split("\n")[:10],
        f"{'x' * 60} neigh-",
        "bourhood and more words here",
    ]
    assert "xx neighbourhood and more" in unwrap("\n".join(lines))
    both = "\n\n".join(["\n".join(lines), "The neigh-bourhood."])
    assert "xx neigh-bourhood and more" in unwrap(both)


def test_a_script_without_spaces_is_not_wrapped_at_words() -> None:
    text = "\n".join(["日本語の文章は行の終わりで分かち書きをしない" * 3] * 9)
    assert unwrap(text) == text


@given(st.lists(WORDS, min_size=1, max_size=6), st.integers(40, 95))
def test_unwrapping_twice_is_unwrapping_once(paragraphs: list[list[str]], width: int) -> None:
    text = "\n\n".join(wrapped(" ".join(words), width) for words in paragraphs)
    once = unwrap(text)
    assert unwrap(once) == once
    assert once.split() == text.split()


@given(st.lists(st.text(st.sampled_from("ab -\n"), max_size=400), max_size=5))
def test_odd_texts_and_batches(texts: list[str]) -> None:
    together = unwrap_lines(pl.Series(texts, dtype=pl.String)).to_list()
    assert together == [unwrap(text) for text in texts]
    assert unwrap_lines(pl.Series(together, dtype=pl.String)).to_list() == together


def test_nulls_stay_in_their_places() -> None:
    found = unwrap_lines(pl.Series("t", [None, BOOK, None, "x"]))
    assert found.to_list() == [None, JOINED, None, "x"]


@pytest.mark.shared_data
def test_real_books_lose_their_width_and_keep_their_words(shared_data: Path) -> None:
    path = shared_data / "books" / "gutenberg" / "1342" / "1342-0.txt"
    text = path.read_text("utf-8-sig").replace("\r\n", "\n")
    found = unwrap(text)
    assert found.count("\n") < 0.5 * text.count("\n")
    assert "must be in want of a wife.\n\nHowever little known" in found
    kalevala = (shared_data / "books" / "gutenberg" / "7000" / "7000-8.txt").read_text("latin-1")
    assert unwrap(kalevala.replace("\r\n", "\n")).count("\n") > 0.98 * kalevala.count("\n")
