"""Sentences of texts of any length, by NLTK's Punkt.

Punkt (Kiss and Strunk, Unsupervised Multilingual Sentence Boundary Detection, 2006) decides at each
`.`, `?` and `!` whether a sentence ends there, from a model of abbreviations, collocations and
sentence starters. Without a model it takes every candidate for an end but initials and ordinals
before lower-case words; scripts with other full stops are then served as well.
"""

import re
from collections.abc import Callable, Iterator
from copy import copy
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:  # NLTK takes a second to import: only where it is used
    from nltk.tokenize.punkt import PunktParameters

SplitSentences = Callable[[str], Iterator[str]]

PIECE_CHARS: Final = 1 << 20
"""Texts go through Punkt in pieces of at most so many characters; a longer sentence is cut."""

UNSPACED_LANGUAGES: Final = frozenset(
    ["bo", "dz", "ja", "km", "lo", "my", "th", "wuu", "yue", "zh"]
)
"""Languages written without spaces between words: NLTK has no word tokenizer for them."""

_FULL_STOPS: Final = (".", "?", "!", "؟", "۔", "।", "॥", "።", "፧", "։", "…")
"""Of scripts with spaces: Latin, Arabic, Urdu, Devanagari, Ethiopic, Armenian."""

_UNSPACED_STOPS: Final = "。．！？!?។៕။།༎"
_UNSPACED_SENTENCE: Final = re.compile(
    rf"[^{_UNSPACED_STOPS}]*[{_UNSPACED_STOPS}]*[」』）”’〉》】\"')]*"
)


def allow_any_time() -> None:
    """Take NLTK's limit of five seconds off its regular expressions, for this process.

    Since 3.10 each match is abandoned after five seconds by the clock: on a busy machine a document
    would fail that passes on another. Work is bounded here by the length of what a match is given.
    """
    from nltk import redos

    redos.DEFAULT_TIMEOUT = None


def punkt_splitter(parameters: "PunktParameters | None") -> SplitSentences:
    """Return a function that splits texts into sentences.

    Args:
        parameters: the language's model; None to do without.
    """
    from nltk.tokenize.punkt import PunktLanguageVars, PunktParameters, PunktSentenceTokenizer

    class _ManyScripts(PunktLanguageVars):  # type: ignore[misc]
        sent_end_chars = _FULL_STOPS

    allow_any_time()
    model = PunktParameters() if parameters is None else copy(parameters)
    model.ortho_context = _Contexts(model.ortho_context)
    script = _ManyScripts() if parameters is None else PunktLanguageVars()
    tokenizer = PunktSentenceTokenizer(model, lang_vars=script)
    return lambda text: _split(text, lambda piece: list(tokenizer.span_tokenize(piece)))


class _Contexts(dict[str, int]):
    """A table in which unknown words have 0; NLTK's own grows by each one that is looked up."""

    def __missing__(self, word: str) -> int:
        return 0


def split_unspaced(text: str) -> Iterator[str]:
    """Split a text of a language without spaces after its full stops and the quotes they close."""
    for found in _UNSPACED_SENTENCE.finditer(text):
        sentence = found.group().strip()
        if sentence:
            yield sentence


def _split(text: str, spans_of: Callable[[str], list[tuple[int, int]]]) -> Iterator[str]:
    """Yield the sentences of a text, going through it in pieces.

    A piece ends at whitespace, so that the word after each candidate is whole; its last sentence,
    which may go on, is read again with the next piece. The sentences are those of the whole text,
    but where a piece has no sentence that starts behind whitespace: it is then cut at its end.
    """
    start = 0
    while len(text) - start > PIECE_CHARS:
        piece = text[start : _whitespace_before(text, start, start + PIECE_CHARS)]
        spans = spans_of(piece)
        last = _last_start(piece, spans)
        yield from (piece[first:end] for first, end in spans[: last or None])
        start += spans[last][0] if last else len(piece)
    yield from (text[start + first : start + end] for first, end in spans_of(text[start:]))


def _whitespace_before(text: str, start: int, stop: int) -> int:
    """Return where the last word before `stop` ends; `stop` where there is but one."""
    found = max(text.rfind(" ", start + 1, stop), text.rfind("\n", start + 1, stop))
    return found if found > 0 else stop


def _last_start(piece: str, spans: list[tuple[int, int]]) -> int:
    """Return the last sentence after the first that whitespace stands before; 0 if there is none.

    Punkt looks at the whole word around a full stop: after one inside a word nothing is certain.
    """
    starts = (n for n in range(len(spans) - 1, 0, -1) if piece[spans[n][0] - 1].isspace())
    return next(starts, 0)
