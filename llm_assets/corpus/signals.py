"""What the quality rules measure: sizes, words, lines and repetition, as columns of numbers.

Rules and thresholds are in `filters.py`; a stored signal can be judged again without its text.
Definitions are those of the Gopher paper (Rae et al. 2021, arXiv 2112.11446, appendix A.1) and of
FineWeb (Penedo et al. 2024, arXiv 2406.17557, section 3.6). Where the papers leave room, signals
follow datatrove, with which FineWeb was made:

- the first copy of a line, paragraph or n-gram is no duplicate, the others are;
- shares of characters are of all characters of the text, whitespace included;
- the most frequent n-gram is the first of equals, with a space between its words if there is one;
- duplicate n-grams are found reading on behind each one found, so that none overlap.

Unlike in datatrove, words are what stands between whitespace and, in scripts without spaces, what a
dictionary cuts that into (`words.py`), n-grams are equal if their words are (not their words joined
without spaces), stop words count in capitals and beside ASCII punctuation too, and blank lines are
no lines, except in the two columns named for FineWeb's release of May 2024.
"""

from typing import Final

import polars as pl

from llm_assets.corpus import line_counts
from llm_assets.corpus.language import UNKNOWN_LANGUAGE
from llm_assets.corpus.ngram_kernels import DUPLICATE_SIZES, TOP_SIZES
from llm_assets.corpus.profiles.tokens import measure_tokens
from llm_assets.corpus.schema import SIGNALS
from llm_assets.corpus.words import measure_words

_STOP_WORD_LANGUAGE: Final = "en"
_LANGUAGE_OF_SHORT_WORDS: Final = "ko"
"""A letter is a syllable: ordinary texts have 2.9 a word, and Gopher asks for 3 letters."""
_NO_SENTENCE_TERMINATORS: Final = frozenset({"th", "lo", "bo", "dz"})
"""Languages that end a sentence in a space or, in Tibetan script, in a mark of any clause."""
_OTHER_SENTENCE_TERMINATORS: Final = frozenset(
    {"am", "as", "bh", "bn", "bpy", "dty", "hi", "hy", "ja", "km", "mai", "my", "ne", "new", "or"}
    | {"pa", "pnb", "sa", "sd", "ti", "ur", "wuu", "yue", "zh"}
)
"""Languages that end a sentence in a mark that FineWeb's release of May 2024 did not know."""


NGRAM_SIGNALS: Final = frozenset(name for name in SIGNALS if "_gram_" in name)
"""Nearly half of the work."""


def measure_signals(frame: pl.DataFrame, *, ngrams: bool = True) -> pl.DataFrame:
    """Add the columns of `SIGNALS`, replacing any of these names.

    A signal is null where it has no meaning: without words or lines to divide by; the length of
    words and short lines where most words are in scripts without spaces; repeated n-grams where no
    dictionary can tell these words; stop words outside English; sentence ends in languages that
    have others or none; all of them where the text is null.

    Args:
        frame: with the columns `text` and `language`.
        ngrams: whether `NGRAM_SIGNALS` are asked for; where not, what they hold means nothing.
    """
    texts = frame["text"].fill_null("")
    measured = (
        frame.select("language", text=texts)
        .hstack(measure_words(texts, ngrams=ngrams))
        .hstack(line_counts.measure_lines(texts))
        .hstack(measure_tokens(texts))
        .with_columns(text_chars=pl.col("text").str.len_chars())
        .select(**{**_scalar_signals(), **_line_signals(), **_ngram_signals()})
        .select(pl.when(frame["text"].is_not_null()).then(pl.col(*SIGNALS)))
        .cast(SIGNALS)
    )
    return frame.drop(measured.columns, strict=False).hstack(measured)


