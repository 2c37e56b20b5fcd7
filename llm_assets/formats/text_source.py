"""The characters of an object that holds rows of text: decompressed, decoded, in bounded pieces.

The encoding is told once for the object, from its first MiB: a row alone is too short to tell. A
byte that it has no character for becomes a lone surrogate, so that it costs its row only.
"""

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

from llm_assets.corpus.decode import decode_text
from llm_assets.formats.content import byte_order_mark, foreign_content, wide_encoding
from llm_assets.formats.decompress import Decompressed
from llm_assets.formats.record import HEAD_BYTES, QuarantineReason, Unreadable

MAX_ROW_CHARS = 100 << 20
"""The most that one row may hold: 100 Mi characters."""

_HEAD = 1 << 20
_UNDECODED = re.compile(r"[\udc80-\udcff]")
_MIN_SHARE = 10  # characters that are good UTF-8, for each byte that is not: a damaged file


class TextSource:
    """Forward reader over the characters."""

    def __init__(self, source: Decompressed, head: bytes, encoding: str) -> None:
        self._source = source
        self._head = head
        # The codecs of two and four bytes a unit cannot leave one byte over.
        errors = "replace" if encoding.startswith(("utf-16", "utf-32")) else "surrogateescape"
        self._decoder = codecs.getincrementaldecoder(encoding)(errors)
        self._ended = False

    def read(self) -> str:
        """Return the next characters; none at the end or at a fault."""
        while not self._ended:
            data, self._head = self._head or self._source.read(), b""
            self._ended = not data
            if text := self._decoder.decode(data, final=self._ended):
                return text
        return ""

    @property
    def fault(self) -> Unreadable | None:
        """What ended the characters early, once they have ended."""
        fault = self._source.fault
        return None if fault is None else Unreadable("", fault.reason, fault.detail, fault.offset)


def open_text(stream: BinaryIO) -> TextSource | Unreadable:
    """Open an object of text, or say why it is none."""
    source = Decompressed(stream)
    head = b""
    while len(head) < _HEAD and (data := source.read()):
        head += data
    if not head and source.fault is not None:
        return Unreadable("", source.fault.reason, source.fault.detail, source.fault.offset)
    foreign = foreign_content(head)
    if foreign is not None:
        return Unreadable("", *foreign, head=head[:HEAD_BYTES])
    mark = byte_order_mark(head)
    if mark is not None:
        return TextSource(source, head[mark[1] :], mark[0])
    return TextSource(source, head, _encoding_of(head))


def undecoded(row: str) -> tuple[QuarantineReason, str] | None:
    """Say that a row holds bytes which are no text, if it does."""
    if row.isascii():
        return None
    found = _UNDECODED.search(row)
    if found is None:
        return None
    byte = ord(found[0]) & 0xFF
    return "undecodable", f"byte 0x{byte:02x} at character {found.start() + 1} is no text"


def lines(source: TextSource, text: str = "") -> Iterator[tuple[int, str | None]]:
    """Yield each line with its number from 1, without its end; None for one that is too long.

    Args:
        source: the characters.
        text: what was read of them before.
    """
    number, parts, held = 0, [], 0
    while text or (text := source.read()):
        first, *others = text.split("\n")
        if held <= MAX_ROW_CHARS:
            parts.append(first)
        held += len(first)
        for other in others:
            number += 1
            yield number, "".join(parts) if held <= MAX_ROW_CHARS else None
            parts, held = [other], len(other)
        text = ""
    if held and source.fault is None:
        yield number + 1, "".join(parts) if held <= MAX_ROW_CHARS else None


def _encoding_of(head: bytes) -> str:
    wide = wide_encoding(head)
    if wide is not None:
        return wide
    # The last character may be cut.
    text = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode(head)
    bad = len(_UNDECODED.findall(text))
    good = len(text) - len(text.encode("ascii", "ignore")) - bad
    if bad * _MIN_SHARE <= good:
        return "utf-8"
    found = decode_text(head, None, "text/plain")
    return "utf-8" if found is None else found.encoding
