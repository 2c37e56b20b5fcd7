"""Telephone numbers in a line, by the rules of Google's libphonenumber.

Numbers in international format are found in any text; numbers in a country's own only where the
language tells the country.
"""

import re
from collections.abc import Iterator
from typing import Final

from phonenumbers import Leniency, PhoneNumberMatcher

from llm_assets.corpus.personal_data.pii_kinds import Span, first_of_overlapping

REGION_OF_LANGUAGE: Final = {
    "en": "US",
    **{"de": "DE", "fr": "FR", "nl": "NL"},
    **{"bg": "BG", "fi": "FI", "he": "IL", "hr": "HR", "hu": "HU", "hy": "AM", "id": "ID"},
    **{"ja": "JP", "km": "KH", "ko": "KR", "lo": "LA", "my": "MM", "sk": "SK", "sl": "SI"},
    **{"sq": "AL", "sv": "SE", "th": "TH", "tr": "TR", "uk": "UA", "vi": "VN"},
}
"""Languages of nearly one country, or of one that is larger than the others, whose national numbers
begin with the trunk prefix 0: an amount or a date does not. English is of many countries, but 3-3-4
digits are of North America alone."""

_GAPS_AND_SIX_DIGITS: Final = r"(?:[^\w+＋]{0,4}\d){6}"
_INTERNATIONAL: Final = re.compile(r"[+＋][^\w+＋]{0,3}\d" + _GAPS_AND_SIX_DIGITS)
_NORTH_AMERICAN: Final = re.compile(
    r"(?:1[ .\-‐‑])?(?:\(\d{3}\) ?|\d{3}[ .\-‐‑])\d{3}[ .\-‐‑]\d{4}"
)
# Subscriber numbers of any length: every third number with a zero first is a German one.
_GERMAN: Final = re.compile(r"[(（]?(?<!\d)0\d{1,5}[^\w+＋]{1,4}\d(?:[^\w+＋]{0,4}\d){4}")
_WITH_TRUNK_PREFIX: Final = re.compile(
    r"[(（]?(?<!\d)(?<!\d[.,])0(?![.,])" + _GAPS_AND_SIX_DIGITS  # no decimals
)
_NATIONAL: Final = {"US": _NORTH_AMERICAN, "DE": _GERMAN}

_WINDOW: Final = 400
"""Characters that the library is shown at once: its own limit of 65,535 failures a text would end
its search in the midst of a long line of digits."""
_AROUND: Final = 120
"""A number with its country, extension and separators has less."""


def find_phones(line: str, language: str | None) -> list[Span]:
    """Find numbers in international format, and those in the format of the language's country."""
    found = list(_matches(line, _INTERNATIONAL, None, Leniency.VALID))
    region = REGION_OF_LANGUAGE.get(language or "")
    if region is not None:
        national = _NATIONAL.get(region, _WITH_TRUNK_PREFIX)
        found += _matches(line, national, region, Leniency.STRICT_GROUPING)
    return first_of_overlapping(found)


def _matches(
    line: str, pattern: re.Pattern[str], region: str | None, leniency: int
) -> Iterator[Span]:
    """Ask the library about the parts of the line that look right: it takes 5 us a character."""
    for start, end in _windows(line, pattern):
        for match in PhoneNumberMatcher(line[start:end], region, leniency=leniency):
            if region is None or pattern.match(line, start + match.start):
                yield start + match.start, start + match.end


def _windows(line: str, pattern: re.Pattern[str]) -> Iterator[Span]:
    """Yield what surrounds the hits of a pattern; a short line as a whole."""
    seen = -1
    for hit in pattern.finditer(line):
        if len(line) <= _WINDOW:
            yield 0, len(line)
            return
        if hit.end() + _AROUND > seen:
            start = max(0, hit.start() - _AROUND)
            seen = start + _WINDOW
            yield start, seen
