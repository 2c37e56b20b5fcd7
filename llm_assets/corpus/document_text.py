"""One document's bytes -> its text. Worker processes import this, so it stays free of Polars."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from llm_assets.corpus.aozora import is_aozora, strip_aozora
from llm_assets.corpus.decode import decode_text
from llm_assets.corpus.gutenberg import strip_gutenberg
from llm_assets.corpus.pages.html_text import (
    Page,
    PageRefusedError,
    all_text,
    book_text,
    fast_text,
    main_text,
    parse_page,
)
from llm_assets.corpus.pages.page_metadata import page_metadata
from llm_assets.corpus.pages.trafilatura_text import load_trafilatura, trafilatura_text
from llm_assets.formats.gutenberg_header import gutenberg_header
from llm_assets.formats.html import HTML, XHTML
from llm_assets.formats.record import QuarantineReason

Kind = Literal["web", "books", "records"]
Extractor = Literal["default", "fast", "trafilatura", "all-text"]
Payload = tuple[bytes, str, str | None, str | None]
"""Bytes, media type, encoding hint, URL."""

_INTERRUPTS = (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError)


class DocumentText(NamedTuple):
    """A document's text and what it says of itself, or why there is no text."""

    text: str | None = None
    title: str | None = None
    author: str | None = None
    published_at: datetime | None = None
    canonical_url: str | None = None
    declared_language: str | None = None
    license_url: str | None = None
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
    url: str | None,
    kind: Kind,
    extractor: Extractor,
) -> DocumentText:
    """Make text of one document.

    Args:
        payload: the bytes as collected.
        media_type: HTML and XHTML are parsed; anything else is taken as plain text.
        encoding_hint: the charset that the transport or container names.
        url: where the page was, for what it says relative to that.
        kind: of a web page the main content is text, of a book or a record all of it.
        extractor: how the text of web pages is found: `default` is a model of our own, `fast` is
            resiliparse's rules, `trafilatura` the library of this name, `all-text` takes all.

    Returns:
        The text; or a failure: `undecodable`, `extraction_failed` or `empty`.

    Raises:
        ModuleNotFoundError: if the extractor's library is not installed.
    """
    if extractor == "trafilatura":
        load_trafilatura()  # that it is missing is no page's failure
    decoded = decode_text(payload, encoding_hint, media_type)
    if decoded is None:
        return DocumentText(failure="undecodable", detail="no encoding fits the bytes")
    try:
        result = (
            _of_page(decoded.text, media_type, url, kind, extractor)
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


def _of_page(
    html: str, media_type: str, url: str | None, kind: Kind, extractor: Extractor
) -> DocumentText:
    page = parse_page(html, is_xhtml=media_type == XHTML)
    if kind == "records":
        # A field of a row: what it says of itself stands in the others.
        return DocumentText(all_text(page))
    said = page_metadata(page.tree, url)
    found = DocumentText(
        title=said.title,
        author=said.author,
        published_at=said.published_at,
        canonical_url=said.canonical_url,
        declared_language=said.language,
        license_url=said.license_url,
    )
    if kind == "web":
        return found._replace(text=_TEXT_OF_PAGE[extractor](page))
    text = book_text(page)
    header = gutenberg_header(text)
    return found._replace(
        text=strip_gutenberg(text),
        title=header.title or found.title,
        author=header.author or found.author,
        declared_language=found.declared_language or header.language,
    )


def _of_plain(text: str, kind: Kind) -> DocumentText:
    if kind != "books":
        return DocumentText(text)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if is_aozora(text):
        aozora = strip_aozora(text)
        return DocumentText(aozora.text, aozora.title, aozora.author, declared_language="ja")
    header = gutenberg_header(text)
    text = strip_gutenberg(text)
    return DocumentText(text, header.title, header.author, declared_language=header.language)


def _trafilatura_text(page: Page) -> str:
    return trafilatura_text(page.html) if page.affordable else fast_text(page)


_TEXT_OF_PAGE: Mapping[Extractor, Callable[[Page], str]] = {
    "default": main_text,
    "fast": fast_text,
    "trafilatura": _trafilatura_text,
    "all-text": all_text,
}
