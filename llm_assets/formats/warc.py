"""Web archives: WARC files of crawlers, and the WET files of text that Common Crawl makes of them.

Only documents are taken: successful HTTP responses and archived resources of a text type, and
conversions to text.
Everything else in an archive (requests, redirects, pictures, revisits) is no document, so that it
leaves no trace; what is damaged does.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import BinaryIO

from llm_assets.formats.content import foreign_content, is_html, is_xhtml
from llm_assets.formats.html import HTML, XHTML
from llm_assets.formats.http_message import (
    MessageError,
    Response,
    decode_body,
    parse_headers,
    parse_response,
)
from llm_assets.formats.record import HEAD_BYTES, Record, Unreadable
from llm_assets.formats.warc_frames import Frame, read_frames

PLAIN = "text/plain"

_WANTED = re.compile(rb"^warc-type:[ \t]*(?:response|resource|conversion)[ \t]*\r?$", re.I | re.M)
_TEXT_TYPES = (HTML, XHTML, PLAIN)
_HTTP_OK = 200


def read_warc(stream: BinaryIO, object_key: str) -> Iterator[Record | Unreadable]:
    """Yield the documents of a WARC or WET file, plain or gzip, and every damaged place.

    The locator is the WARC-Record-ID, else the target URI and the offset.
    """
    seen: Counter[str] = Counter()
    for item in read_frames(stream, _is_wanted):
        result = _document(item) if isinstance(item, Frame) else item
        if result is not None:
            yield _with_own_locator(result, seen)


def _with_own_locator(item: Record | Unreadable, seen: Counter[str]) -> Record | Unreadable:
    """Number the locators that a careless or hostile archive repeats."""
    seen[item.locator] += 1
    count = seen[item.locator]
    return item if count == 1 else replace(item, locator=f"{item.locator}#{count}")


def _is_wanted(header: bytes) -> bool:
    return _WANTED.search(header) is not None


_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)")


def _document(frame: Frame) -> Record | Unreadable | None:
    fields = parse_headers(frame.header)
    url = fields.get("warc-target-uri", "").strip("<> ") or None
    record_id = fields.get("warc-record-id", "").strip("<> ")
    locator = record_id or f"{url or ''} @{frame.offset}"
    try:
        content = _content(frame, fields)
    except MessageError as error:
        head = frame.block[:HEAD_BYTES]
        return Unreadable(locator, error.reason, str(error), frame.offset, head)
    if content is None:
        return None
    payload, media_type, charset = content
    if foreign := foreign_content(payload):
        return Unreadable(locator, *foreign, offset=frame.offset, head=payload[:HEAD_BYTES])
    return Record(
        locator,
        payload,
        media_type,
        url=url,
        encoding_hint=charset,
        fetched_at=_moment(fields.get("warc-date")),
        language_hint=fields.get("warc-identified-content-language", "").split(",")[0] or None,
    )


def _content(frame: Frame, fields: dict[str, str]) -> tuple[bytes, str, str | None] | None:
    """Return payload, media type and charset of a document; None if the record is none."""
    declared = fields.get("content-type", "").lower()
    if fields.get("warc-type", "").lower() == "conversion":
        media_type = declared.split(";")[0].strip()
        return (frame.block, media_type, "utf-8") if media_type in _TEXT_TYPES else None
    if fields.get("warc-type", "").lower() == "resource":
        # A page archived without the exchange that brought it.
        media_type, _, parameters = declared.partition(";")
        charset = _CHARSET.search(parameters)
        name = charset[1] if charset else None
        wanted = media_type.strip() in _TEXT_TYPES
        return (frame.block, media_type.strip(), name) if wanted else None
    if not declared.startswith("application/http"):
        return None  # DNS, FTP and the like
    response = parse_response(frame.block)
    if response.status != _HTTP_OK or not _may_be_text(response):
        return None
    payload = decode_body(response, cut_off="warc-truncated" in fields)
    media_type = response.media_type or _sniffed_type(payload) or ""
    return (payload, media_type, response.charset) if media_type in _TEXT_TYPES else None


def _may_be_text(response: Response) -> bool:
    return response.media_type is None or response.media_type in _TEXT_TYPES


def _sniffed_type(payload: bytes) -> str | None:
    """Return the type of a page that was sent without one."""
    head = payload[: 1 << 12]
    if not is_html(head):
        return None
    return XHTML if is_xhtml(head) else HTML


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
