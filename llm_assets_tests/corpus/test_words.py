"""Words in scripts with and without spaces, and that batches do not show in the numbers."""

import unicodedata
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from llm_assets.corpus import spans
from llm_assets.corpus.words import TEXT_WORDS, measure_words


def measure(*texts: str) -> pl.DataFrame:
    return measure_words(pl.Series(texts, dtype=pl.String))


def test_words_stand_between_whitespace() -> None:
    row = measure("The cat,\nthe\u3000dog\u00a0and 2 birds.").row(0, named=True)
    assert (row["words"], row["count"], row["unspaced"]) == (7, 7, 0)
    assert (row["chars"], row["letter_words"], row["stop_words"]) == (23, 6, 2)


@pytest.mark.parametrize(
    ("text", "count", "unspaced", "estimate"),
    [
        ("東京に行く。", 3, 3, 0),  # 東京 | に | 行く。
        ("ありがとうございます", 5, 5, 0),
        ("カ、。、。、。、。", 1, 1, 0),  # signs are no words
        ("สวัสดีครับ", 2, 2, 0),
        ("go to 東京 by train", 5, 1, 0),
        ("go to 東京駅 by train", 6, 2, 0),
        ("ꀊꂿꀋꑍꌠ", 3, 3, 3),  # no dictionary: 5 / 1.6
        ("བོད་ཡིག་གི་ཚིག", 2, 2, 2),  # 14 letters and marks without the dots / 7.3
        ("ꀊ", 1, 1, 1),  # never less than one
        ("한국어는 띄어쓰기를 한다", 3, 0, 0),  # Korean puts spaces
        ("ሰላም፡ለዓለም፡ሁሉ", 3, 0, 0),  # so does Ethiopic, with a sign of its own
    ],
)
def test_scripts_without_spaces_have_words_too(
    text: str, count: int, unspaced: int, estimate: int
) -> None:
    row = measure(text).row(0, named=True)
    assert (row["count"], row["unspaced"], row["estimate"]) == (count, unspaced, estimate)


def ngrams(text: str) -> tuple[int, ...]:
    names = [name for name in TEXT_WORDS if name.startswith(("top", "duplicate"))]
    return measure(text).select(names).row(0)


def test_repetition_is_found_without_spaces() -> None:
    japanese = "東京に行く。" * 12  # 36 words
    assert ngrams(japanese)[0] == 12 * 3  # 東京 | に
    assert ngrams(japanese)[1] == 12 * 6
    assert ngrams(japanese)[3] == 10 * 6  # six 5-grams behind the first three words


def test_spaces_count_where_they_stand() -> None:
    assert ngrams("東京 に" * 12)[0] == 12 * 4
    assert ngrams("東京に" * 12)[0] == 12 * 3


def test_a_word_is_the_same_with_and_without_spaces_around_it() -> None:
    text = "東京に行く京都に帰る"
    assert ngrams(text + "\n" + text)[3:] == ngrams(text + text)[3:]


def test_where_most_words_are_spaced_runs_are_whole_words() -> None:
    text = "we go to 東京駅 by train and then we go to 東京駅 by bus"
    assert measure(text)["count"].item() == 16
    assert ngrams(text)[:3] == ngrams(text.replace("東京駅", "xxx"))[:3]


def test_where_no_dictionary_knows_the_words_none_repeat() -> None:
    assert set(ngrams("ꀊꂿꀋꑍꌠ " * 12)) == {0}


def test_no_texts_and_empty_texts() -> None:
    assert measure().schema == TEXT_WORDS
    assert measure("", " \n").rows() == [(0,) * len(TEXT_WORDS)] * 2


texts = st.lists(
    st.one_of(
        st.text(),
        st.lists(st.sampled_from(["the", "cat", "sat", "東京", "\n"]), max_size=60).map(" ".join),
    ),
    max_size=8,
)


@settings(deadline=None)  # the first call compiles
@given(texts, st.integers(0, 8), st.integers(1, 60))
def test_batches_and_groups_do_not_matter(values: list[str], cut: int, group: int) -> None:
    series = pl.Series(values, dtype=pl.String)
    whole = measure_words(series)
    assert_frame_equal(pl.concat([measure_words(series[:cut]), measure_words(series[cut:])]), whole)
    in_chunks = pl.concat([series[:cut], series[cut:]], rechunk=False)
    assert_frame_equal(measure_words(in_chunks), whole)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spans, "_GROUP_BYTES", group)
        assert_frame_equal(measure_words(series), whole)


# Words of the usual segmenter of each language, a letter or number in each: jieba 0.42, Sudachi 0.7
# (mode A), PyThaiNLP 5.4 (newmm), LaoNLP 1.3, khmercut 0.2, pyidaungsu 0.1 (words).
COUNTED = {"cmn_hans": 736, "jpn": 1129, "tha": 921, "lao": 1015, "khm": 902, "mya": 846}


@pytest.mark.shared_data
@pytest.mark.parametrize("name", COUNTED)
def test_about_as_many_words_as_the_usual_segmenter_finds(name: str, shared_data: Path) -> None:
    """PyThaiNLP's lexicon holds phrases as words: "that will", and the very title of this text."""
    text = (shared_data / "languages" / "udhr" / f"{name}.txt").read_text(encoding="utf-8")
    found = measure(unicodedata.normalize("NFC", text))["count"].item()
    assert found == pytest.approx(COUNTED[name], rel=0.25 if name == "tha" else 0.15)


@pytest.mark.shared_data
@pytest.mark.parametrize("name", ["bod", "iii"])
def test_where_words_are_estimated_there_are_as_many_as_in_the_original(
    name: str, shared_data: Path
) -> None:
    """The files are cut at 5,000 characters: what all have in common are about articles 3 to 10."""
    folder = shared_data / "languages" / "udhr"
    original, translation = (
        "\n".join((folder / f"{file}.txt").read_text(encoding="utf-8").split("\n")[17:34])
        for file in ("eng", name)
    )
    expected, found = measure(original, translation)["count"]
    assert 0.55 * expected < found < 1.5 * expected
