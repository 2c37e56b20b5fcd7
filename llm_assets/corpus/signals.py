"""What the quality rules measure: sizes, words, lines and repetition, as columns of numbers.

Rules and thresholds are in `filters.py`; a stored signal can be judged again without its text.
Definitions are those of the Gopher paper (Rae et al. 2021, arXiv 2112.11446, appendix A.1) and of
FineWeb (Penedo et al. 2024, arXiv 2406.17557, section 3.6). Where the papers leave room, signals
follow datatrove, with which FineWeb was made:

- the first copy of a line, paragraph or n-gram is no duplicate, the others are;
- shares of characters are of all characters of the text, whitespace included;
- the most frequent n-gram is the first of equals, with a space between its words;
- duplicate n-grams are found reading on behind each one found, so that none overlap.

Unlike in datatrove, words are what stands between whitespace (`words.py`), n-grams are equal if
their words are (not their words joined without spaces), stop words count in capitals and beside
ASCII punctuation too, and blank lines are no lines, except in the two columns named for FineWeb's
release of May 2024.
"""

from typing import Final

import polars as pl

from llm_assets.corpus.ngram_kernels import DUPLICATE_SIZES, TOP_SIZES
from llm_assets.corpus.schema import SIGNALS
from llm_assets.corpus.words import measure_words

SHORT_LINE_CHARS: Final = 30

_BULLET: Final = r"^\s*[•●*-]"  # those of DCLM, a superset of datatrove's and Dolma's
_ELLIPSIS_END: Final = r"(?:\.\.\.|…)\s*$"
_TERMINAL_END_2024: Final = r"""[.'"!?]$"""
_TERMINAL_END: Final = (
    r"[\p{Sentence_Terminal}\x{17D6}\x{17D9}\x{17DA}"
    r"--\x{2024}\x{FE12}\x{FE15}\x{FE16}\x{2CF9}-\x{2CFB}"
    r"\x{1B4E}\x{1B4F}\x{1B7F}\x{113D4}\x{113D5}\x{16D6E}\x{16D6F}]$"
)
"""The 159 sentence ends of datatrove 0.10.0: Unicode's, with three Khmer signs, without the one dot
leader, the vertical forms and the signs of Coptic and of scripts that came with Unicode 16."""

_STOP_WORD_LANGUAGE: Final = "en"
_NO_SENTENCE_TERMINATORS: Final = frozenset({"th", "lo", "bo", "dz"})
"""Languages that end a sentence in a space or, in Tibetan script, in a mark of any clause."""
_OTHER_SENTENCE_TERMINATORS: Final = frozenset(
    {"am", "as", "bh", "bn", "bpy", "dty", "hi", "hy", "ja", "km", "mai", "my", "ne", "new", "or"}
    | {"pa", "pnb", "sa", "sd", "ti", "ur", "wuu", "yue", "zh"}
)
"""Languages that end a sentence in a mark that FineWeb's release of May 2024 did not know."""


def measure_signals(frame: pl.DataFrame) -> pl.DataFrame:
    """Add the columns of `SIGNALS`, replacing any of these names.

    A signal is null where it has no meaning: without words or lines to divide by; most rules on
    words and short lines where most words are in scripts without spaces; stop words outside
    English; sentence ends in languages that have others or none; all of them where the text is
    null.

    Args:
        frame: with the columns `text` and `language`.
    """
    present = frame.select("language", pl.col("text").fill_null("")).with_row_index("row")
    measured = (
        present.hstack(measure_words(present["text"]))
        .join(_measure_lines(present), on="row", how="left", maintain_order="left")
        .join(_measure_paragraphs(present), on="row", how="left", maintain_order="left")
        .with_columns(text_chars=pl.col("text").str.len_chars())
        .select(**{**_scalar_signals(), **_line_signals(), **_ngram_signals()})
        .select(pl.when(frame["text"].is_not_null()).then(pl.col(*SIGNALS)))
        .cast(SIGNALS)
    )
    return frame.drop(measured.columns, strict=False).hstack(measured)


def _measure_lines(texts: pl.DataFrame) -> pl.DataFrame:
    """Return one row a text that is not blank, with counts over its lines."""
    line = pl.col("line")
    is_short = pl.col("chars") <= SHORT_LINE_CHARS
    lines = (
        texts.select("row", line=pl.col("text").str.split("\n"))
        .explode("line")
        .with_columns(chars=line.str.len_chars())
    )
    with_blank = lines.group_by("row").agg(
        raw_lines=pl.len(),
        raw_terminal_2024=line.str.contains(_TERMINAL_END_2024).sum(),
        raw_short=is_short.sum(),
    )
    return (
        lines.filter(line.str.strip_chars() != "")
        .with_columns(repeated=~line.is_first_distinct().over("row"))
        .group_by("row")
        .agg(
            lines=pl.len(),
            bullet=line.str.contains(_BULLET).sum(),
            ellipsis=line.str.contains(_ELLIPSIS_END).sum(),
            terminal=line.str.contains(_TERMINAL_END).sum(),
            short=is_short.sum(),
            repeated_lines=pl.col("repeated").sum(),
            repeated_line_chars=pl.col("chars").filter("repeated").sum(),
        )
        .join(with_blank, on="row")
    )


