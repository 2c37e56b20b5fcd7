"""Which reader goes with which format, and how to tell the format of an object."""

import re
import zlib
from collections.abc import Mapping
from pathlib import PurePosixPath

from llm_assets.formats.content import foreign_content, is_html, is_xhtml
from llm_assets.formats.epub import read_epub
from llm_assets.formats.html import read_html, read_xhtml
from llm_assets.formats.inflate import GZIP_MAGIC
from llm_assets.formats.plain import read_text
from llm_assets.formats.record import Reader
from llm_assets.formats.warc import read_warc

READERS: Mapping[str, Reader] = {
    "html": read_html,
    "xhtml": read_xhtml,
    "warc": read_warc,
    "wet": read_warc,  # a WARC file of conversions
    "text": read_text,
    "epub": read_epub,
}
"""Format name, as `corpus.yaml` spells it -> how to read an object of it."""

_KINDS: Mapping[str, frozenset[str]] = {
    "web": frozenset({"html", "xhtml", "warc", "wet"}),
    "books": frozenset({"text", "epub", "xhtml", "html"}),
}
_FORMATS_BY_EXTENSION = {
    ".html": "html",
    ".htm": "html",
    ".shtml": "html",
    ".xhtml": "xhtml",
    ".xht": "xhtml",
    ".warc": "warc",
    ".arc": "warc",  # whose reader says that it is of no use
    ".wet": "wet",
    ".txt": "text",
    ".text": "text",
    ".epub": "epub",
}
_EXTENSION = re.compile(r"\.(?!\d+$).+")  # `pg.1342` is a name without extension
_PROBE_BYTES = 1 << 12
_WET = re.compile(rb"^WARC-Filename:.*\.wet\b|^WARC-Type:\s*conversion", re.M | re.I)


def guess_format(kind: str, object_key: str, head: bytes) -> str | None:
    """Name an object's format, by its extension, else by its first bytes.

    Args:
        kind: `web` or `books`: only formats that the kind can hold are named.
        object_key: the object's name; a final `.gz` says nothing.
        head: the object's first bytes, gzip or not; 4 KiB are plenty.

    Returns:
        The format; None if nothing fits, so that the object is of a wrong format.
    """
    path = PurePosixPath(object_key.lower())
    if path.suffix in (".gz", ".gzip"):
        path = path.with_suffix("")
    by_name = _FORMATS_BY_EXTENSION.get(path.suffix)
    allowed = _KINDS.get(kind, frozenset())
    if by_name in allowed:
        return by_name
    by_content = _by_content(_unpacked(head), named=_EXTENSION.fullmatch(path.suffix) is not None)
    return by_content if by_content in allowed else None


def _by_content(head: bytes, *, named: bool) -> str | None:
    """Name the format that the first bytes show; text has no mark of its own."""
    if head.startswith(b"WARC/"):
        return "wet" if _WET.search(head) else "warc"
    if head.startswith(b"PK\x03\x04"):
        return "epub" if b"mimetypeapplication/epub+zip" in head[:256] else None
    if is_html(head):
        return "xhtml" if is_xhtml(head) else "html"
    markup = head.lstrip().startswith(b"<")
    return None if named or markup or foreign_content(head) else "text"


def _unpacked(head: bytes) -> bytes:
    if not head.startswith(GZIP_MAGIC):
        return head
    try:
        return zlib.decompressobj(31).decompress(head, _PROBE_BYTES)
    except zlib.error:
        return b""
