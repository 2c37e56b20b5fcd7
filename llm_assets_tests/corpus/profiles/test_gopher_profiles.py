"""Gopher's rules as datatrove, Dolma and DCLM read them: what is particular to each reading.

That every verdict is the original's is tested in `conformance/`, every limit in `test_filters.py`.
"""

from collections.abc import Callable

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from llm_assets.corpus.profiles.filters import PROFILES
from llm_assets.corpus.profiles.gopher_datatrove import measure_datatrove
from llm_assets.corpus.profiles.gopher_dclm import measure_dclm
from llm_assets.corpus.profiles.gopher_dolma import measure_dolma
from llm_assets_tests.corpus.sample_texts import ARTICLES, HOSTILE
from llm_assets_tests.judging import judge

COMPILES = settings(deadline=None)  # the first call compiles
READINGS = {
    "gopher@datatrove-0.10": measure_datatrove,
    "gopher@dolma": measure_dolma,
    "gopher@dclm": measure_dclm,
}
SUFFIXES = {"gopher@datatrove-0.10": "datatrove", "gopher@dolma": "dolma", "gopher@dclm": "dclm"}


def signal(profile: str, text: str, name: str) -> float | None:
    measured = READINGS[profile](pl.DataFrame({"text": [text]}))
    value: float | None = measured[f"{name}_{SUFFIXES[profile]}"].item()
    return value


# The signal of each reading in this order: datatrove, Dolma, DCLM; "-" where it has none.
PARTICULAR = [
    ("word_count", 'Say "yes", now.', (3, 3, 2)),  # DCLM: a word in quotes is none
    ("word_count", "a - b\x0042", (2, 3, 3)),  # DCLM: a NUL is whitespace
    ("mean_word_chars", "ab, cdef", (3.0, "-", 3.5)),
    ("median_word_chars", "a bb ccccc", ("-", 2.0, "-")),
    ("median_word_chars", "a bb", ("-", 1.5, "-")),
    ("hash_token_ratio", "##a b", (2 / 4, "-", "-")),  # tokens are # # a b
    ("symbol_word_share", "##a b… c...", ("-", round(2 / 3, 5), "-")),  # words with one
    ("symbol_word_ratio", "##a b… c... . . .", ("-", "-", 5 / 6)),  # symbols
    ("ellipsis_token_ratio", "a.... b…", (2 / 4, "-", "-")),
    ("stop_word_count", "the the The of", (2, 3, 4)),  # distinct, small, any
    ("stop_word_count", "that's (of)", (2, 0, 0)),
    ("alphabetic_token_share", "a 1, b", (2 / 4, "-", "-")),
    ("alphabetic_word_share", "a 1, b", ("-", round(2 / 3, 5), "-")),
    ("letterless_word_share", "a 1, b", ("-", "-", 1 / 3)),
    ("bullet_line_share", "• a\n - b\n\n* c", (2 / 4, 1 / 4, 3 / 3)),
    ("bullet_line_share", "- a\x0bb", (1 / 2, 1.0, 1.0)),  # datatrove: any line end
    ("ellipsis_line_share", "a…\nb...\nc. . .\nd… ", (3 / 4, 1 / 4, 4 / 4)),
    ("duplicate_line_share", "a\na\n\nb\na", (2 / 4, 3 / 5, 3 / 4)),
    ("duplicate_line_share", "a\n\nb\n\nc", (0.0, 2 / 5, 0.0)),  # Dolma: blank lines
    ("duplicate_line_share", "\na\n", (1 / 3, round(2 / 3, 5), None)),  # DCLM: one line
    ("duplicate_line_char_share", "ab\nab", (2 / 5, 1.0, 1.0)),
    ("duplicate_paragraph_share", "a\n\na\n\n\nb", (1 / 3, "-", 2 / 3)),
    ("duplicate_paragraph_char_share", "ab\n\nab\n\nc", (2 / 9, "-", 4 / 5)),
    ("top_2_gram_char_share", "a b a b", (6 / 7, 1.0, 1.0)),
    ("top_2_gram_char_share", "a b c", (3 / 5, round(2 / 3, 5), 0.0)),
    ("top_2_gram_char_share", "a", (0.0, 0.0, 0.0)),
    ("duplicate_5_gram_char_share", "a b c d e a b c d e", (5 / 19, round(10 / 30, 5), 1.0)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "values"), PARTICULAR)
