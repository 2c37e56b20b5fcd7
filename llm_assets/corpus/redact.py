"""Personal data out of texts: e-mail addresses, public IP addresses, telephone numbers.

Each value becomes a placeholder such as `<email>`: plain ASCII, the same for every value, three
tokens in GPT-2's vocabulary, and nothing that another rule finds. Rules would rather leave a value
than spoil a text: four numbers with dots are more often a version than an address.

Polars finds the lines that may hold something, which few do; Python's `re`, `ipaddress` and
`phonenumbers` look at those only. No value is sought across lines.
"""

import ipaddress
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Literal, get_args

import polars as pl
from phonenumbers import Leniency, PhoneNumberMatch, PhoneNumberMatcher

Kind = Literal["email", "ip", "phone"]

PLACEHOLDERS: Final[dict[Kind, str]] = {"email": "<email>", "ip": "<ip>", "phone": "<phone>"}

_GAPS_AND_SIX_DIGITS: Final = r"(?:[^\w+＋]{0,4}\d){6}"

_SUSPECTS: Final[dict[Kind, tuple[str, ...]]] = {
    "email": (r"@",),
    "ip": (r"\d\.\d{1,3}\.\d{1,3}\.\d", r"[23][0-9A-Fa-f]{3}:[0-9A-Fa-f]{0,4}:"),
    "phone": (
        r"[+＋][^\w+＋]{0,3}\d" + _GAPS_AND_SIX_DIGITS,
        r"(?:^|\D)0" + _GAPS_AND_SIX_DIGITS,
        r"\d{3}\)?[ .\-‐‑]?\d{3}[ .\-‐‑]\d{4}",
    ),
}
"""What a line has that a rule may change: wider than the rules, in Rust's dialect. One by one they
read a gigabyte a second, joined to one pattern 30 MB."""


def redact(frame: pl.DataFrame, kinds: Sequence[str]) -> pl.DataFrame:
    """Replace personal data in the texts by placeholders, and count the values replaced.

    Redacting a second time changes nothing.

    Args:
        frame: with the columns `text` and `language`; a null text stays null.
        kinds: some of `email`, `ip`, `phone`, in any order.

    Returns:
        The frame with `text` rewritten and `pii_count` added.

    Raises:
        ValueError: for a kind that is not known.
    """
    unknown = set(kinds) - set(get_args(Kind))
    if unknown:
        raise ValueError(f"no such kind of personal data: {', '.join(sorted(unknown))}")
    wanted: list[Kind] = [kind for kind in PLACEHOLDERS if kind in kinds]
    rows = frame.select("text", "language").with_row_index("row")
    changed = _redact_suspects(rows, wanted)
    outcome = rows.join(changed, on="row", how="left", maintain_order="left").select(
        text=pl.coalesce("redacted", "text"), pii_count=pl.col("pii_count").fill_null(0)
    )
    return frame.with_columns(outcome)


def _redact_suspects(rows: pl.DataFrame, kinds: Sequence[Kind]) -> pl.DataFrame:
    """Return `row`, `redacted` and `pii_count` of the texts that may hold personal data."""
    lines = (
        rows.filter(_is_suspect("text", kinds))
        # Without `text`: explode would copy the whole of it beside each of its lines.
        .select("row", "language", line=pl.col("text").str.split("\n"))
        .explode("line")
        .with_row_index("place")
    )
    suspects = lines.filter(_is_suspect("line", kinds))
    redacted = [
        _redact_line(line, _REGION_OF_LANGUAGE.get(language), kinds)
        for line, language in suspects.select("line", "language").iter_rows()
    ]
    new_lines = pl.DataFrame(
        redacted, schema={"new_line": pl.String, "count": pl.UInt32}, orient="row"
    ).with_columns(suspects["place"])
    return (
        lines.join(new_lines, on="place", how="left", maintain_order="left")
        .with_columns(line=pl.coalesce("new_line", "line"))
        .group_by("row", maintain_order=True)
        .agg(redacted=pl.col("line").str.join("\n"), pii_count=pl.col("count").sum())
    )


def _is_suspect(column: str, kinds: Sequence[Kind]) -> pl.Expr:
    patterns = [pattern for kind in kinds for pattern in _SUSPECTS[kind]]
    found = [pl.col(column).str.contains(pattern) for pattern in patterns]
    return pl.any_horizontal(pl.lit(False), *found)


def _redact_line(line: str, region: str | None, kinds: Sequence[Kind]) -> tuple[str, int]:
    """Apply the rules until nothing changes: a placeholder may bare another value beside it."""
    total = 0
    while True:
        found = 0
        for kind in kinds:
            line, count = _RULES[kind](line, region)
            found += count
        if not found:
            return line, total
        total += found


# Latin, Greek, Cyrillic: Japanese, say, may stand right before and behind an address.
_LETTERS: Final = "A-Za-zÀ-ɏͰ-ԯ"
_WORD: Final = _LETTERS + "0-9_"

