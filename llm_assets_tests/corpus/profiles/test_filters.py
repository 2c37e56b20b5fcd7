"""Every rule of every profile on both sides of its threshold, and how judgements combine."""

from pathlib import Path
from typing import get_args

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from llm_assets.corpus.language import identify_languages
from llm_assets.corpus.profiles.chain import chain_signals, measure_chain
from llm_assets.corpus.profiles.filters import PROFILES, judge_language
from llm_assets.corpus.profiles.fineweb2 import FINEWEB2
from llm_assets.corpus.profiles.profile_names import PROFILE_NAMES
from llm_assets.corpus.profiles.rules import JUDGEMENT, DropReason
from llm_assets.corpus.schema import SIGNALS
from llm_assets.corpus.signals import measure_signals
from llm_assets_tests.judging import judge

ALL_SIGNALS = pl.Schema({**SIGNALS, **chain_signals(list(PROFILES))})


def signals(**values: list[float | None]) -> pl.DataFrame:
    """Return rows with these signals; all others are null."""
    height = max(map(len, values.values()), default=1)
    columns = {name: values.get(name, [None] * height) for name in ALL_SIGNALS}
    return pl.DataFrame(columns, schema=ALL_SIGNALS, strict=False)


# profile, reason, signal, the last value kept, the first value dropped
BOUNDS: list[tuple[str, str, str, float, float]] = [
    ("gopher@paper", "gopher_short_doc", "word_count", 50, 49),
    ("gopher@paper", "gopher_long_doc", "word_count", 100_000, 100_001),
    ("gopher@paper", "gopher_below_avg_threshold", "mean_word_chars", 3, 2.999),
    ("gopher@paper", "gopher_above_avg_threshold", "mean_word_chars", 10, 10.001),
    ("gopher@paper", "gopher_too_many_hashes", "hash_word_ratio", 0.1, 0.1001),
    ("gopher@paper", "gopher_too_many_ellipsis", "ellipsis_word_ratio", 0.1, 0.1001),
    ("gopher@paper", "gopher_too_many_bullets", "bullet_line_share", 0.9, 0.9001),
    ("gopher@paper", "gopher_too_many_end_ellipsis", "ellipsis_line_share", 0.3, 0.3001),
    ("gopher@paper", "gopher_below_alpha_threshold", "alphabetic_word_share", 0.8, 0.7999),
    ("gopher@paper", "gopher_enough_stop_words", "stop_word_count", 2, 1),
    ("gopher@paper", "dup_line_frac", "duplicate_line_share", 0.3, 0.3001),
    ("gopher@paper", "dup_para_frac", "duplicate_paragraph_share", 0.3, 0.3001),
    ("gopher@paper", "dup_line_char_frac", "duplicate_line_char_share", 0.2, 0.2001),
    ("gopher@paper", "dup_para_char_frac", "duplicate_paragraph_char_share", 0.2, 0.2001),
    ("gopher@paper", "top_2_gram", "top_2_gram_char_share", 0.2, 0.2001),
    ("gopher@paper", "top_3_gram", "top_3_gram_char_share", 0.18, 0.1801),
    ("gopher@paper", "top_4_gram", "top_4_gram_char_share", 0.16, 0.1601),
    ("gopher@paper", "duplicated_5_n_grams", "duplicate_5_gram_char_share", 0.15, 0.1501),
    ("gopher@paper", "duplicated_6_n_grams", "duplicate_6_gram_char_share", 0.14, 0.1401),
    ("gopher@paper", "duplicated_7_n_grams", "duplicate_7_gram_char_share", 0.13, 0.1301),
    ("gopher@paper", "duplicated_8_n_grams", "duplicate_8_gram_char_share", 0.12, 0.1201),
    ("gopher@paper", "duplicated_9_n_grams", "duplicate_9_gram_char_share", 0.11, 0.1101),
    ("gopher@paper", "duplicated_10_n_grams", "duplicate_10_gram_char_share", 0.1, 0.1001),
    ("fineweb@paper", "empty", "line_count", 1, 0),
    ("fineweb@paper", "line_punct_ratio", "terminal_line_share_2024", 0.1201, 0.12),
    ("fineweb@paper", "char_dup_ratio", "repeated_line_char_share", 0.0999, 0.1),
    ("fineweb@paper", "short_line_ratio", "short_line_share_2024", 0.6699, 0.67),
    ("fineweb@2024-05", "empty", "line_count", 1, 0),
    ("fineweb@2024-05", "line_punct_ratio", "terminal_line_share_2024", 0.1201, 0.12),
    ("fineweb@2024-05", "short_line_ratio", "short_line_share_2024", 0.6699, 0.67),
    ("fineweb@2024-05", "char_dup_ratio", "repeated_line_char_share", 0.0099, 0.01),
    ("fineweb@2024-05", "list_ratio", "newline_token_ratio_2024", 0.3, 0.3001),
    ("fineweb@0.10", "empty", "line_count", 1, 0),
    ("fineweb@0.10", "line_punct_ratio", "terminal_line_share", 0.12, 0.1199),
    ("fineweb@0.10", "short_line_ratio", "short_line_share", 0.67, 0.6701),
    ("fineweb@0.10", "char_dup_ratio", "repeated_line_char_share", 0.01, 0.0101),
    ("fineweb@0.10", "list_ratio", "newline_token_ratio", 0.3, 0.3001),
    ("fineweb@datatrove-0.10", "empty", "line_count_fineweb_datatrove", 1, 0),
    (
        *("fineweb@datatrove-0.10", "line_punct_ratio"),
        *("terminal_line_share_fineweb_datatrove", 0.12, 0.1199),
    ),
    (
        *("fineweb@datatrove-0.10", "short_line_ratio"),
        *("short_line_share_fineweb_datatrove", 0.67, 0.6701),
    ),
    (
        *("fineweb@datatrove-0.10", "char_dup_ratio"),
        *("repeated_line_char_share_fineweb_datatrove", 0.01, 0.0101),
    ),
    (
        *("fineweb@datatrove-0.10", "list_ratio"),
        *("newline_word_ratio_fineweb_datatrove", 0.3, 0.3001),
    ),
    ("c4@tfds", "too_long", "page_chars_c4_tfds", 190_000, 190_001),
    ("c4@tfds", "lorem_ipsum", "has_lorem_ipsum_c4_tfds", 0, 1),
    ("c4@tfds", "curly_bracket", "has_curly_bracket_c4_tfds", 0, 1),
    ("c4@tfds", "too_few_sentences", "sentence_count_c4_tfds", 3, 2),
    ("c4@datatrove-0.10", "lorem_ipsum", "has_lorem_ipsum_c4_datatrove", 0, 1),
    ("c4@datatrove-0.10", "curly_bracket", "has_curly_bracket_c4_datatrove", 0, 1),
    ("c4@datatrove-0.10", "too_few_sentences", "sentence_count_c4_datatrove", 5, 4),
    ("refinedweb@dclm", "too_many_words_cut", "cut_word_share_refinedweb_dclm", 0.05, 0.0501),
    ("gopher@datatrove-0.10", "empty", "text_chars_datatrove", 1, 0),
    ("gopher@datatrove-0.10", "dup_para_frac", "duplicate_paragraph_share_datatrove", 0.3, 0.3001),
    (
        *("gopher@datatrove-0.10", "dup_para_char_frac"),
        *("duplicate_paragraph_char_share_datatrove", 0.2, 0.2001),
    ),
    ("gopher@datatrove-0.10", "dup_line_frac", "duplicate_line_share_datatrove", 0.3, 0.3001),
    (
        *("gopher@datatrove-0.10", "dup_line_char_frac"),
        *("duplicate_line_char_share_datatrove", 0.2, 0.2001),
    ),
    ("gopher@datatrove-0.10", "top_2_gram", "top_2_gram_char_share_datatrove", 0.2, 0.2001),
    ("gopher@datatrove-0.10", "top_3_gram", "top_3_gram_char_share_datatrove", 0.18, 0.1801),
    ("gopher@datatrove-0.10", "top_4_gram", "top_4_gram_char_share_datatrove", 0.16, 0.1601),
    (
        *("gopher@datatrove-0.10", "duplicated_5_n_grams"),
        *("duplicate_5_gram_char_share_datatrove", 0.15, 0.1501),
    ),
    (
        *("gopher@datatrove-0.10", "duplicated_6_n_grams"),
        *("duplicate_6_gram_char_share_datatrove", 0.14, 0.1401),
    ),
    (
        *("gopher@datatrove-0.10", "duplicated_7_n_grams"),
        *("duplicate_7_gram_char_share_datatrove", 0.13, 0.1301),
    ),
    (
        *("gopher@datatrove-0.10", "duplicated_8_n_grams"),
        *("duplicate_8_gram_char_share_datatrove", 0.12, 0.1201),
    ),
    (
        *("gopher@datatrove-0.10", "duplicated_9_n_grams"),
        *("duplicate_9_gram_char_share_datatrove", 0.11, 0.1101),
    ),
    (
        *("gopher@datatrove-0.10", "duplicated_10_n_grams"),
        *("duplicate_10_gram_char_share_datatrove", 0.1, 0.1001),
    ),
    ("gopher@datatrove-0.10", "gopher_short_doc", "word_count_datatrove", 50, 49),
    ("gopher@datatrove-0.10", "gopher_long_doc", "word_count_datatrove", 100_000, 100_001),
    ("gopher@datatrove-0.10", "gopher_below_avg_threshold", "mean_word_chars_datatrove", 3, 2.999),
    (
        *("gopher@datatrove-0.10", "gopher_above_avg_threshold"),
        *("mean_word_chars_datatrove", 10, 10.001),
    ),
    ("gopher@datatrove-0.10", "gopher_too_many_hashes", "hash_token_ratio_datatrove", 0.1, 0.1001),
    (
        *("gopher@datatrove-0.10", "gopher_too_many_ellipsis"),
        *("ellipsis_token_ratio_datatrove", 0.1, 0.1001),
    ),
    (
        *("gopher@datatrove-0.10", "gopher_too_many_bullets"),
        *("bullet_line_share_datatrove", 0.9, 0.9001),
    ),
    (
        *("gopher@datatrove-0.10", "gopher_too_many_end_ellipsis"),
        *("ellipsis_line_share_datatrove", 0.3, 0.3001),
    ),
    (
        *("gopher@datatrove-0.10", "gopher_below_alpha_threshold"),
        *("alphabetic_token_share_datatrove", 0.8, 0.7999),
    ),
    ("gopher@datatrove-0.10", "gopher_enough_stop_words", "stop_word_count_datatrove", 2, 1),
    ("gopher@dolma", "gopher_short_doc", "word_count_dolma", 50, 49),
    ("gopher@dolma", "gopher_long_doc", "word_count_dolma", 100_000, 100_001),
    ("gopher@dolma", "gopher_below_avg_threshold", "median_word_chars_dolma", 3, 2.5),
    ("gopher@dolma", "gopher_above_avg_threshold", "median_word_chars_dolma", 10, 10.5),
    ("gopher@dolma", "gopher_too_many_symbols", "symbol_word_share_dolma", 0.1, 0.1001),
    ("gopher@dolma", "gopher_below_alpha_threshold", "alphabetic_word_share_dolma", 0.8, 0.7999),
    ("gopher@dolma", "gopher_enough_stop_words", "stop_word_count_dolma", 2, 1),
    ("gopher@dolma", "gopher_too_many_bullets", "bullet_line_share_dolma", 0.9, 0.9001),
    ("gopher@dolma", "gopher_too_many_end_ellipsis", "ellipsis_line_share_dolma", 0.3, 0.3001),
    ("gopher@dolma", "dup_line_frac", "duplicate_line_share_dolma", 0.3, 0.3001),
    ("gopher@dolma", "dup_line_char_frac", "duplicate_line_char_share_dolma", 0.3, 0.3001),
    ("gopher@dolma", "duplicated_5_n_grams", "duplicate_5_gram_char_share_dolma", 0.15, 0.1501),
    ("gopher@dolma", "duplicated_6_n_grams", "duplicate_6_gram_char_share_dolma", 0.14, 0.1401),
    ("gopher@dolma", "duplicated_7_n_grams", "duplicate_7_gram_char_share_dolma", 0.13, 0.1301),
    ("gopher@dolma", "duplicated_8_n_grams", "duplicate_8_gram_char_share_dolma", 0.12, 0.1201),
    ("gopher@dolma", "duplicated_9_n_grams", "duplicate_9_gram_char_share_dolma", 0.11, 0.1101),
    ("gopher@dolma", "duplicated_10_n_grams", "duplicate_10_gram_char_share_dolma", 0.1, 0.1001),
    ("gopher@dclm", "gopher_short_doc", "word_count_dclm", 50, 49),
    ("gopher@dclm", "gopher_long_doc", "word_count_dclm", 100_000, 100_001),
    ("gopher@dclm", "gopher_below_avg_threshold", "mean_word_chars_dclm", 3, 2.999),
    ("gopher@dclm", "gopher_above_avg_threshold", "mean_word_chars_dclm", 10, 10.001),
    ("gopher@dclm", "gopher_too_many_symbols", "symbol_word_ratio_dclm", 0.1, 0.1001),
    ("gopher@dclm", "gopher_too_many_bullets", "bullet_line_share_dclm", 0.9, 0.9001),
    ("gopher@dclm", "gopher_too_many_end_ellipsis", "ellipsis_line_share_dclm", 0.3, 0.3001),
    ("gopher@dclm", "gopher_below_alpha_threshold", "letterless_word_share_dclm", 0.2, 0.2001),
    ("gopher@dclm", "gopher_enough_stop_words", "stop_word_count_dclm", 2, 1),
    ("gopher@dclm", "dup_line_frac", "duplicate_line_share_dclm", 0.3, 0.3001),
    ("gopher@dclm", "dup_para_frac", "duplicate_paragraph_share_dclm", 0.3, 0.3001),
    ("gopher@dclm", "dup_line_char_frac", "duplicate_line_char_share_dclm", 0.2, 0.2001),
    ("gopher@dclm", "dup_para_char_frac", "duplicate_paragraph_char_share_dclm", 0.2, 0.2001),
    ("gopher@dclm", "top_2_gram", "top_2_gram_char_share_dclm", 0.2, 0.2001),
    ("gopher@dclm", "top_3_gram", "top_3_gram_char_share_dclm", 0.18, 0.1801),
    ("gopher@dclm", "top_4_gram", "top_4_gram_char_share_dclm", 0.16, 0.1601),
    ("gopher@dclm", "duplicated_5_n_grams", "duplicate_5_gram_char_share_dclm", 0.15, 0.1501),
    ("gopher@dclm", "duplicated_6_n_grams", "duplicate_6_gram_char_share_dclm", 0.14, 0.1401),
    ("gopher@dclm", "duplicated_7_n_grams", "duplicate_7_gram_char_share_dclm", 0.13, 0.1301),
    ("gopher@dclm", "duplicated_8_n_grams", "duplicate_8_gram_char_share_dclm", 0.12, 0.1201),
    ("gopher@dclm", "duplicated_9_n_grams", "duplicate_9_gram_char_share_dclm", 0.11, 0.1101),
    ("gopher@dclm", "duplicated_10_n_grams", "duplicate_10_gram_char_share_dclm", 0.1, 0.1001),
    ("books@1", "gopher_short_doc", "word_count", 50, 49),
    ("books@1", "gopher_below_alpha_threshold", "alphabetic_word_share", 0.7, 0.6999),
    ("records@1", "gopher_below_alpha_threshold", "alphabetic_word_share", 0.2, 0.1999),
    ("books@1", "dup_line_char_frac", "duplicate_line_char_share", 0.3, 0.3001),
    ("books@1", "dup_para_char_frac", "duplicate_paragraph_char_share", 0.3, 0.3001),
]


