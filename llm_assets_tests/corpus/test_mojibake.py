"""Wrongly decoded text."""

from pathlib import Path

import polars as pl
import pytest
from ftfy.badness import is_bad
from hypothesis import given
from hypothesis import strategies as st

from llm_assets.corpus.mojibake import looks_garbled, repair_garbled_lines

GARBLING = st.sampled_from(["latin-1", "cp1252", "cp1251", "cp1250", "cp437", "mac-roman"])


def repair(text: str) -> str:
    return str(repair_garbled_lines(pl.Series([text]))[0])


@pytest.mark.parametrize(
    ("garbled", "text"),
    [
        ("cafÃ© â€œquotedâ€\x9d", "café “quoted”"),
        ("Ãœber die Ã„cker", "Über die Äcker"),
        ("РџСЂРёРІРµС‚ РјРёСЂ", "Привет мир"),
        ("na\u00c3\u0083\u00c2\u00afve", "naïve"),
    ],
)
def test_lines_are_repaired_where_they_are(garbled: str, text: str) -> None:
    assert repair(f"first\n{garbled}\nlast\n") == f"first\n{text}\nlast\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "plain",
        "l’été, “naïve” café «déjà»",
        "Россия вперёд",
        "日本語《ルビ》",
        "5 € für 3 £",
    ],
)
def test_sound_text_stays(text: str) -> None:
    assert repair(text) == text


@given(st.text(max_size=40), GARBLING)
def test_the_fast_search_finds_what_ftfy_finds(text: str, encoding: str) -> None:
    garbled = text.encode("utf-8", "ignore").decode(encoding, "ignore")
    for candidate in (text.encode("utf-8", "ignore").decode(), garbled):
        assert looks_garbled(pl.Series([candidate]))[0] == is_bad(candidate)


@given(st.text(st.sampled_from("aÃÂâ€™œ©®°±ßàáü «»“”\xa0ВГРСЂ√‚Ä×²ØÙ├┬ \n"), max_size=20))
def test_the_fast_search_agrees_on_awkward_characters(text: str) -> None:
    assert looks_garbled(pl.Series([text]))[0] == is_bad(text)


def test_rows_keep_their_places_and_nulls() -> None:
    texts = pl.Series("t", ["cafÃ©", None, "plain", "cafÃ©\ncafÃ©"])
    assert repair_garbled_lines(texts).to_list() == ["café", None, "plain", "café\ncafé"]


def test_other_lines_of_a_garbled_text_are_read_in_the_same_way() -> None:
    lines = "Bütün insanlar “bərabər”, hüquqlarına görə azad doğulurlar\nMaddə 1\nPROGLAŠAVA"
    garbled = "".join(
        bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in lines.encode()
    )
    assert repair(garbled) == lines
    assert repair(garbled.split("\n", 1)[1]) == garbled.split("\n", 1)[1]


def test_a_text_garbled_twice_is_repaired_to_its_last_line() -> None:
    lines = "Türk dilində “dırnaq” işarələri\nMaddə 1"
    garbled = lines
    for _ in range(2):
        garbled = garbled.encode().decode("latin-1")
    assert repair(garbled) == lines


def test_sound_lines_beside_garbled_ones_stay() -> None:
    text = "cafÃ© â€œquotedâ€\x9d\nnaïve “café”\nМосква\n東京"
    assert repair(text) == "café “quoted”\nnaïve “café”\nМосква\n東京"


def test_damage_that_is_no_misreading_is_repaired_too() -> None:
    assert repair("l\x92été \x93ici\x94 Ã la carte") == "l’été “ici” à la carte"


@given(st.lists(st.text(max_size=40), max_size=4), GARBLING)
def test_repairing_twice_changes_nothing_more(lines: list[str], encoding: str) -> None:
    garbled = "\n".join(lines).encode("utf-8", "ignore").decode(encoding, "ignore")
    once = repair(garbled)
    assert once.count("\n") == garbled.count("\n")
    assert repair(once) == once


@pytest.mark.shared_data
def test_real_texts_stay_but_for_their_control_characters(shared_data: Path) -> None:
    paths = sorted((shared_data / "languages" / "udhr").glob("*.txt"))
    texts = pl.Series([path.read_text("utf-8") for path in paths])
    changed = texts != repair_garbled_lines(texts)
    assert changed.to_list() == texts.str.contains(r"[\x80-\x9f]").to_list()