def _measure_paragraphs(texts: pl.DataFrame) -> pl.DataFrame:
    """Return one row a text that is not blank, with counts over its paragraphs."""
    paragraph = pl.col("paragraph")
    return (
        texts.select(
            "row",
            paragraph=pl.col("text").str.strip_chars().str.split(r"\n{2,}", literal=False),
        )
        .explode("paragraph")
        .filter(paragraph.str.strip_chars() != "")
        .with_columns(
            chars=paragraph.str.len_chars(),
            repeated=~paragraph.is_first_distinct().over("row"),
        )
        .group_by("row")
        .agg(
            paragraphs=pl.len(),
            repeated_paragraphs=pl.col("repeated").sum(),
            repeated_paragraph_chars=pl.col("chars").filter("repeated").sum(),
        )
    )


def _scalar_signals() -> dict[str, pl.Expr]:
    text = pl.col("text")
    words = pl.col("estimate")
    ellipses = text.str.count_matches("...", literal=True) + text.str.count_matches(
        "…", literal=True
    )
    return {
        "text_bytes": text.str.len_bytes(),
        "text_chars": pl.col("text_chars"),
        "word_count": words,
        "mean_word_chars": _spaced(_share(pl.col("chars"), pl.col("words"))),
        "hash_word_ratio": _share(text.str.count_matches("#", literal=True), words),
        "ellipsis_word_ratio": _share(ellipses, words),
        "alphabetic_word_share": _spaced(_share(pl.col("letter_words"), pl.col("words"))),
        "stop_word_count": pl.when(language=_STOP_WORD_LANGUAGE).then("stop_words"),
        "newline_word_ratio": _share(text.str.count_matches("\n", literal=True), words),
    }


def _line_signals() -> dict[str, pl.Expr]:
    line_chars = pl.col("text_chars") - pl.col("text").str.count_matches("\n", literal=True)
    no_ends = pl.col("language").is_in(_NO_SENTENCE_TERMINATORS)
    other_ends = no_ends | pl.col("language").is_in(_OTHER_SENTENCE_TERMINATORS)
    terminal = _share(pl.col("terminal"), pl.col("lines"))
    terminal_2024 = _share(pl.col("raw_terminal_2024"), pl.col("raw_lines"))
    return {
        "line_count": pl.col("lines").fill_null(0),
        "bullet_line_share": _share(pl.col("bullet"), pl.col("lines")),
        "ellipsis_line_share": _share(pl.col("ellipsis"), pl.col("lines")),
        "duplicate_line_share": _share(pl.col("repeated_lines"), pl.col("lines")),
        "duplicate_line_char_share": _share(pl.col("repeated_line_chars"), pl.col("text_chars")),
        "duplicate_paragraph_share": _share(pl.col("repeated_paragraphs"), pl.col("paragraphs")),
        "duplicate_paragraph_char_share": _share(
            pl.col("repeated_paragraph_chars"), pl.col("text_chars")
        ),
        "terminal_line_share": pl.when(~no_ends).then(terminal),
        "short_line_share": _spaced(_share(pl.col("short"), pl.col("lines"))),
        "terminal_line_share_2024": pl.when(~other_ends).then(terminal_2024),
        "short_line_share_2024": _spaced(_share(pl.col("raw_short"), pl.col("raw_lines"))),
        "repeated_line_char_share": _share(pl.col("repeated_line_chars"), line_chars),
    }


def _ngram_signals() -> dict[str, pl.Expr]:
    columns = {f"top_{size}_gram_char_share": f"top_{size}" for size in TOP_SIZES}
    columns |= {
        f"duplicate_{size}_gram_char_share": f"duplicate_{size}" for size in DUPLICATE_SIZES
    }
    return {
        signal: _spaced(_share(pl.col(column), pl.col("text_chars")))
        for signal, column in columns.items()
    }


def _share(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """Divide, null where there is nothing to divide by."""
    return pl.when(whole > 0).then(part / whole)


def _spaced(signal: pl.Expr) -> pl.Expr:
    """Keep a signal only where most words stand between spaces."""
    return pl.when(2 * pl.col("unspaced") <= pl.col("estimate")).then(signal)