@pytest.mark.parametrize(("profile", "reason", "signal", "kept", "dropped"), BOUNDS)
def test_threshold(profile: str, reason: str, signal: str, kept: float, dropped: float) -> None:
    judged = judge(signals(**{signal: [kept, dropped, None]}), [profile])
    limit = next(rule.threshold for rule in PROFILES[profile].rules if rule.reason == reason)
    assert judged.select(*JUDGEMENT).rows() == [
        ("keep", None, None, None),
        ("drop", reason, pytest.approx(dropped), limit),
        ("keep", None, None, None),
    ]


def test_the_table_has_every_rule() -> None:
    rules = [(name, rule.reason, rule.signal) for name in PROFILES for rule in PROFILES[name].rules]
    assert sorted(rules) == sorted((name, reason, signal) for name, reason, signal, *_ in BOUNDS)


def test_profiles_use_known_names() -> None:
    rules = [rule for profile in PROFILES.values() for rule in profile.rules]
    assert {rule.signal for rule in rules} <= set(ALL_SIGNALS)
    assert {rule.reason for rule in rules} <= set(get_args(DropReason))
    assert {*PROFILES, FINEWEB2} == PROFILE_NAMES


def test_books_have_no_longest_length() -> None:
    assert judge(signals(word_count=[2_000_000]), ["books@1"])["verdict"].item() == "keep"


