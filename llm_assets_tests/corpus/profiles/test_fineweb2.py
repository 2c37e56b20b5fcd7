import polars as pl
import pytest

from llm_assets.corpus.profiles.filters import REASONS, profile_named
from llm_assets.corpus.profiles.fineweb2 import fineweb2_profile, is_fineweb2
from llm_assets.corpus.profiles.rules import Limits, Rule
from llm_assets.corpus.schema import SIGNALS
from llm_assets.corpus.signals import measure_signals
from llm_assets_tests.judging import judge

FRENCH = """Le roi est dans la maison avec un ami de la reine, et il parle des fleurs du jardin.
Elle ne sait pas encore ce que les gens de la ville disent au marché, mais elle le saura demain.
Par un matin de printemps, une femme entra dans la cour et demanda à voir le maître des lieux.
"""
OF_THE_PIPELINE = [
    *("language_uncertain", "empty", "dup_line_frac", "top_2_gram", "top_3_gram", "top_4_gram"),
    *(f"duplicated_{size}_n_grams" for size in range(5, 11)),
    *("line_punct_ratio", "char_dup_ratio", "list_ratio", "gopher_short_doc", "gopher_long_doc"),
    *("gopher_below_avg_threshold", "gopher_above_avg_threshold", "gopher_too_many_hashes"),
    *("gopher_too_many_ellipsis", "gopher_too_many_bullets", "gopher_too_many_end_ellipsis"),
    *("gopher_below_alpha_threshold", "gopher_enough_stop_words"),
]


def judged(profile: str, *texts: str, language: str = "fr", score: float = 1.0) -> pl.DataFrame:
    frame = pl.DataFrame({"text": texts}).with_columns(
        language=pl.lit(language), language_score=pl.lit(score), url=pl.lit(None, pl.String)
    )
    signals = profile_named(profile).signals
    assert signals is not None
    return judge(measure_signals(frame).hstack(signals.measure(frame)), [profile])


def test_the_rules_of_a_language_in_order() -> None:
    rules = fineweb2_profile("fineweb2@fra_Latn").rules
    assert [rule.reason for rule in rules] == OF_THE_PIPELINE
    assert set(OF_THE_PIPELINE) <= set(REASONS)
    assert rules[12] == Rule("line_punct_ratio", "terminal_line_share", "<", 0.1)
    assert rules[13] == Rule("char_dup_ratio", "repeated_line_char_share", ">", 0.1)


def test_a_limit_that_is_switched_off_is_no_rule() -> None:
    reasons = {rule.reason for rule in fineweb2_profile("fineweb2@deu_Latn").rules}
    assert set(OF_THE_PIPELINE) - reasons == {"line_punct_ratio", "gopher_below_avg_threshold"}


@pytest.mark.parametrize("name", ["fineweb2", "fineweb2@fra_Latn", "fineweb2@cmn_Hani"])
def test_every_signal_is_measured(name: str) -> None:
    profile = profile_named(name)
    assert profile.signals is not None
    assert profile.edit is None
    known = {*SIGNALS, *profile.signals.schema, "language_score"}
    assert {rule.signal for rule in profile.rules} <= known
    assert not set(profile.signals.schema) & set(SIGNALS)
    frame = pl.DataFrame({"text": [FRENCH, None], "language": "fr", "url": None})
    found = profile.signals.measure(frame)
    assert found.schema == profile.signals.schema
    assert found.row(1) == (None,) * found.width


def test_languages_have_columns_of_their_own() -> None:
    french, german = (fineweb2_profile(f"fineweb2@{code}") for code in ("fra_Latn", "deu_Latn"))
    assert french.signals is not None
    assert german.signals is not None
    assert not set(french.signals.schema) & set(german.signals.schema)


@pytest.mark.parametrize("profile", ["fineweb2", "fineweb2@fra_Latn"])
def test_verdicts_on_french(profile: str) -> None:
    texts = (
        FRENCH,
        FRENCH + FRENCH,
        FRENCH.upper(),
        "La fin.",
        FRENCH.replace(".", ""),
        "\n",
    )
    found = judged(profile, *texts).select("reason", "threshold").rows()
    assert found == [
        (None, None),
        ("dup_line_frac", 0.264),
        ("gopher_enough_stop_words", 2),
        ("top_2_gram", 0.161),
        ("line_punct_ratio", 0.1),
        ("empty", 1),
    ]


@pytest.mark.parametrize("profile", ["fineweb2", "fineweb2@fra_Latn"])
def test_the_score_of_the_language(profile: str) -> None:
    assert judged(profile, FRENCH, score=0.824)["verdict"].item() == "keep"
    row = judged(profile, FRENCH, score=0.8239).row(0, named=True)
    assert (row["reason"], row["measured"], row["threshold"]) == (
        "language_uncertain",
        0.8239,
        0.824,
    )


def test_each_document_by_the_limits_of_its_language() -> None:
    columns = {"language_fineweb2": ["fra_Latn", "deu_Latn", None], "terminal_line_share": 0.05}
    limits = Limits("language_fineweb2", (("fra_Latn", 0.1), ("ita_Latn", 0.2)))
    rule = Rule("line_punct_ratio", "terminal_line_share", "<", limits)
    frame = pl.DataFrame(columns)
    assert frame.select(rule.is_broken).to_series().to_list() == [True, None, None]
    assert frame.select(rule.limit).to_series().to_list() == [0.1, None, None]


def test_what_is_in_none_of_the_languages_is_dropped() -> None:
    for language in ("en", "und"):
        row = judged("fineweb2", FRENCH, language=language).row(0, named=True)
        assert (row["reason"], row["measured"]) == ("language_not_wanted", 0)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("fineweb2@fra", "did you mean fineweb2@fra_Latn\\?"),
        ("fineweb2@srp_Arab", "did you mean fineweb2@srp_Cyrl or fineweb2@srp_Latn\\?"),
        ("fineweb2@eng_Latn", "such as fineweb2@fra_Latn"),
        ("fineweb2@", "such as fineweb2@fra_Latn"),
        ("fineweb2@fineweb2", "such as fineweb2@fra_Latn"),
    ],
)
def test_a_name_of_no_language_is_told(name: str, message: str) -> None:
    assert is_fineweb2(name)
    with pytest.raises(KeyError, match=message):
        profile_named(name)


def test_other_names_are_not_ours() -> None:
    assert not is_fineweb2("fineweb@0.10")
    with pytest.raises(KeyError):
        profile_named("fineweb3")
