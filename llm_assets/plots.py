"""Figures -> small pictures (SVG) for the Dagster UI and reports.

White background, so that they read on the dark theme too; the blue of Paul Tol's colour-blind-safe
palette.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from llm_assets.drawing import Drawing, text_width

_BLUE = "#4477AA"
_LIGHT = "#BBBBBB"
_INK = "#222222"
_GREY = "#5F5F5F"
_LINE = "#E3E3E3"
_WHITE = "#FFFFFF"
_WIDTH = 660.0
_MARGIN = 14.0
_TITLE_HEIGHT = 40.0
_FOOT_HEIGHT = 46.0
_BAR_STEP = 32.0
_PLOT_HEIGHT = 220.0
_FIELD_HEIGHT = 30.0
_SMALL = 11.0
_MOST_BARS = 12
_MOST_FIELDS = 8  # a side
_MOST_LABEL_CHARS = 32
_MOST_TICKS = 5


def length_histogram(
    histogram: Mapping[str, Any], title: str = "Length of documents", unit: str = "characters"
) -> bytes:
    """Draw how long documents are, on a logarithmic axis.

    Args:
        histogram: `edges`, and `counts` of documents between them.
        title: what is counted.
        unit: what length is measured in.
    """
    edges, counts = _whole_decades(histogram["edges"], histogram["counts"])
    first, last = math.log10(edges[0]), math.log10(edges[-1])
    places = [(math.log10(edge) - first) / (last - first) for edge in edges]
    ticks = [
        (place, short_number(edge))
        for edge, place in zip(edges, places, strict=True)
        if _is_power_of_ten(edge)
    ]
    columns = [
        _Column(start, end, [(count, _BLUE)])
        for (start, end), count in zip(pairwise(places), counts, strict=True)
    ]
    note = f"{sum(counts):,} in total"
    return _columns(columns, ticks, (title, note), f"{unit} per document", "documents")


def funnel_chart(
    steps: Sequence[tuple[str, int, float]], title: str = "What is left of the documents"
) -> bytes:
    """Draw how many documents each step left.

    Args:
        steps: name, documents and share of all documents, in flow order.
        title: what flows.
    """
    bars = [(name, documents, _labelled(documents, share)) for name, documents, share in steps]
    return _bars(bars, title, "", "documents")


def bar_chart(counts: Mapping[str, int], title: str, unit: str = "documents") -> bytes:
    """Draw counts by name, largest first; the smallest are put together.

    Args:
        counts: how many of each.
        title: what is counted.
        unit: what the numbers are numbers of.
    """
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    total = sum(counts.values())
    if len(ranked) > _MOST_BARS:
        rest = ranked[_MOST_BARS - 1 :]
        ranked = ranked[: _MOST_BARS - 1]
        ranked.append((f"{len(rest)} others", sum(count for _, count in rest)))
    bars = [(name, n, _labelled(n, n / total if total else 0.0)) for name, n in ranked]
    return _bars(bars, title, f"{total:,} in total", unit)


def value_chart(values: Mapping[str, float], title: str, note: str, unit: str) -> bytes:
    """Draw a measure by name, in the order given; what is beyond the sheet is left out.

    Args:
        values: the measure of each.
        title: what is measured.
        note: stands at the right of the title.
        unit: what it is measured in.
    """
    shown = list(values.items())[:_MOST_BARS]
    return _bars([(name, value, f"{value:.2f}") for name, value in shown], title, note, unit)


def before_after_chart(
    counts: Mapping[str, tuple[int, int]],
    title: str,
    note: str = "grey: now, blue: then",
    unit: str = "documents",
) -> bytes:
    """Draw two counts by name above one another: grey as it is now, blue as it would be.

    Args:
        counts: the count now and the count then, by name; drawn in the order of the larger ones.
        title: what is counted.
        note: what the colours mean.
        unit: what the numbers are numbers of.
    """
    ranked = sorted(counts.items(), key=lambda item: (-max(item[1]), item[0]))[:_MOST_BARS]
    names = [name for name, _ in ranked]
    values = [pair for _, pair in ranked]
    labels = [f"{value:,}" for pair in values for value in pair]
    drawing, frame = _lying_frame(names, values, labels, 44.0, (title, note))
    _lying_axis(drawing, frame, unit)
    for place, (name, pair) in enumerate(ranked):
        top = frame.top + 44.0 * place
        _name(drawing, frame, top + 26, name)
        for offset, value, color in ((4, pair[0], _LIGHT), (22, pair[1], _BLUE)):
            drawing.rectangle(frame.left, top + offset, frame.across(value), 16, color)
            x = frame.left + frame.across(value) + 6
            drawing.words(x, top + offset + 12, f"{value:,}", _INK, size=_SMALL)
    return drawing.svg()


def similarity_histogram(verified: Mapping[str, int], rejected: Mapping[str, int]) -> bytes:
    """Draw how similar the pairs are that were compared: blue duplicates, grey others.

    Args:
        verified: pairs by the lower end of their twentieth of the way from 0 to 1.
        rejected: the same of pairs that are no duplicates.
    """
    note = f"blue: {sum(verified.values()):,} duplicates, grey: {sum(rejected.values()):,} rejected"
    most = 1.05
    columns = [
        _Column(
            float(low) / most,
            (float(low) + 0.05) / most,
            [(rejected.get(low, 0), _LIGHT), (verified.get(low, 0), _BLUE)],
        )
        for low in sorted({*verified, *rejected}, key=float)
    ]
    ticks = [(tenths / 10 / most, f"{tenths / 10:g}") for tenths in range(0, 11, 2)]
    unit = "share of common shingles (Jaccard); 1: the same"
    return _columns(columns, ticks, ("Pairs compared", note), unit, "pairs")


def heat_map(
    counts: Mapping[str, Mapping[str, int]], title: str, row_title: str, column_title: str
) -> bytes:
    """Draw counts by two names: a field for each pair, the darker the more; the largest names.

    Args:
        counts: by row and column.
        title: what is counted.
        row_title: what the rows are.
        column_title: what the columns are.
    """
    totals: dict[str, int] = {}
    for fields in counts.values():
        for name, count in fields.items():
            totals[name] = totals.get(name, 0) + count
    rows = _largest_names({name: sum(row.values()) for name, row in counts.items()})
    columns = _largest_names(totals)
    drawing, frame = _map_frame(rows, columns, (title, f"{sum(totals.values()):,} in total"))
    shades = [math.log1p(counts[row].get(column, 0)) for row in rows for column in columns]
    darkest = max(shades, default=0) or 1.0
    step = (frame.right - frame.left) / max(len(columns), 1)
    for place, row in enumerate(rows):
        y = frame.top + _FIELD_HEIGHT * place
        _name(drawing, frame, y + 19, row)
        for number, column in enumerate(columns):
            count, x = counts[row].get(column, 0), frame.left + step * number
            shade = math.log1p(count) / darkest
            drawing.rectangle(x + 1, y + 1, step - 2, _FIELD_HEIGHT - 2, _blue(shade))
            ink = _WHITE if shade > 0.6 else _INK
            middle = x + step / 2
            drawing.words(middle, y + 19, f"{count:,}", ink, size=_SMALL, anchor="middle")
    for number, column in enumerate(columns):
        x = frame.left + step * (number + 0.5)
        drawing.words(x, frame.bottom + 14, _shortened(column), _INK, size=_SMALL, turned=25)
    foot = f"rows: {row_title}; columns: {column_title}"
    drawing.words(frame.left, _height_of(frame) - _MARGIN, foot, _GREY)
    return drawing.svg()


def short_number(value: float) -> str:
    """Write 1k, 1M and 1B, not powers of ten."""
    for limit, suffix in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")):
        if value >= limit:
            return f"{value / limit:g}{suffix}"
    return f"{value:g}"


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where the figures are on the sheet, in pixels, and how much is as long as an axis."""

    left: float
    right: float
    top: float
    bottom: float
    most: float
    foot: float = _FOOT_HEIGHT

    def across(self, value: float) -> float:
        """Return a value's length on a lying axis."""
        return (self.right - self.left) * value / self.most

    def up(self, value: float) -> float:
        """Return a value's length on a standing axis."""
        return (self.bottom - self.top) * value / self.most


