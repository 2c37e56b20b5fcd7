"""What is taken out of a text, what must stay, and that doing it twice is doing it once."""

from collections.abc import Sequence
from pathlib import Path

import phonenumbers
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType
from polars.testing import assert_frame_equal

from llm_assets.corpus.redact import (
    _REGION_OF_LANGUAGE,
    PLACEHOLDERS,
    Kind,
    _redact_line,
    redact,
)

ALL = ("email", "ip", "phone")


def frame(texts: Sequence[str | None], language: str | None = "en") -> pl.DataFrame:
    return pl.DataFrame(
        {"text": texts, "language": [language] * len(texts)},
        schema={"text": pl.String, "language": pl.String},
    )


def redacted(text: str, kinds: Sequence[str] = ALL, language: str | None = "en") -> str:
    row = redact(frame([text], language), kinds).row(0, named=True)
    places = sum(row["text"].count(mark) - text.count(mark) for mark in PLACEHOLDERS.values())
    assert row["pii_count"] == places
    return str(row["text"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ada@example.org", "<email>"),
        ("Write to ada.lovelace+news@mail.example.co.uk.", "Write to <email>."),
        ("mailto:ada@example.org?subject=x", "mailto:<email>?subject=x"),
        ("Ada <ada@example.org>, 'bob@example.org'", "Ada <<email>>, '<email>'"),
        ("jürgen.müller@straße.de", "<email>"),
        ("и.петров@почта.рф", "<email>"),
        ("メールはada@example.jpまで", "メールは<email>まで"),
        ("https://user:secret@example.org/", "https://user:<email>/"),
        ("a@b.org\nc\n\nd@e.org", "<email>\nc\n\n<email>"),
    ],
)
def test_emails(text: str, expected: str) -> None:
    assert redacted(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "meet me @ home.com",
        "@ada@",
        "ada@localhost",
        "package@1.2.3",
        "icon@2x.png",
        "x@y.co-op",
        "a" * 65 + "@example.org",  # longer than a local part may be
    ],
)
def test_no_emails(text: str) -> None:
    assert redacted(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from 93.184.216.34.", "from <ip>."),
        ("http://93.184.216.34:8080/x", "http://<ip>:8080/x"),
        ("93.184.216.0/24, 93.184.216.34-93.184.216.40", "<ip>/24, <ip>-<ip>"),
        ("8.8.8.8 and 1.1.1.1", "<ip> and <ip>"),
        ("地址是93.184.216.34。", "地址是<ip>。"),
        ("::ffff:93.184.216.34", "::ffff:<ip>"),
        ("root@93.184.216.34", "root@<ip>"),
        ("2001:4860:4860::8888: refused", "<ip>: refused"),
        ("[2a00:1450:4001:81b:0:0:0:200e]:443", "[<ip>]:443"),
        ("[IPv6:2a00:1450::200e]", "[IPv6:<ip>]"),
        ("2606:2800:220:1::", "<ip>"),
    ],
)
def test_public_addresses(text: str, expected: str) -> None:
    assert redacted(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        # private, shared, local, documentation, benchmark, multicast, reserved
        "10.1.2.3 172.16.0.1 172.31.255.1 192.168.1.1 100.64.0.1 127.0.0.1 169.254.1.1 0.0.0.0",
        "192.0.2.44 198.51.100.7 203.0.113.5 198.18.0.1 224.0.0.251 255.255.255.0",
        "2001:db8::1 3fff::1 fe80::1 fc00::1 ff02::1 ::1 2001::1",
        # versions, sections, names, paths, longer numbers
        "version 1.2.3.4",
        "1.2.3.4",
        "Version: 10.4.128.23, v93.184.216.34, release 93.184.216.34, версия 93.184.216.34",
        "§ 93.184.216.34 and Section 93.184.216.34",
        "lib-93.184.216.34.tar /dist/93.184.216.34/x 93.184.216.34-beta 93.184.216.34+g1",
        "1.93.184.216.34 93.184.216.34.1 93.184.216.345 93.184.216.256 093.184.216.34",
        "Firefox 2.0.50727.4927",
        # colons that are no addresses
        "12:30:45 2019:12:30 std::add 2001:xyz::1 00:1b:44:11:3a:b7 abcd:2001:4860::1",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert redacted(text) == text


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Tel. +44 20 7946 0018.", "fr", "Tel. <phone>."),
        ("+49 (0)30 18272720, +81-3-3581-3111", None, "<phone>, <phone>"),
        ("(415) 555-2671 or 415-555-2671 or 1-415-555-2671", "en", "<phone> or <phone> or <phone>"),
        ("電話03-3581-3111まで", "ja", "電話<phone>まで"),
        ("+1 415 555 2671+1 212 736 5000", "en", "<phone><phone>"),
    ],
)
def test_telephone_numbers(text: str, language: str | None, expected: str) -> None:
    assert redacted(text, language=language) == expected


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("2127365000 in total, 415 555 267, 123-456-7890", "en"),  # a plain number; no area 123
        ("415-555-2671", "de"),  # a national number of nobody knows where
        ("03-3581-3111", "en"),
        ("03-3581-3111", None),
        ("1998-10-12, 3581-3111, 1234567", "ja"),  # without the trunk prefix
        ("+0 000 000 0000, 1+2+3, +12 345", "en"),  # no such numbers
        ("ISBN 978-0-306-40615-7, 0-306-40615-2", "en"),
        ("2012-10-11 08:00 2012-10-12", "en"),
    ],
)
def test_other_digits_stay(text: str, language: str | None) -> None:
    assert redacted(text, language=language) == text


