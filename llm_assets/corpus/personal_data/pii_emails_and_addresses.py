"""E-mail addresses and public IP addresses in a line.

The rules would rather leave a value than spoil a text: four numbers with dots are more often a
version than an address. Every quantifier is bounded, so a line costs time in proportion to its
length, whatever is in it.
"""

import ipaddress
import re
from collections.abc import Iterator
from typing import Final

from llm_assets.corpus.personal_data.pii_kinds import Span

# Latin, Greek, Cyrillic: Japanese, say, may stand right before and behind an address.
_LETTERS: Final = "A-Za-zÀ-ɏͰ-ԯ"
_WORD: Final = _LETTERS + "0-9_"

_EMAIL: Final = re.compile(
    rf"(?<![{_WORD}])[{_WORD}][{_WORD}.%+'-]{{0,63}}@"
    r"(?!\dx\.)"  # the names of pictures for fine screens, as in icon@2x.png
    rf"(?:[{_LETTERS}0-9-]{{1,63}}\.){{1,16}}[{_LETTERS}]{{2,24}}(?!-?[{_LETTERS}0-9])"
)


def find_emails(line: str, _language: str | None) -> Iterator[Span]:
    """Find e-mail addresses, those in Greek and Cyrillic letters included."""
    return (match.span() for match in _EMAIL.finditer(line))


_IP: Final = re.compile(
    # No part of a word, a longer number, a name-1.2.3.4 or a path/1.2.3.4/.
    rf"(?<![{_WORD}.+])(?<!(?<!/)/)"
    rf"(?:(?<![{_LETTERS}_]-)(?P<v4>[0-9]{{1,3}}(?:\.[0-9]{{1,3}}){{3}})"
    rf"(?![{_WORD}+]|\.[0-9]|-[{_LETTERS}])"
    # Not from the middle of a run of groups; only 2000::/3 is given out to the public.
    r"|(?:(?<![0-9A-Fa-f:]:)|(?<=IPv6:))"
    rf"(?P<v6>[23][0-9A-Fa-f]{{3}}:[0-9A-Fa-f:]{{1,40}})(?![{_WORD}:]|\.[0-9]))"
)
_NUMBERED: Final = re.compile(
    r"(?:\b(?:v|ver|version|release|rev|revision|build|firmware|driver|kernel|patch|update|upgrade"
    r"|section|sec|chapter|clause|paragraph|figure|fig|table|appendix|annex|article|oid"
    r"|versi[oó]n|versão|versione|verze|wersj[ai]|версия|версии)"
    r"|バージョン|版本|버전|§)[\s.:#=(]*\Z",
    re.IGNORECASE,
)
_NUMBERED_CHARS: Final = 24
_SMALL_NUMBER: Final = 20
_SECTION_NUMBER: Final = 64
"""Four numbers below this that begin a line are a section's: one address in 64 has such ones."""
_RESOLVERS: Final = frozenset({"1.1.1.1", "8.8.4.4", "8.8.8.8", "9.9.9.9"})

_NOT_PUBLIC_V4: Final = tuple(
    map(
        ipaddress.IPv4Network,
        (
            *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
            *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16"),
            *("198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3"),
        ),
    )
)
"""IANA's special-purpose registry (private, shared, local, documentation, multicast, reserved).
Not `is_global`, whose answer differs between releases of Python."""
_NOT_PUBLIC_V6: Final = tuple(
    map(ipaddress.IPv6Network, ("2001::/23", "2001:db8::/32", "3fff::/20"))
)


def find_public_ips(line: str, _language: str | None) -> Iterator[Span]:
    """Find addresses of IPv4 and IPv6 that anyone may hold; versions and sections are none."""
    for match in _IP.finditer(line):
        if match["v4"]:
            if _is_public_v4(match):
                yield match.span()
            continue
        start, end = match.span()
        if match[0].endswith(":") and not match[0].endswith("::"):
            end -= 1  # the colon is the sentence's
        if _is_public_v6(line[start:end]):
            yield start, end


def _is_public_v4(match: re.Match[str]) -> bool:
    address = match["v4"]
    try:
        parsed = ipaddress.IPv4Address(address)
    except ValueError:
        return False
    before = match.string[max(0, match.start() - _NUMBERED_CHARS) : match.start()]
    largest = max(parsed.packed)
    is_version = largest < _SMALL_NUMBER and address not in _RESOLVERS
    begins_line = match.start() < _NUMBERED_CHARS and not before.strip(" \t#*")
    return not (
        is_version
        or (begins_line and largest < _SECTION_NUMBER and address not in _RESOLVERS)
        or _NUMBERED.search(before)
        or any(parsed in network for network in _NOT_PUBLIC_V4)
    )


def _is_public_v6(address: str) -> bool:
    try:
        parsed = ipaddress.IPv6Address(address)
    except ValueError:
        return False
    return not any(parsed in network for network in _NOT_PUBLIC_V6)