_EMAIL: Final = re.compile(
    rf"(?<![{_WORD}])[{_WORD}][{_WORD}.%+'-]{{0,63}}@"
    r"(?!\dx\.)"  # the names of pictures for fine screens, as in icon@2x.png
    rf"(?:[{_LETTERS}0-9-]{{1,63}}\.)+[{_LETTERS}]{{2,24}}(?!-?[{_LETTERS}0-9])"
)


def _redact_emails(line: str, _region: str | None) -> tuple[str, int]:
    return _EMAIL.subn(PLACEHOLDERS["email"], line)


_IP: Final = re.compile(
    # No part of a word, a longer number, a name-1.2.3.4 or a path/1.2.3.4/.
    rf"(?<![{_WORD}.+])(?<![{_LETTERS}_]-)(?<!(?<!/)/)"
    rf"(?:(?P<v4>[0-9]{{1,3}}(?:\.[0-9]{{1,3}}){{3}})(?![{_WORD}+]|\.[0-9]|-[{_LETTERS}])"
    # Not from the middle of a run of groups; only 2000::/3 is given out to the public.
    r"|(?:(?<![0-9A-Fa-f:]:)|(?<=IPv6:))"
    rf"(?P<v6>[23][0-9A-Fa-f]{{3}}:[0-9A-Fa-f:]*[0-9A-Fa-f:])(?![{_WORD}]|\.[0-9]))"
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


def _redact_ips(line: str, _region: str | None) -> tuple[str, int]:
    redacted = _IP.sub(_without_public_ip, line)
    placeholder = PLACEHOLDERS["ip"]
    return redacted, redacted.count(placeholder) - line.count(placeholder)


def _without_public_ip(match: re.Match[str]) -> str:
    if match["v4"]:
        return PLACEHOLDERS["ip"] if _is_public_v4(match) else match[0]
    address = match["v6"]
    if address.endswith(":") and not address.endswith("::"):
        address = address[:-1]  # the colon is the sentence's
    try:
        parsed = ipaddress.IPv6Address(address)
    except ValueError:
        return match[0]
    if any(parsed in network for network in _NOT_PUBLIC_V6):
        return match[0]
    return PLACEHOLDERS["ip"] + match[0][len(address) :]


def _is_public_v4(match: re.Match[str]) -> bool:
    address = match["v4"]
    try:
        parsed = ipaddress.IPv4Address(address)
    except ValueError:
        return False
    before = match.string[max(0, match.start() - _NUMBERED_CHARS) : match.start()]
    is_version = max(parsed.packed) < _SMALL_NUMBER and address not in _RESOLVERS
    return not (
        is_version
        or _NUMBERED.search(before)
        or any(parsed in network for network in _NOT_PUBLIC_V4)
    )


_REGION_OF_LANGUAGE: Final = {
    "en": "US",
    **{"bg": "BG", "fi": "FI", "he": "IL", "hr": "HR", "hu": "HU", "hy": "AM", "id": "ID"},
    **{"ja": "JP", "km": "KH", "ko": "KR", "lo": "LA", "my": "MM", "sk": "SK", "sl": "SI"},
    **{"sq": "AL", "sv": "SE", "th": "TH", "tr": "TR", "uk": "UA", "vi": "VN"},
}
"""Languages of nearly one country, whose national numbers begin with the trunk prefix 0: an amount
or a date does not. English is of many countries, but 3-3-4 digits are of North America alone."""

_INTERNATIONAL: Final = re.compile(r"[+＋][^\w+＋]{0,3}\d" + _GAPS_AND_SIX_DIGITS)
_NORTH_AMERICAN: Final = re.compile(
    r"(?:1[ .\-‐‑])?(?:\(\d{3}\) ?|\d{3}[ .\-‐‑])\d{3}[ .\-‐‑]\d{4}"
)
_WITH_TRUNK_PREFIX: Final = re.compile(r"[(（]?(?<!\d)0" + _GAPS_AND_SIX_DIGITS)


def _redact_phones(line: str, region: str | None) -> tuple[str, int]:
    """Replace numbers in international format, then those in the region's own."""
    # The matcher takes 0.1 ms a line, so it sees only lines with the right signs in them.
    abroad = at_home = 0
    if _INTERNATIONAL.search(line):
        line, abroad = _without(line, PhoneNumberMatcher(line, None, leniency=Leniency.VALID))
    national = _NORTH_AMERICAN if region == "US" else _WITH_TRUNK_PREFIX
    if region and national.search(line):
        matches = PhoneNumberMatcher(line, region, leniency=Leniency.STRICT_GROUPING)
        line, at_home = _without(line, (m for m in matches if national.match(m.raw_string)))
    return line, abroad + at_home


def _without(line: str, matches: Iterable[PhoneNumberMatch]) -> tuple[str, int]:
    kept = []
    at = 0
    for match in matches:
        kept.append(line[at : match.start])
        at = match.end
    return PLACEHOLDERS["phone"].join([*kept, line[at:]]), len(kept)


_RULES: Final[dict[Kind, Callable[[str, str | None], tuple[str, int]]]] = {
    "email": _redact_emails,
    "ip": _redact_ips,
    "phone": _redact_phones,
}