def test_readings_differ(name: str, text: str, values: tuple[float | str | None, ...]) -> None:
    for profile, value in zip(READINGS, values, strict=True):
        if value != "-":
            assert signal(profile, text, name) == value, profile


@pytest.mark.parametrize(("profile", "measure"), READINGS.items())
def test_columns_are_those_of_the_schema(
    profile: str, measure: Callable[[pl.DataFrame], pl.DataFrame]
) -> None:
    schema = PROFILES[profile].signals.schema
    frame = pl.DataFrame({"text": ["a b", None, ""], "language": ["en", None, "ja"]})
    measured = measure(frame)
    assert measured.schema == schema
    assert measured[1].null_count().sum_horizontal().item() == len(schema)
    assert measured[2].null_count().sum_horizontal().item() < len(schema)
    assert measure(frame.clear()).schema == schema


@pytest.mark.parametrize(
    ("profile", "reason"),
    [
        ("gopher@datatrove-0.10", "empty"),
        ("gopher@dolma", "gopher_short_doc"),
        ("gopher@dclm", "gopher_short_doc"),
    ],
)
def test_an_empty_text_is_dropped_and_no_text_is_not(profile: str, reason: str) -> None:
    frame = pl.DataFrame({"text": ["", None]})
    judged = judge(frame.hstack(READINGS[profile](frame)), [profile])
    assert judged["reason"].to_list() == [reason, None]


def test_spacy_is_needed_by_one_only() -> None:
    needs = {name: PROFILES[name].signals.needs for name in READINGS}
    assert needs == {"gopher@datatrove-0.10": ("spacy",), "gopher@dolma": (), "gopher@dclm": ()}


texts = st.lists(
    st.one_of(
        st.none(),
        st.sampled_from(ARTICLES + HOSTILE),
        st.text("ab. \n#…-•é漢", max_size=40),
        st.text(max_size=20),
    ),
    max_size=6,
)


@pytest.mark.parametrize("measure", READINGS.values())
@COMPILES
@given(texts, st.integers(0, 6))
def test_texts_do_not_see_each_other(
    measure: Callable[[pl.DataFrame], pl.DataFrame], column: list[str | None], cut: int
) -> None:
    frame = pl.DataFrame({"text": column}, schema={"text": pl.String})
    parts = [measure(part) for part in (frame[:cut], frame[cut:])]
    assert_frame_equal(pl.concat(parts), measure(frame), check_exact=True)


@pytest.mark.parametrize("measure", READINGS.values())
def test_shares_are_shares(measure: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
    measured = measure(pl.DataFrame({"text": [*ARTICLES, *HOSTILE]}))
    # Of the most frequent n-gram copies overlap; Dolma divides characters of lines by words'.
    others = ("top_", "duplicate_line_char_share_dolma")
    for name in measured.columns:
        if "_share" not in name or name.startswith(others):
            continue
        assert measured[name].is_between(0, 1).all(), name


def test_dolma_rounds_as_python_does() -> None:
    """Odd parts of 320 end in a 5 at the sixth decimal, and few of them are exactly that."""
    many = [(symbols, 320) for symbols in range(1, 320, 2)]
    many += [(symbols, words) for words in range(1, 100) for symbols in range(0, words, 7)]
    frame = pl.DataFrame({"text": ["# " * some + "a " * (all_ - some) for some, all_ in many]})
    shares = measure_dolma(frame)["symbol_word_share_dolma"].to_list()
    assert shares == [round(some / all_, 5) for some, all_ in many]
