import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from llm_assets.corpus.profiles.fineweb2_signals import (
    BY_LANGUAGE,
    WORDS,
    measure_by_language,
    measure_words_of,
)
from llm_assets.corpus.profiles.fineweb2_thresholds import read_thresholds


def measured(text: str, code: str = "fra_Latn") -> tuple[float | None, float | None, int]:
    return measure_words_of(pl.Series([text]), code).row(0)


@pytest.mark.parametrize(
    ("text", "chars", "letter_share"),
    [
        ("un deux", 3.0, 1.0),
        ("un, deux.", 3.0, 0.5),
        ("l'homme", 3.5, 1.0),
        ("l’homme", 3.5, 1.0),
        ("'homme'", 5.0, 1 / 3),
        ("dit-il", 6.0, 1.0),
        ("1,5 m", 2.0, 0.5),
        ("fin... ici", 3.0, 2 / 3),
        ("a - b", 1.0, 2 / 3),
        ("3-e", 3.0, 1.0),
        ("a.,b", 1.0, 0.5),
        ("…!?", None, None),
        (" \n ", None, None),
        ("", None, None),
    ],
)
def test_words_and_letters(text: str, chars: float | None, letter_share: float | None) -> None:
    assert measured(text)[:2] == (chars, letter_share)


@pytest.mark.parametrize(
    ("code", "text", "count"),
    [
        ("fra_Latn", "la maison est de pierre, la cour aussi", 3),
        ("fra_Latn", "La DE lait et-alors", 1),
        ("fra_Latn", "l'eau d'une", 3),  # l', d', une
        ("fra_Latn", "aujourd'hui", 0),
        ("fra_Latn", "(de)…«la»", 2),
        ("fra_Latn", "de_ deà 9de", 0),
        ("kor_Hang", "사람의 집은", 2),  # a particle has a word before it
        ("cmn_Hani", "人的年", 3),
        ("hin_Deva", "के केक", 1),
        ("fra_Latn", "", 0),
    ],
)
def test_stop_words(code: str, text: str, count: int) -> None:
    assert measured(text, code)[2] == count


def test_no_lengths_where_words_are_not_parted() -> None:
    assert measured("人的年 abc", "cmn_Hani")[:2] == (None, None)
    assert measured("사람의 집은", "kor_Hang")[:2] == (2.5, 1.0)


def test_each_text_by_its_own_language() -> None:
    frame = pl.DataFrame(
        {
            "text": ["la maison de", "人的年", None, "of the people", "la maison de", None],
            "language": ["fr", "zh", "fr", "en", "de", None],
            "url": [None] * 6,
        }
    )
    assert measure_by_language(frame).rows() == [
        ("fra_Latn", 1, 10 / 3, 1.0, 2),
        ("cmn_Hani", 1, None, None, 3),
        (None, None, None, None, None),
        (None, 0, None, None, None),
        ("deu_Latn", 1, 10 / 3, 1.0, 0),
        (None, None, None, None, None),
    ]
    assert measure_by_language(frame).schema == BY_LANGUAGE
    assert_frame_equal(measure_by_language(frame.clear()), pl.DataFrame(schema=BY_LANGUAGE))


characters = st.sampled_from(
    [*"abé3_.,:-'’… \n\u1361की人ld", "de", "la", " et ", "...", "l'", "d'"]
)
texts = st.one_of(st.lists(characters, max_size=20).map("".join), st.text(max_size=30))


def counted(text: str) -> tuple[float | None, float | None]:
    """Count as a regular expression does, with Polars' Unicode tables."""
    frame = pl.DataFrame({"text": [text]})
    column = pl.col("text")
    word = r"\w+(?:[.,:-]\w+)*(?:['’]\b)?"
    words = frame.select(column.str.extract_all(word)).to_series().explode().drop_nulls().to_list()
    rest = frame.select(column.str.replace_all(word, " ")).to_series()
    signs = rest.str.count_matches(r"\.+|[^\w\s.\x{1361}]").item()
    with_letter = pl.Series(words, dtype=pl.String).str.contains(r"\p{L}").sum()
    if not words:
        return None, None
    return sum(map(len, words)) / len(words), with_letter / (len(words) + signs)


@given(texts)
def test_the_kernel_counts_as_an_expression_does(text: str) -> None:
    assert measured(text)[:2] == counted(text)


@given(st.lists(st.one_of(st.none(), texts), max_size=6), st.integers(0, 6))
def test_each_text_is_measured_alone(values: list[str | None], cut: int) -> None:
    series = pl.Series(values, dtype=pl.String)
    whole = measure_words_of(series, "fra_Latn")
    parts = [measure_words_of(part, "fra_Latn") for part in (series[:cut], series[cut:])]
    assert whole.schema == WORDS
    assert_frame_equal(pl.concat(parts), whole)
    assert whole["stop_word_count_fineweb2"].is_null().to_list() == series.is_null().to_list()


@given(st.lists(texts, max_size=4))
def test_stop_words_are_counted_as_words_are_parted(values: list[str]) -> None:
    words = [w for w in read_thresholds().filter(code="fra_Latn")["stop_words"][0] if "'" not in w]
    for text in values:
        runs = set(pl.Series([text]).str.extract_all(r"\w+").explode().drop_nulls())
        elided = len({"l'", "d'"} & {text[i : i + 2] for i in range(len(text)) if alone(text, i)})
        assert measured(text)[2] == len(runs & set(words)) + elided


def alone(text: str, at: int) -> bool:
    return at == 0 or pl.Series([text[at - 1]]).str.contains(r"\W").item()
