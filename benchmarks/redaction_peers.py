"""Runs a peer's redaction over lines of JSON, in the peer's own environment.

    PYTHON benchmarks/redaction_peers.py datatrove|presidio < paragraphs.jsonl > found.jsonl

Reads a text a line, writes the kinds found in it, each with the texts replaced.
"""

import json
import re
import sys
from collections.abc import Callable, Iterator

Found = list[tuple[str, str]]


def datatrove() -> Callable[[str], Found]:
    """PIIFormatter: e-mail addresses and public IP addresses, as in FineWeb."""
    from datatrove.pipeline.formatters import PIIFormatter

    marks = {"email": "\ue000", "ip": "\ue001"}
    formatter = PIIFormatter(email_replacement=marks["email"], ip_replacement=marks["ip"])

    def find(text: str) -> Found:
        pattern = re.escape(formatter.format(text)).replace("\ue000", "(?P<email>.+)", 1)
        match = re.fullmatch(pattern.replace("\ue001", "(?P<ip>.+)", 1), text, re.DOTALL)
        groups = match.groupdict() if match else {}
        return [(kind, value) for kind, value in groups.items()]

    return find


def presidio() -> Callable[[str], Found]:
    """The recognizers of patterns, without a language model; scores of 0.4 and more."""
    from presidio_analyzer import predefined_recognizers as known

    kinds = {
        "email": ["EmailRecognizer"],
        "ip": ["IpRecognizer"],
        "credit_card": ["CreditCardRecognizer"],
        "iban": ["IbanRecognizer"],
        "phone": ["PhoneRecognizer"],
        "national_id": [
            *("UsSsnRecognizer", "UkNinoRecognizer", "NhsRecognizer", "EsNifRecognizer"),
            *(
                "EsNieRecognizer",
                "ItFiscalCodeRecognizer",
                "InAadhaarRecognizer",
                "PlPeselRecognizer",
            ),
            *("FiPersonalIdentityCodeRecognizer", "SgFinRecognizer", "AuTfnRecognizer"),
            *(
                "KrRrnRecognizer",
                "CaSinRecognizer",
                "DeTaxIdRecognizer",
                "SePersonnummerRecognizer",
            ),
            *("TrNationalIdRecognizer", "ThTninRecognizer", "ZaIdNumberRecognizer"),
        ],
    }
    recognizers = [
        (kind, getattr(known, name)()) for kind, names in kinds.items() for name in names
    ]

    def find(text: str) -> Found:
        return [
            (kind, text[result.start : result.end])
            for kind, recognizer in recognizers
            for result in recognizer.analyze(text, recognizer.supported_entities, None) or []
            if result.score >= 0.4
        ]

    return find


def _answers(find: Callable[[str], Found]) -> Iterator[str]:
    for line in sys.stdin:
        yield json.dumps(find(json.loads(line)))


if __name__ == "__main__":
    find = {"datatrove": datatrove, "presidio": presidio}[sys.argv[1]]()
    for answer in _answers(find):
        print(answer)
