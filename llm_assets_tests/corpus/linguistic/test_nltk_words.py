"""The tokens of pieces are the tokens that NLTK finds in the whole sentence."""

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from nltk.tokenize import NLTKWordTokenizer

from llm_assets.corpus.linguistic.nltk_words import cut_pieces, tokenize_pieces
from llm_assets_tests.corpus.sample_texts import ARTICLES, HOSTILE

FRAGMENTS = [
    *" \n\t\u00a0\u3000\x1c",
    *".,:;?!…-—–'\"`´’‘“”«»„()[]{}<>#$%&@*/_",
    *["a", "B", "7", "é", "語", "\ue000", "''", "``", "...", "--", "\u0301"],
    *["can", "not", "gon", "na", "wan", "'t", "is", "more", "'n", "d'ye", "lem", "me"],
    *["n't", "'s", "'S", "'ll", "'RE", "'d", "it", "etc", "3.5", "1,000", "a.b", "U.S."],
]


def tokens_of(sentences: list[str]) -> list[list[str]]:
    """Tokenize by pieces, all sentences in one block."""
    pieces = cut_pieces(pl.Series(sentences, dtype=pl.String))
    distinct = pieces.explode().unique().drop_nulls()
    tokens: dict[str, list[str]] = {piece: [] for piece in distinct}
    for piece, token in tokenize_pieces(distinct).iter_rows():
        tokens[piece].append(token)
    return [[token for piece in row for token in tokens[piece]] for row in pieces.to_list()]


def of_nltk(sentences: list[str]) -> list[list[str]]:
    return [NLTKWordTokenizer().tokenize(sentence) for sentence in sentences]


@settings(max_examples=250, deadline=None)
@given(st.lists(st.lists(st.sampled_from(FRAGMENTS), max_size=14).map("".join), max_size=6))
@example(["''a b", '"a b', ' "a', "\n''a"])
@example(["o's' a", "o's'\na", "x' ' y", "end. )", "end.\n)", "end.\x1c", "end. \x1c"])
@example(['""', '"" a', '"`a', "\"'a. b", "''", "''a.", '"".', '"a""'])
@example(["wanna", "wanna go", "'tis", "a, ,b", "foo,:,", "dogs'.", "a.. b.", ". ", " .", "a . ."])
def test_pieces_give_the_tokens_of_the_sentence(sentences: list[str]) -> None:
    assert tokens_of(sentences) == of_nltk(sentences)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(max_size=40), max_size=5))
def test_so_do_they_for_any_characters(sentences: list[str]) -> None:
    assert tokens_of(sentences) == of_nltk(sentences)


def test_so_do_they_for_texts_and_hostile_strings() -> None:
    sentences = [*ARTICLES, *HOSTILE]
    assert tokens_of(sentences) == of_nltk(sentences)


@pytest.mark.parametrize(
    ("sentence", "pieces"),
    [
        ("", []),
        (" \n", []),
        ("One", [" One "]),
        ("One two.", [" One ", " two . "]),
        ("One \n two", [" One ", " two "]),
        ("One \n\ttwo", [" One ", "\ntwo "]),
        ("One\ttwo three", [" One\n", "\ntwo ", " three "]),
        ("He said (so).", [" He ", " said ", " (so) . "]),
        ('He said "so. "', [" He ", " said ", ' "so. "$']),
        ("''One two", ["^''One ", " two "]),
    ],
)
def test_a_piece_is_a_word_and_the_whitespace_around_it(sentence: str, pieces: list[str]) -> None:
    assert cut_pieces(pl.Series([sentence])).to_list() == [pieces]


@pytest.mark.parametrize(
    ("sentence", "count"),
    [
        ("a" * 3_000_000 + ".", 2),
        ("(" * 200_000, 200_000),
        ("'" * 200_000, 100_000),
        (" x" + "." * 200_000, 2),
        ('"' * 200_000, 200_000),
    ],
)
def test_one_word_of_a_megabyte_is_no_trouble(sentence: str, count: int) -> None:
    pieces = cut_pieces(pl.Series([sentence])).explode()
    assert tokenize_pieces(pieces).height == count
