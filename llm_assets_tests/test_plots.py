import io
import struct
from collections.abc import Callable

import pytest
from PIL import Image

from llm_assets.corpus.report import LENGTH_EDGES
from llm_assets.plots import (
    bar_chart,
    funnel_chart,
    heat_map,
    length_histogram,
    similarity_histogram,
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
    "similarities": lambda: similarity_histogram({"0.75": 3, "1.0": 40}, {"0.2": 9, "0.75": 1}),
    "no pairs": lambda: similarity_histogram({}, {}),
    "two names": lambda: heat_map({"a": {"b": 12, "c": 1}, "$x^{$": {"b": 9}}, "Pairs", "a", "b"),
    "many pairs of names": lambda: heat_map(
        {f"s{n}": {f"s{m}": n * m for m in range(30)} for n in range(30)}, "Pairs", "a", "b"
    ),
    "hostile names": lambda: bar_chart({"$x^{$": 1, "猫": 2, "\x00\n": 3, "n" * 500: 4}, "$\\frac"),
}


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_are_small_opaque_and_the_same_each_time(name: str) -> None:
    png = PICTURES[name]()
    assert len(png) <= 15_000
    assert PICTURES[name]() == png
    picture = Image.open(io.BytesIO(png))
    assert picture.format == "PNG"
    assert picture.width <= 800
    assert picture.convert("RGBA").getchannel("A").getextrema() == (255, 255)
    assert picture.convert("RGB").getpixel((0, 0)) == (255, 255, 255)


def test_pictures_name_no_version() -> None:
    png = PICTURES["bars"]()
    assert b"atplotlib" not in png


def _ink(png: bytes) -> int:
    """Count the pixels in the bars' blue."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    colours = picture.getcolors(1 << 20)
    assert colours is not None
    return sum(n for n, (r, g, b) in colours if b - r > 60)  # type: ignore[misc]


def test_bars_are_as_long_as_their_numbers() -> None:
    full, half = (
        _ink(funnel_chart([("seen", 1_000, 1.0), ("kept", kept, kept / 1_000)]))
        for kept in (1_000, 500)
    )
    assert half / full == pytest.approx(0.75, abs=0.03)


def test_an_empty_picture_has_no_bars() -> None:
    assert _ink(PICTURES["no bars"]()) == 0
    assert _ink(PICTURES["lengths of nothing"]()) == 0


def test_the_smallest_are_put_together() -> None:
    height = struct.unpack(">I", PICTURES["many bars"]()[20:24])[0]
    twelve = bar_chart({str(n): n for n in range(12)}, "Reasons")
    assert height == struct.unpack(">I", twelve[20:24])[0]