@dataclass(frozen=True, slots=True)
class _Column:
    """A bar of a histogram: its ends as shares of the axis, and what is stacked in it."""

    start: float
    end: float
    parts: list[tuple[int, str]]

    @property
    def total(self) -> int:
        return sum(count for count, _ in self.parts)


def _height_of(frame: _Frame) -> float:
    return frame.bottom + frame.foot


def _sheet(frame: _Frame, heading: tuple[str, str]) -> Drawing:
    drawing = Drawing(_WIDTH, _height_of(frame))
    title, note = heading
    drawing.words(_MARGIN, 24, title, _INK, size=15, bold=True)
    if note:
        drawing.words(_WIDTH - _MARGIN, 24, note, _GREY, anchor="end")
    return drawing


def _bars(bars: Sequence[tuple[str, float, str]], title: str, note: str, unit: str) -> bytes:
    """Draw horizontal bars from the top down, each with its label at the end."""
    bars = bars or [("none", 0, "0")]
    names, values, labels = zip(*bars, strict=True)
    frame_values = [(value,) for value in values]
    drawing, frame = _lying_frame(names, frame_values, labels, _BAR_STEP, (title, note))
    _lying_axis(drawing, frame, unit)
    for place, (name, value, label) in enumerate(bars):
        top = frame.top + _BAR_STEP * place
        _name(drawing, frame, top + 20, name)
        if value:
            drawing.rectangle(frame.left, top + 5, frame.across(value), 22, _BLUE)
        drawing.words(frame.left + frame.across(value) + 6, top + 20, label, _INK)
    return drawing.svg()


