import re

import polars as pl
import pytest

from llm_assets.corpus.language import identify_languages
from llm_assets.corpus.profiles.fineweb2_thresholds import (
    codes_of,
    identified_thresholds,
    read_thresholds,
)

FRENCH = "La liberté consiste à pouvoir faire tout ce qui ne nuit pas à autrui."
SERBIAN = "Сва људска бића рађају се слободна и једнака у достојанству и правима."
SERBIAN_LATIN = "Sva ljudska bića rađaju se slobodna i jednaka u dostojanstvu i pravima."


def test_the_published_numbers_of_french() -> None:
    row = read_thresholds().row(by_predicate=pl.col("code") == "fra_Latn", named=True)
    assert row.pop("stop_words")[:5] == ["de", "la", "le", "et", "à"]
    assert row == {
        "code": "fra_Latn",
        "language_uncertain": 0.824,
        "dup_line_frac": 0.264,
        "top_2_gram": 0.161,
        "top_3_gram": 0.149,
        "top_4_gram": 0.134,
        "duplicated_5_n_grams": 0.15,
        "duplicated_6_n_grams": 0.141,
        "duplicated_7_n_grams": 0.131,
        "duplicated_8_n_grams": 0.121,
        "duplicated_9_n_grams": 0.111,
        "duplicated_10_n_grams": 0.1,
        "line_punct_ratio": 0.1,
        "list_ratio": 0.185,
        "gopher_below_avg_threshold": 2,
        "gopher_above_avg_threshold": 11,
        "gopher_below_alpha_threshold": 0.812,
    }


def test_every_language_is_there_and_whole() -> None:
    table = read_thresholds()
    assert table.height == table["code"].n_unique() == 1_929
    assert table["code"].str.contains(r"^[a-z]{3}_[A-Z][a-z]{3}$").all()
    assert (table["stop_words"].list.len() >= 8).all()
    limits = table.drop("code", "stop_words")
    assert set(limits.dtypes) == {pl.Float64}
    off = {name for name in limits.columns if limits[name].null_count()}
    assert off == {"dup_line_frac", "line_punct_ratio", "gopher_below_avg_threshold"}


def test_languages_without_a_rule() -> None:
    row = read_thresholds().row(by_predicate=pl.col("code") == "deu_Latn", named=True)
    assert row["line_punct_ratio"] is None
    assert row["gopher_below_avg_threshold"] is None


@pytest.mark.parametrize(
    ("language", "text", "code"),
    [
        ("fr", FRENCH, "fra_Latn"),
        ("zh", "的年在月", "cmn_Hani"),
        ("sr", SERBIAN, "srp_Cyrl"),
        ("sr", SERBIAN_LATIN, "srp_Latn"),
        ("sh", SERBIAN_LATIN, "srp_Latn"),
        ("sr", "12345", "srp_Cyrl"),
        ("fr", SERBIAN, "fra_Latn"),
        ("sr", None, "srp_Cyrl"),
        ("en", "Not among them.", None),
        ("und", "…", None),
        (None, "text", None),
    ],
)
def test_codes(language: str | None, text: str | None, code: str | None) -> None:
    frame = pl.DataFrame(
        {"text": [text, FRENCH], "language": [language, "fr"]},
        schema={"text": pl.String, "language": pl.String},
    )
    assert codes_of(frame).to_list() == [code, "fra_Latn"]


def test_what_is_identified_has_thresholds() -> None:
    texts = pl.Series([FRENCH, SERBIAN])
    languages = identify_languages(texts)["language"]
    codes = codes_of(pl.DataFrame({"text": texts, "language": languages}))
    assert set(codes) <= set(identified_thresholds()["code"])
    assert 200 < identified_thresholds().height < 250


def test_stop_words_are_in_the_form_of_cleaned_texts() -> None:
    words = read_thresholds()["stop_words"].explode()
    assert words.equals(words.str.normalize("NFC"))
    assert not any(re.search(r"[\t\n|]", word) for word in words)
