"""Which encoding a document is in."""

import json
import random
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_assets.corpus.decode import decode_text

TEXTS = {
    "ar": "نص حكيم له سر قاطع وذو شأن عظيم مكتوب على ثوب أخضر ومغلف بجلد أزرق. ",
    "cs": "Příliš žluťoučký kůň úpěl ďábelské ódy. ",
    "de": "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich. ",
    "el": "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία. Η γρήγορη καφέ αλεπού πηδάει. ",
    "fr": "Portez ce vieux whisky au juge blond qui fume, déjà à l’été, ça suffit. ",
    "he": "דג סקרן שט בים מאוכזב ולפתע מצא חברה. ",
    "ja": "いろはにほへと散りぬるを、我が世誰ぞ常ならむ。有為の奥山今日越えて、浅き夢見じ。",
    "ko": "키스의 고유조건은 입술끼리 만나야 하고 특별한 기술은 필요치 않다. ",
    "lt": "Įlinkdama fechtuotojo špaga sublykčiojusi pragręžė apvalų arbūzą. ",
    "pl": "Zażółć gęślą jaźń. Pchnąć w tę łódź jeża lub ośm skrzyń fig. ",
    "ru": "Съешь же ещё этих мягких французских булок, да выпей чаю. Широкая электрификация. ",
    "th": "เป็นมนุษย์สุดประเสริฐเลิศคุณค่า กว่าบรรดาฝูงสัตว์เดรัจฉาน ",
    "tr": "Pijamalı hasta yağız şoföre çabucak güvendi. ",
    "uk": "Жебракують філософи при ґанку церкви в Гадячі, ще й шатро їхнє п'яне знаємо. ",
    "zh-hans": "我们的国家是一个统一的多民族国家，人民当家作主。今天的天气很好。",
    "zh-hant": "天地玄黃宇宙洪荒日月盈昃辰宿列張寒來暑往秋收冬藏閏餘成歲律呂調陽雲騰致雨露結為霜",
}
ENCODINGS = {
    "ar": ["cp1256"],
    "cs": ["cp1250", "iso8859-2", "mac_latin2", "cp852"],
    "de": ["cp1252", "mac_roman", "cp850"],
    "el": ["cp1253", "iso8859-7"],
    "fr": ["cp1252"],
    "he": ["cp1255"],
    "ja": ["cp932", "euc_jp", "iso2022_jp"],
    "ko": ["cp949"],
    "lt": ["cp1257", "iso8859-4"],
    "pl": ["cp1250", "iso8859-2"],
    "ru": ["cp1251", "koi8-r", "cp866", "iso8859-5", "mac_cyrillic"],
    "th": ["cp874"],
    "tr": ["cp1254"],
    "uk": ["cp1251", "koi8-u"],
    "zh-hans": ["gb18030"],
    "zh-hant": ["big5"],
}
PAIRS = [(language, encoding) for language, names in ENCODINGS.items() for encoding in names]


def text_of(payload: bytes, hint: str | None = None, media_type: str = "text/plain") -> str | None:
    decoded = decode_text(payload, hint, media_type)
    return None if decoded is None else decoded.text


HINTS = (None, "utf-8", "x-unknown", "own", "iso-8859-1")
HINTED = [(*pair, hint) for pair in PAIRS for hint in HINTS]


@pytest.mark.parametrize(("language", "encoding", "hint"), HINTED)
def test_real_languages_in_their_encodings(language: str, encoding: str, hint: str | None) -> None:
    text = TEXTS[language] * 5
    payload = text.encode(encoding)
    assert text_of(payload, encoding if hint == "own" else hint) == text


@pytest.mark.parametrize(("language", "encoding"), PAIRS)
def test_a_long_ascii_beginning_does_not_hide_the_encoding(language: str, encoding: str) -> None:
    text = "<div class='x'>plain words</div>\n" * 5000 + TEXTS[language] * 5
    assert text_of(text.encode(encoding), None, "text/html") == text


@given(st.text(st.characters(exclude_characters="\0\ufeff", exclude_categories=["Cs", "Cc"])))
def test_valid_utf8_is_utf8_whatever_is_declared(text: str) -> None:
    for hint in (None, "iso-8859-1", "shift_jis"):
        decoded = decode_text(f"plain beginning {text}".encode(), hint, "text/plain")
        assert decoded is not None
        assert (decoded.text, decoded.encoding) == (f"plain beginning {text}", "utf-8")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_mark_decides_and_is_gone(encoding: str) -> None:
    decoded = decode_text(TEXTS["ru"].encode(encoding), "cp1252", "text/html")
    assert decoded is not None
    assert (decoded.text, decoded.source) == (TEXTS["ru"], "mark")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le"])
def test_wide_encodings_without_a_mark(encoding: str) -> None:
    text = TEXTS["de"] * 9
    assert text_of(text.encode(encoding), "utf-8") == text


