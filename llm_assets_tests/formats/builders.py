"""Small archives and books, built by hand so that each test can damage them where it wants."""

import gzip
import io
import zipfile
from collections.abc import Mapping

PAGE = b"<html><body><p>A page of a crawl.</p></body></html>"
CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>'
    '<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/>'
    "</rootfiles></container>"
)
METADATA = (
    '<dc:identifier id="id">urn:isbn:9780000000001</dc:identifier><dc:title>A Book</dc:title>'
    "<dc:creator>Ann Author</dc:creator><dc:language>en-GB</dc:language>"
)


def response(
    body: bytes = PAGE,
    content_type: str = "text/html; charset=utf-8",
    *headers: str,
    status: int = 200,
) -> bytes:
    """Return an HTTP response."""
    lines = [f"HTTP/1.1 {status} Reason", f"Content-Type: {content_type}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def warc_record(
    block: bytes,
    number: int = 1,
    *,
    kind: str = "response",
    content_type: str = "application/http;msgtype=response",
    extra: str = "",
) -> bytes:
    """Return one WARC record whose id and URL carry a number."""
    header = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{number}>\r\n"
        f"WARC-Target-URI: https://example.org/{number}\r\nWARC-Date: 2024-05-01T12:00:00Z\r\n"
        f"Content-Type: {content_type}\r\n{extra}Content-Length: {len(block)}\r\n\r\n"
    )
    return header.encode() + block + b"\r\n\r\n"


def warc_members(*records: bytes) -> bytes:
    """Return records as crawlers write them: each a gzip member of its own."""
    return b"".join(gzip.compress(record, mtime=0) for record in records)


def chapter(text: str) -> str:
    """Return an XHTML page."""
    return (
        '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml">'
        f"<head><title/></head><body><p>{text}</p></body></html>"
    )


def package(metadata: str, manifest: str, spine: str) -> str:
    """Return a package document."""
    return (
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">'
        f'<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">{metadata}</metadata>'
        f"<manifest>{manifest}</manifest><spine>{spine}</spine></package>"
    )


def item(name: str, extra: str = "") -> str:
    """Return a manifest entry whose id is its name."""
    return f'<item id="{name}" href="{name}.xhtml" media-type="application/xhtml+xml"{extra}/>'


def book_parts(**changes: str | None) -> dict[str, str]:
    """Return the parts of a book of two chapters; None takes one away.

    Keywords name parts: `container`, `opf`, `one` and `two`.
    """
    parts: dict[str, str | None] = {
        "container": CONTAINER,
        "opf": package(
            METADATA, item("one") + item("two"), '<itemref idref="one"/><itemref idref="two"/>'
        ),
        "one": chapter("The first chapter."),
        "two": chapter("The second chapter."),
        **changes,
    }
    names = {
        "container": "META-INF/container.xml",
        "opf": "OEBPS/book.opf",
        "one": "OEBPS/one.xhtml",
        "two": "OEBPS/two.xhtml",
    }
    return {names.get(key, key): text for key, text in parts.items() if text is not None}


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    """Return a zip archive with an EPUB's first part in front."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def epub(**changes: str | None) -> bytes:
    """Return a book of two chapters, changed as `book_parts` says."""
    return zipped(book_parts(**changes))
