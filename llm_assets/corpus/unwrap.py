"""Paragraphs that were broken into lines of one width: the lines are put together again.

A text counts as wrapped where most of its longer paragraphs show it: on every line but the last
the next word would not have fitted. Verse and lists fail that on most lines, tables have gaps. Of a
wrapped text, the paragraphs that agree with its width are joined, whole or not at all.

Doing it twice is doing it once: the paragraphs that are evidence are joined, so that a second look
finds none.
"""

import polars as pl

MIN_WIDTH = 50
"""Characters: no narrower prose is common, and hardly any verse is as wide."""
MAX_WIDTH = 90
"""Characters: wider lines were not wrapped by hand."""

_LONG = 4  # lines; of so many, chance hardly makes all full
_MIN_EVIDENCE = 8  # full lines in such paragraphs
_MIN_WRAPPED_SHARE = 0.3  # of the paragraphs as long and as wide as prose
_MIN_FULL_SHARE = 0.9  # of a paragraph's lines but the last; transcribers break a few early
_SLACK = 5  # characters: lines of a wrapped text may be a bit less than full
_MIN_NEARLY_FULL_SHARE = 0.8
_MAX_CHARS_A_SPACE = 16  # scripts without spaces are not wrapped at words
_GAP = r"\S {3,}\S|\.{4,}|(?:\. ){3,}|\t"  # columns of a table, dots of a table of contents
_INDENT = " \u3000"
_DASH_END = r"[^\s-](?:--|—)$"
_DASH_START = r"^(?:--|—)[^\s-]"
_HYPHEN_END = r"[\p{L}\p{N}]-$"
_WORD_START = r"^[\p{L}\p{N}]"
# `Haupt- und Nebensatz`: the hyphen stands for a word to come.
_SUSPENDED = r"^(?:and|or|und|oder|bis|et|ou|y|o|e|of|en|och|og|eller)\b"
_WORDS = r"\p{L}+(?:-\p{L}+)*"


def unwrap_lines(texts: pl.Series) -> pl.Series:
    """Return texts with hard-wrapped paragraphs as single lines; nulls stay.

    A word broken at a line's end loses its hyphen where the text has it whole elsewhere.

    Args:
        texts: with line feeds as line ends, and no spaces before them.
    """
    rows = pl.DataFrame({"text": texts}).with_row_index("row")
    wrapped = rows.filter(pl.col("text").str.contains(rf"(?m)^.{{{MIN_WIDTH},}}\n."))
    if wrapped.is_empty():
        return texts
    lines = _drop_hyphens(_with_separators(_with_joins(wrapped)), wrapped)
    unwrapped = lines.group_by("row", maintain_order=True).agg(
        (pl.col("line") + pl.col("separator")).str.join("")
    )
    return texts.clone().scatter(unwrapped["row"], unwrapped["line"])


