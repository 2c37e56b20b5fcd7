"""What spaCy's English tokenizer goes by, read from spaCy, and spaCy itself for single chunks."""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import accumulate, pairwise
from threading import Lock
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

import numpy as np

from llm_assets.corpus.profiles import spacy_rule_kernels as kernels
from llm_assets.corpus.span_kernels import Classes, Keys

if TYPE_CHECKING:
    from spacy.tokenizer import Tokenizer

Tokens: TypeAlias = tuple[tuple[int, int], ...]
"""Where each token of a chunk starts and how long it is, in bytes."""

_MOST_REMEMBERED: Final = 1 << 17
"""Chunks: with their tokens about 50 MB. 16 MB of web text have some 4,000 to ask spaCy about."""
_SPACE: Final = ord(" ")
_SURROGATES: Final = re.compile("[\ud800-\udfff]")


class Answer(NamedTuple):
    """What spaCy makes of a chunk."""

    tokens: Tokens
    may_merge: bool
    """Whether it may have put tokens together that its rules took apart."""


class SpacyRules:
    """The tokenizer of `spacy.blank("en")`: its rules as tables, and itself behind a memory."""

    def __init__(self) -> None:
        """Build the tokenizer and read its rules.

        Raises:
            ModuleNotFoundError: without spaCy (the extra `spacy`).
        """
        import spacy
        from spacy.symbols import ORTH

        self._language = spacy.blank("en")
        self._lock = Lock()  # the vocabulary has one memory zone at a time
        self._remembered: dict[bytes, Answer] = {}
        tokenizer: Tokenizer = self._language.tokenizer
        self._exceptions = {
            text: tuple(str(token[ORTH]) for token in tokens)
            for text, tokens in tokenizer.rules.items()
        }
        cut = _tokens_by_rule(tokenizer, self._exceptions)
        changed = {text: tokens for text, tokens in cut.items() if tokens != self._exceptions[text]}
        self._changed = re.compile("|".join(map(re.escape, changed)))
        self._changed_pairs = {tokens[:2] for tokens in changed.values()}
        self._crossings = {
            (token.encode()[-1], following.encode()[0])
            for tokens in cut.values()
            for token, following in pairwise(tokens)
        }
        pairs = {tokens[:2] for tokens in cut.values()}
        self.tables: tuple[Classes, Keys, Keys, Keys] = (
            _character_classes(frozenset(following[0] for _, following in pairs)),
            _keys([(text,) for text in self._exceptions]),
            _keys([(unit,) for unit in _units()]),
            _keys(pairs),
        )
        """Character classes; keys of exceptions, of units, and of first pairs of tokens that the
        rules would make of an exception, were it none."""

    def ask(self, chunks: Sequence[bytes]) -> list[Answer]:
        """Return what spaCy makes of each chunk by itself."""
        with self._lock, self._language.memory_zone():
            return [self._remembered.get(chunk) or self._learn(chunk) for chunk in chunks]

    def cut(self, text: bytes) -> Tokens:
        """Return the tokens of a text, but not those of whitespace."""
        with self._lock, self._language.memory_zone():
            return self._cut(text)

    def may_cross(self, text: bytes, at: int) -> bool:
        """Whether spaCy may see tokens on both sides of here as those of one exception."""
        return (
            0 < at < len(text) - 1
            and text[at] == _SPACE
            and (text[at - 1], text[at + 1]) in self._crossings
        )

    def _learn(self, chunk: bytes) -> Answer:
        if len(self._remembered) >= _MOST_REMEMBERED:
            self._remembered.clear()
        answer = Answer(self._cut(chunk), self._may_merge(chunk.decode()))
        self._remembered[chunk] = answer
        return answer

    def _may_merge(self, chunk: str) -> bool:
        tokens = self._exceptions.get(chunk)
        if tokens is not None:
            return any(pair in self._changed_pairs for pair in pairwise(tokens))
        return self._changed.search(chunk) is not None

    def _cut(self, text: bytes) -> Tokens:
        decoded = text.decode()
        tokens = [token for token in self._language.tokenizer(decoded) if not token.is_space]
        if decoded.isascii():
            return tuple((token.idx, len(token)) for token in tokens)
        places = [0, *accumulate(len(character.encode()) for character in decoded)]
        bounds = [(token.idx, token.idx + len(token)) for token in tokens]
        return tuple((places[start], places[end] - places[start]) for start, end in bounds)