def _lying_frame(
    names: Iterable[str],
    values: Sequence[tuple[float, ...]],
    labels: Iterable[str],
    step: float,
    heading: tuple[str, str],
) -> tuple[Drawing, _Frame]:
    """Leave room for names at the left and for the label of the longest bar at the right."""
    left = _room_for_names(names)
    right = _WIDTH - _MARGIN - 6 - max((text_width(label, 12) for label in labels), default=0)
    most = max((max(value) for value in values), default=0) or 1
    bottom = _TITLE_HEIGHT + step * max(len(values), 1)
    frame = _Frame(left, right, _TITLE_HEIGHT, bottom, most)
    return _sheet(frame, heading), frame


def _lying_axis(drawing: Drawing, frame: _Frame, unit: str) -> None:
    drawing.line(frame.left, frame.bottom, frame.right, frame.bottom, _GREY)
    for value in _ticks(frame.most):
        x = frame.left + frame.across(value)
        drawing.line(x, frame.bottom, x, frame.bottom + 4, _GREY)
        shown = short_number(value)
        drawing.words(x, frame.bottom + 17, shown, _INK, size=_SMALL, anchor="middle")
    middle = (frame.left + frame.right) / 2
    drawing.words(middle, frame.bottom + 36, unit, _GREY, anchor="middle")