def _with_joins(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the lines with `joins`: whether the next one continues the paragraph."""
    lines = (
        rows.select("row", line=pl.col("text").str.split("\n"))
        .explode("line")
        .with_columns(
            last=(pl.col("row") != pl.col("row").shift(-1)).fill_null(value=True),
            blank=pl.col("line") == "",
            text=pl.col("line").str.strip_chars_start(_INDENT),
        )
    )
    follows = ~pl.col("blank") & ~pl.col("blank").shift(-1, fill_value=True) & ~pl.col("last")
    lines = lines.with_columns(
        follows.alias("followed"),
        # A paragraph is a run of lines each of which is followed by the next.
        paragraph=(~follows.shift(1, fill_value=False)).cum_sum(),
        chars=pl.col("text").str.len_chars(),
        indent=pl.col("line").str.len_chars() - pl.col("text").str.len_chars(),
        next_word_chars=pl.col("text").str.extract(r"^(\S*)").str.len_chars().shift(-1),
    )
    prose = _prose(lines)
    return lines.join(prose, on="paragraph", how="left", maintain_order="left").select(
        "row",
        "line",
        "text",
        "last",
        joins=pl.col("followed") & pl.col("prose").fill_null(value=False),
    )


def _prose(lines: pl.DataFrame) -> pl.DataFrame:
    """Return the paragraphs of several lines with `prose`: whether they were wrapped."""
    paragraphs = _shapes(lines)
    long = (pl.col("ends") >= _LONG - 1) & pl.col("width").is_between(MIN_WIDTH, MAX_WIDTH)
    evident = long & pl.col("even") & (pl.col("full") >= _MIN_FULL_SHARE * pl.col("ends"))
    wrapped = (
        paragraphs.group_by("row")
        .agg(
            evidence=pl.col("full").filter(evident).sum(),
            share=evident.sum() / long.sum(),
            text_width=pl.col("width").filter(evident).quantile(0.9, "nearest"),
        )
        .filter(pl.col("evidence") >= _MIN_EVIDENCE, pl.col("share") >= _MIN_WRAPPED_SHARE)
    )
    # Quotations are set in on the left, or on both sides.
    of_text_width = (pl.col("width") <= pl.col("text_width") + _SLACK) & (
        pl.col("reach") + 2 * pl.col("indent") + _SLACK > pl.col("text_width")
    )
    nearly_full = pl.col("nearly_full") >= _MIN_NEARLY_FULL_SHARE * pl.col("ends")
    return paragraphs.join(wrapped, on="row").select(
        "paragraph",
        prose=pl.col("even") & nearly_full & (long | of_text_width),
    )


def _shapes(lines: pl.DataFrame) -> pl.DataFrame:
    """Measure the paragraphs of several lines: what a typewriter or its lack left on them."""
    chars, followed = pl.col("chars"), pl.col("followed")
    # What the next word would have needed. A sentence's end had two spaces: hence `>=` for full.
    needed = chars + 1 + pl.col("next_word_chars")
    indent = pl.col("indent").slice(1)
    spaces = pl.col("text").str.count_matches(" ", literal=True).sum()
    return (
        lines.filter(followed | followed.shift(1, fill_value=False))
        .group_by("paragraph", maintain_order=True)
        .agg(
            pl.col("row").first(),
            width=chars.max().cast(pl.Int64),
            reach=needed.filter(followed).max().cast(pl.Int64),
            indent=indent.min().cast(pl.Int64),
            ends=followed.sum(),
            full=(followed & (needed >= chars.max())).sum(),
            nearly_full=(followed & (needed + _SLACK > chars.max())).sum(),
            even=(indent.max() - indent.min() <= 1)
            & ~pl.col("text").str.contains(_GAP).any()
            & (spaces * _MAX_CHARS_A_SPACE >= chars.sum()),
        )
    )


def _with_separators(lines: pl.DataFrame) -> pl.DataFrame:
    """Return the lines as they are to be written, and what comes between each and the next."""
    text, joins = pl.col("text"), pl.col("joins")
    following = text.shift(-1)
    hyphen = text.str.contains(_HYPHEN_END) & following.str.contains(_WORD_START)
    tight = (
        (hyphen & ~following.str.contains(_SUSPENDED))
        | text.str.contains(_DASH_END)
        | following.str.contains(_DASH_START)
    )
    return lines.select(
        "row",
        line=pl.when(joins | joins.shift(1, fill_value=False)).then(text).otherwise("line"),
        separator=pl.when("last")
        .then(pl.lit(""))
        .when(~joins)
        .then(pl.lit("\n"))
        .when(tight)
        .then(pl.lit(""))
        .otherwise(pl.lit(" ")),
        broken=pl.when(joins & tight & hyphen).then(
            pl.concat_str(
                text.str.extract(r"(\p{L}+)-$"), following.str.extract(r"^(\p{Ll}+)"), separator="-"
            )
        ),
    )


def _drop_hyphens(lines: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Take the hyphen from broken words that their document spells whole, and never with it."""
    broken = lines.filter(pl.col("broken").is_not_null())
    if broken.is_empty():
        return lines
    vocabulary = (
        rows.join(broken, on="row", how="semi")
        .select("row", word=pl.col("text").str.to_lowercase().str.extract_all(_WORDS))
        .explode("word")
        .unique()
    )
    compound = pl.col("broken").str.to_lowercase()
    whole = (
        broken.select("row", "broken", compound=compound, word=compound.str.replace_all("-", ""))
        .unique()
        .join(vocabulary, on=["row", "word"], how="semi")
        .join(vocabulary, left_on=["row", "compound"], right_on=["row", "word"], how="anti")
        .select("row", "broken", whole=pl.lit(value=True))
    )
    return lines.join(whole, on=["row", "broken"], how="left", maintain_order="left").with_columns(
        line=pl.when("whole").then(pl.col("line").str.strip_suffix("-")).otherwise("line")
    )
