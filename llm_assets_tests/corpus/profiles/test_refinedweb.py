"""RefinedWeb's rules on lines, step by step beside a plain reading of the same rules."""

import re

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal, assert_series_equal

from llm_assets.corpus.profiles.refinedweb import (
    REFINEDWEB_SIGNALS,
    edit_refinedweb,
    measure_refinedweb,
)

LINE = "a line of words"


def frame(*texts: str | None) -> pl.DataFrame:
    return pl.DataFrame({"text": texts}, schema={"text": pl.String})


def edit(text: str) -> str:
    return str(edit_refinedweb(frame(text)).item())


# line, what is left of it, the rule that took it or from it
LINES = [
    ("a line of words", "a line of words", None),
    ("AB cd", "AB cd", None),  # two of five
    ("ABC d", None, "uppercase"),
    ("ÀÉÎ d", None, "uppercase"),
    ("12345", None, "numeric"),
    ("٣٤²", None, "numeric"),
    ("12 345", "12 345", None),
    ("1,234 likes", None, "counter"),
    ("• 5K Views •", None, "counter"),
    ("7.5m boo\N{KELVIN SIGN}marks", None, "counter"),
    ("5 likes it", "5 likes it", None),
    ("some 5 likes", "some 5 likes", None),
    ("5likes", None, "short"),
    ("word", None, "short"),
    ("\u00a0 ", None, "short"),
    ("", "", None),
    ("3 items in cart now", "3 now", "phrase"),
    ("İtems in Cart items in cart", None, "phrase"),
    ("and so on read more...", "and so on", "phrase"),
    ("and so on Read More»»»", "and so on", "phrase"),  # three characters, whichever
    ("and so on read more....", "and so on read more....", None),
    ("sign-in with a name", "with a name", "phrase"),
    ("ſıGn-in  twice", " twice", "phrase"),
    ("go to sign-in", "go to sign-in", None),
    (f"{'w ' * 9}read more...", f"{'w ' * 9}read more...", None),  # eleven words
]


@pytest.mark.parametrize(("line", "left", "rule"), LINES)
def test_what_becomes_of_a_line(line: str, left: str | None, rule: str | None) -> None:
    text = f"{LINE}\n{line}\n{LINE}"
    kept = [LINE, LINE] if left is None else [LINE, left, LINE]
    assert edit(text) == "\n".join(kept)
    counts = (
        measure_refinedweb(frame(text)).drop("cut_word_share_refinedweb_dclm").row(0, named=True)
    )
    hit = {name.split("_line_")[0] for name, count in counts.items() if count}
    assert hit == ({rule} if rule else set())


def test_later_rules_read_the_first_and_the_last_line_without_space_around() -> None:
    assert edit(f"\n  123\n{LINE}\n 456 \n\n") == LINE
    assert edit(f"{LINE}\n  123\n{LINE}") == f"{LINE}\n  123\n{LINE}".replace("\n  123", "")
    assert edit(f"ABC\n 1 2\n{LINE}\n\nABC") == f"1 2\n{LINE}"


@pytest.mark.parametrize(
    ("text", "share"),
    [
        (f"{LINE}\n{LINE}", 0.0),
        (f"{LINE}\nword", 0.2),
        ("word", 1.0),
        ("", 1.0),
        ("... !!!", 1.0),  # no word to begin with
        ("(a) b\nc", 0.5),  # a word starts with a letter or digit
    ],
)
def test_the_share_of_words_cut(text: str, share: float) -> None:
    measured = measure_refinedweb(frame(text))
    assert measured["cut_word_share_refinedweb_dclm"].item() == pytest.approx(share)


def test_null_stays_null() -> None:
    measured = measure_refinedweb(frame(LINE, None))
    assert measured.schema == REFINEDWEB_SIGNALS
    assert measured.row(1) == (None,) * len(measured.columns)
    assert edit_refinedweb(frame(LINE, None)).to_list() == [LINE, None]
    assert measure_refinedweb(frame()).is_empty()


COUNTER = re.compile(
    r"^\W*\d(?:,|\.|\d)*(?:k|m|b)?\s+(?:likes|shares|comments|retweets|reposts|quotes|bookmarks"
    r"|upvotes|downvotes|downloads|views|followers)\W*$"
)
PHRASES = (r"\s?items in cart", r"\s?read more...$", r"^sign-in\s?")


def left_of(text: str) -> str:
    """Read the rules in plain Python."""

    def cut(text: str, *, is_kept: object) -> str:
        return "\n".join(filter(is_kept, text.split("\n")))

    def share(line: str, has: object) -> float:
        return sum(map(has, line)) / len(line) if line else 0

    text = cut(text, is_kept=lambda line: share(line, str.isupper) <= 0.5).strip()
    text = cut(text, is_kept=lambda line: share(line, str.isdigit) <= 0.999999).strip()
    text = cut(text, is_kept=lambda line: not COUNTER.search(line.lower())).strip()
    text = cut(text, is_kept=lambda line: not line or len(line.split()) > 1)
    for phrase in PHRASES:
        lines = []
        for line in text.split("\n"):
            short = len(line.split()) <= 10
            left = re.sub(phrase, "", line, flags=re.IGNORECASE) if short else line
            if not short or not line or left.strip():
                lines.append(left)
        text = "\n".join(lines).strip()
    return text


PIECES = [
    *(" ", " ", "\n", "\n", "word", "W", "ABC", "É", "1", "23", "²", "٣", ",", ".", "k", "\u2003"),
    *("likes", " Shares", " followers", "boo\N{KELVIN SIGN}marks", "•", "_", "\u0301", "\x1c"),
    *("items in cart", "Items In Cart", "İtems in cart", "read more...", "Read More", "sign-in "),
    *("ſign-ın", "a b c d e f", "(", "\x00", "\x85"),
]
texts = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)


@given(texts)
def test_the_kernel_reads_the_rules_as_plain_python_does(text: str) -> None:
    assert edit(text) == left_of(text)


@given(st.lists(st.none() | texts, max_size=6), st.integers(0, 6))
def test_a_text_is_read_alone(batch: list[str | None], cut: int) -> None:
    whole, parts = frame(*batch), [frame(*batch[:cut]), frame(*batch[cut:])]
    measured = [measure_refinedweb(part) for part in parts]
    assert_frame_equal(pl.concat(measured), measure_refinedweb(whole))
    edited = [edit_refinedweb(part) for part in parts]
    assert_series_equal(pl.concat(edited), edit_refinedweb(whole))
