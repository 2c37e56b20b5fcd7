"""What is measured of a text, in tables of tiny texts and against plain Python."""

import re
import string
from collections.abc import Sequence
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from llm_assets.corpus.schema import SIGNALS
from llm_assets.corpus.signals import NGRAM_SIGNALS, measure_signals


def frame(texts: Sequence[str | None], language: str = "en") -> pl.DataFrame:
    return pl.DataFrame(
        {"text": texts, "language": [language] * len(texts)},
        schema={"text": pl.String, "language": pl.String},
    )


def signals(text: str | None, language: str = "en") -> dict[str, Any]:
    return measure_signals(frame([text], language)).row(0, named=True)


VERSE = "one two\nthree\n\none two\n   \nfour"  # 4 lines, 2 blank ones, 2 paragraphs

CASES: list[tuple[str, str, float | None]] = [
    # signal, text, value
    ("text_bytes", "né 東", 7),
    ("text_chars", "né 東", 4),
    ("word_count", "a b\nc", 3),
    ("word_count", "", 0),
    ("line_count", VERSE, 4),
    ("line_count", "\n \n", 0),
    ("mean_word_chars", "a bbb", 2),
    ("mean_word_chars", " ", None),
    ("hash_word_ratio", "#a # b c", 0.5),
    ("ellipsis_word_ratio", "a... b… c d", 0.5),
    ("ellipsis_word_ratio", "a......", 2),
    ("bullet_line_share", "- a\n  • b\n* c\n● d\ne\nf - g\n—h\n", 4 / 7),
    ("ellipsis_line_share", "a...\nb… \nc...d\n\ne", 0.5),
    ("alphabetic_word_share", "a 1 2b —", 0.5),
    ("stop_word_count", "The the of", 2),
    ("duplicate_line_share", VERSE, 0.25),
    ("duplicate_line_char_share", VERSE, 7 / 31),
    ("duplicate_paragraph_share", "a\n\nb\n\n\n\na\n\na", 0.5),
    ("duplicate_paragraph_share", "a\nb\n\na\nb", 0.5),
    ("duplicate_paragraph_char_share", "a\nb\n\na\nb", 3 / 8),
    ("top_2_gram_char_share", "a b a b", 6 / 7),
    ("top_3_gram_char_share", "a b c", 1),
    ("top_4_gram_char_share", "a b c", 0),
    ("duplicate_5_gram_char_share", "a b c d e a b c d e", 5 / 19),
    ("duplicate_10_gram_char_share", " ".join(string.ascii_lowercase[:10] * 2), 10 / 39),
    ("terminal_line_share", "a.\nb。\nc\n\nd?", 0.75),
    ("terminal_line_share", "a.\"\nb!'", 0),
    ("terminal_line_share_2024", 'a."\nb。\n\nc!', 0.5),
    ("short_line_share", f"{'a' * 30}\n\n{'b' * 31}", 0.5),
    ("short_line_share_2024", f"{'a' * 30}\n\n{'b' * 31}", 2 / 3),
    ("repeated_line_char_share", VERSE, 7 / 26),
    ("newline_word_ratio", "a b\n\nc d", 0.5),
    ("newline_token_ratio", "a, b\n\nc", 0.5),
    ("newline_token_ratio_2024", "a, b\n\nc", 0.5),
]


@pytest.mark.parametrize(("signal", "text", "value"), CASES)
def test_measures(signal: str, text: str, value: float | None) -> None:
    assert signals(text)[signal] == (value if value is None else pytest.approx(value))


def test_the_table_has_every_signal() -> None:
    named = {signal for signal, _text, _value in CASES}
    assert set(SIGNALS) - named <= {f"duplicate_{size}_gram_char_share" for size in range(6, 10)}


def test_columns_and_their_types() -> None:
    measured = measure_signals(frame(["a"]).with_columns(other=1, word_count=pl.lit("stale")))
    assert measured.columns == ["text", "language", "other", *SIGNALS]
    assert measured.select(*SIGNALS).schema == SIGNALS
    assert measure_signals(frame([])).select(*SIGNALS).schema == SIGNALS


def test_a_null_text_has_no_signals() -> None:
    one, nothing, other = measure_signals(frame(["a", None, "a"])).select(*SIGNALS).rows()
    assert one == other
    assert set(nothing) == {None}


NULL_IN_UNSPACED = {
    *("mean_word_chars", "alphabetic_word_share", "short_line_share", "short_line_share_2024")
}
N_GRAMS = {signal for signal in SIGNALS if "gram" in signal}


@pytest.mark.parametrize(
    ("text", "language", "more_null"),
    [
        ("東京に行く。\n京都に行く。", "ja", {"stop_word_count", "terminal_line_share_2024"}),
        (
            "ไปกรุงเทพ\nไปเชียงใหม่",
            "th",
            {"stop_word_count", "terminal_line_share_2024", "terminal_line_share"},
        ),
        ("東京に行く。", "en", set()),  # the script counts, not what the model made of it
        ("ꀊꂿꀋꑍꌠ", "en", N_GRAMS),  # no dictionary knows its words
        ("東京に行く。", "und", {"stop_word_count", "terminal_line_share_2024"}),
    ],
)
def test_scripts_without_spaces_lack_what_has_no_meaning_there(
    text: str, language: str, more_null: set[str]
) -> None:
    measured = signals(text, language)
    assert {name for name in SIGNALS if measured[name] is None} == NULL_IN_UNSPACED | more_null


