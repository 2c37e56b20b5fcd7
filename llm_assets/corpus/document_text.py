"""The bytes of one document -> its text. Per document by nature, so it runs in worker processes.

Kept free of Polars, which a worker would only pay to import.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree

from llm_assets.corpus.book_text import plain_book_text, without_gutenberg_frame
from llm_assets.corpus.decode import decode_text
from llm_assets.corpus.page_cost import MAX_CONTENT_WORK, page_cost
from llm_assets.formats.record import QuarantineReason

Kind = Literal["web", "books"]
Extractor = Literal["default", "all-text"]

_MARKUP = ("text/html", "application/xhtml+xml")
_LONGEST_TITLE = 500
# Page numbers and navigation that makers of digital books put between the words.
_BOOK_FURNITURE = [".pagenum", ".pageno", ".pagebreak", "[epub\\:type='pagebreak']", "nav", "rt", "rp"]


@dataclass(frozen=True, slots=True)
class Payload:
    """A collected document, and what its container says of it."""

    payload: bytes
    media_type: str
    encoding_hint: str | None = None
    title: str | None = None
    author: str | None = None
    language_hint: str | None = None


@dataclass(frozen=True, slots=True)
class DocumentText:
    """What extraction made of a document: a text, or the reason why there is none."""

    text: str | None
    title: str | None
    author: str | None
    language_hint: str | None
    failure: QuarantineReason | None = None
    detail: str | None = None


def document_texts(
    chunk: Sequence[Payload], kind: Kind, extractor: Extractor
) -> list[DocumentText]:
    """Extract a chunk of documents: the unit of work of a worker process."""
    return [document_text(item, kind, extractor) for item in chunk]


def document_text(item: Payload, kind: Kind, extractor: Extractor) -> DocumentText:
    """Extract the text of one document; a function of its arguments alone, without a clock."""
    decoded = decode_text(item.payload, item.encoding_hint, item.media_type)
    if decoded is None:
        return failed(item, "undecodable", "its bytes are text in no encoding")
    if item.media_type not in _MARKUP:
        text = plain_book_text(decoded.text) if kind == "books" else decoded.text
        return DocumentText(text, item.title, item.author, item.language_hint)
    return _page_text(item, decoded.text, kind, extractor)


def failed(item: Payload, reason: QuarantineReason, detail: str) -> DocumentText:
    """Say why there is no text."""
    return DocumentText(None, item.title, item.author, item.language_hint, reason, detail)


def crashed(item: Payload) -> DocumentText:
    """Stand for a document that killed the process that extracted it."""
    return failed(item, "extraction_failed", "the extractor crashed on it")


def _page_text(item: Payload, html: str, kind: Kind, extractor: Extractor) -> DocumentText:
    html = html.replace("\0", "")
    cost = page_cost(html.encode("utf-8", "surrogatepass"))
    if cost.excess is not None:
        return failed(item, "extraction_failed", cost.excess)
    main_content = (
        kind == "web" and extractor == "default" and cost.content_work <= MAX_CONTENT_WORK
    )
    tree = HTMLTree.parse(html)
    text = extract_plain_text(
        tree,
        preserve_formatting=True,
        main_content=main_content,
        list_bullets=kind == "web",
        alt_texts=False,
        links=False,
        form_fields=False,
        noscript=False,
        comments=not main_content,
        skip_elements=_BOOK_FURNITURE if kind == "books" else None,
    )
    found = DocumentText(text, item.title, item.author, item.language_hint)
    return _with_metadata(replace(found, text=_framed(text, kind)), tree)


def _framed(text: str, kind: Kind) -> str:
    return without_gutenberg_frame(text) if kind == "books" else text


def _with_metadata(found: DocumentText, tree: HTMLTree) -> DocumentText:
    """Fill in what the page says of itself where its container said nothing."""
    return replace(
        found,
        title=found.title or _short(tree.title),
        author=found.author or _attribute(tree, "meta[name='author']", "content"),
        language_hint=found.language_hint or _attribute(tree, "html", "lang"),
    )


def _attribute(tree: HTMLTree, selector: str, name: str) -> str | None:
    document = tree.document
    node = None if document is None else document.query_selector(selector)
    return None if node is None else _short(node.getattr(name))


def _short(text: str | None) -> str | None:
    """Return a line of bounded length, or None where there is nothing."""
    return " ".join((text or "").split())[:_LONGEST_TITLE] or None
