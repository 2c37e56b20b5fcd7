"""Cutting very long texts where the tokenizer splits anyway.

A tokenizer needs memory in proportion to the text it is given: Hugging Face's about 170 bytes a
byte, so that a document of 100 MB would need 17 GB, and its regular expressions give up (with a
Rust panic) on a run of ten million equal characters. Encoded in segments, all bytes cost the same.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

SEGMENT_CHARS: Final = 1 << 20
"""Texts of more characters are cut; the longest segment, in characters."""

BETWEEN_WORDS: Final = re.compile(r"[^\W_](?=[ \n\r\t。、])")
"""A letter or digit before a space, line break, tab or CJK stop.

The GPT-2, cl100k, Qwen and o200k patterns all end a match there: none has an alternative in which
such a character follows a letter or digit, and none looks behind, so both sides are matched as they
are in the whole text."""

_WINDOWS = (1 << 12, 1 << 16)
_MOST_TRIED: Final = 64
"""Splits of a window, or places of a stretch without one, that are tried."""

Certain = Callable[[str, int], bool]
"""Tells whether a text can be cut before the character at a place, and have the same ids."""


@dataclass(frozen=True, slots=True)
class Segments:
    """Texts in pieces."""

    texts: pl.Series
    """The pieces of all texts in order."""
    starts: NDArray[np.int64]
    """The index of each text's first piece, with the number of pieces as last entry."""
    inner: NDArray[np.bool_] | None = None
    """Which pieces go on where a piece before was broken off inside a word; None: none."""


def cut_text(
    text: str,
    limit: int = SEGMENT_CHARS,
    split: re.Pattern[str] | None = BETWEEN_WORDS,
    certain: Certain | None = None,
) -> list[str]:
    """Cut a text into segments of at most `limit` characters; joined they are the text.

    Cuts are made at the last certain split of each stretch. A stretch without one (a run of dashes,
    an encoded picture) is cut at its end.

    Args:
        text: what to cut.
        limit: the most characters of a segment.
        split: matches up to the end of a segment; None: there is no certain split.
        certain: what else must be true of a split.
    """
    starts = [0]
    while len(text) - starts[-1] > limit:
        starts.append(_last_split(text, starts[-1], starts[-1] + limit, split, certain))
    return [text[start:stop] for start, stop in pairwise([*starts, len(text)])]


def _last_split(
    text: str, start: int, stop: int, split: re.Pattern[str] | None, certain: Certain | None
) -> int:
    for window in (*_WINDOWS, stop - start):
        if split is None:
            break
        ends = [m.end() for m in split.finditer(text, max(start, stop - window), stop)]
        for end in reversed(ends[-_MOST_TRIED:]):
            if certain is None or certain(text, end):
                return end
    # At least no character is torn apart: "e" and an accent become one letter under NFC.
    apart = certain or _begins_a_character
    places = range(stop, max(start, stop - _MOST_TRIED), -1)
    return next((place for place in places if apart(text, place)), stop)


def _begins_a_character(text: str, place: int) -> bool:
    character = text[place]
    return not (
        unicodedata.category(character).startswith("M") or "\u1160" <= character <= "\u11ff"
    )


def whole_texts(texts: pl.Series) -> Segments:
    """Leave the texts as they are."""
    return Segments(texts, np.arange(len(texts) + 1, dtype=np.int64))


def cut_texts(
    texts: pl.Series, cut: Callable[[str], list[str]] = cut_text, limit: int = SEGMENT_CHARS
) -> Segments:
    """Cut every text of a column that is longer than `limit` characters.

    Args:
        texts: a column without nulls.
        cut: cuts a text.
        limit: how long a text may be.
    """
    if texts.is_empty() or int(texts.str.len_bytes().max()) <= limit:  # type: ignore[arg-type]
        return whole_texts(texts)
    long = texts.str.len_chars() > limit
    counts = np.ones(len(texts), dtype=np.int64)
    pieces: list[pl.Series] = []
    done = 0
    for place in long.arg_true():
        segments = cut(texts[place])
        counts[place] = len(segments)
        pieces += [texts[done:place], pl.Series(segments, dtype=pl.String)]
        done = place + 1
    pieces.append(texts[done:])
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    return Segments(pl.concat(pieces), starts)