@pytest.mark.parametrize(
    "phrase",
    [
        "点击这里免费下载最新电影。",
        "今すぐクリックして無料でダウンロード！",
        "คลิกที่นี่เพื่อดาวน์โหลดฟรี",
        "ຄລິກທີ່ນີ້ເພື່ອດາວໂຫລດຟຣີ",
        "ចុចទីនេះដើម្បីទាញយកដោយឥតគិតថ្លៃ",
        "ဤနေရာကိုနှိပ်ပြီးအခမဲ့ဒေါင်းလုဒ်လုပ်ပါ",
    ],
)
def test_spam_without_spaces_repeats_itself(phrase: str) -> None:
    """Gopher drops a text at 0.18 and 0.1."""
    measured = signals(phrase * 40, "und")
    assert measured["top_3_gram_char_share"] > 0.18
    assert measured["duplicate_10_gram_char_share"] > 0.9


@pytest.mark.parametrize(
    ("language", "signal", "is_null"),
    [
        ("en", "stop_word_count", False),
        ("de", "stop_word_count", True),
        (None, "stop_word_count", True),
        ("hi", "terminal_line_share_2024", True),
        ("hi", "terminal_line_share", False),
        ("de", "terminal_line_share_2024", False),
        ("und", "terminal_line_share_2024", False),
    ],
)
def test_language_decides_what_applies(language: str, signal: str, is_null: bool) -> None:
    assert (signals("the word.", language)[signal] is None) == is_null


def test_sentence_ends_are_those_of_datatrove() -> None:
    """0.10.0 has 159; what each release of Unicode adds must not change a profile."""
    characters = [chr(i) for i in range(0x20000) if not 0xD800 <= i < 0xE000]
    shares = measure_signals(frame(characters))["terminal_line_share"]
    ends = {c for c, share in zip(characters, shares, strict=True) if share == 1}
    assert len(ends) == 159
    assert ends >= set(".?!。？！։।؟።។៖៙៚⸮꘎")
    assert not ends & set("\"'”»:;…․︒")


def plain_duplicates(items: list[str]) -> tuple[int, int]:
    later = [item for i, item in enumerate(items) if item in items[:i]]
    return len(later), sum(map(len, later))


def plain_signals(text: str) -> dict[str, float | None]:
    lines = [line for line in text.split("\n") if line.strip()]
    paragraphs = [part for part in re.split(r"\n{2,}", text.strip()) if part.strip()]
    raw = text.split("\n")
    newlines = text.count("\n")
    count, chars = plain_duplicates(lines)
    paragraph_count, paragraph_chars = plain_duplicates(paragraphs)
    if not lines:
        return {"line_count": 0, "duplicate_line_share": None, "terminal_line_share_2024": None}
    return {
        "line_count": len(lines),
        "bullet_line_share": sum(x.strip()[0] in "•●*-" for x in lines) / len(lines),
        "ellipsis_line_share": sum(x.rstrip().endswith(("...", "…")) for x in lines) / len(lines),
        "duplicate_line_share": count / len(lines),
        "duplicate_line_char_share": chars / len(text),
        "duplicate_paragraph_share": paragraph_count / len(paragraphs),
        "duplicate_paragraph_char_share": paragraph_chars / len(text),
        "terminal_line_share_2024": sum(x.endswith(tuple(".'\"?!")) for x in raw) / len(raw),
        "short_line_share": sum(len(x) <= 30 for x in lines) / len(lines),
        "short_line_share_2024": sum(len(x) <= 30 for x in raw) / len(raw),
        "repeated_line_char_share": chars / (len(text) - newlines),
        "newline_word_ratio": newlines / len(text.split()),
    }


pieces = st.sampled_from(
    ["\n", "\n\n", " ", "a", "bb.", "...", "…", "- x", "*", "the", "one line of some thirty-one ch"]
)
documents = st.lists(st.lists(pieces, max_size=25).map("".join), max_size=6)


@settings(deadline=None)  # the first call compiles
@given(documents)
def test_equals_the_plain_computation(texts: list[str]) -> None:
    for row, text in zip(measure_signals(frame(texts)).iter_rows(named=True), texts, strict=True):
        expected = plain_signals(text)
        assert {name: row[name] for name in expected} == pytest.approx(expected)


@settings(deadline=None)
@given(
    st.lists(st.one_of(st.none(), st.text(), *[documents.map("\n".join)]), max_size=8), st.data()
)
def test_neither_batches_nor_order_matter(texts: list[str | None], data: st.DataObject) -> None:
    whole = measure_signals(frame(texts).with_row_index("place"))
    order = data.draw(st.permutations(range(len(texts))))
    cut = data.draw(st.integers(0, len(texts)))
    shuffled = frame(texts).with_row_index("place")[order]
    parts = [measure_signals(part) for part in (shuffled[:cut], shuffled[cut:])]
    assert_frame_equal(pl.concat(parts).sort("place"), whole, check_exact=True)


def test_words_of_syllables_are_short_and_no_sign_of_trouble() -> None:
    text = "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다."
    frame = pl.DataFrame({"text": [text, text], "language": ["ko", "en"]})
    korean, english = measure_signals(frame)["mean_word_chars"]
    assert korean is None
    assert english == pytest.approx(3, abs=0.5)


def test_n_grams_can_be_left_out() -> None:
    frame = pl.DataFrame(
        {"text": ["one two one two " * 9, "私は私は私は私は"], "language": ["en", "ja"]}
    )
    whole, part = measure_signals(frame), measure_signals(frame, ngrams=False)
    assert_frame_equal(whole.drop(*NGRAM_SIGNALS), part.drop(*NGRAM_SIGNALS))
    assert len(NGRAM_SIGNALS) == 9
