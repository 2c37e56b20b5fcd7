"""What to cut around a match: the lines that it stands in, within 200 bytes.

A match seldom is all of an item: its ends were typed otherwise, its answer stands on the next line.
GPT-3 was therefore cleaned of 200 characters on either side, wherever that ended. Here a cut ends
where the line does, if that is nearer, and else between two words, so that what stays was written
as it stands.
"""

from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

AROUND_BYTES: Final = 200
"""Cut at most on either side of a match (GPT-3, appendix C: 200 characters)."""

Range: TypeAlias = tuple[int, int]
_NEWLINE: Final = 0x0A


def ranges_around(
    text: str, spans: Sequence[Range], starts: NDArray[np.uint32], ends: NDArray[np.uint32]
) -> list[Range]:
    """Return the bytes to cut, in order and without overlaps.

    Args:
        text: a text.
        spans: matches in it: the first token and the token behind, in order.
        starts: where each token of the text starts, in bytes.
        ends: where each ends.
    """
    data = text.encode()
    cuts: list[Range] = []
    for first, behind in spans:
        start = _start(data, int(starts[first]), starts)
        end = _end(data, int(ends[behind - 1]), starts, ends)
        start, end = _without_empty_line(data, start, end)
        if cuts and start <= cuts[-1][1]:
            earlier, reached = cuts.pop()
            start, end = earlier, max(reached, end)
        cuts.append((start, end))
    return cuts


def _start(data: bytes, match: int, starts: NDArray[np.uint32]) -> int:
    earliest = max(match - AROUND_BYTES, 0)
    line = data.rfind(b"\n", earliest, match) + 1
    if line or not earliest:
        return line
    return int(starts[np.searchsorted(starts, earliest)])


def _end(data: bytes, match: int, starts: NDArray[np.uint32], ends: NDArray[np.uint32]) -> int:
    latest = min(match + AROUND_BYTES, len(data))
    line = data.find(b"\n", match, latest)
    if line >= 0 or latest == len(data):
        return line if line >= 0 else latest
    # Up to the next word, so that no second space stays.
    following = int(np.searchsorted(ends, latest, side="right"))
    behind = int(starts[following]) if following < len(starts) else len(data)
    line = data.find(b"\n", int(ends[following - 1]), behind)
    return line if line >= 0 else behind


def _without_empty_line(data: bytes, start: int, end: int) -> Range:
    """Cut the end of a line that goes as a whole, or of the one before if it is the last."""
    at_start = start == 0 or data[start - 1] == _NEWLINE
    if at_start and end < len(data) and data[end] == _NEWLINE:
        return start, end + 1
    return (max(start - 1, 0), end) if at_start and end == len(data) else (start, end)
