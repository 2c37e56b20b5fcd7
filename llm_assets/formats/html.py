"""Objects that are one HTML or XHTML page."""

from collections.abc import Iterator
from typing import BinaryIO

from llm_assets.formats.content import byte_order_mark
from llm_assets.formats.payload import read_text_payload
from llm_assets.formats.record import Record, Unreadable

HTML = "text/html"
XHTML = "application/xhtml+xml"


def read_html(stream: BinaryIO, object_key: str) -> Iterator[Record | Unreadable]:
    """Yield the page; a `<meta>` that names an encoding is the decoder's business."""
    yield _read_page(stream, HTML)


def read_xhtml(stream: BinaryIO, object_key: str) -> Iterator[Record | Unreadable]:
    """Yield the page, as XHTML."""
    yield _read_page(stream, XHTML)


def _read_page(stream: BinaryIO, media_type: str) -> Record | Unreadable:
    payload = read_text_payload(stream)
    if isinstance(payload, Unreadable):
        return payload
    mark = byte_order_mark(payload)
    return Record("", payload, media_type, encoding_hint=mark[0] if mark else None)