def cut_texts_at_spaces(
    texts: pl.Series,
    *,
    split: re.Pattern[str] | None,
    certain: Certain | None,
    is_space: Callable[[str], bool],
    limit: int = SEGMENT_CHARS,
) -> Segments:
    """Cut texts for a tokenizer that puts a space before whatever it is given.

    A segment that begins with a space leaves it to the tokenizer to put it there. One that begins
    inside a word is marked as `inner`: it must be encoded without a space before it.

    Args:
        texts: a column without nulls.
        split: matches up to the end of a segment, before a space.
        certain: what else must be true of a split.
        is_space: tells whether the tokenizer takes a character for a space that it may drop.
        limit: how long a text may be.
    """
    inner_of: list[list[bool]] = []

    def cut(text: str) -> list[str]:
        segments = cut_text(text, limit, split, certain)
        inner = [False] * len(segments)
        for place in range(1, len(segments)):
            if segments[place] == " ":
                inner[place] = True  # of nothing, a tokenizer makes not even a space
            elif segments[place].startswith(" "):
                segments[place] = segments[place][1:]
            else:
                edges = (segments[place - 1][-1:], segments[place][:1])
                inner[place] = not any(is_space(edge) for edge in edges)
        inner_of.append(inner)
        return segments

    pieces = cut_texts(texts, cut, limit)
    inner = np.zeros(len(pieces.texts), dtype=np.bool_)
    for start, marks in zip(_starts_of_long(pieces.starts), inner_of, strict=False):
        inner[start : start + len(marks)] = marks
    return Segments(pieces.texts, pieces.starts, inner if inner.any() else None)


def set_apart(texts: pl.Series, find: Callable[[str], list[int]]) -> Segments:
    """Cut out of each text what stands between certain splits around strange characters.

    Args:
        texts: a column without nulls, of a tokenizer that splits as BETWEEN_WORDS says.
        find: returns the places of a text's strange characters, in order.

    Returns:
        Pieces; `inner` are those with strange characters.
    """
    pieces: list[str] = []
    marks: list[bool] = []
    counts: list[int] = []
    for text in texts:
        bounds = _around(text, find(text))
        pieces += [text[start:stop] for start, stop, _ in bounds]
        marks += [is_strange for _, _, is_strange in bounds]
        counts.append(len(bounds))
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts, dtype=np.int64)])
    return Segments(pl.Series(pieces, dtype=pl.String), starts, np.array(marks, dtype=np.bool_))


def _around(text: str, places: list[int]) -> list[tuple[int, int, bool]]:
    """Return start, end and strangeness of a text's pieces, in order; none is empty."""
    bounds: list[tuple[int, int, bool]] = []
    done = 0
    for place in places:
        if place < done:
            continue
        start = _split_before(text, done, place)
        behind = BETWEEN_WORDS.search(text, place + 1)
        stop = len(text) if behind is None else behind.end()
        bounds += [(done, start, False)] if start > done else []
        bounds.append((start, stop, True))
        done = stop
    return [*bounds, (done, len(text), False)] if done < len(text) or not bounds else bounds


def _split_before(text: str, start: int, place: int) -> int:
    for window in (64, _WINDOWS[0], place - start):
        ends = [m.end() for m in BETWEEN_WORDS.finditer(text, max(start, place - window), place)]
        if ends:
            return ends[-1]
    return start


def _starts_of_long(starts: NDArray[np.int64]) -> list[int]:
    """Return where texts of several pieces begin."""
    return [int(start) for start in starts[:-1][np.diff(starts) > 1]]
