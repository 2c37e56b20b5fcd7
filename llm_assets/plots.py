"""Figures -> small pictures (PNG) for the Dagster UI and reports.

White background, so that they read on the dark theme too; the blue of Paul Tol's colour-blind-safe
palette; drawn on matplotlib's `Figure`, without pyplot and its global state.
"""

from collections.abc import Mapping, Sequence
from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_BLUE = "#4477AA"
_INK = "#222222"
_GREY = "#5F5F5F"
_LINE = "#E3E3E3"
_DPI = 110
_WIDTH = 6.0  # inches
_MOST_BARS = 12
_MOST_FIELDS = 8  # a side
_MOST_LABEL_CHARS = 32


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
    figure, axes = _canvas(2.9, title, f"{sum(counts):,} in total")
    widths = [right - left for left, right in pairwise(edges)]
    axes.bar(edges[:-1], counts, widths, align="edge", color=_BLUE, edgecolor="white")
    axes.set_xscale("log")
    axes.set_xlim(edges[0], edges[-1])
    axes.set_ylim(0, 1.08 * max(counts) or 1)
    axes.set_xlabel(f"{unit} per document")
    axes.set_ylabel("documents")
    axes.grid(axis="y", color=_LINE)
    _number_axis(axes.xaxis)
    _count_axis(axes.yaxis)
    return _png(figure)


def funnel_chart(
    steps: Sequence[tuple[str, int, float]], title: str = "What is left of the documents"
) -> bytes:
    """Draw how many documents each step left.

    Args:
        steps: name, documents and share of all documents, in flow order.
        title: what flows.
    """
    labels = [_labelled(documents, share) for _, documents, share in steps]
    bars = [(name, documents) for name, documents, _ in steps]
    return _bars(bars, labels, title, "", "documents")


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
    labels = [_labelled(count, count / total if total else 0.0) for _, count in ranked]
    return _bars(ranked, labels, title, f"{total:,} in total", unit)


def before_after_chart(counts: Mapping[str, tuple[int, int]], title: str) -> bytes:
    """Draw two counts by name above one another: grey as it is now, blue as it would be.

    Args:
        counts: the count now and the count then, by name; drawn in the order of the larger ones.
        title: what is counted.
    """
    ranked = sorted(counts.items(), key=lambda item: (-max(item[1]), item[0]))[:_MOST_BARS]
    figure, axes = _canvas(1.4 + 0.5 * max(len(ranked), 1), title, "grey: now, blue: then")
    for offset, which, color in ((-0.19, 0, "#BBBBBB"), (0.19, 1, _BLUE)):
        values = [pair[which] for _, pair in ranked]
        places = [place + offset for place in range(len(ranked))]
        drawn = axes.barh(places, values, height=0.36, color=color)
        labels = [f"{value:,}" for value in values]
        axes.bar_label(drawn, labels, padding=4, color=_INK, fontsize=8)
    axes.set_yticks(range(len(ranked)), [_shortened(name) for name, _ in ranked])
    for label in axes.get_yticklabels():
        label.set_parse_math(False)
    axes.set_ylim(max(len(ranked), 1) - 0.5, -0.5)
    axes.set_xlim(0, 1.2 * max((max(pair) for _, pair in ranked), default=0) or 1)
    axes.set_xlabel("documents")
    axes.tick_params(axis="y", length=0)
    _count_axis(axes.xaxis)
    return _png(figure)


def similarity_histogram(verified: Mapping[str, int], rejected: Mapping[str, int]) -> bytes:
    """Draw how similar the pairs are that were compared: blue duplicates, grey others.

    Args:
        verified: pairs by the lower end of their twentieth of the way from 0 to 1.
        rejected: the same of pairs that are no duplicates.
    """
    note = f"blue: {sum(verified.values()):,} duplicates, grey: {sum(rejected.values()):,} rejected"
    figure, axes = _canvas(2.9, "Pairs compared", note)
    bottom: dict[str, int] = {}
    for counts, color in ((rejected, "#BBBBBB"), (verified, _BLUE)):
        places = [float(low) for low in counts]
        below = [bottom.get(low, 0) for low in counts]
        axes.bar(
            places, list(counts.values()), 0.05, below, align="edge", color=color, edgecolor="white"
        )
        bottom |= {low: bottom.get(low, 0) + count for low, count in counts.items()}
    axes.set_xlim(0, 1.05)
    axes.set_xlabel("share of common shingles (Jaccard); 1: the same")
    axes.set_ylabel("pairs")
    axes.grid(axis="y", color=_LINE)
    _count_axis(axes.yaxis)
    return _png(figure)


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
    import numpy as np

    rows = _largest_names({name: sum(row.values()) for name, row in counts.items()})
    totals: dict[str, int] = {}
    for row in counts.values():
        for name, count in row.items():
            totals[name] = totals.get(name, 0) + count
    columns = _largest_names(totals)
    values = np.array([[counts[row].get(column, 0) for column in columns] for row in rows])
    note = f"{sum(totals.values()):,} in total"
    figure, axes = _canvas(2.0 + 0.36 * len(rows), title, note)
    shown = np.log1p(values)
    axes.imshow(shown, cmap="Blues", vmin=0, vmax=float(shown.max()) * 1.25, aspect="auto")
    for (place, column), count in np.ndenumerate(values):
        ink = "white" if shown[place, column] > 0.75 * shown.max() else _INK
        axes.text(column, place, f"{count:,}", ha="center", va="center", fontsize=8, color=ink)
    axes.set_yticks(range(len(rows)), [_shortened(name) for name in rows])
    axes.set_xticks(range(len(columns)), [_shortened(name) for name in columns], rotation=30)
    for label in [*axes.get_yticklabels(), *axes.get_xticklabels()]:
        label.set_parse_math(False)
    axes.set_ylabel(row_title)
    axes.set_xlabel(column_title)
    axes.tick_params(length=0)
    return _png(figure)


