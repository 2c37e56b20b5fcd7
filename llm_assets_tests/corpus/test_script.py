"""The script of a text: what decides, what does not, and that every letter counts for one."""

import unicodedata
from collections import Counter

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_series_equal

from llm_assets.corpus import script
from llm_assets.corpus.script import NO_SCRIPT, identify_scripts
from llm_assets.corpus.script_kernels import NONE

COMPILES = settings(deadline=None)  # the first call compiles


def scripts(*texts: str | None) -> list[str | None]:
    return identify_scripts(pl.Series(texts, dtype=pl.String)).to_list()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Every person has rights.", "Latn"),
        ("Õhtu", "Latn"),
        ("Каждый человек имеет право", "Cyrl"),
        ("لكل فرد الحق", "Arab"),
        ("すべて人は権利を有する", "Jpan"),
        ("カタカナ", "Jpan"),
        ("人人有权自由迁徙和居住", "Hans"),
        ("人人有權自由遷徙和居住", "Hant"),
        ("中文", "Hani"),  # written alike in both
        ("我在国内买了の字" + "人人有权自由迁徙" * 3, "Hans"),  # one sign makes no Japanese
        ("모든 인민은 自由", "Hang"),
        ("ทุกคนมีสิทธิ", "Thai"),
        ("មនុស្សគ្រប់រូប", "Khmr"),
        ("ມະນຸດທຸກຄົນ", "Laoo"),
        ("လူတိုင်း", "Mymr"),
        ("סעיף", "Hebr"),
        ("प्रत्येक", "Deva"),
        ("𐐀𐐁𐐂", "Dsrt"),
    ],
)
def test_names_the_script(text: str, code: str) -> None:
    assert scripts(text) == [code]


def test_most_letters_decide_and_nothing_else_counts() -> None:
    assert scripts(
        "мир мир abcdefg", "мир мир abcde", "123 456 789 !!! мир", "ㅏ abc 漢字かな"
    ) == [*("Latn", "Cyrl", "Cyrl", "Jpan")]


def test_han_and_kana_count_together() -> None:
    assert scripts("abcde 漢字かなカナ", "abcdef 漢字かな") == ["Jpan", "Latn"]


@pytest.mark.parametrize("text", ["", " \n", "12:30", "🎉", "\x00", "µ"])
def test_a_text_without_letters_has_no_script(text: str) -> None:
    assert scripts(text) == [NO_SCRIPT]


def test_nulls_and_no_texts() -> None:
    assert scripts(None, "a", None) == [None, "Latn", None]
    empty = identify_scripts(pl.Series([], dtype=pl.String))
    assert (empty.name, empty.dtype, len(empty)) == ("script", pl.String, 0)


def test_every_letter_is_of_one_script_but_those_that_all_share() -> None:
    table, _latin = script._character_scripts()
    points = [point for point in range(len(table)) if not 0xD800 <= point < 0xE000]
    characters = pl.Series(map(chr, points))
    is_letter = characters.str.contains(r"\p{L}")
    is_shared = characters.str.contains(r"[\p{Common}\p{Inherited}]")
    has_script = pl.Series(table[points] != NONE)
    assert_series_equal(has_script, is_letter & ~is_shared, check_names=False)


def test_codes_are_distinct_and_of_four_letters() -> None:
    codes = script._script_codes()
    assert max(Counter(codes).values()) == 1
    assert all(len(code) == 4 and code.istitle() for code in codes)


def plain_script(text: str) -> str:
    """Tell Latin, Cyrillic and Thai apart by the names of the characters."""
    names = [unicodedata.name(character).split()[0] for character in text if character.isalpha()]
    codes = {"CYRILLIC": "Cyrl", "LATIN": "Latn", "THAI": "Thai"}  # the order of the codes' names
    counts = {code: sum(name == key for name in names) for key, code in codes.items()}
    most = max(counts.values())
    return next((code for code, n in counts.items() if n == most), "") if most else NO_SCRIPT


@COMPILES
@given(st.lists(st.text("aZéжЖกข1. \n", max_size=30), max_size=6), st.integers(0, 6))
def test_equals_the_plain_count_in_any_batch(texts: list[str], cut: int) -> None:
    series = pl.Series("script", texts, dtype=pl.String)
    whole = identify_scripts(series)
    assert whole.to_list() == [plain_script(text) for text in texts]
    parts = [identify_scripts(series[:cut]), identify_scripts(series[cut:])]
    assert_series_equal(pl.concat(parts), whole)
