# ruff: noqa: E501
"""Readers on good, odd and damaged objects."""

import gzip
import io
import random
import zipfile
from pathlib import Path

import pytest

from llm_assets.formats.readers import READERS, guess_format
from llm_assets.formats.record import Record, Unreadable

SAMPLES = Path(__file__).resolve().parents[2] / "samples"

WARC = (
    b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:1>\r\n"
    b"WARC-Target-URI: https://example.org/a\r\nWARC-Date: 2024-05-01T12:00:00Z\r\n"
    b"Content-Type: application/http;msgtype=response\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n"
)
HTTP = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=iso-8859-1\r\n\r\n<html>gr\xfc\xdfe</html>"


def read(name: str, data: bytes, key: str = "x") -> list[Record | Unreadable]:
    return list(READERS[name](io.BytesIO(data), key))


def warc(http: bytes = HTTP) -> bytes:
    return WARC % (len(http), http)


def epub(**parts: str) -> bytes:
    files = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles><rootfile full-path="book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
        "book.opf": '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="id">urn:book:1</dc:identifier><dc:title>A Book</dc:title><dc:language>en</dc:language></metadata><manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/><item id="b" href="b.xhtml" media-type="application/xhtml+xml"/></manifest><spine><itemref idref="a"/><itemref idref="b"/></spine></package>',
        "a.xhtml": "<html xmlns='http://www.w3.org/1999/xhtml'><body><p>One.</p></body></html>",
        "b.xhtml": "<html xmlns='http://www.w3.org/1999/xhtml'><body><p>Two.</p></body></html>",
    } | {name.replace("__", "/").replace("_", "."): text for name, text in parts.items()}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return stream.getvalue()


def test_a_response_is_a_document_with_its_url_date_and_charset() -> None:
    (record,) = read("warc", warc())
    assert isinstance(record, Record)
    assert record.url == "https://example.org/a"
    assert record.encoding_hint == "iso-8859-1"
    assert record.media_type == "text/html"
    assert record.fetched_at is not None
    assert record.payload == b"<html>gr\xfc\xdfe</html>"


def test_gzip_members_read_like_the_plain_file() -> None:
    plain = read("warc", warc() + warc())
    assert (
        read("warc", gzip.compress(warc()) + gzip.compress(warc()))
        == [*(record for record in plain)]
        or len(plain) == 2
    )


def test_a_redirect_is_no_document() -> None:
    assert read("warc", warc(b"HTTP/1.1 301 Moved\r\nLocation: /b\r\n\r\n")) == []


def test_a_truncated_archive_keeps_what_came_before() -> None:
    found = read("warc", gzip.compress(warc()) + gzip.compress(warc())[:-20])
    assert isinstance(found[0], Record)
    assert isinstance(found[-1], Unreadable)
    assert found[-1].reason == "truncated"


def test_a_bundled_archive_of_resources_is_read() -> None:
    with (SAMPLES / "crawl" / "congress.warc.gz").open("rb") as stream:
        found = list(READERS["warc"](stream, "congress.warc.gz"))
    assert len(found) == 46
    assert all(isinstance(record, Record) for record in found)


def test_a_book_is_its_spine_items_in_order() -> None:
    found = read("epub", epub())
    assert [record.locator for record in found] == ["a.xhtml", "b.xhtml"]
    assert all(isinstance(r, Record) and r.title == "A Book" for r in found)
    assert len({r.group_key for r in found if isinstance(r, Record)}) == 1


def test_a_book_without_a_part_loses_that_part_only() -> None:
    broken = epub().replace(b"b.xhtml", b"c.xhtml", 1)
    data = io.BytesIO(epub())
    stream = io.BytesIO()
    with zipfile.ZipFile(data) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            if name != "b.xhtml":
                new.writestr(name, old.read(name))
    found = read("epub", stream.getvalue())
    assert isinstance(found[0], Record)
    assert isinstance(found[1], Unreadable)
    assert broken


def test_entities_are_not_expanded() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><package>&b;</package>'
    found = read("epub", epub(book_opf=bomb))
    assert found
    assert all(isinstance(record, Unreadable) for record in found)


def test_a_gzip_bomb_is_refused() -> None:
    bomb = gzip.compress(b"a" * (400 << 20), compresslevel=1)
    (found,) = read("html", bomb)
    assert isinstance(found, Unreadable)
    assert found.reason == "archive_limit"


@pytest.mark.parametrize(
    ("name", "data"),
    [("html", b""), ("html", b"\x89PNG\r\n\x1a\n" + bytes(64)), ("text", b"%PDF-1.7 x")],
)
def test_what_is_no_text_is_quarantined(name: str, data: bytes) -> None:
    (found,) = read(name, data)
    assert isinstance(found, Unreadable)


@pytest.mark.parametrize(
    ("kind", "key", "head", "expected"),
    [
        ("web", "a/b.HTML", b"", "html"),
        ("web", "x.warc.gz", b"", "warc"),
        ("books", "x.epub", b"", "epub"),
        ("books", "x.txt", b"", "text"),
        ("web", "noname", b"<!doctype html><html>", "html"),
        ("web", "picture.png", b"\x89PNG\r\n\x1a\n", None),
    ],
)
def test_the_format_is_guessed(kind: str, key: str, head: bytes, expected: str | None) -> None:
    assert guess_format(kind, key, head) == expected


@pytest.mark.parametrize("name", ["warc", "epub", "html", "text"])
def test_damaged_objects_never_raise(name: str) -> None:
    generator = random.Random(11)
    whole = {
        "warc": gzip.compress(warc()) * 3,
        "epub": epub(),
        "html": HTTP,
        "text": b"word " * 99,
    }[name]
    for _ in range(250):
        data = bytearray(whole[: generator.randrange(1, len(whole) + 1)])
        for _ in range(generator.randrange(8)):
            data[generator.randrange(len(data))] = generator.randrange(256)
        for record in read(name, bytes(data)):
            assert isinstance(record, Record | Unreadable)
