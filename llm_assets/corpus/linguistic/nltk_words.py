"""NLTK's word tokenizer over many sentences at once.

`NLTKWordTokenizer` runs 25 regular expressions over each sentence: 0.8 MB/s. Nearly all that it
does to a word depends on the characters between two whitespaces and on which whitespace that is;
only the end of a sentence is looked at as a whole. So sentences are cut into *pieces*, words with
the whitespace around them, and the distinct pieces of a block go through the tokenizer in one text.
The tokens are the same: tests hold them against `word_tokenize`.
"""

from collections.abc import Callable
from itertools import count
from typing import Final

import polars as pl

from llm_assets.corpus.linguistic.nltk_sentences import allow_any_time

_CLOSING: Final = r"\]\)}>\"'»”’"
_SENTENCE_END: Final = rf"(\S+(?:\s+[{_CLOSING}]+)*\s*)\z"
"""The last word and the closing marks behind it: all that NLTK's rules for the end can see."""

_FULL_STOP: Final = r"[^.]\.\z"
_ORDINARY: Final = rf"[^{_CLOSING}.:,\s]\z"
"""No rule for the end of a sentence is about such a character."""

_QUOTE_FIRST: Final = r"\A(\"\W|'')"
"""What NLTK takes for other quotes at the very start than behind a space."""

_START: Final = "^"
_END: Final = "$"
"""Mark a piece as the start or end of its sentence; all others have whitespace there."""

_NEIGHBOUR: Final = "a"
_FIRST_PRIVATE_USE: Final = 0xE000
_LIST: Final = pl.List(pl.String())


def cut_pieces(sentences: pl.Series) -> pl.Series:
    """Cut sentences into pieces that can be tokenized on their own.

    Args:
        sentences: strings without nulls.

    Returns:
        A list for each sentence, in its order. A piece is a word with one whitespace before and
        behind it: a space for a space, a line break for any other. Where rules for the start or the
        end of a sentence matter, there is a `^` or a `$` instead.
    """
    padded, head, end = pl.col("padded"), pl.col("head"), pl.col("end")
    return (
        sentences.to_frame("sentence")
        .select(padded=_start(pl.col("sentence")) + pl.col("sentence"))
        .with_columns(end=padded.str.extract(_SENTENCE_END))
        .select("end", head=padded.str.strip_suffix(end.fill_null("")))
        .with_columns(head.str.replace_all(r"[^\S ]", "\n"))
        # Each run of whitespace becomes two: the one behind a word and the one before the next.
        .with_columns(head.str.replace_all(r"[ \n]", "${0}${0}"))
        .with_columns(head.str.replace_all(r"([ \n])[ \n]*([ \n])", "${1}${2}"))
        .select(
            pieces=pl.concat_list(
                head.str.extract_all(r"(?:\A|[ \n])\S+[ \n]"), head.str.tail(1) + _last_piece(end)
            ).list.drop_nulls()
        )
        .to_series()
    )


def _start(sentence: pl.Expr) -> pl.Expr:
    """Return what stands before the first word: a space does as a rule what the start does."""
    return (
        pl.when(sentence.str.contains(_QUOTE_FIRST))
        .then(pl.lit(_START))
        .when(sentence.str.contains(r"\A\S"))
        .then(pl.lit(" "))
        .otherwise(pl.lit(""))
    )


def _last_piece(end: pl.Expr) -> pl.Expr:
    """Make the end of a sentence independent of being the end, where that is simple.

    NLTK sets off a last full stop; behind anything but that and closing marks its rules for the
    end do nothing.
    """
    return (
        pl.when(end.str.contains(_FULL_STOP))
        .then(end.str.strip_suffix(".") + " . ")
        .when(end.str.contains(_ORDINARY))
        .then(end + " ")
        .otherwise(end + _END)
    )


def tokenize_pieces(pieces: pl.Series) -> pl.DataFrame:
    """Tokenize pieces.

    Args:
        pieces: distinct pieces, as `cut_pieces` makes them.

    Returns:
        Rows of `piece` and `token`; a piece's tokens are in order.
    """
    from nltk.tokenize.destructive import NLTKWordTokenizer

    allow_any_time()
    tokenizer = NLTKWordTokenizer()
    alone = pieces.str.starts_with(_START) | pieces.str.ends_with(_END)
    inner, outer = pieces.filter(~alone), pieces.filter(alone)
    mark = _unused_character(inner)
    tokens = pl.Series("token", tokenizer.tokenize(mark.join(["", *inner, ""])), pl.String)
    found = tokens != mark
    places = ((~found).cum_sum() - 1).filter(found)
    others = pl.Series(
        "token", [_tokenize_alone(each, tokenizer.tokenize) for each in outer], _LIST
    )
    return pl.concat(
        [
            pl.DataFrame([inner[places].alias("piece"), tokens.filter(found)]),
            pl.DataFrame([outer.alias("piece"), others]).explode("token"),
        ]
    )


def _tokenize_alone(piece: str, tokenize: Callable[[str], list[str]]) -> list[str]:
    first, last = piece.startswith(_START), piece.endswith(_END)
    text = piece[1:] if first else _NEIGHBOUR + piece
    tokens = tokenize(text[:-1] if last else text + _NEIGHBOUR)
    return tokens[int(not first) : len(tokens) - int(not last)]


def _unused_character(pieces: pl.Series) -> str:
    """Return a character that no piece has, to stand between them as a word of its own."""
    candidates = map(chr, count(_FIRST_PRIVATE_USE))
    return next(c for c in candidates if not pieces.str.contains(c, literal=True).any())
