"""Payment cards and bank accounts: what is taken out of a text, and what must stay."""

import pytest

from llm_assets.corpus.personal_data.pii_payment_numbers import _IBAN_LENGTH
from llm_assets_tests.corpus.redacted_text import redacted

KINDS = ("credit_card", "iban")

# Each network's published test number.
CARDS = {
    **{
        "Visa": "4111111111111111",
        "Mastercard": "5555555555554444",
        "2-series": "2223003122003222",
    },
    **{"American Express": "378282246310005", "Diners Club": "36227206271667"},
    **{"Discover": "6011111111111117", "JCB": "3530111333300000", "UnionPay": "6200000000000005"},
    **{"Maestro": "6759649826438453", "Mir": "2200000000000004"},
}


@pytest.mark.parametrize("number", CARDS.values(), ids=CARDS)
def test_cards_of_each_network(number: str) -> None:
    assert redacted(f"Card {number}.", KINDS) == "Card <credit_card>."
    changed = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert redacted(f"Card {changed}.", KINDS) == f"Card {changed}."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4111 1111 1111 1111 exp 12/25", "<credit_card> exp 12/25"),
        ("4111-1111-1111-1111, 3782 822463 10005", "<credit_card>, <credit_card>"),
        ("3622 720627 1667 123", "<credit_card> 123"),
        ("カード番号は4111111111111111です", "カード番号は<credit_card>です"),
        ("cc=4111111111111111;", "cc=<credit_card>;"),
        ("a,4111111111111111,b", "a,<credit_card>,b"),
    ],
)
def test_cards(text: str, expected: str) -> None:
    assert redacted(text, KINDS) == expected


@pytest.mark.parametrize(
    "text",
    [
        "1234567812345670",  # passes Luhn's check, but nobody issues 1...
        "411111111111111",  # of no network's length
        "4222222222222",  # Visa's thirteen digits
        "41111111111111114",
        "4111 1111 1111 1111 1111 1111",
        "0000 0000 0000 0000",
        "4111.1111.1111.1111 and 4111-1111 1111-1111 and 4 111 111 111 111 111",
        "order number 4111111111111111, ISBN: 4111111111111111",
        "https://example.org/status/4111111111111111 or ?id=4111111111111111",
        "0.4111111111111111 $4111111111111111 4111111111111111%",
        "a4111111111111111 4111111111111111a",
    ],
)
def test_no_cards(text: str) -> None:
    assert redacted(text, KINDS) == text


# Examples of SWIFT's registry.
IBANS = (
    *("AD1200012030200359100100", "AE070331234567890123456", "AT611904300234573201"),
    *("BE68539007547034", "BR1800360305000010009795493C1", "CH9300762011623852957"),
    *("DE89370400440532013000", "ES9121000418450200051332", "FI2112345600000785"),
    *("FR1420041010050500013M02606", "GB29NWBK60161331926819", "IT60X0542811101000000123456"),
    *("KZ86125KZT5004100100", "MT84MALT011000012345MTLCAST001S", "NL91ABNA0417164300"),
    *("NO9386011117947", "PL61109010140000071219812874", "SC18SSCB11010000000000001497USD"),
    *("UA213223130000026007233566001", "VG96VPVG0000012345678901"),
)


@pytest.mark.parametrize("number", IBANS)
def test_ibans(number: str) -> None:
    spaced = " ".join(number[at : at + 4] for at in range(0, len(number), 4))
    text = f"IBAN {number}, {spaced}; {number.lower()}."
    assert redacted(text, KINDS) == "IBAN <iban>, <iban>; <iban>."
    changed = number[:-1] + ("1" if number[-1] != "1" else "2")
    assert redacted(f"to {changed} and", KINDS) == f"to {changed} and"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("DE89 3704 0044 0532 0130 00 und weiter", "<iban> und weiter"),
        ("AT12 oder DE89 3704 0044 0532 0130 00", "AT12 oder <iban>"),
        ("DE89370400440532013000 DE89370400440532013000", "<iban> <iban>"),
    ],
)
def test_ibans_among_words(text: str, expected: str) -> None:
    assert redacted(text, KINDS) == expected


@pytest.mark.parametrize(
    "text",
    [
        "DE8937040044053201300",  # too short
        "DE893704004405320130001",  # too long
        "XX89370400440532013000",  # no such country
        "xDE89370400440532013000",
        "DE89 3704 0044",
        "DE99370400440532013000",
        "DE00654221341522830372",  # the remainder is right, but check digits begin with 02
    ],
)
def test_no_ibans(text: str) -> None:
    assert redacted(text, KINDS) == text


def test_every_country_has_a_possible_length() -> None:
    assert all(15 <= length <= 34 for length in _IBAN_LENGTH.values())
    assert len(_IBAN_LENGTH) >= 85
