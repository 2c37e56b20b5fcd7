"""Sentences as the originals count them, and the bounds that spare counting."""

import re
from itertools import islice

import numpy as np
import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from nltk.tokenize.punkt import PunktLanguageVars, PunktParameters, PunktSentenceTokenizer
from punkt.data import english

from llm_assets.corpus.profiles.sentence_kernels import bound_sentences
from llm_assets.corpus.profiles.sentences import (
    MOST_SENTENCES,
    SentenceSplitter,
    count_sentences,
    punkt_splitter,
    spacy_splitter,
)

# line, sentences by Punkt, by spaCy
COUNTS = [
    ("One sentence.", 1, 1),
    ("One sentence. Another sentence.", 2, 2),
    ("Is it? It is! Yes.", 3, 3),
    ("Mr. Smith met Dr. Jones.", 1, 1),
    ("He lives in the U.S. today.", 1, 1),
    ("He left at 5 p.m. The end.", 2, 1),
    ("See e.g. the first page.", 2, 1),
    ("They use cars etc. They drive.", 2, 2),
    ("It costs 3.14 in all.", 1, 1),
    ('He said "Stop." Then he left.', 2, 2),
    ('He said "Stop."', 1, 1),
    ("It is here (see there.) He saw it.", 2, 2),
    ("Wow!!!", 2, 1),
    ("Wow!!! Good.", 2, 2),
    ("A dog. a cat. a bird.", 3, 3),
    ("The id. The end.", 2, 1),
    ("One。Two。 Three.", 1, 2),
    ("word.Word another.", 1, 2),
]


def count(line: str, splitter: SentenceSplitter) -> int:
    return sum(1 for _ in splitter.ends_of_line(line))


def bounds(line: str, splitter: SentenceSplitter) -> tuple[int, int]:
    data = np.frombuffer(line.encode(), np.uint8)
    least, candidates = bound_sentences(data, 0, len(data), splitter.unsure_words)
    return least, least + candidates


@pytest.mark.parametrize(("line", "punkt", "spacy"), COUNTS)
def test_counts(line: str, punkt: int, spacy: int) -> None:
    assert (count(line, punkt_splitter()), count(line, spacy_splitter())) == (punkt, spacy)


def test_counting_goes_from_line_to_line_and_stops() -> None:
    assert count_sentences("One. Two.\nThree.", punkt_splitter()) == 3
    assert count_sentences("One.\n" * 99, punkt_splitter()) == MOST_SENTENCES

    def endless(_: str) -> object:
        while True:
            yield None

    splitter = punkt_splitter()._replace(ends_of_line=endless)
    assert count_sentences("x", splitter) == MOST_SENTENCES


def test_sentences_are_found_one_after_the_other() -> None:
    line = "A short one. " * 200_000
    for splitter in (punkt_splitter(), spacy_splitter()):
        assert len(list(islice(splitter.ends_of_line(line), 3))) == 3


def test_the_bounds_meet_where_words_are_plain() -> None:
    line = "The first sentence. The second one? A third! And the last."
    assert bounds(line, punkt_splitter()) == bounds(line, spacy_splitter()) == (4, 4)
    assert bounds("They met Prof. Smith.", punkt_splitter()) == (1, 2)
    assert bounds("It was on the corp. list.", punkt_splitter()) == (1, 2)  # an abbreviation
    assert bounds("This is a vs. b.", spacy_splitter()) == (1, 2)  # an exception


PIECES = [
    *(
        " ",
        " ",
        " ",
        "  ",
        "\t",
        "word",
        "Word",
        "the id",
        "im",
        "etc.",
        "e.g.",
        "U.S.",
        "Mr.",
        "co.",
    ),
    *("A.", "J. Bach", "No. 5", "p.m.", "3.14", "1985.", "##", "b. smith", "St. Louis", "x-inc."),
    *(".", "?", "!", "...", ". . .", "!!!", "--", ",", ";", ":", '"', "'", "(", ")", "[", "]", "}"),
    *(".)", '."', "said.He", "http://a.b/?", "a@b.com", ":)", "8)", "o_O", "don't", "*", "@", "`"),
]
WIDE = [
    *PIECES,
    "。",
    "！",
    "।",
    "։",
    "…",
    "“Word.”",
    "«Word.»",
    "é.",
    "É",
    "\u00a0",
    "\u2003",
    "я",
]


def lines(pieces: list[str]) -> st.SearchStrategy[str]:
    inside = st.lists(st.sampled_from(pieces), min_size=1, max_size=14).map("".join)
    return st.tuples(inside, st.sampled_from([".", "?", "!", '"', "'"])).map("".join)


@given(lines(WIDE))
def test_the_bounds_hold(line: str) -> None:
    for splitter in (punkt_splitter(), spacy_splitter()):
        least, most = bounds(line, splitter)
        assert least <= count(line, splitter) <= most


SPACY = spacy.blank("en")
SPACY.add_pipe("sentencizer")


@given(lines(WIDE))
def test_spacys_words_around_marks_are_enough(line: str) -> None:
    with SPACY.memory_zone():
        assert count(line, spacy_splitter()) == sum(1 for _ in SPACY(line).sents)


def nltk_tokenizer() -> PunktSentenceTokenizer:
    """Give NLTK back the quotes and brackets of its version 3.8.1."""

    class LanguageVars(PunktLanguageVars):
        re_boundary_realignment = re.compile(r'["\')\]}]+?(?:\s+|(?=--)|$)', re.MULTILINE)
        _re_non_word_chars = r"(?:[?!)\";}\]\*:@\'\({\[])"

    parameters = PunktParameters()
    parameters.abbrev_types = set(english.ABBREV_TYPES)
    parameters.collocations = set(english.COLLOCATIONS)
    parameters.sent_starters = set(english.SENT_STARTERS)
    parameters.ortho_context.update(english.ORTHO_CONTEXT)
    return PunktSentenceTokenizer(parameters, lang_vars=LanguageVars())


NLTK = nltk_tokenizer()


@given(st.sampled_from(["", " "]), lines(PIECES))
def test_punkt_is_nltks(space: str, line: str) -> None:
    found = list(punkt_splitter().ends_of_line(space + line))
    assert found == list(NLTK.span_tokenize(space + line))