def _columns(
    columns: Sequence[_Column],
    ticks: Sequence[tuple[float, str]],
    heading: tuple[str, str],
    unit: str,
    counted: str,
) -> bytes:
    """Draw standing bars over an axis with these ticks, whose places are shares of its length."""
    most = 1.08 * max((column.total for column in columns), default=0) or 1.0
    bottom = _TITLE_HEIGHT + _PLOT_HEIGHT
    frame = _Frame(_MARGIN + 56, _WIDTH - _MARGIN - 10, _TITLE_HEIGHT, bottom, most)
    drawing = _sheet(frame, heading)
    for value in _ticks(most):
        y = bottom - frame.up(value)
        drawing.line(frame.left, y, frame.right, y, _LINE)
        drawing.words(frame.left - 6, y + 4, short_number(value), _INK, size=_SMALL, anchor="end")
    length = frame.right - frame.left
    for column in columns:
        y, x = bottom, frame.left + length * column.start
        for count, color in column.parts:
            y -= frame.up(count)
            if count:
                width = length * (column.end - column.start) - 1  # a white line to the next
                drawing.rectangle(x, y, width, frame.up(count), color)
    drawing.line(frame.left, bottom, frame.right, bottom, _GREY)
    for share, shown in ticks:
        x = frame.left + length * share
        drawing.line(x, bottom, x, bottom + 4, _GREY)
        drawing.words(x, bottom + 17, shown, _INK, size=_SMALL, anchor="middle")
    drawing.words(frame.left + length / 2, bottom + 36, unit, _GREY, anchor="middle")
    middle = bottom - _PLOT_HEIGHT / 2
    drawing.words(_MARGIN + 6, middle, counted, _GREY, anchor="middle", turned=-90)
    return drawing.svg()


def _map_frame(
    rows: Sequence[str], columns: Sequence[str], heading: tuple[str, str]
) -> tuple[Drawing, _Frame]:
    left = _room_for_names(rows)
    longest = max((text_width(_shortened(name), _SMALL) for name in columns), default=0)
    bottom = _TITLE_HEIGHT + _FIELD_HEIGHT * max(len(rows), 1)
    # A name hangs down at 25 degrees from the middle of its column.
    foot = 0.43 * longest + 50
    right = _WIDTH - _MARGIN - max(0.0, 0.91 * longest - 20)
    frame = _Frame(left, right, _TITLE_HEIGHT, bottom, 1, foot)
    return _sheet(frame, heading), frame


def _room_for_names(names: Iterable[str]) -> float:
    longest = max((text_width(_shortened(name), 12) for name in names), default=0)
    return _MARGIN + longest + 8


def _name(drawing: Drawing, frame: _Frame, y: float, name: str) -> None:
    drawing.words(frame.left - 8, y, _shortened(name), _INK, anchor="end")


def _ticks(most: float) -> list[int]:
    """Return round whole numbers from 0 up to `most`: there are no half documents."""
    step = 1
    while most / step > _MOST_TICKS:
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
    return [value * step for value in range(int(most // step) + 1)]


def _blue(shade: float) -> str:
    """Return a blue between white (0) and the bars' blue (1)."""
    parts = (round(255 + (full - 255) * shade) for full in (0x44, 0x77, 0xAA))
    return "#" + "".join(f"{part:02X}" for part in parts)


def _largest_names(totals: Mapping[str, int]) -> list[str]:
    ranked = sorted(totals.items(), key=lambda item: (-item[1], item[0]))
    return sorted(name for name, _ in ranked[:_MOST_FIELDS])


def _labelled(count: int, share: float) -> str:
    rounded = "<0.1%" if 0 < share < 0.001 else f"{share:.1%}"
    return f"{count:,} ({rounded})" if count else "0"


def _shortened(name: str) -> str:
    """Keep one long name from taking the picture."""
    return name if len(name) <= _MOST_LABEL_CHARS else name[: _MOST_LABEL_CHARS - 1] + "…"


def _whole_decades(edges: Sequence[int], counts: Sequence[int]) -> tuple[list[int], list[int]]:
    """Leave out empty bins at both ends, up to a power of ten."""
    filled = [place for place, count in enumerate(counts) if count]
    first, last = (filled[0], filled[-1] + 1) if filled else (0, len(counts))
    while first > 0 and not _is_power_of_ten(edges[first]):
        first -= 1
    while last < len(counts) and not _is_power_of_ten(edges[last]):
        last += 1
    return list(edges[first : last + 1]), list(counts[first:last])


def _is_power_of_ten(value: int) -> bool:
    return str(value).rstrip("0") == "1"
