"""Text that was decoded wrongly before it was collected: `cafÃ©` for `café`.

ftfy knows the damage and undoes it, but looks for it at 5 MB/s. Polars looks with the same pattern
at 150 MB/s, and only the lines where it matches go to ftfy.
"""

from functools import lru_cache
from typing import NamedTuple

import polars as pl
from ftfy import fix_encoding_and_explain
from ftfy.badness import BADNESS_RE, is_bad

_MAX_READINGS = 4


def looks_garbled(texts: pl.Series) -> pl.Series:
    """Tell which texts match ftfy's pattern of wrongly decoded characters."""
    return texts.str.contains(_pattern())


def repair_garbled_lines(texts: pl.Series) -> pl.Series:
    """Return texts with their garbled lines repaired, where that can be done without loss.

    Short lines do not look garbled by themselves: `MaddÉ™ 1`. In a text with others that do, they
    are read again in the same way, if that makes valid UTF-8, as it hardly ever does of sound text.
    """
    lines = (
        pl.DataFrame({"text": texts})
        .with_row_index("row")
        .select("row", pl.col("text").str.split("\n"))
        .explode("text")
    )
    is_garbled = looks_garbled(lines["text"]).fill_null(value=False)
    if not is_garbled.any():
        return texts
    garbled = lines.filter(is_garbled)
    repairs = {line: _repair(line) for line in garbled["text"].unique()}
    readings = _readings_by_row(garbled, repairs)
    misread = pl.col("row").is_in(list(readings)) & pl.col("text").str.contains(r"[^\x00-\x7f]")
    suspects = lines.filter(is_garbled | misread).unique(maintain_order=True)
    repaired = [
        _read_again(repairs[line].text if line in repairs else line, readings.get(row, []))
        for row, line in suspects.iter_rows()
    ]
    known = suspects.with_columns(repaired=pl.Series(repaired, dtype=pl.String))
    return (
        lines.join(known, on=["row", "text"], how="left", maintain_order="left")
        .select("row", pl.coalesce("repaired", "text").alias("text"))
        .group_by("row", maintain_order=True)
        .agg(pl.col("text").str.join("\n", ignore_nulls=False))["text"]
    )


class _Repair(NamedTuple):
    text: str
    readings: tuple[str, ...]  # the charsets that the line had been read in by mistake


def _repair(line: str) -> _Repair:
    text, steps = fix_encoding_and_explain(line)
    encoded = (step.parameter for step in steps or [] if step.action == "encode")
    return _Repair(text, tuple(dict.fromkeys(encoded)) if text != line else ())


def _readings_by_row(garbled: pl.DataFrame, repairs: dict[str, _Repair]) -> dict[int, list[str]]:
    """Return the charsets that each text had been read in by mistake, in order of appearance."""
    readings: dict[int, dict[str, None]] = {}
    for row, line in garbled.iter_rows():
        for charset in repairs[line].readings:
            readings.setdefault(row, {})[charset] = None
    return {row: list(found) for row, found in readings.items()}


def _read_again(line: str, charsets: list[str]) -> str:
    """Undo a wrong reading in one of these charsets, as often as it was made.

    Returns:
        The last reading that does not look garbled itself; else the line as it was.
    """
    sound, reading = line, line
    for _ in range(_MAX_READINGS):
        earlier = _earlier(reading, charsets)
        if earlier is None:
            break
        reading = earlier
        if not is_bad(reading):
            sound = reading
    return sound


def _earlier(line: str, charsets: list[str]) -> str | None:
    """Return what a line was before it was read in the first of the charsets that it can be in."""
    if line.isascii():
        return None
    for charset in charsets:
        try:
            return line.encode(charset).decode("utf-8")
        except UnicodeError:
            continue
    return None


@lru_cache(maxsize=1)
def _pattern() -> str:
    """Return ftfy's pattern for Polars' engine, which reads spaces in a set as layout."""
    pattern, kept, at, in_set = BADNESS_RE.pattern, [], 0, False
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            kept.append(pattern[at : at + 2])
            at += 2
            continue
        if in_set:
            in_set = char != "]"
            kept.append(r"\x20" if char == " " else char)
        elif char == "#":
            at = pattern.index("\n", at)
        elif not char.isspace():
            in_set = char == "["
            kept.append(char)
        at += 1
    return "".join(kept)
