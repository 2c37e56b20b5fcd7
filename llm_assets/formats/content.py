"""What bytes are by their look: text in some encoding, or something that no text can be made of."""

import codecs
import re

from llm_assets.formats.record import QuarantineReason

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"%PDF-", "a PDF document"),
    (b"%!PS", "a PostScript document"),
    (b"{\\rtf", "an RTF document"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an OLE document"),
    (b"PK\x03\x04", "a zip archive"),
    (b"PK\x05\x06", "a zip archive"),
    (b"\x1f\x8b\x08", "gzip data inside gzip data"),
    (b"\xfd7zXZ\x00", "xz data"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x28\xb5\x2f\xfd", "zstandard data"),
    (b"\x7fELF", "an ELF program"),
    (b"\xca\xfe\xba\xbe", "a program"),
    (b"SQLite format 3\x00", "a SQLite database"),
    (b"WARC/", "a WARC file"),
    (b"filedesc://", "an ARC file"),
)
# These are letters that a text may begin with as well: they count where zero bytes follow.
_LETTER_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"GIF8", "a GIF picture"),
    (b"RIFF", "a RIFF container"),
    (b"OggS", "an Ogg container"),
    (b"ID3", "an MP3 file"),
    (b"BZh", "bzip2 data"),
    (b"wOFF", "a font"),
    (b"wOF2", "a font"),
)
_BYTE_ORDER_MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: it begins with that one's mark
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LOOKED_AT = 1 << 16
# All C0 controls but tab, line and page ends, backspace and ESC (of ISO 2022) count as binary.
_BINARY_BYTES = bytes(set(range(32)) - {8, 9, 10, 11, 12, 13, 26, 27}) + b"\x7f"
# Random bytes hold 10 % of them, a text with a few stray ones far below 1 %.
_MAX_BINARY_SHARE = 0.02
# UTF-16 without a mark: this share of the zero bytes stands in the same place of a unit. Scripts
# outside Latin-1 have only spaces and line ends to tell by.
_MIN_ALIGNED_SHARE = 0.9
_MIN_ZERO_SHARE = 0.01
_MAX_ODD_CHARACTERS = 0.02
# Controls, private use, noncharacters and what a decoder puts for what it cannot read.
_ODD_CHARACTERS = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ue000-\uf8ff\ufdd0-\ufdef\ufffd-\uffff]"
)
# Atomic and possessive, so that a head full of comment marks costs no more than its length.
_HTML = re.compile(
    rb"\s*+(?:<\?xml[^>]*+>\s*+)?(?:<!--(?>.*?-->)\s*+)*+<(?:!doctype\s+html|html|head|body)\b",
    re.I | re.S,
)
_XHTML = re.compile(rb"<\?xml\s|//DTD XHTML|http://www\.w3\.org/1999/xhtml", re.I)


def byte_order_mark(payload: bytes) -> tuple[str, int] | None:
    """Return the encoding that a byte order mark names and the mark's length, if there is one."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if payload.startswith(mark):
            return encoding, len(mark)
    return None


def wide_encoding(payload: bytes) -> str | None:
    """Return the UTF-16 or UTF-32 that the places of the zero bytes speak for, without a mark."""
    sample = payload[: _LOOKED_AT & ~3]
    zeros = sample.count(0)
    if len(sample) < 4 or zeros < _MIN_ZERO_SHARE * len(sample):
        return None
    by_place = [sample[place::4].count(0) for place in range(4)]
    units = len(sample) // 4
    if min(by_place[2:]) >= 0.98 * units:
        encoding = "utf-32-le"
    elif min(by_place[:2]) >= 0.98 * units:
        encoding = "utf-32-be"
    elif by_place[1] + by_place[3] >= _MIN_ALIGNED_SHARE * zeros:
        encoding = "utf-16-le"
    elif by_place[0] + by_place[2] >= _MIN_ALIGNED_SHARE * zeros:
        encoding = "utf-16-be"
    else:
        return None
    return encoding if _is_text_in(encoding, sample[: units * 4]) else None


def foreign_content(payload: bytes) -> tuple[QuarantineReason, str] | None:
    """Say why no text can be made of these bytes; None where it can be."""
    if not payload.strip(b" \t\r\n\f\v\0\xef\xbb\xbf\xfe\xff"):
        return "empty", "no text in it" if payload else "no bytes"
    for signature, name in _SIGNATURES:
        if payload.startswith(signature):
            return "wrong_format", name
    sample = payload[:_LOOKED_AT]
    if b"\0" in sample:
        for signature, name in _LETTER_SIGNATURES:
            if payload.startswith(signature):
                return "wrong_format", name
    mark = byte_order_mark(sample)
    if mark is not None and mark[0] != "utf-8":
        return None if _is_text_in(mark[0], sample[mark[1] :]) else ("binary", f"no {mark[0]} text")
    if wide_encoding(sample) is not None:
        return None
    binary = len(sample) - len(sample.translate(None, _BINARY_BYTES))
    if binary > _MAX_BINARY_SHARE * len(sample):
        return "binary", f"{binary} of the first {len(sample)} bytes are control bytes"
    return None


def _is_text_in(encoding: str, sample: bytes) -> bool:
    text = sample.decode(encoding, "replace")
    return len(_ODD_CHARACTERS.findall(text)) <= _MAX_ODD_CHARACTERS * len(text)


def is_html(head: bytes) -> bool:
    """Whether these first bytes begin an HTML or XHTML page."""
    return _HTML.match(_narrow(head)) is not None


def is_xhtml(head: bytes) -> bool:
    """Whether these first bytes begin an XHTML page."""
    narrow = _narrow(head)
    return _HTML.match(narrow) is not None and _XHTML.search(narrow) is not None


def _narrow(head: bytes) -> bytes:
    """Return the ASCII in the first bytes, whatever Unicode encoding they are in."""
    mark = byte_order_mark(head)
    return head[mark[1] if mark else 0 :].replace(b"\0", b"")
