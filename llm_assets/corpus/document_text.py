"""One document's bytes -> its text. Worker processes import this, so it stays free of Polars."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple

from llm_assets.corpus.aozora import is_aozora, strip_aozora
from llm_assets.corpus.decode import decode_text
from llm_assets.corpus.gutenberg import strip_gutenberg
from llm_assets.corpus.html_text import (
    Page,
    PageRefusedError,
    all_text,
    book_text,
    main_text,
    parse_page,
)
from llm_assets.formats.gutenberg_header import gutenberg_header
from llm_assets.formats.html import HTML, XHTML
from llm_assets.formats.record import QuarantineReason

Kind = Literal["web", "books"]
Extractor = Literal["default", "all-text"]
Payload = tuple[bytes, str, str | None]
"""Bytes, media type, encoding hint."""

_INTERRUPTS = (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError)


class DocumentText(NamedTuple):
    """A document's text and what it says of itself, or why there is no text."""

    text: str | None = None
    title: str | None = None
    author: str | None = None
    language_hint: str | None = None
    failure: QuarantineReason | None = None
    detail: str | None = None


def extract_payloads(
    chunk: Sequence[Payload], kind: Kind, extractor: Extractor
) -> list[DocumentText]:
    """Extract a chunk of documents: the unit of work of a worker process.

    Returns:
        One result a payload, in order.
    """
    return [extract_document(*payload, kind, extractor) for payload in chunk]


def extract_document(
    payload: bytes,
    media_type: str,
    encoding_hint: str | None,
    kind: Kind,
    extractor: Extractor,
) -> DocumentText:
    """Make text of one document.

    Args:
        payload: the bytes as collected.
        media_type: HTML and XHTML are parsed; anything else is taken as plain text.
        encoding_hint: the charset that the transport or container names.
        kind: of a web page the main content is text, of a book all of it.
        extractor: `default`, or `all-text` for whole web pages.

    Returns:
        The text; or a failure: `undecodable`, `extraction_failed` or `empty`.
    """
    decoded = decode_text(payload, encoding_hint, media_type)
    if decoded is None:
        return DocumentText(failure="undecodable", detail="no encoding fits the bytes")
    try:
        result = (
            _of_page(decoded.text, media_type, kind, extractor)
            if media_type in (HTML, XHTML)
            else _of_plain(decoded.text, kind)
        )
    except PageRefusedError as error:
        return DocumentText(failure="extraction_failed", detail=str(error))
    except BaseException as error:
        # A panic of the native extractor is no Exception; it concerns this page only.
        if isinstance(error, _INTERRUPTS):
            raise
        detail = f"{type(error).__name__}: {error}"
        return DocumentText(failure="extraction_failed", detail=detail[:500])
    if result.text is None or not result.text.strip():
        detail = f"no text left of {len(payload)} bytes"
        return result._replace(text=None, failure="empty", detail=detail)
    return result


def _of_page(html: str, media_type: str, kind: Kind, extractor: Extractor) -> DocumentText:
    page = parse_page(html, is_xhtml=media_type == XHTML)
    text = _TEXT_OF_PAGE[kind, extractor](page)
    if kind == "web":
        return DocumentText(text, page.title, page.author, page.language)
    header = gutenberg_header(text)
    return DocumentText(
        strip_gutenberg(text),
        header.title or page.title,
        header.author or page.author,
        page.language or header.language,
    )


def _of_plain(text: str, kind: Kind) -> DocumentText:
    if kind == "web":
        return DocumentText(text)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if is_aozora(text):
        return DocumentText(*_of_aozora(text))
    header = gutenberg_header(text)
    text = strip_gutenberg(text)
    return DocumentText(text, header.title, header.author, header.language)


def _of_aozora(text: str) -> tuple[str, str | None, str | None, str]:
    stripped = strip_aozora(text)
    return stripped.text, stripped.title, stripped.author, "ja"


_TEXT_OF_PAGE: Mapping[tuple[Kind, Extractor], Callable[[Page], str]] = {
    ("web", "default"): main_text,
    ("web", "all-text"): all_text,
    ("books", "default"): book_text,
    ("books", "all-text"): book_text,
}