def test_the_first_broken_rule_gives_the_reason() -> None:
    frame = signals(
        word_count=[60, 10],
        hash_word_ratio=[0.5, 0.5],
        newline_token_ratio=[0.9, 0.9],
    )
    assert judge(frame, ["gopher@paper", "fineweb@0.10"])["reason"].to_list() == [
        *("gopher_too_many_hashes", "gopher_short_doc")
    ]
    assert judge(frame, ["fineweb@0.10", "gopher@paper"])["reason"].to_list() == ["list_ratio"] * 2


def test_without_profiles_all_is_kept() -> None:
    assert judge(signals(word_count=[0]), []).select(*JUDGEMENT).rows() == [
        ("keep", None, None, None)
    ]


def test_an_unknown_profile_is_an_error() -> None:
    with pytest.raises(KeyError, match="gopher@mars"):
        judge(signals(), ["gopher@mars"])


LANGUAGES = pl.DataFrame(
    {"language": ["en", "en", "en", "fr", None], "language_score": [0.9, 0.65, 0.6, 0.9, 0.9]}
)


def test_language() -> None:
    judged = judge_language(LANGUAGES, ["de", "en"], 0.65)
    assert judged.select(*JUDGEMENT).rows() == [
        ("keep", None, None, None),
        ("keep", None, None, None),
        ("drop", "language_uncertain", 0.6, 0.65),
        ("drop", "language_not_wanted", None, None),
        ("drop", "language_not_wanted", None, None),
    ]


