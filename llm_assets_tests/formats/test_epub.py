"""EPUB books, whole and damaged."""

import gzip
import io
from pathlib import Path

import pytest

from llm_assets.formats.epub import read_epub
from llm_assets.formats.record import Record, Unreadable
from llm_assets_tests.formats.builders import METADATA, chapter, epub, item, package


def read(data: bytes) -> list[Record | Unreadable]:
    return list(read_epub(io.BytesIO(data), "shelf/book.epub"))


def locators(found: list[Record | Unreadable]) -> list[str]:
    return [entry.locator for entry in found if isinstance(entry, Record)]


def faults(found: list[Record | Unreadable]) -> list[tuple[str, str]]:
    return [(entry.locator, entry.reason) for entry in found if isinstance(entry, Unreadable)]


def test_a_book_is_its_chapters_in_order() -> None:
    found = read(epub())
    assert found == [
        Record(
            f"{name}.xhtml",
            chapter(text).encode(),
            "application/xhtml+xml",
            title="A Book",
            author="Ann Author",
            language_hint="en-GB",
            group_key="urn:isbn:9780000000001",
        )
        for name, text in (("one", "The first chapter."), ("two", "The second chapter."))
    ]
    assert read(gzip.compress(epub())) == found


@pytest.mark.parametrize("identifier", ["unknown", ""])
def test_an_identifier_that_says_nothing_does_not_group_books(identifier: str) -> None:
    metadata = METADATA.replace("urn:isbn:9780000000001", identifier)
    opf = package(metadata, item("one"), '<itemref idref="one"/>')
    (record,) = read(epub(opf=opf))
    assert isinstance(record, Record)
    assert record.group_key == "shelf/book.epub"


@pytest.mark.parametrize(
    "page", [chapter('<img src="cover.png"/>'), chapter("&#160; "), chapter("")]
)
def test_a_page_without_text_is_no_document(page: str) -> None:
    found = read(epub(one=page))
    assert locators(found) == ["two.xhtml"]
    assert faults(found) == []


def test_a_book_without_any_text_is_not_lost_without_a_trace() -> None:
    assert faults(read(epub(one=chapter(""), two=chapter("")))) == [("", "empty")]


@pytest.mark.parametrize(
    ("one", "reason"), [(None, "malformed"), ("", "empty"), ("\0\1\2" * 99, "binary")]
)
def test_a_missing_or_broken_chapter_leaves_the_others(one: str | None, reason: str) -> None:
    found = read(epub(one=one))
    assert locators(found) == ["two.xhtml"]
    assert faults(found) == [("one.xhtml", reason)]


def test_names_with_escapes_are_found() -> None:
    manifest = '<item id="a" href="a%20b.xhtml#top" media-type="application/xhtml+xml"/>'
    opf = package(METADATA, manifest, '<itemref idref="a"/>')
    found = read(epub(opf=opf, **{"OEBPS/a b.xhtml": chapter("Text.")}))
    assert locators(found) == ["a%20b.xhtml"]


def test_a_chapter_outside_the_book_is_unsafe() -> None:
    manifest = '<item id="a" href="../../etc/passwd" media-type="application/xhtml+xml"/>'
    opf = package(METADATA, manifest + item("two"), '<itemref idref="a"/><itemref idref="two"/>')
    found = read(epub(opf=opf))
    assert locators(found) == ["two.xhtml"]
    assert faults(found) == [("../../etc/passwd", "unsafe")]


def test_an_encrypted_chapter_is_unsafe() -> None:
    encryption = (
        '<encryption><EncryptedData><EncryptionMethod Algorithm="aes"/><CipherData>'
        '<CipherReference URI="OEBPS/one.xhtml"/></CipherData></EncryptedData></encryption>'
    )
    found = read(epub(**{"META-INF/encryption.xml": encryption}))
    assert locators(found) == ["two.xhtml"]
    assert faults(found) == [("one.xhtml", "unsafe")]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"<html>", "wrong_format"),
        (b"\x89PNG\r\n\x1a\n", "wrong_format"),
        (epub()[:-100], "truncated"),
        (epub(opf=None), "malformed"),
        (epub(**{"../evil": "x"}), "unsafe"),
        (gzip.compress(epub())[:-9], "truncated"),
    ],
)
def test_what_is_no_book_says_why(data: bytes, reason: str) -> None:
    assert faults(read(data)) == [("", reason)]


@pytest.mark.shared_data
def test_real_books_are_read_without_a_loss(shared_data: Path) -> None:
    books = sorted((shared_data / "books").rglob("*.epub"))
    for path in books:
        with path.open("rb") as stream:
            found = list(read_epub(stream, path.name))
        assert faults(found) == []
        assert all(isinstance(entry, Record) and entry.title for entry in found)
    assert len(books) >= 20
