"""Books as plain text, with what a Project Gutenberg header says of them."""

from collections.abc import Iterator
from typing import BinaryIO

from llm_assets.formats.content import byte_order_mark, is_html
from llm_assets.formats.gutenberg_header import HEADER_CHARS, gutenberg_header
from llm_assets.formats.payload import read_text_payload
from llm_assets.formats.record import HEAD_BYTES, Record, Unreadable


def read_text(stream: BinaryIO, object_key: str) -> Iterator[Record | Unreadable]:
    """Yield the book as one record whose group is the object."""
    payload = read_text_payload(stream)
    if isinstance(payload, Unreadable):
        yield payload
        return
    if is_html(payload[:HEADER_CHARS]):
        yield Unreadable("", "wrong_format", "an HTML page, not a text", head=payload[:HEAD_BYTES])
        return
    mark = byte_order_mark(payload)
    header = gutenberg_header(_decode_head(payload[:HEADER_CHARS]))
    yield Record(
        "",
        payload,
        "text/plain",
        encoding_hint=mark[0] if mark else header.encoding,
        title=header.title,
        author=header.author,
        language_hint=header.language,
        group_key=object_key,
    )


def _decode_head(head: bytes) -> str:
    """Decode the header, which is ASCII but for names: UTF-8, else what it calls Latin-1."""
    mark = byte_order_mark(head)
    if mark:
        return head[mark[1] :].decode(mark[0], "replace")
    try:
        return head.decode("utf-8")
    except UnicodeDecodeError as error:
        # The cut may have split a character.
        if error.start >= len(head) - 3:
            return head[: error.start].decode("utf-8")
        return head.decode("windows-1252", "replace")