@cache
def spacy_rules() -> SpacyRules:
    """Return the rules of this process; the first call imports spaCy, in about two seconds."""
    return SpacyRules()


def _tokens_by_rule(
    tokenizer: "Tokenizer", exceptions: Iterable[str]
) -> dict[str, tuple[str, ...]]:
    """Return the tokens of each exception that the rules would cut, were it none."""
    from spacy.tokenizer import Tokenizer

    plain = Tokenizer(
        tokenizer.vocab,
        prefix_search=tokenizer.prefix_search,
        suffix_search=tokenizer.suffix_search,
        infix_finditer=tokenizer.infix_finditer,
        url_match=tokenizer.url_match,
    )
    found = {text: tuple(token.text for token in plain(text)) for text in exceptions}
    return {text: tokens for text, tokens in found.items() if len(tokens) > 1}


def _units() -> set[str]:
    """Return what is a suffix behind a digit."""
    from spacy.lang.char_classes import CURRENCY, UNITS

    return {"+", *UNITS.split("|"), *CURRENCY.replace("\\", "").split("|")}


def _character_classes(paired: frozenset[str]) -> Classes:
    """Return the class bits of every code point, by the patterns of `spacy.lang.punctuation`."""
    from spacy.lang import char_classes as names

    marks = "".join(mark for mark in names.LIST_PUNCT if mark != "……")
    ends = f"{marks}{names.CONCAT_QUOTES}…—–{names.ICONS}"
    currency = "".join(sign for sign in names.LIST_CURRENCY if len(sign.lstrip("\\")) == 1)
    patterns = [
        (r"\s", kernels.SPACE),
        (f"[{ends}{currency}§%=]", kernels.PREFIX),
        (f"[{ends}]", kernels.SUFFIX),
        (f"[{names.ALPHA}]", kernels.ALPHA),
        (f"[{names.ALPHA_LOWER}]", kernels.LOWER),
        (f"[{names.ALPHA_UPPER}]", kernels.UPPER),
        (f"[{names.CONCAT_QUOTES}]", kernels.QUOTE),
        (
            rf"[0-9{names.ALPHA_LOWER}%²\-\+{names.PUNCT}(?:{names.CONCAT_QUOTES})]",
            kernels.BEFORE_STOP,
        ),
        (f"[{names.ICONS}]", kernels.ICON),
        ("[-–—~]", kernels.HYPHEN),
        ("[0-9]", kernels.DIGIT),
        ("[A-Za-z0-9\u00a1-\uffff]", kernels.HOST),
        (r"[.,+*^:<=>/]", kernels.SIGN),
        (f"[{re.escape(''.join(sorted(paired)))}]", kernels.PAIRED),
    ]
    characters = _SURROGATES.sub("\0", "".join(map(chr, range(0x110000))))
    classes = np.zeros(len(characters), np.uint16)
    for pattern, bit in patterns:
        found = "".join(re.findall(pattern, characters)).encode("utf-32-le")
        classes[np.frombuffer(found, np.uint32)] |= np.uint16(bit)
    return classes


def _keys(strings: Iterable[tuple[str, ...]]) -> Keys:
    """Return a table of strings that are put together of tokens."""
    tokens = list(strings)
    texts = ["".join(parts) for parts in tokens]
    points = np.frombuffer("".join(texts).encode("utf-32-le"), np.int32)
    bounds = np.array([0, *accumulate(map(len, texts))], np.int64)
    heads = np.array([len(parts[0]) if len(parts) > 1 else 0 for parts in tokens], np.int64)
    table = np.empty(4 * len(texts), np.uint64)
    kernels.keep_keys(points, bounds, heads, table)
    return table