def _scalar_signals() -> dict[str, pl.Expr]:
    text = pl.col("text")
    words = pl.col("count")
    newlines = pl.col("raw_lines") - 1
    ellipses = text.str.count_matches("...", literal=True) + text.str.count_matches(
        "…", literal=True
    )
    return {
        "text_bytes": text.str.len_bytes(),
        "text_chars": pl.col("text_chars"),
        "word_count": words,
        "mean_word_chars": pl.when(pl.col("language").ne_missing(_LANGUAGE_OF_SHORT_WORDS)).then(
            _spaced(_share(pl.col("chars"), pl.col("words")))
        ),
        "hash_word_ratio": _share(text.str.count_matches("#", literal=True), words),
        "ellipsis_word_ratio": _share(ellipses, words),
        "alphabetic_word_share": _spaced(_share(pl.col("letter_words"), pl.col("words"))),
        "stop_word_count": pl.when(language=_STOP_WORD_LANGUAGE).then("stop_words"),
        "newline_word_ratio": _share(newlines, words),
        "newline_token_ratio": _share(newlines, pl.col("spacy_tokens")),
        "newline_token_ratio_2024": _share(newlines, pl.col("nltk_tokens")),
    }


def _line_signals() -> dict[str, pl.Expr]:
    line_chars = pl.col("text_chars") - pl.col("raw_lines") + 1
    no_ends = pl.col("language").is_in(_NO_SENTENCE_TERMINATORS)
    unknown_ends = (pl.col("language") == UNKNOWN_LANGUAGE) & ~_is_spaced()
    other_ends = no_ends | pl.col("language").is_in(_OTHER_SENTENCE_TERMINATORS) | unknown_ends
    terminal = _share(pl.col("terminal"), pl.col("lines"))
    terminal_2024 = _share(pl.col("raw_terminal_2024"), pl.col("raw_lines"))
    return {
        "line_count": pl.col("lines"),
        "bullet_line_share": _share(pl.col("bullet"), pl.col("lines")),
        "ellipsis_line_share": _share(pl.col("ellipsis"), pl.col("lines")),
        "duplicate_line_share": _share(pl.col("repeated_lines"), pl.col("lines")),
        "duplicate_line_char_share": _in_lines(
            _share(pl.col("repeated_line_chars"), pl.col("text_chars"))
        ),
        "duplicate_paragraph_share": _share(pl.col("repeated_paragraphs"), pl.col("paragraphs")),
        "duplicate_paragraph_char_share": _in_lines(
            _share(pl.col("repeated_paragraph_chars"), pl.col("text_chars"))
        ),
        "terminal_line_share": pl.when(~no_ends).then(terminal),
        "short_line_share": _spaced(_share(pl.col("short"), pl.col("lines"))),
        "terminal_line_share_2024": _in_lines(pl.when(~other_ends).then(terminal_2024)),
        "short_line_share_2024": _in_lines(
            _spaced(_share(pl.col("raw_short"), pl.col("raw_lines")))
        ),
        "repeated_line_char_share": _in_lines(_share(pl.col("repeated_line_chars"), line_chars)),
    }


def _ngram_signals() -> dict[str, pl.Expr]:
    columns = {f"top_{size}_gram_char_share": f"top_{size}" for size in TOP_SIZES}
    columns |= {
        f"duplicate_{size}_gram_char_share": f"duplicate_{size}" for size in DUPLICATE_SIZES
    }
    return {
        signal: _known(_share(pl.col(column), pl.col("text_chars")))
        for signal, column in columns.items()
    }


def _share(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """Divide, null where there is nothing to divide by."""
    return pl.when(whole > 0).then(part / whole)


def _spaced(signal: pl.Expr) -> pl.Expr:
    """Keep a signal only where most words stand between spaces."""
    return pl.when(_is_spaced()).then(signal)


def _is_spaced() -> pl.Expr:
    return 2 * pl.col("unspaced") <= pl.col("count")


def _known(signal: pl.Expr) -> pl.Expr:
    """Keep a signal only where most words are known, not estimated."""
    return pl.when(2 * pl.col("estimate") <= pl.col("count")).then(signal)


def _in_lines(signal: pl.Expr) -> pl.Expr:
    """Keep a signal only where there is a line that is not blank."""
    return pl.when(pl.col("lines") > 0).then(signal)
