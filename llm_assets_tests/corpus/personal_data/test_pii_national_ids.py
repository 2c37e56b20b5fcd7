"""National numbers in sentences: which count anywhere, which at home, which beside a word."""

import random
import string

import pytest

from llm_assets.corpus.personal_data.pii_national_ids import NATIONAL_IDS
from llm_assets_tests.corpus.redacted_text import redacted

KINDS = ("national_id",)


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("My SSN is 219-09-9999.", "en", "My SSN is <national_id>."),
        (
            "219-09-9999 is her social security number",
            "en",
            "<national_id> is her social security number",
        ),
        ("NI number: AB 12 34 56 C", "en", "NI number: <national_id>"),
        ("Numéro : 1 85 05 78 006 084 91.", "fr", "Numéro : <national_id>."),
        ("con DNI 12345678Z y", "es", "con DNI <national_id> y"),
        ("12.345.678-Z", "es", "<national_id>"),
        ("Codice RSSMRA85T10A562S.", "en", "Codice <national_id>."),
        ("Steuer-ID 86 095 742 719", "de", "Steuer-ID <national_id>"),
        ("BSN 111222333", "nl", "BSN <national_id>"),
        ("44051401359", "pl", "<national_id>"),
        ("811218-9876", "sv", "<national_id>"),
        ("131052-308T", None, "<national_id>"),
        (
            "CPF 390.533.447-05 e CNPJ 11.222.333/0001-81",
            "pt",
            "CPF <national_id> e CNPJ <national_id>",
        ),
        ("身份证号码是11010519491231002X。", "zh", "身份证号码是<national_id>。"),
        ("주민등록번호 850101-1234567 입니다", "ko", "주민등록번호 <national_id> 입니다"),
        ("मेरा आधार 2341 2341 2346 है", "hi", "मेरा आधार <national_id> है"),
        ("756.9217.0769.85", "de", "<national_id>"),
        ("СНИЛС 112-233-445 95", "ru", "СНИЛС <national_id>"),
        ("A123456(3)", "zh", "<national_id>"),
    ],
)
def test_numbers_in_sentences(text: str, language: str | None, expected: str) -> None:
    assert redacted(text, KINDS, language) == expected


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("part 219-09-9999 fits", "en"),
        ("SSN 000-12-3456", "en"),
        ("model AB123456C", "en"),
        ("DNI 12345678A", "es"),  # the letter is wrong
        ("12345678Z", "en"),
        ("44051401359", "en"),
        ("811218-9876", "en"),
        ("order 111222333", "nl"),
        ("131052-308A", "fi"),
        ("390.533.447-06", "pt"),
        ("2341 2341 2346", "en"),
        ("SSN 1-219-09-9999, 219-09-9999-1", "en"),
        ("2019-10-11 08:00:00 10.11.2019 1999-2000", "en"),
    ],
)
def test_other_numbers_stay(text: str, language: str) -> None:
    assert redacted(text, KINDS, language) == text


def test_rules_are_complete() -> None:
    for rule in NATIONAL_IDS:
        assert rule.sure or rule.words, rule.name
        assert not rule.at_home or rule.languages, rule.name
        shapes = [*rule.sure, *rule.at_home, *rule.in_context]
        assert len(shapes) == len(set(shapes)), rule.name


def test_no_check_fails_on_a_number_of_its_shapes() -> None:
    draw = random.Random(0)
    signs = {"9": string.digits, "A": string.ascii_uppercase}
    for rule in NATIONAL_IDS:
        for shape in {*rule.sure, *rule.at_home, *rule.in_context}:
            letters_and_digits = [sign for sign in shape if sign.isalnum()]
            for _ in range(200):
                rule.check("".join(draw.choice(signs[sign]) for sign in letters_and_digits))


def test_each_rule_finds_its_numbers_in_each_shape() -> None:
    """Drawn until the check passes, beside the first word of the rule."""
    draw = random.Random(1)
    signs = {"9": string.digits, "A": string.ascii_uppercase}
    for rule in NATIONAL_IDS:
        language = min(rule.languages, default="en")
        for shape in (*rule.sure, *rule.at_home):
            for _ in range(2_000_000):
                number = "".join(draw.choice(signs.get(sign, sign)) for sign in shape)
                if rule.check("".join(filter(str.isalnum, number))):
                    break
            assert redacted(f"x {number} y", KINDS, language) == "x <national_id> y", rule.name