@pytest.mark.parametrize(
    "declaration",
    [
        '<meta charset="windows-1251">',
        "<META content='text/html; charset=windows-1251' http-equiv=Content-Type>",
        '<?xml version="1.0" encoding="windows-1251"?><html>',
    ],
)
def test_the_documents_own_declaration(declaration: str) -> None:
    payload = declaration.encode() + "Да".encode("cp1251")
    decoded = decode_text(payload, None, "text/html")
    assert decoded is not None
    assert decoded.text.endswith("Да")
    assert decoded.source == "document"


def test_a_wrong_declaration_needs_evidence_against_it() -> None:
    few, many = "Příliš", TEXTS["cs"]
    for text, encoding in ((few, "cp1252"), (many, "cp1250")):
        decoded = decode_text(text.encode("cp1250"), "iso-8859-1", "text/plain")
        assert decoded is not None
        assert decoded.encoding == encoding


@pytest.mark.parametrize(("language", "encoding"), PAIRS)
def test_a_right_declaration_is_never_overruled(language: str, encoding: str) -> None:
    for text in (TEXTS[language], TEXTS[language].upper(), TEXTS[language].title()):
        with suppress(UnicodeEncodeError):  # upper case has letters that DOS does not
            decoded = decode_text(text.encode(encoding), encoding, "text/plain")
            assert decoded is not None
            assert decoded.text == text


def test_a_declaration_in_a_plain_text_is_text() -> None:
    payload = b'<meta charset="windows-1251">' + "Übermut ".encode("cp1252") * 9
    decoded = decode_text(payload, None, "text/plain")
    assert decoded is not None
    assert decoded.encoding == "cp1252"


def test_the_transport_comes_before_the_document() -> None:
    payload = b'<meta charset="koi8-r">' + TEXTS["ru"].encode("cp1251")
    assert text_of(payload, "windows-1251", "text/html") == f'<meta charset="koi8-r">{TEXTS["ru"]}'


@pytest.mark.parametrize(
    "label", ["ISO-8859-1", "latin1", "us-ascii", "ISO-646-US (US-ASCII)", "ISO Latin-1"]
)
def test_names_of_latin_1_mean_windows_1252(label: str) -> None:
    payload = "“Größe” kostet 5 €".encode("cp1252")
    decoded = decode_text(payload, label, "text/plain")
    assert decoded is not None
    assert (decoded.text, decoded.source) == ("“Größe” kostet 5 €", "transport")


@pytest.mark.parametrize(
    "label", ["hex", "rot13", "zip", "idna", "utf-7", "unicode_escape", "undefined", "\0", "é"]
)
def test_codecs_that_are_no_charset_are_not_used(label: str) -> None:
    payload = "4142 +AGE- größer".encode("cp1252")
    assert text_of(payload, label) == "4142 +AGE- größer"


def test_a_torn_utf8_page_stays_utf8() -> None:
    payload = TEXTS["ru"].encode() * 9 + b"\x93quoted\x94" + TEXTS["ru"].encode()[:-1]
    decoded = decode_text(payload[:-2], "iso-8859-1", "text/html")
    assert decoded is not None
    assert decoded.encoding == "utf-8"
    assert "“quoted”" in decoded.text
    assert "\ufffd" not in decoded.text


def test_a_few_odd_bytes_in_a_long_ascii_page_do_not_matter() -> None:
    payload = b"plain ascii words " * 200 + b"\xa7\xa71280 \x97"
    assert text_of(payload, "utf-8") == "plain ascii words " * 200 + "§§1280 —"


@pytest.mark.parametrize(
    "payload",
    [
        b"\x89PNG\r\n\x1a\n" + bytes(50),
        random.Random(4).randbytes(3000),
        bytes(range(128, 256)) * 9,
    ],
)
def test_what_fits_no_encoding_is_none(payload: bytes) -> None:
    assert decode_text(payload, None, "text/html") is None


@given(st.binary(max_size=300), st.sampled_from([None, "utf-8", "shift_jis", "gb18030", "utf-16"]))
def test_any_bytes_decode_to_characters_or_to_nothing(payload: bytes, hint: str | None) -> None:
    decoded = decode_text(payload, hint, "text/html")
    if decoded is not None:
        decoded.text.encode("utf-8")  # no lone surrogates
        assert decoded == decode_text(payload, hint, "text/html")


@pytest.mark.shared_data
def test_real_books_in_their_encodings(shared_data: Path) -> None:
    expected = {"shift_jis": "cp932", "latin-1": "cp1252", "utf-8": "utf-8", "ascii": "utf-8"}
    seen = set()
    for line in (shared_data / "books" / "index.jsonl").read_text("utf-8").splitlines():
        entry = json.loads(line)
        if entry.get("encoding") in expected:
            decoded = decode_text((shared_data / entry["file"]).read_bytes(), None, "text/plain")
            assert decoded is not None
            assert decoded.encoding == expected[entry["encoding"]], entry["file"]
            assert "\ufffd" not in decoded.text
            seen.add(entry["encoding"])
    assert seen == set(expected)
