"""Extraction of single documents."""

import random

import pytest

from llm_assets.corpus.document_text import DocumentText, Extractor, Kind, extract_document

PARAGRAPH = (
    "The committee met on Tuesday to hear the report on the harbour, and agreed that the "
    "lighthouse should be repaired before the winter storms arrive."
)
PAGE = f"""<html lang="en"><head><title>Harbour  report</title>
<meta name="author" content="A. Clerk">
</head><body><nav><a href="/">Home</a> <a href="/about">About us</a></nav>
<main><article><h1>Harbour report</h1><p>{PARAGRAPH}</p><p>{PARAGRAPH[::-1]}</p></article></main>
<script>var x = "script text";</script><footer>Copyright notice</footer></body></html>"""


def extract(
    payload: bytes,
    kind: Kind = "web",
    extractor: Extractor = "default",
    media_type: str = "text/html",
) -> DocumentText:
    return extract_document(payload, media_type, None, kind, extractor)


def test_main_content_without_navigation_and_with_metadata() -> None:
    found = extract(PAGE.encode())
    assert found.text is not None
    assert PARAGRAPH in found.text
    assert "About us" not in found.text
    assert "script text" not in found.text
    assert (found.title, found.author, found.language_hint) == ("Harbour report", "A. Clerk", "en")


def test_all_text_has_the_navigation_too() -> None:
    found = extract(PAGE.encode(), extractor="all-text")
    assert found.text is not None
    assert "About us" in found.text


def test_a_book_keeps_all_paragraphs_but_not_page_numbers() -> None:
    html = f"<body><p>{PARAGRAPH}<span class='pagenum'>[Pg 12]</span></p><p>Short.</p></body>"
    found = extract(html.encode(), "books")
    assert found.text is not None
    assert "Short." in found.text
    assert "Pg 12" not in found.text


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_a_wrongly_declared_encoding_is_found_out(encoding: str) -> None:
    words = "Größe, Übermut und äußerste Vorsicht prägen die Erzählung über das Dorf. " * 5
    html = f"<html><head><meta charset='utf-8'></head><body><p>{words}</p></body></html>"
    found = extract(html.encode(encoding), extractor="all-text")
    assert found.text is not None
    assert words.split()[0] in found.text


def test_a_page_that_costs_too_much_is_given_up_with_a_reason() -> None:
    attributes = " ".join(f"a{i}='x'" for i in range(1500))
    found = extract(f"<p {attributes}>x</p>".encode())
    assert found.failure == "extraction_failed"
    assert found.detail is not None
    assert "attributes" in found.detail


def test_deep_nesting_does_not_crash() -> None:
    html = b"<div>" * 20_000 + b"deep text" + b"</div>" * 20_000
    found = extract(html)
    assert found.failure is None or found.detail


def test_damaged_pages_never_raise() -> None:
    generator = random.Random(7)
    data = bytearray(PAGE.encode())
    for _ in range(300):
        piece = bytearray(data[: generator.randrange(1, len(data))])
        for _ in range(generator.randrange(6)):
            piece[generator.randrange(len(piece))] = generator.randrange(256)
        found = extract(bytes(piece))
        assert (found.text is None) == (found.failure is not None)
