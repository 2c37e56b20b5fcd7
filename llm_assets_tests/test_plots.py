from collections.abc import Callable
from xml.etree import ElementTree

import pytest

from llm_assets.corpus.report import LENGTH_EDGES
from llm_assets.plots import (
    bar_chart,
    before_after_chart,
    funnel_chart,
    heat_map,
    length_histogram,
    similarity_histogram,
    value_chart,
)

_EDGES = list(LENGTH_EDGES)
_COUNTS = [0] * 8 + [5, 80, 900, 300, 20] + [0] * 15


def _lengths(counts: list[int]) -> bytes:
    return length_histogram({"edges": _EDGES, "counts": counts})


PICTURES: dict[str, Callable[[], bytes]] = {
    "lengths": lambda: _lengths(_COUNTS),
    "lengths of nothing": lambda: _lengths([0] * len(_COUNTS)),
    "lengths at both ends": lambda: _lengths([1] + [0] * 26 + [1]),
    "funnel": lambda: funnel_chart([("seen", 12_345, 1.0), ("readable", 12_001, 0.972)]),
    "funnel of nothing": lambda: funnel_chart([("seen", 0, 0.0)]),
    "no funnel": lambda: funnel_chart([]),
    "bars": lambda: bar_chart({"en": 4_321, "de": 900, "ja": 3}, "Languages"),
    "many bars": lambda: bar_chart({f"reason_{n}": n for n in range(60)}, "Reasons"),
    "no bars": lambda: bar_chart({}, "Reasons"),
    "large numbers": lambda: bar_chart({"train": 10**15, "test": 1}, "Tokens", "tokens"),
    "values": lambda: value_chart(
        {"en": 1.25, "ta": 9.5}, "Fertility", "0.3 a character", "tokens"
    ),
    "many values": lambda: value_chart(
        {f"l{n}": n / 7 for n in range(60)}, "Fertility", "", "tokens"
    ),
    "no values": lambda: value_chart({}, "Fertility", "", "tokens"),
    "similarities": lambda: similarity_histogram({"0.75": 3, "1.0": 40}, {"0.2": 9, "0.75": 1}),
    "no pairs": lambda: similarity_histogram({}, {}),
    "two names": lambda: heat_map({"a": {"b": 12, "c": 1}, "$x^{$": {"b": 9}}, "Pairs", "a", "b"),
    "many pairs of names": lambda: heat_map(
        {f"s{n}": {f"s{m}": n * m for m in range(30)} for n in range(30)}, "Pairs", "a", "b"
    ),
    "before and after": lambda: before_after_chart({"a": (9, 1), "b": (0, 0)}, "Kept"),
    "nothing before and after": lambda: before_after_chart({}, "Kept"),
    "hostile names": lambda: bar_chart(
        {"</svg>": 1, "猫": 2, "\x00\n\ud800": 3, "n" * 500: 4}, "<&]]>"
    ),
}


_SVG = "{http://www.w3.org/2000/svg}"


def _parts(svg: bytes, tag: str) -> list[dict[str, str]]:
    return [part.attrib for part in ElementTree.fromstring(svg).iter(_SVG + tag)]


def _blue(svg: bytes, length: str = "width") -> list[float]:
    return [float(part[length]) for part in _parts(svg, "rect") if part["fill"] == "#4477AA"]


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_are_small_opaque_and_the_same_each_time(name: str) -> None:
    svg = PICTURES[name]()
    assert len(svg) <= 15_000
    assert PICTURES[name]() == svg
    picture = ElementTree.fromstring(svg)
    assert float(picture.attrib["width"]) <= 800
    sheet = _parts(svg, "rect")[0]
    assert (sheet["width"], sheet["height"], sheet["fill"]) == ("100%", "100%", "#FFFFFF")


@pytest.mark.parametrize("name", PICTURES)
def test_everything_is_on_the_sheet(name: str) -> None:
    svg = PICTURES[name]()
    size = {k: float(v) for k, v in ElementTree.fromstring(svg).attrib.items() if k in "widtheight"}
    for part in _parts(svg, "rect")[1:]:
        x, y, width, height = (float(part[key]) for key in ("x", "y", "width", "height"))
        assert width >= 0
        assert height >= 0
        assert 0 <= x <= x + width <= size["width"]
        assert 0 <= y <= y + height <= size["height"]
    for part in _parts(svg, "text"):
        assert 0 <= float(part["x"]) <= size["width"]
        assert 0 <= float(part["y"]) <= size["height"]


def test_bars_are_as_long_as_their_numbers() -> None:
    full, half = _blue(funnel_chart([("seen", 1_000, 1.0), ("kept", 500, 0.5)]))
    assert half / full == pytest.approx(0.5, abs=0.001)


def test_columns_are_as_high_as_their_numbers() -> None:
    heights = _blue(_lengths(_COUNTS), "height")
    assert [h / heights[2] for h in heights] == pytest.approx([n / 900 for n in _COUNTS if n], 0.05)


def test_an_empty_picture_has_no_bars() -> None:
    assert _blue(PICTURES["no bars"]()) == []
    assert _blue(PICTURES["lengths of nothing"]()) == []


def test_the_smallest_are_put_together() -> None:
    twelve = bar_chart({str(n): n + 1 for n in range(12)}, "Reasons")
    assert len(_blue(PICTURES["many bars"]())) == len(_blue(twelve)) == 12


def test_names_are_shown_as_they_are() -> None:
    words = "".join(ElementTree.fromstring(PICTURES["hostile names"]()).itertext())
    assert "</svg>" in words
    assert "<&]]>" in words
    assert "\x00" not in words
