"""Texts measured group by group, and shares of what was counted, for three readings of Gopher.

The readings differ in what a word, a line and a repetition is, and agree in what is asked of them.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

import numpy as np
import polars as pl

from llm_assets.corpus import line_kernels
from llm_assets.corpus.span_kernels import Classes, count_repeated
from llm_assets.corpus.spans import (
    Spans,
    arrow_buffers,
    named,
    room_for_spans,
    text_groups,
    trimmed,
)
from llm_assets.corpus.word_kernels import Bytes, Counts, Offsets

REPEATED: Final = ("pieces", "chars", "later", "later_chars", "copies", "copy_chars")
"""What `repeated` counts; see `count_repeated`."""

BULLET_COLUMNS: Final = ("bullets", "ellipses_at_ends")

Columns: TypeAlias = Mapping[str, Counts]


def measure_groups(texts: pl.Series, measure: Callable[[Bytes, Offsets], Columns]) -> pl.DataFrame:
    """Measure texts, a group at a time so that memory is bounded.

    Args:
        texts: strings without nulls.
        measure: takes buffers as `arrow_buffers` gives them and returns columns of integers.
    """
    data, offsets = arrow_buffers(texts)
    groups = text_groups(offsets) or [offsets]
    return pl.concat([pl.DataFrame(dict(measure(data, group))) for group in groups])


def columns(names: Sequence[str], counts: Counts, prefix: str = "") -> dict[str, Counts]:
    """Name the columns of an array."""
    return {prefix + name: counts[:, i] for i, name in enumerate(names)}


def room(offsets: Offsets, width: int) -> Counts:
    """Return uninitialised counts, one row a text."""
    return np.empty((len(offsets) - 1, width), np.int64)


def cut_at_newlines(
    data: Bytes, offsets: Offsets, classes: Classes, least: int, *, greedy: bool, strip: int
) -> Spans:
    """Cut texts into lines or paragraphs; see `line_kernels.cut_at_newlines`."""
    pieces = room_for_spans(offsets)
    line_kernels.cut_at_newlines(data, offsets, least, greedy, strip, classes, *pieces)
    return trimmed(pieces)


def repeated(data: Bytes, offsets: Offsets, pieces: Spans, prefix: str) -> dict[str, Counts]:
    """Count pieces that repeat, in columns `REPEATED` behind a prefix."""
    counts = room(offsets, len(REPEATED))
    count_repeated(*named(data, offsets, pieces), counts)
    return columns(REPEATED, counts, prefix)


def count_marked_lines(
    data: Bytes,
    offsets: Offsets,
    lines: Spans,
    classes: Classes,
    bullets: str,
    ellipses: int,
    *,
    strip: bool,
) -> dict[str, Counts]:
    """Count lines in column `marked_lines`, and in `BULLET_COLUMNS` those with marks.

    Args:
        data: the texts' bytes.
        offsets: where each text starts, and the end of the last.
        lines: pieces of them.
        classes: with the bit `line_kernels.SPACE`.
        bullets: characters.
        ellipses: see `line_kernels.count_marked`.
        strip: whether whitespace around a line is passed over.
    """
    counts = room(offsets, len(BULLET_COLUMNS))
    points = np.array([ord(bullet) for bullet in bullets], np.int64)
    line_kernels.count_marked(data, offsets, *lines, points, ellipses, strip, classes, counts)
    return {"marked_lines": np.diff(lines.first), **columns(BULLET_COLUMNS, counts)}


def share(part: str, whole: str) -> pl.Expr:
    """Divide, null where there is nothing to divide by."""
    return pl.when(pl.col(whole) > 0).then(pl.col(part) / pl.col(whole))
