"""Telling single-byte charsets apart by what they make of the letters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_assets.corpus.single_byte import best_fit, fit_of, is_dense

# Pangrams, in which letters of their own are frequent, and of the first article of the declaration
# of human rights where a language has them.
TEXTS = {
    "cs": "Příliš žluťoučký kůň úpěl ďábelské ódy. ",
    "de": "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich. ",
    "el": "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία. Η γρήγορη καφέ αλεπού πηδάει. ",
    "eo": "Laŭ Ludoviko Zamenhof bongustas freŝa ĉeĥa manĝaĵo kun spicoj. ",
    "fr": "Portez ce vieux whisky au juge blond qui fume, déjà à l’été, ça suffit. ",
    "hu": "Árvíztűrő tükörfúrógép, jó foxim és don Quijote húszwattos lámpánál ülve. ",
    "lt": "Įlinkdama fechtuotojo špaga sublykčiojusi pragręžė apvalų arbūzą. ",
    "lv": "Muļķa hipiji mēģina brīvi nogaršot celofāna žņaudzējčūsku. ",
    "mt": "Ġużepp Ċensu ħallas għaxar flixkun ilma żagħżugħ. ",
    "pl": "Zażółć gęślą jaźń. Pchnąć w tę łódź jeża lub ośm skrzyń fig. ",
    "ro": "Muzicologă în bej vând whisky și tequila, preț fix. ",
    "ru": "Съешь же ещё этих мягких французских булок, да выпей чаю. ",
    "tr": "Pijamalı hasta yağız şoföre çabucak güvendi. ",
    "uk": "Жебракують філософи при ґанку церкви в Гадячі, ще й шатро їхнє п'яне знаємо. ",
}
CHARSETS = {
    "cs": ["cp1250", "iso8859-2", "mac-latin2", "cp852"],
    "de": ["cp1252", "iso8859-15", "mac-roman", "cp850"],
    "el": ["cp1253", "iso8859-7"],
    "eo": ["iso8859-3"],
    "fr": ["cp1252", "mac-roman"],
    "hu": ["cp1250", "iso8859-2", "mac-latin2", "cp852"],
    "lt": ["cp1257", "iso8859-13", "iso8859-4"],
    "lv": ["cp1257", "iso8859-13", "iso8859-4"],
    "mt": ["iso8859-3"],
    "pl": ["cp1250", "iso8859-2", "mac-latin2", "cp852"],
    "ro": ["iso8859-16"],
    "ru": ["cp1251", "koi8-r", "iso8859-5", "cp866", "mac-cyrillic"],
    "tr": ["cp1254", "iso8859-9"],
    "uk": ["cp1251", "koi8-u"],
}
PAIRS = [(language, charset) for language, names in CHARSETS.items() for charset in names]


@pytest.mark.parametrize(("language", "charset"), PAIRS)
def test_the_right_charset_fits_best(language: str, charset: str) -> None:
    text = TEXTS[language] * 2
    payload = text.encode(charset)
    own, best = fit_of(charset, payload), best_fit(payload)
    assert own is None or own > 0.99
    assert best.fit > 0.99
    assert payload.decode(best.charset) == text or own == best.fit


@pytest.mark.parametrize(
    ("language", "charset", "wrong"),
    [
        ("cs", "cp1250", "cp1252"),
        ("pl", "iso8859-2", "cp1250"),
        ("lt", "cp1257", "cp1252"),
        ("tr", "cp1254", "cp1252"),
        ("fr", "mac-roman", "cp1252"),
        ("de", "cp850", "cp1252"),
        ("ru", "cp1251", "cp1252"),
        ("ru", "mac-cyrillic", "cp1251"),
        ("uk", "koi8-u", "koi8-r"),
        ("cs", "cp1250", "cp1251"),
        ("de", "cp1252", "cp1255"),
        ("fr", "cp1252", "cp874"),
    ],
)
def test_a_wrong_charset_fits_worse(language: str, charset: str, wrong: str) -> None:
    payload = (TEXTS[language] * 2).encode(charset)
    assert (fit_of(wrong, payload) or 0) < (fit_of(charset, payload) or 0) - 0.02


def test_capitals_are_no_evidence_against_a_charset() -> None:
    payload = "ВСЕ ЛЮДИ РОЖДАЮТСЯ СВОБОДНЫМИ И РАВНЫМИ В СВОЕМ ДОСТОИНСТВЕ".encode("cp1251")
    assert fit_of("cp1251", payload) == 1.0


def test_between_equals_the_most_used_charset_is_named() -> None:
    assert best_fit("naïve café".encode("iso8859-15")).charset == "cp1252"
    assert best_fit(b"plain") == ("cp1252", 1.0)


def test_a_letter_by_itself_does_not_make_another_script() -> None:
    payload = "la terra è di chi la lavora, e così sia".encode("mac-roman")
    assert payload.decode(best_fit(payload).charset)[9] != "Џ"
    assert best_fit(b"la terra \x8f di chi").charset not in ("cp1251", "koi8-r", "cp866")


def test_other_scripts_are_dense() -> None:
    assert is_dense(TEXTS["ru"].encode("koi8-r"))
    assert is_dense("키스의 고유조건은 입술끼리".encode("euc_kr"))
    assert not is_dense(TEXTS["cs"].encode("cp1250"))
    assert not is_dense(b"")


def test_charsets_without_known_languages_have_no_fit() -> None:
    assert fit_of("gb18030", b"\xb0\xa1") is None
    assert fit_of("", b"x") is None


@given(st.binary(max_size=200))
def test_any_bytes_have_a_fit_of_at_most_one(payload: bytes) -> None:
    best = best_fit(payload)
    assert best.fit <= 1
    assert fit_of(best.charset, payload) == best.fit
