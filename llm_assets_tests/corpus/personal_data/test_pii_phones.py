"""Telephone numbers: what is taken out of a text, and what must stay."""

import phonenumbers
import pytest
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from llm_assets.corpus.personal_data.pii_phones import REGION_OF_LANGUAGE, find_phones
from llm_assets_tests.corpus.redacted_text import redacted


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Tel. +44 20 7946 0018.", "fr", "Tel. <phone>."),
        ("+49 (0)30 18272720, +81-3-3581-3111", None, "<phone>, <phone>"),
        ("(415) 555-2671 or 415-555-2671 or 1-415-555-2671", "en", "<phone> or <phone> or <phone>"),
        ("電話03-3581-3111まで", "ja", "電話<phone>まで"),
        ("Tel. 030 18272720, 0151/23456789", "de", "Tel. <phone>, <phone>"),
        ("01 42 34 20 00", "fr", "<phone>"),
        ("+1 415 555 2671+1 212 736 5000", "en", "<phone><phone>"),
    ],
)
def test_telephone_numbers(text: str, language: str | None, expected: str) -> None:
    assert redacted(text, ["phone"], language=language) == expected


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
        ("0.4195302884, -0.0617539772, 0,0617539772", "ko"),  # decimals
        ("Bestellung 064611773, ISBN 0-306-40615-2", "de"),
    ],
)
def test_other_digits_stay(text: str, language: str | None) -> None:
    assert redacted(text, ["phone"], language=language) == text


@pytest.mark.parametrize("kind", [PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE])
@pytest.mark.parametrize("language", sorted(REGION_OF_LANGUAGE))
def test_national_numbers_of_every_region(language: str, kind: int) -> None:
    number = phonenumbers.example_number_for_type(REGION_OF_LANGUAGE[language], kind)
    assert number is not None
    written = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    assert redacted(f"T {written}, x", ["phone"], language=language) == "T <phone>, x"


def test_numbers_in_a_long_line_are_all_found_once() -> None:
    line = "call 415-555-2671 or +44 20 7946 0018; " * 100
    spans = find_phones(line, "en")
    assert len(spans) == 200
    assert {line[start:end] for start, end in spans} == {"415-555-2671", "+44 20 7946 0018"}