def test_where_all_languages_are_wanted_none_is_uncertain() -> None:
    assert judge_language(LANGUAGES, [], 0.65)["verdict"].unique().to_list() == ["keep"]


def test_judgements_follow_one_another() -> None:
    frame = signals(word_count=[10, 10, 60, 60, 10]).hstack(LANGUAGES)
    language_first = judge(judge_language(frame, ["en"], 0.65), ["gopher@paper"])
    assert language_first["reason"].to_list() == [
        *("gopher_short_doc", "gopher_short_doc", "language_uncertain"),
        *("language_not_wanted", "language_not_wanted"),
    ]


def test_a_quarantined_record_stays_quarantined() -> None:
    frame = signals(word_count=[10]).with_columns(
        verdict=pl.lit("quarantine"),
        reason=pl.lit("binary"),
        measured=pl.lit(None, pl.Float64),
        threshold=pl.lit(None, pl.Float64),
    )
    assert_frame_equal(judge(frame, ["gopher@paper"]), frame)


shares = st.one_of(st.none(), st.floats(0, 1))
JUDGED = ("word_count", "duplicate_line_share", "newline_token_ratio", "terminal_line_share")
rows = st.lists(
    st.tuples(st.one_of(st.none(), st.integers(0, 200_000)), shares, shares, shares), max_size=8
)


