"""Texts as bytes in Arrow buffers, and pieces of them as spans.

What the quality rules count (words, lines, paragraphs) are pieces of a text. Here a piece is where
it starts and how long it is, in bytes: kernels find the pieces, and no piece becomes a string.
"""

from collections.abc import Sequence
from functools import reduce
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from llm_assets.corpus.span_kernels import Classes, name_spans
from llm_assets.corpus.word_kernels import Bytes, Counts, Names, Offsets

CODE_POINTS: Final = 0x110000
PYTHON_SPACE: Final = r"[\s\x1c-\x1f]"
"""What `str.split` and `str.strip` take for whitespace: Unicode's, and four separator controls."""

_SURROGATES: Final = range(0xD800, 0xE000)
_WITH_CHARACTERS: Final = ((0, 0xD800), (0xE000, 0x40000), (0xE0000, 0xF0000))
"""Where Unicode has characters, but for two planes of private use. To ask the engine for each of a
million code points would take 50 ms a kind."""
_UNASSIGNED: Final = 0x40000
_PRIVATE: Final = 0xF0000
_PRIVATE_PLANES: Final = (0xF0000, 0x100000)
_GROUP_BYTES: Final = 1 << 24
"""Texts measured together: their spans, names and lengths take some 20 bytes a word."""


class Spans(NamedTuple):
    """Pieces of each text of a batch, in order and without overlaps."""

    first: Offsets
    """Where each text's pieces start in the columns below, and the end of the last."""
    starts: Names
    """Bytes from the start of the text."""
    lengths: Names
    """Bytes."""


class NamedSpans(NamedTuple):
    """Pieces of each text of a batch, told apart by names instead of their bytes."""

    first: Offsets
    names: Names
    """The position in its text where a piece first occurs."""
    char_ends: Names
    """Characters of pieces up to and with this one, in the whole batch, modulo 2^32."""


def arrow_buffers(texts: pl.Series) -> tuple[Bytes, Offsets]:
    """Return the texts' UTF-8 bytes one after the other, and where each starts and ends.

    Args:
        texts: strings without nulls.
    """
    array = texts.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(pa.large_string())
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    _, offset_buffer, data_buffer = array.buffers()
    data = np.frombuffer(data_buffer if data_buffer is not None else b"", np.uint8)
    offsets = np.frombuffer(offset_buffer, np.int64)[array.offset :][: len(array) + 1]
    # Numba compiles once more for arrays that may be written to.
    data.flags.writeable = offsets.flags.writeable = False
    return data, offsets


def text_groups(offsets: Offsets) -> list[Offsets]:
    """Cut a batch into runs of texts of about 16 MiB, or one longer text, to bound the memory."""
    blocks = (offsets[:-1] - offsets[0]) // _GROUP_BYTES
    bounds = [0, *(np.flatnonzero(np.diff(blocks)) + 1).tolist(), len(blocks)]
    return [offsets[start : end + 1] for start, end in pairwise(bounds) if end > start]


def room_for_spans(offsets: Offsets) -> Spans:
    """Return uninitialised spans, as many as there can be: one a byte and one a text.

    The system gives memory only to what is then written, so room that is not used costs nothing.
    """
    most = int(offsets[-1] - offsets[0]) + len(offsets)
    return Spans(np.empty_like(offsets), np.empty(most, np.uint32), np.empty(most, np.uint32))


def trimmed(spans: Spans) -> Spans:
    """Return the spans without the room that was not used."""
    total = spans.first[-1]
    return Spans(spans.first, spans.starts[:total], spans.lengths[:total])


def named(data: Bytes, offsets: Offsets, spans: Spans) -> NamedSpans:
    """Name the pieces of each text: two of a text are the same if their names are."""
    names, char_ends = np.empty_like(spans.starts), np.empty_like(spans.starts)
    name_spans(data, offsets, *spans, names, char_ends)
    return NamedSpans(spans.first, names, char_ends)


def span_chars(spans: NamedSpans) -> Counts:
    """Return the characters of each text's pieces together."""
    ends = np.concatenate([np.zeros(1, np.uint32), spans.char_ends]).astype(np.int64)
    chars: Counts = np.diff(ends[spans.first]) & 0xFFFFFFFF
    return chars


def classify(kinds: Sequence[tuple[str, int]]) -> Classes:
    """Return the class bits of every code point.

    Args:
        kinds: a regular expression that matches single characters, and the bits of those that it
            matches. The Unicode tables are those of Polars' engine, whatever Python's are. Beyond
            the planes that have characters it matches all of private use or nothing of it.
    """
    points = np.concatenate([np.arange(*place) for place in _WITH_CHARACTERS])
    characters = character_series(np.append(points, [_UNASSIGNED, _PRIVATE]))
    found = [characters.str.contains(kind).to_numpy() * np.uint16(bits) for kind, bits in kinds]
    bits_of: Classes = reduce(np.bitwise_or, found)
    classes: Classes = np.full(CODE_POINTS, bits_of[-2])
    for plane in _PRIVATE_PLANES:
        classes[plane : plane + 0xFFFE] = bits_of[-1]  # the last two are no characters
    classes[points] = bits_of[:-2]
    classes[_SURROGATES.start : _SURROGATES.stop] = 0
    return classes


def character_series(points: NDArray[np.int64]) -> pl.Series:
    """Return one-character texts by their code points, some twenty times as fast as by `chr`.

    Args:
        points: code points, no surrogates among them.
    """
    data = points.astype("<u4").tobytes().decode("utf-32-le").encode()
    lengths = 1 + (points >= 0x80).astype(np.int64) + (points >= 0x800) + (points >= 0x10000)
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    buffers = [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(data)]
    array = pa.Array.from_buffers(pa.large_string(), len(points), buffers)
    return pl.Series(array, dtype=pl.String)


def regex_class(characters: str) -> str:
    """Return a regular expression for one of these characters."""
    return "[" + "".join(rf"\x{{{ord(character):x}}}" for character in characters) + "]"
