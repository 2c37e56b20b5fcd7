"""Documents' bytes -> text."""

import pickle
import random
import subprocess
import sys
from typing import get_args

import pytest

from llm_assets.corpus import document_text
from llm_assets.corpus.document_text import (
    DocumentText,
    Extractor,
    Kind,
    extract_document,
    extract_payloads,
)
from llm_assets.formats.record import QuarantineReason

PARAGRAPH = (
    "The committee met on Tuesday to hear the report on the harbour, and agreed that the "
    "lighthouse should be repaired before the winter storms arrive."
)
PAGE = f"""<html lang="en"><head><title>Harbour  report</title>
<meta name="author" content="A. Clerk">
</head><body><nav><a href="/">Home</a> <a href="/about">About us</a></nav>
<main><article><h1>Harbour report</h1><p>{PARAGRAPH}</p><p>{PARAGRAPH[::-1]}</p></article></main>
<script>var x = "script text";</script><footer>Copyright notice</footer></body></html>"""
GUTENBERG = (
    "The Project Gutenberg EBook of Harbours, by Ann\n\nTitle: Harbours\nAuthor: Ann\n"
    "Language: German\n\n*** START OF THIS PROJECT GUTENBERG EBOOK HARBOURS ***\n\n"
    f"{PARAGRAPH}\n\n*** END OF THIS PROJECT GUTENBERG EBOOK HARBOURS ***\n"
)


def extract(
    payload: bytes,
    kind: Kind = "web",
    extractor: Extractor = "default",
    media_type: str = "text/html",
) -> DocumentText:
    return extract_document(payload, media_type, None, None, kind, extractor)


def test_main_content_without_navigation_and_with_metadata() -> None:
    found = extract(PAGE.encode())
    assert found.text is not None
    assert PARAGRAPH in found.text
    assert "About us" not in found.text
    assert "script text" not in found.text
    assert (found.title, found.author, found.declared_language) == (
        "Harbour report",
        "A. Clerk",
        "en",
    )


def test_all_text_has_the_navigation_too() -> None:
    found = extract(PAGE.encode(), extractor="all-text")
    assert found.text is not None
    assert "About us" in found.text


@pytest.mark.parametrize("extractor", get_args(Extractor))
def test_a_book_keeps_all_paragraphs_but_not_page_numbers(extractor: Extractor) -> None:
    html = f"<body><p>{PARAGRAPH}<span class='pagenum'>[Pg 12]</span></p><p>Short.</p></body>"
    found = extract(html.encode(), "books", extractor)
    assert found.text is not None
    assert "Short." in found.text
    assert "Pg 12" not in found.text


def test_plain_text_of_the_web_is_taken_as_it_is() -> None:
    assert extract(GUTENBERG.encode(), media_type="text/plain") == DocumentText(GUTENBERG)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_a_gutenberg_text_is_its_book(line_end: str) -> None:
    payload = GUTENBERG.replace("\n", line_end).encode()
    found = extract(payload, "books", media_type="text/plain")
    assert found == DocumentText(f"{PARAGRAPH}\n", "Harbours", "Ann", declared_language="de")


def test_a_gutenberg_page_is_its_book() -> None:
    html = f"<title>Harbours, by Ann</title><pre>{GUTENBERG}</pre>"
    found = extract(html.encode(), "books")
    assert found.text is not None
    assert found.text.split() == PARAGRAPH.split()
    assert (found.title, found.author, found.declared_language) == ("Harbours", "Ann", "de")


