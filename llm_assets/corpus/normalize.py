"""Repairing characters: one spelling for every text, whatever its source did to it.

Normalizing twice is normalizing once.
"""

import ftfy
import polars as pl

# What UTF-8 looks like that was read as Latin-1 or Windows-1252 (once or more often).
_MOJIBAKE = "[ÂÃÅÐÑØâãäåæçèéìíï][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]"
_ROUNDS = 4

_LINE_ENDS = "\r\n|[\r\u000b\u000c\u0085\u2028\u2029]"
# Controls, soft hyphens, marks without width, direction overrides, noncharacters. The joiners
# U+200C and U+200D stay: Persian, Indic scripts and emoji need them.
_INVISIBLE = (
    "[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u00ad\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069"
    "\ufff9-\ufffb\ufffe\uffff]"
)
_SPACES = "[\u00a0\u1680\u2000-\u200a\u202f\u205f]"


def normalize_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with its column `text` normalized; null stays null.

    Mojibake is repaired; lines end in a line feed; controls and marks without width are gone; every kind
    of space but the ideographic one is a plain space; no space at the end of a line; at most one
    blank line in a row; Unicode form NFC.
    """
    text = _characters(_repaired(frame["text"]))
    # Taking out a mark can bare mojibake: look again until nothing changes.
    for _ in range(_ROUNDS):
        again = _characters(_repaired(text))
        if again.equals(text):
            break
        text = again
    return frame.with_columns(text.alias("text"))


def _repaired(texts: pl.Series) -> pl.Series:
    """Undo mojibake, in the few texts that may have some."""
    suspect = texts.str.contains(_MOJIBAKE).fill_null(value=False)
    if not suspect.any():
        return texts
    repaired = [ftfy.fix_encoding(text) for text in texts.filter(suspect)]
    places = suspect.arg_true()
    return texts.clone().scatter(places, pl.Series(repaired, dtype=pl.String))


def _characters(texts: pl.Series) -> pl.Series:
    column = pl.col("text")
    return (
        texts.alias("text")
        .to_frame()
        .select(
            column.str.replace_all(_LINE_ENDS, "\n")
            .str.replace_all(_INVISIBLE, "")
            .str.normalize("NFC")
            .str.replace_all(_SPACES, " ")
            .str.replace_all("[ \t]+\n", "\n")
            .str.replace_all("\n{3,}", "\n\n")
            .str.strip_chars(" \t\n")
        )
        .to_series()
    )
