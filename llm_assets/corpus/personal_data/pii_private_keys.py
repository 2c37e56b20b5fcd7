"""Private keys in PEM and OpenPGP armour: the one kind of value that spans lines."""

import re
from collections.abc import Iterator
from typing import Final

from llm_assets.corpus.personal_data.pii_kinds import Span

MARK: Final = "PRIVATE KEY"
"""What every text with a private key has in it."""

# Between the lines of a key: line ends, also escaped as in JSON, and the signs of quotations,
# comments and strings. No quantifier below gives back what it took, so that time is linear and a
# key of 100 MB needs no memory beside it.
_GAP: Final = r"""(?:\\[nr]|[\s"'>|*,;#\\]|\+(?=[\s"])){1,16}+"""
_HEADER: Final = r"(?:Version|Comment|Hash|Charset|Proc-Type|DEK-Info): [^\n\\]{0,200}"
_PRIVATE_KEY: Final = re.compile(
    r"-----BEGIN (?:[0-9A-Z]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----"
    rf"(?:{_GAP}{_HEADER}){{0,8}}+"
    rf"(?:{_GAP}[0-9A-Za-z+/=]{{16,}}+)++"
    # The last line and OpenPGP's checksum are shorter. A key that is cut off may have neither.
    rf"(?:(?:{_GAP}[0-9A-Za-z+/=]{{1,15}}+){{0,2}}+(?:{_GAP})?"
    r"-----END (?:[0-9A-Z]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----"
    rf"|(?:{_GAP}[0-9A-Za-z+/]{{1,14}}={{1,2}}(?![0-9A-Za-z+/=]))?(?:{_GAP}=[0-9A-Za-z+/]{{4}})?)"
)


def find_private_keys(text: str) -> Iterator[Span]:
    """Find private keys in a text; markers without a key between them are left."""
    return (match.span() for match in _PRIVATE_KEY.finditer(text))