def _largest_names(totals: Mapping[str, int]) -> list[str]:
    ranked = sorted(totals.items(), key=lambda item: (-item[1], item[0]))
    return sorted(name for name, _ in ranked[:_MOST_FIELDS])


def _labelled(count: int, share: float) -> str:
    rounded = "<0.1%" if 0 < share < 0.001 else f"{share:.1%}"
    return f"{count:,}  ({rounded})" if count else "0"


def _bars(
    bars: Sequence[tuple[str, int]], labels: Sequence[str], title: str, note: str, unit: str
) -> bytes:
    """Draw horizontal bars from the top down, each with its label at the end."""
    if not bars:
        bars, labels = [("none", 0)], ["0"]
    figure, axes = _canvas(1.1 + 0.29 * len(bars), title, note)
    drawn = axes.barh(range(len(bars)), [count for _, count in bars], height=0.7, color=_BLUE)
    axes.bar_label(drawn, labels, padding=4, color=_INK, fontsize=9)
    axes.set_yticks(range(len(bars)), [_shortened(name) for name, _ in bars])
    for label in axes.get_yticklabels():
        label.set_parse_math(False)
    axes.set_ylim(len(bars) - 0.5, -0.5)
    # Room at the right for the label of the longest bar.
    room = 1 + 0.028 * max(len(label) for label in labels)
    axes.set_xlim(0, room * max(count for _, count in bars) or 1)
    axes.set_xlabel(unit)
    axes.tick_params(axis="y", length=0)
    _count_axis(axes.xaxis)
    return _png(figure)


def _shortened(name: str) -> str:
    """Keep one long name from taking the picture, and odd characters from taking the font."""
    plain = "".join(c if c.isprintable() and ord(c) < 0x250 else "?" for c in name)
    return plain if len(plain) <= _MOST_LABEL_CHARS else plain[: _MOST_LABEL_CHARS - 1] + "…"


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


def _canvas(height: float, title: str, note: str) -> "tuple[Figure, Axes]":
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    layout = ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.1)  # inches
    figure = Figure(figsize=(_WIDTH, height), dpi=_DPI, layout=layout, facecolor="white")
    axes = figure.add_subplot(facecolor="white")
    axes.set_title(title, loc="left", fontsize=11, fontweight="bold", color=_INK, parse_math=False)
    axes.set_title(note, loc="right", fontsize=9, color=_GREY, parse_math=False)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(_GREY)
    axes.tick_params(colors=_INK, labelsize=9)
    axes.xaxis.label.set(color=_GREY, fontsize=9)
    axes.yaxis.label.set(color=_GREY, fontsize=9)
    return figure, axes


def _number_axis(axis: Any) -> None:
    """Write 1k, 1M and 1B, not powers of ten."""
    from matplotlib.ticker import FuncFormatter, NullFormatter

    axis.set_major_formatter(FuncFormatter(lambda value, _: _short_number(value)))
    axis.set_minor_formatter(NullFormatter())


def _count_axis(axis: Any) -> None:
    """Tick at whole numbers only: there are no half documents."""
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    _number_axis(axis)


def _short_number(value: float) -> str:
    for limit, suffix in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")):
        if value >= limit:
            return f"{value / limit:g}{suffix}"
    return f"{value:g}"


def _png(figure: "Figure") -> bytes:
    """Render; without the library's name and version, so that equal figures are equal bytes."""
    from PIL import Image

    stream = BytesIO()
    figure.savefig(stream, format="png", metadata={"Software": None})
    # A palette of 64 colours is enough for one hue and grey text, and a third of the size.
    stream.seek(0)
    picture = Image.open(stream).convert("RGB").quantize(64)
    small = BytesIO()
    picture.save(small, format="PNG", optimize=True)
    return small.getvalue()