@given(rows, st.integers(0, 8), st.lists(st.sampled_from(sorted(PROFILES)), max_size=3))
def test_judging_looks_at_one_row_and_decides_once(
    values: list[tuple[float | None, ...]], cut: int, profiles: list[str]
) -> None:
    frame = signals(**{name: [row[i] for row in values] for i, name in enumerate(JUDGED)})
    judged = judge(frame, profiles)
    parts = [judge(part, profiles) for part in (frame[:cut], frame[cut:])]
    assert_frame_equal(pl.concat(parts), judged)
    assert_frame_equal(judge(judged, profiles), judged)
    dropped = judged.filter(verdict="drop")
    assert dropped["reason"].null_count() == dropped["measured"].null_count() == 0


@pytest.mark.shared_data
@pytest.mark.parametrize("profile", ["gopher@paper", "fineweb@2024-05", "fineweb@0.10", "books@1"])
def test_no_text_without_spaces_is_dropped_for_its_words(profile: str, shared_data: Path) -> None:
    folder = shared_data / "languages" / "udhr"
    names = ("jpn", "cmn_hans", "tha", "lao", "khm", "mya", "bod", "iii", "amh")
    texts = [(folder / f"{name}.txt").read_text(encoding="utf-8") for name in names]
    stories = sorted((shared_data / "books" / "aozora").glob("*.txt"))
    texts += [path.read_text(encoding="shift_jis", errors="replace") for path in stories]
    frame = pl.DataFrame({"text": texts})
    frame = frame.hstack(identify_languages(frame["text"])).with_columns(url=pl.lit(""))
    judged = judge(measure_chain(frame, [profile]), [profile])
    reasons = set(judged["reason"].drop_nulls())
    assert len(stories) > 10
    assert reasons <= {"char_dup_ratio"}  # the stories repeat their dashed rules


@pytest.mark.shared_data
def test_novels_pass_the_profile_for_books(shared_data: Path) -> None:
    paths = sorted((shared_data / "books" / "gutenberg").rglob("*.txt"))
    frame = pl.DataFrame({"text": [path.read_text(encoding="latin-1") for path in paths]})
    frame = frame.with_columns(pl.col("text").str.replace_all("\r\n", "\n", literal=True))
    judged = judge(measure_signals(frame.with_columns(language=pl.lit("en"))), ["books@1"])
    assert judged["verdict"].to_list() == ["keep"] * len(paths)
