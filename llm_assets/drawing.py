"""Rectangles, lines and words -> a small SVG picture, without a drawing library.

A drawing library takes 0.3 s to import and 0.1 s a picture, which is more than many a shard takes
to make; a picture of ours is a few hundred bytes of text and takes no time. The price is that the
width of words is guessed: no font is at hand until a browser shows the picture.
"""

from html import escape

_CHARACTER_WIDTH = 0.56
"""Of a size of 1: digits and lower-case letters of usual sans-serif fonts; a little generous."""


def text_width(words: str, size: float) -> float:
    """Guess how wide words are, in pixels."""
    return _CHARACTER_WIDTH * size * len(words)


class Drawing:
    """A white sheet of `width` by `height` pixels; the origin is at the top left."""

    def __init__(self, width: float, height: float) -> None:
        self._size = f'width="{_number(width)}" height="{_number(height)}"'
        self._parts: list[str] = []

    def rectangle(self, x: float, y: float, width: float, height: float, fill: str) -> None:
        """Fill an area."""
        place = f'x="{_number(x)}" y="{_number(y)}"'
        size = f'width="{_number(width)}" height="{_number(height)}"'
        self._parts.append(f'<rect {place} {size} fill="{fill}"/>')

    def line(self, x1: float, y1: float, x2: float, y2: float, color: str) -> None:
        """Draw a line of one pixel."""
        start = f'x1="{_number(x1)}" y1="{_number(y1)}"'
        end = f'x2="{_number(x2)}" y2="{_number(y2)}"'
        self._parts.append(f'<line {start} {end} stroke="{color}"/>')

    def words(
        self,
        x: float,
        y: float,
        words: str,
        color: str,
        *,
        size: float = 12,
        anchor: str = "start",
        bold: bool = False,
        turned: float = 0,
    ) -> None:
        """Write words on a base line; `anchor` is `start`, `middle` or `end`.

        Args:
            x: where they are anchored.
            y: the base line.
            words: any text; what cannot be printed is shown as `?`.
            color: of the letters.
            size: of the letters, in pixels.
            anchor: which end of the words is at `x`.
            bold: whether the letters are.
            turned: degrees, clockwise, around the anchor.
        """
        place = f'x="{_number(x)}" y="{_number(y)}" font-size="{_number(size)}" fill="{color}"'
        if anchor != "start":
            place += f' text-anchor="{anchor}"'
        if bold:
            place += ' font-weight="bold"'
        if turned:
            place += f' transform="rotate({_number(turned)} {_number(x)} {_number(y)})"'
        shown = "".join(c if c.isprintable() else "?" for c in words)
        self._parts.append(f"<text {place}>{escape(shown)}</text>")

    def svg(self) -> bytes:
        """Return the picture as a file."""
        head = f'<svg xmlns="http://www.w3.org/2000/svg" {self._size} '
        style = 'font-family="Helvetica, Arial, sans-serif" shape-rendering="crispEdges">'
        sheet = '<rect width="100%" height="100%" fill="#FFFFFF"/>'
        return "\n".join([head + style, sheet, *self._parts, "</svg>"]).encode()


def _number(value: float) -> str:
    """Write a length to a tenth of a pixel, so that equal figures are equal bytes."""
    return f"{value:.1f}".removesuffix(".0")
