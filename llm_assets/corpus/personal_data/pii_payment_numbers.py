"""Numbers of payment cards and bank accounts (IBAN) in a line.

Cards: ISO/IEC 7812 (issuer prefixes, lengths, Luhn's check digit). IBAN: ISO 13616 (a country's
length, remainder 1 modulo 97).
"""

import re
from collections.abc import Iterator
from typing import Final

from llm_assets.corpus.personal_data.check_digits import passes_luhn
from llm_assets.corpus.personal_data.pii_kinds import Span
from llm_assets.corpus.personal_data.pii_numbers import NumberRule, Shapes, find_numbers

_ISSUED: Final = re.compile(
    r"4[0-9]{15}(?:[0-9]{3})?"  # Visa; its 13 digits ended long ago and are those of barcodes
    r"|(?:5[1-5][0-9]{2}|222[1-9]|22[3-9][0-9]|2[3-6][0-9]{2}|27[01][0-9]|2720)[0-9]{12}"
    r"|3[47][0-9]{13}"  # American Express
    r"|(?:30[0-5]|3095|3[689][0-9])[0-9]{11}"  # Diners Club
    r"|(?:6011|64[4-9][0-9]|65[0-9]{2})[0-9]{12}(?:[0-9]{3})?"  # Discover, RuPay
    r"|35(?:2[89]|[3-8][0-9])[0-9]{12}"  # JCB
    r"|62[0-9]{14}(?:[0-9]{3})?"  # UnionPay
    r"|(?:220[0-4]|60[0-9]{2}|81[0-9]{2}|82[0-9]{2}|508[0-9]|9792)[0-9]{12}"  # Mir, RuPay, Troy
    r"|(?:5018|5020|5038|5893|6304|6759|676[1-3])[0-9]{12}(?:[0-9]{3})?"  # Maestro
)


def _is_card(number: str) -> bool:
    return _ISSUED.fullmatch(number) is not None and len(set(number)) > 1 and passes_luhn(number)


_CARDS: Final = Shapes(
    [
        NumberRule(
            "payment card",
            _is_card,
            sure=(
                *("9999 9999 9999 9999", "9999-9999-9999-9999", "9999 9999 9999 9999 999"),
                *("9999 999999 99999", "9999-999999-99999", "9999 999999 9999"),
                *("9999-999999-9999", "9" * 14, "9" * 15, "9" * 16, "9" * 19),
            ),
        )
    ]
)
_OTHER_NUMBER: Final = re.compile(
    r"(?<![^\W\d_])(?:orders?|isbn|ean|gtin|upc|asin|imei|serial|tracking|invoice|ticket|case|ref"
    r"|reference|tweet|status|post|thread|article|msg|message|build|commit|doi|pmid|sku|item|part"
    r"|timestamp|epoch|id|uuid|bestellung|bestell|rechnungs?|sendungs?|artikel|commande|facture"
    r"|suivi|pedido|factura|ordine|fattura)[\s_-]{0,2}(?:no|nr|num|number|nummer|n°|№|id)?"
    r"[\s.:#°№=]{0,4}\Z",
    re.IGNORECASE,
)
_OTHER_NUMBER_CHARS: Final = 40


def find_credit_cards(line: str, language: str | None) -> Iterator[Span]:
    """Find numbers of payment cards; one number in ten of the right form passes Luhn's check."""
    for start, end in find_numbers(line, language, _CARDS):
        before = line[max(0, start - _OTHER_NUMBER_CHARS) : start]
        if not _OTHER_NUMBER.search(before):
            yield start, end


_IBAN_LENGTH: Final = {
    **{"AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22},
    **{"BI": 27, "BR": 29, "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27},
    **{"DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27},
    **{"GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HN": 28, "HR": 21, "HU": 28},
    **{"IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28},
    **{"LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22},
    **{"MK": 19, "MN": 20, "MR": 27, "MT": 31, "MU": 30, "NI": 28, "NL": 18, "NO": 15, "OM": 23},
    **{"PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24},
    **{"SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "SO": 23, "ST": 25, "SV": 28},
    **{"TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20, "YE": 30},
}
"""SWIFT's IBAN registry, release 99."""
_IBAN_START: Final = re.compile(
    r"(?<![0-9A-Za-z])([A-Za-z]{2})[0-9]{2}(?=(?:[ \u00a0-]?[0-9A-Za-z]){11})"
)
_SEPARATORS: Final = frozenset(" \u00a0-")
_LONGEST_WRITTEN: Final = 66  # 33 characters and as many separators


def find_ibans(line: str, _language: str | None) -> Iterator[Span]:
    """Find account numbers, with or without separators, in capitals or not."""
    behind = 0
    for match in _IBAN_START.finditer(line):
        length = _IBAN_LENGTH.get(match[1].upper())
        if length is None or match.start() < behind:
            continue
        written = line[match.start() : match.start() + _LONGEST_WRITTEN]
        places = [at for at, sign in enumerate(written) if sign not in _SEPARATORS][:length]
        end = match.start() + places[-1] + 1
        number = "".join(written[at] for at in places)
        if len(number) == length and not line[end : end + 1].isalnum() and _is_iban(number):
            yield match.start(), end
            behind = end


def _is_iban(number: str) -> bool:
    """Whether the remainder modulo 97 is 1, with the country and check digits put last."""
    if not (number.isascii() and number.isalnum() and 2 <= int(number[2:4]) <= 98):
        return False
    return int("".join(str(int(sign, 36)) for sign in number[4:] + number[:4])) % 97 == 1
