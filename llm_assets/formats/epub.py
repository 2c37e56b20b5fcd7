"""EPUB books: one record for each part of the reading order."""

import re
from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import unquote

from llm_assets.formats.content import byte_order_mark, foreign_content
from llm_assets.formats.epub_package import Package, encrypted_parts, read_package
from llm_assets.formats.html import XHTML
from llm_assets.formats.payload import read_payload
from llm_assets.formats.record import HEAD_BYTES, QuarantineReason, Record, Unreadable
from llm_assets.formats.zip_archive import Archive, ArchiveError, resolve

_ZIP = b"PK"
_SPECIFIC = ":0123456789"  # ISBN, UUID, URL and DOI have some of these
_BODY = re.compile(rb"<body\b", re.I)
_TEXT = re.compile(rb">(?:\s|&nbsp;|&#160;|&#xa0;)*+[^<\s]", re.I)


def read_epub(stream: BinaryIO, object_key: str) -> Iterator[Record | Unreadable]:
    """Yield the book's parts in reading order; the locator is the part's href.

    Covers and other pages without text are no documents. A damaged part is reported and the
    others survive.
    """
    payload = read_payload(stream)
    if isinstance(payload, Unreadable):
        yield payload
        return
    if not payload.startswith(_ZIP):
        reason, detail = foreign_content(payload) or ("wrong_format", "not a zip archive")
        yield Unreadable("", reason, detail, head=payload[:HEAD_BYTES])
        return
    try:
        archive = Archive(payload)
        package = read_package(archive)
        encrypted = encrypted_parts(archive)
    except ArchiveError as error:
        yield Unreadable("", error.reason, str(error), head=payload[:HEAD_BYTES])
        return
    found = False
    for item in _parts(archive, package, encrypted, object_key):
        found = True
        yield item
    if not found:
        detail = f"no text in its {len(package.hrefs)} parts"
        yield Unreadable("", "empty", detail, head=payload[:HEAD_BYTES])


def _parts(
    archive: Archive, package: Package, encrypted: frozenset[str], object_key: str
) -> Iterator[Record | Unreadable]:
    for href in package.hrefs:
        try:
            path = resolve(package.path, unquote(href))
            if path in encrypted:
                raise ArchiveError("unsafe", "encrypted, as META-INF/encryption.xml says")
            payload = archive.read(path)
        except ArchiveError as error:
            yield Unreadable(href, error.reason, str(error))
            continue
        foreign: tuple[QuarantineReason, str] | None = foreign_content(payload)
        if foreign:
            yield Unreadable(href, *foreign, head=payload[:HEAD_BYTES])
        elif _has_text(payload):
            yield _record(href, payload, package, object_key)


def _has_text(payload: bytes) -> bool:
    body = _BODY.search(payload)
    # UTF-16 has no such bytes: leave it to the extractor.
    return body is None or _TEXT.search(payload, body.start()) is not None


def _record(href: str, payload: bytes, package: Package, object_key: str) -> Record:
    mark = byte_order_mark(payload)
    return Record(
        href,
        payload,
        XHTML,
        encoding_hint=mark[0] if mark else None,
        published_at=package.published_at,
        title=package.title,
        author=package.author,
        language_hint=package.language,
        license=package.rights,
        group_key=_group_key(package.identifier, object_key),
    )


def _group_key(identifier: str | None, object_key: str) -> str:
    """Name the book: by its identifier, unless that is a tool's filler such as `unknown`."""
    specific = identifier is not None and any(mark in identifier for mark in _SPECIFIC)
    return identifier if identifier is not None and specific else object_key