def test_an_aozora_text_is_its_story() -> None:
    text = "葱\n芥川龍之介\n\n　障子《しょうじ》［＃「障子」に傍点］\n\n底本：「全集」\n青空文庫\n"
    found = extract(text.encode("cp932"), "books", media_type="text/plain")
    assert found.text is not None
    assert found.text.strip() == "葱\n芥川龍之介\n\n　障子"
    assert (found.title, found.author, found.declared_language) == ("葱", "芥川龍之介", "ja")


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_a_wrongly_declared_encoding_is_found_out(encoding: str) -> None:
    words = "Größe, Übermut und äußerste Vorsicht prägen die Erzählung über das Dorf. " * 5
    html = f"<html><head><meta charset='utf-8'></head><body><p>{words}</p></body></html>"
    found = extract(html.encode(encoding), extractor="all-text")
    assert found.text is not None
    assert found.text.strip() == words.strip()


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "empty"),
        (b"<html><body><img src=x></body></html>", "empty"),
        (random.Random(6).randbytes(4000), "undecodable"),
        (b"<p " + b" ".join(b"a%d='x'" % n for n in range(1500)) + b">x", "extraction_failed"),
        (b"<div>" * 100_000 + b"deep text", "extraction_failed"),
    ],
)
def test_a_failure_has_a_reason_and_a_detail(payload: bytes, reason: str) -> None:
    found = extract(payload)
    assert (found.text, found.failure) == (None, reason)
    assert found.failure in get_args(QuarantineReason)
    assert found.detail


def test_a_deep_page_does_not_crash() -> None:
    found = extract(b"<div>" * 20_000 + b"deep text" + b"</div>" * 20_000)
    assert found.text == "deep text"


class PanicException(BaseException):
    """Like the native extractor's: no Exception."""


@pytest.mark.parametrize("error", [PanicException, ValueError, RecursionError])
def test_a_panic_costs_its_page_only(
    monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    def panic(html: str, *, is_xhtml: bool) -> None:
        raise error("index out of bounds")

    monkeypatch.setattr(document_text, "parse_page", panic)
    found = extract(PAGE.encode())
    assert found.failure == "extraction_failed"
    assert found.detail == f"{error.__name__}: index out of bounds"


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, MemoryError])
def test_an_interrupt_is_no_failure_of_a_page(
    monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    def interrupt(html: str, *, is_xhtml: bool) -> None:
        raise error

    monkeypatch.setattr(document_text, "parse_page", interrupt)
    with pytest.raises(error):
        extract(PAGE.encode())


def test_a_chunk_gives_one_result_a_payload_in_order() -> None:
    chunk = [
        (b"one", "text/plain", None, None),
        (b"", "text/html", None, None),
        (PAGE.encode(), "text/html", "utf-8", "https://example.org/a"),
    ]
    found = extract_payloads(chunk, "web", "default")
    assert [result.text is None for result in found] == [False, True, False]
    assert pickle.loads(pickle.dumps((extract_payloads, found)))[1] == found


def test_a_worker_does_not_import_polars() -> None:
    code = "import sys, llm_assets.corpus.document_text; sys.exit('polars' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_damaged_pages_never_raise() -> None:
    generator = random.Random(7)
    data = bytearray(PAGE.encode())
    for _ in range(300):
        piece = bytearray(data[: generator.randrange(1, len(data))])
        for _ in range(generator.randrange(6)):
            piece[generator.randrange(len(piece))] = generator.randrange(256)
        found = extract(bytes(piece))
        assert (found.text is None) == (found.failure is not None)
        assert found == extract(bytes(piece))


@pytest.mark.timeout(120)
def test_a_page_of_a_hundred_megabytes_is_read() -> None:
    payload = b"<html><body>" + b"<p>%s</p>" % PARAGRAPH.encode() * 620_000
    assert len(payload) > 90_000_000
    found = extract(payload)
    assert found.text is not None
    assert found.text.count("lighthouse") == 620_000


@pytest.mark.parametrize("extractor", get_args(Extractor))
def test_all_text_of_a_record_counts(extractor: Extractor) -> None:
    html = "Good <b>film</b>, <a href=x>see</a> it<br>twice &amp; more<p>Ann"
    found = extract(html.encode(), "records", extractor)
    assert found.text == "Good film, see it\ntwice & more\n\nAnn"
    assert found.title is None
    wrapped = "A line of a poem\nthat is no paragraph"
    assert extract(wrapped.encode(), "records", extractor, media_type="text/plain").text == wrapped
