import polars as pl
import pytest

from llm_assets.corpus.contamination.cut_ranges import AROUND_BYTES, ranges_around
from llm_assets.corpus.shingling.tokens import find_tokens

LONG = "word " * 100


def cut_around(text: str, *matches: str) -> str:
    """Return a text without what is cut around these parts of it."""
    tokens = find_tokens(pl.Series([text]))
    data = text.encode()
    spans = []
    for match in matches:
        start = data.index(match.encode())
        inside = (tokens.starts >= start) & (tokens.ends <= start + len(match.encode()))
        first, *_, last = [int(i) for i in inside.nonzero()[0]] * 2
        spans.append((first, last + 1))
    for start, end in reversed(ranges_around(text, spans, tokens.starts, tokens.ends)):
        data = data[:start] + data[end:]
    return data.decode()


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("before\nthe match here\nafter", "before\nafter"),
        ("the match here\nafter", "after"),
        ("before\nthe match here", "before"),
        ("before\nthe match here\n", "before\n"),
        ("the match here", ""),
        ("before\n\nQ: the match here?\n\nafter", "before\n\n\nafter"),
        ("vorher\nüber the match hier.\nnachher", "vorher\nnachher"),
    ],
)
def test_the_lines_of_a_match_go(text: str, left: str) -> None:
    assert cut_around(text, "the match") == left


def test_of_a_long_line_goes_what_is_near() -> None:
    left = cut_around(f"before\n{LONG}the match {LONG}\nafter", "the match")
    kept = (len(LONG) - AROUND_BYTES) // len("word ")
    assert left == f"before\n{'word ' * kept}{'word ' * kept}\nafter"


def test_the_end_of_a_line_stays_where_its_start_does() -> None:
    left = cut_around(f"{LONG}the match\nafter", "the match")
    assert left == f"{'word ' * 60}\nafter"
    left = cut_around(f"before\nthe match {LONG}\nafter", "the match")
    assert left == f"before\n{'word ' * 60}\nafter"


def test_no_character_is_cut_in_two() -> None:
    thai, emoji = "กขคง" * 60, "🙂 " * 120
    for around in (thai, emoji, "é" * 300, "日本語" * 80):
        assert cut_around(f"{around} the match {around}", "the match")


def test_matches_near_each_other_are_one_cut() -> None:
    text = "a\nthe match\nanother match\nz"
    assert cut_around(text, "the match", "another match") == "a\nz"
    tokens = find_tokens(pl.Series([text]))
    assert ranges_around(text, [(1, 3), (3, 5)], tokens.starts, tokens.ends) == [(2, 26)]
