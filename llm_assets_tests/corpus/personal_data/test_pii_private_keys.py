"""Private keys over several lines, whole or cut off, quoted or in a string."""

import base64
import json
import random

import pytest

from llm_assets_tests.corpus.redacted_text import redacted

KINDS = ("private_key",)

BODY = base64.b64encode(random.Random(0).randbytes(250)).decode()
LINES = [BODY[at : at + 64] for at in range(0, len(BODY), 64)]
NAMES = (
    "RSA PRIVATE KEY",
    "EC PRIVATE KEY",
    "OPENSSH PRIVATE KEY",
    "PRIVATE KEY",
    "DSA PRIVATE KEY",
)


def pem(name: str, lines: list[str] = LINES) -> list[str]:
    return [f"-----BEGIN {name}-----", *lines, f"-----END {name}-----"]


@pytest.mark.parametrize("name", NAMES)
def test_keys_of_each_name(name: str) -> None:
    text = "\n".join(["The key:", *pem(name), "and the rest."])
    assert redacted(text, KINDS) == "The key:\n<private_key>\nand the rest."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\n".join(pem("PRIVATE KEY") * 2), "<private_key>\n<private_key>"),
        (json.dumps({"k": "\n".join(pem("PRIVATE KEY"))}), '{"k": "<private_key>"}'),
        (json.dumps("\r\n".join(pem("PRIVATE KEY"))), '"<private_key>"'),
        (
            "key: |\n  " + "\n  ".join(pem("RSA PRIVATE KEY")) + "\nend",
            "key: |\n  <private_key>\nend",
        ),
        ("> " + "\n> ".join(pem("RSA PRIVATE KEY")) + "\n> x", "> <private_key>\n> x"),
        ('"' + '\\n" +\n  "'.join(pem("RSA PRIVATE KEY")) + '";', '"<private_key>";'),
        (" ".join(pem("RSA PRIVATE KEY")), "<private_key>"),
        (
            "\n".join(
                pem("RSA PRIVATE KEY", ["Proc-Type: 4,ENCRYPTED", "DEK-Info: AES,12", "", *LINES])
            ),
            "<private_key>",
        ),
        (
            "\n".join(pem("PGP PRIVATE KEY BLOCK", ["Version: GnuPG v2", "", *LINES, "=aB3d"])),
            "<private_key>",
        ),
        # cut off: at the end, and before other words
        ("\n".join(pem("PRIVATE KEY")[:-1]), "<private_key>"),
        (
            "\n".join(pem("PRIVATE KEY")[:-2]) + "\n\nThen we left.",
            "<private_key>\n\nThen we left.",
        ),
    ],
)
def test_keys(text: str, expected: str) -> None:
    assert redacted(text, KINDS) == expected


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(pem("PUBLIC KEY")),
        "\n".join(pem("CERTIFICATE")),
        "It starts with -----BEGIN PRIVATE KEY----- and then base 64 follows",
        "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\nYour key here\n-----END PRIVATE KEY-----",
        "PRIVATE KEY",
    ],
)
def test_no_keys(text: str) -> None:
    assert redacted(text, KINDS) == text


def test_a_key_without_an_end_is_replaced_whole() -> None:
    text = "a\n-----BEGIN PRIVATE KEY-----\n" + (LINES[0] + "\n") * 100_000
    assert redacted(text, KINDS) == "a\n<private_key>\n"