@pytest.mark.parametrize("kind", [PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE])
@pytest.mark.parametrize("language", sorted(_REGION_OF_LANGUAGE))
def test_national_numbers_of_every_region(language: str, kind: int) -> None:
    number = phonenumbers.example_number_for_type(_REGION_OF_LANGUAGE[language], kind)
    assert number is not None
    written = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    assert redacted(f"T {written}, x", language=language) == "T <phone>, x"


MIXED = "ada@example.org 93.184.216.34 +44 20 7946 0018"


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ([], MIXED),
        (["email"], "<email> 93.184.216.34 +44 20 7946 0018"),
        (["phone", "ip"], "ada@example.org <ip> <phone>"),
        (["phone", "ip", "email"], "<email> <ip> <phone>"),
    ],
)
def test_kinds(kinds: list[str], expected: str) -> None:
    assert redacted(MIXED, kinds) == expected


def test_an_unknown_kind_is_an_error() -> None:
    with pytest.raises(ValueError, match="iban"):
        redact(frame(["a"]), ["email", "iban"])


def test_columns_order_and_nulls() -> None:
    texts = [None, "a", MIXED, "", MIXED + "\n"]
    result = redact(frame(texts).with_columns(other=pl.int_range(5)), ALL)
    assert result.schema == {
        **{"text": pl.String, "language": pl.String, "other": pl.Int64, "pii_count": pl.UInt32}
    }
    assert result["text"].to_list() == [
        *(None, "a", "<email> <ip> <phone>", "", "<email> <ip> <phone>\n")
    ]
    assert result["pii_count"].to_list() == [0, 0, 3, 0, 3]
    assert redact(frame([]), ALL).height == 0


# Pieces that values are made of, so that they meet and overlap.
pieces = st.sampled_from(
    [
        *("ada@example.org", "@", "a", ".", "8.8.8.8", "93.184.216.34", "/", "-", " ", "\n", ":"),
        *("2a00:1450::200e", "+44 20 7946 0018", "+", "0", "7946", "(415) 555-2671", "<email>"),
        *("415-555-", "2671", "03-3581-3111", "v", "ａ", "東京", "é", "<ip>", "::", "1"),
    ]
)
texts = st.lists(st.one_of(st.lists(pieces, max_size=12).map("".join), st.text()), max_size=5)
languages = st.sampled_from(["en", "ja", "de", None])


@settings(deadline=None)  # the first number of a region loads its rules
@given(texts, languages, st.lists(st.sampled_from(ALL), unique=True))
def test_twice_is_once(values: list[str], language: str | None, kinds: list[str]) -> None:
    once = redact(frame(values, language), kinds)
    twice = redact(once.drop("pii_count"), kinds)
    assert twice["text"].to_list() == once["text"].to_list()
    assert twice["pii_count"].sum() == 0


@settings(deadline=None)
@given(texts, languages, st.data())
def test_neither_batches_nor_order_matter(
    values: list[str], language: str | None, data: st.DataObject
) -> None:
    whole = redact(frame(values, language).with_row_index("place"), ALL)
    order = data.draw(st.permutations(range(len(values))))
    cut = data.draw(st.integers(0, len(values)))
    shuffled = frame(values, language).with_row_index("place")[order]
    parts = [redact(part, ALL) for part in (shuffled[:cut], shuffled[cut:])]
    assert_frame_equal(pl.concat(parts).sort("place"), whole)


@settings(deadline=None)
@given(texts, languages, st.lists(st.sampled_from(ALL), unique=True))
def test_no_line_with_a_value_is_passed_over(
    values: list[str], language: str | None, kinds: list[Kind]
) -> None:
    lines = [line for value in values for line in value.split("\n")]
    region = _REGION_OF_LANGUAGE.get(language or "")
    in_order = [kind for kind in PLACEHOLDERS if kind in kinds]
    expected = [_redact_line(line, region, in_order) for line in lines]
    assert redact(frame(lines, language), kinds).select("text", "pii_count").rows() == expected


@settings(deadline=None)
@given(texts, languages)
def test_lines_are_redacted_apart_and_kept(values: list[str], language: str | None) -> None:
    lines = [line for value in values for line in value.split("\n")]
    apart = redact(frame(lines, language), ALL)["text"].to_list()
    together = redact(frame(["\n".join(lines)], language), ALL)["text"].item()
    assert together.split("\n") == apart if lines else together == ""


@pytest.mark.shared_data
def test_mail_loses_its_addresses(shared_data: Path) -> None:
    paths = sorted(path for path in (shared_data / "social" / "mail").rglob("*") if path.is_file())
    mails = frame([path.read_text(encoding="latin-1") for path in paths])
    result = redact(mails, ALL)
    assert result["pii_count"].sum() > 3_000
    plain = r"[A-Za-z0-9]+@[A-Za-z0-9]+\.(?:com|org|net|ie|de)\b"
    left = result["text"].str.count_matches(plain).sum()
    assert left < mails["text"].str.count_matches(plain).sum() / 500


@pytest.mark.shared_data
def test_books_lose_only_the_publishers_addresses(shared_data: Path) -> None:
    paths = sorted((shared_data / "books" / "gutenberg").rglob("*.txt"))
    books = frame([path.read_text(encoding="latin-1") for path in paths])
    lines = redact(books, ALL)["text"].str.split("\n").explode()
    changed = lines.filter(lines.str.contains("<(?:email|ip|phone)>"))
    assert 0 < len(changed) < 5 * len(paths)
    assert not changed.str.contains("<ip>").any()
