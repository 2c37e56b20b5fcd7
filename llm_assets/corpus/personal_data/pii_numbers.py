"""Numbers that are known by their shape, a check digit and, where these prove little, by context.

A shape is a number with `9` for each digit and `A` for each capital letter, such as `999-99-9999`.
A line's blobs (words with digits, one separator apart) are cut at words, and each piece is looked
up in a dictionary of shapes: the time does not grow with the number of rules.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

from llm_assets.corpus.personal_data.pii_kinds import Span

CONTEXT_BEFORE: Final = 56
CONTEXT_BEHIND: Final = 24
"""Characters around a number in which a word may say what it is: "number (SSN): 078-05-1120",
"078-05-1120 is my SSN"."""


@dataclass(frozen=True)
class NumberRule:
    """One kind of number.

    Attributes:
        name: what it is, for the table of rules.
        check: whether the letters and digits alone, without separators, are such a number.
        sure: shapes that nothing else has, or whose check lets few numbers through.
        at_home: shapes that count in a text in one of the `languages`, or in context.
        in_context: shapes that count only beside one of the `words`.
        languages: ISO 639 codes.
        words: a regular expression of the words that name the number, in any case.
    """

    name: str
    check: Callable[[str], bool]
    sure: tuple[str, ...] = ()
    at_home: tuple[str, ...] = ()
    in_context: tuple[str, ...] = ()
    languages: frozenset[str] = frozenset()
    words: str = ""

    @cached_property
    def context(self) -> re.Pattern[str]:
        """The words, not in the midst of Latin ones; digits and `_` may stand beside them."""
        return re.compile(rf"(?<![^\W\d_])(?:{self.words})", re.IGNORECASE)

    def accepts(self, line: str, span: Span, shape: str, language: str | None) -> bool:
        """Whether the number at a place of a line is one of these."""
        start, end = span
        if not self.check(_NO_LETTER_OR_DIGIT.sub("", line[start:end])):
            return False
        if shape in self.sure or (shape in self.at_home and language in self.languages):
            return True
        before = line[max(0, start - CONTEXT_BEFORE) : start]
        behind = line[end : end + CONTEXT_BEHIND]
        return bool(self.context.search(before) or self.context.search(behind))


class Shapes:
    """Rules by their shapes.

    Args:
        rules: what to find; of several that have a shape, the first that accepts a number counts.
    """

    def __init__(self, rules: Sequence[NumberRule]) -> None:
        by_shape: dict[str, tuple[NumberRule, ...]] = {}
        for rule in rules:
            for shape in (*rule.sure, *rule.at_home, *rule.in_context):
                by_shape[shape] = (*by_shape.get(shape, ()), rule)
        self._by_shape = by_shape
        # Dates, times and years make most of a text's blobs, in few forms: nine in ten are known.
        self.pieces = lru_cache(maxsize=4096)(self._find_pieces)

    def _find_pieces(self, skeleton: str) -> tuple[tuple[int, int, tuple[NumberRule, ...]], ...]:
        """Return where a blob has shapes of rules and which, the longest first at a place."""
        words = [word.span() for word in _WORDS.finditer(skeleton)]
        found = []
        for first in range(len(words)):
            for last in range(min(len(words), first + _MOST_WORDS) - 1, first - 1, -1):
                start, end = words[first][0], words[last][1]
                end += skeleton[end : end + 1] == ")"
                rules = self._by_shape.get(skeleton[start:end])
                if rules is not None:
                    found.append((start, end, rules))
        return tuple(found)


_WORD: Final = "[A-Z]{0,6}[0-9][0-9A-Z]{0,23}"
_BLOB: Final = re.compile(
    rf"(?<![0-9A-Za-z_])(?:[A-Z]{{1,2}}[ \-])?{_WORD}(?:[ .\-/+‐‑–\u00a0\u202f]{_WORD}){{0,11}}"
    r"(?:\([0-9A]\)|(?:[ .\-][A-Z])?(?![0-9A-Za-z_]))"
)
_SPACES: Final = " \u00a0\u202f"
_WORD_BEFORE: Final = re.compile(
    r"(?P<word>[0-9A-Z]*[0-9][0-9A-Z]*)(?P<separator>[ .\-/‐‑–\u00a0\u202f])\Z"
)
_WORD_BEHIND: Final = re.compile(
    r"(?P<separator>[ .\-/‐‑–\u00a0\u202f])(?P<word>[0-9A-Z]{0,24}[0-9])"
)
_WORD_CHARS: Final = 24
_WORDS: Final = re.compile(r"[9A]+")
_MOST_WORDS: Final = 7  # of the French number: 1 85 05 78 006 084 36
_NO_LETTER_OR_DIGIT: Final = re.compile(r"[^0-9A-Z]")
_SKELETON: Final = str.maketrans(
    {
        **dict.fromkeys("0123456789", "9"),
        **dict.fromkeys("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "A"),
        **dict.fromkeys("‐‑–", "-"),
        **dict.fromkeys("\u00a0\u202f", " "),
    }
)
_GLUED_BEFORE: Final = re.compile(
    r"[@%~^$€£¥.+*\\_-]\Z|(?<![0-9])0,\Z"  # an amount, a decimal, a longer number, a name
    r"""|[/?&][^\s"'<>()]{0,64}\Z"""  # an address of the web
)
_GLUED_BEHIND: Final = re.compile(r"[@%^$€£¥*\\_]|[-/&.+‐‑–][0-9A-Za-z]")
_GLUE_CHARS: Final = 66


def find_numbers(line: str, language: str | None, shapes: Shapes) -> Iterator[Span]:
    """Find the numbers of some shapes; of those that overlap, the first and longest."""
    for blob in _BLOB.finditer(line):
        skeleton = blob[0].translate(_SKELETON)
        behind = at = blob.start()
        for first, last, rules in shapes.pieces(skeleton):
            span = (at + first, at + last)
            shape = skeleton[first:last]
            if span[0] < behind or _is_part(line, span, shape) or _is_glued(line, span):
                continue
            if any(rule.accepts(line, span, shape, language) for rule in rules):
                yield span
                behind = span[1]


def _is_part(line: str, span: Span, shape: str) -> bool:
    """Whether other words with digits stand one separator apart, as in a longer number.

    Behind a card's number may stand a date or a code, which are shorter than its groups. Whatever
    the groups are, a number that waits for its neighbour to be replaced has shorter ones than that:
    so numbers in a row never wait for each other one by one.
    """
    before = _WORD_BEFORE.search(line[max(0, span[0] - _WORD_CHARS) : span[0]])
    behind = _WORD_BEHIND.match(line, span[1])
    shortest = min(map(len, shape.split(" "))) if " " in shape else None
    return any(
        neighbour is not None
        and (
            neighbour["separator"] not in _SPACES
            or (
                shortest is not None
                and neighbour["word"].isdigit()
                and len(neighbour["word"]) >= shortest
            )
        )
        for neighbour in (before, behind)
    )


def _is_glued(line: str, span: Span) -> bool:
    start, end = span
    before = line[max(0, start - _GLUE_CHARS) : start]
    return bool(_GLUED_BEFORE.search(before) or _GLUED_BEHIND.match(line, end))
