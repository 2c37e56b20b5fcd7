"""Books as plain text."""

import gzip
import io

import pytest

from llm_assets.formats.plain import read_text
from llm_assets.formats.record import Record, Unreadable
from llm_assets_tests.formats.builders import PAGE

BOOK = """Project Gutenberg's Ontboezemingen, by Gabriël

Title: Ontboezemingen
Author: Gabriël
Language: Dutch
Character set encoding: ISO-8859-1

*** START OF THIS PROJECT GUTENBERG EBOOK ONTBOEZEMINGEN ***
Tekst.
"""


def read(data: bytes) -> Record | Unreadable:
    (found,) = read_text(io.BytesIO(data), "shelf/book.txt")
    return found


def test_a_book_is_one_record_of_its_own_group() -> None:
    found = read(b"Once upon a time.")
    assert found == Record("", b"Once upon a time.", "text/plain", group_key="shelf/book.txt")
    assert read(gzip.compress(b"Once upon a time.")) == found


@pytest.mark.parametrize(
    ("encoding", "hint"),
    [("latin-1", "ISO-8859-1"), ("utf-8", "ISO-8859-1"), ("utf-8-sig", "utf-8")],
)
def test_a_header_names_the_book_in_any_encoding(encoding: str, hint: str) -> None:
    found = read(BOOK.encode(encoding))
    assert isinstance(found, Record)
    assert (found.title, found.author, found.language_hint) == ("Ontboezemingen", "Gabriël", "nl")
    assert found.encoding_hint == hint


def test_a_character_that_the_end_of_the_header_cuts_does_no_harm() -> None:
    for spaces in range(3):
        found = read(BOOK.encode() + b" " * spaces + "é".encode() * 20_000)
        assert isinstance(found, Record)
        assert found.author == "Gabriël"


@pytest.mark.parametrize(
    ("data", "reason"), [(b"", "empty"), (PAGE, "wrong_format"), (b"%PDF-1.7", "wrong_format")]
)
def test_what_is_no_text_says_why(data: bytes, reason: str) -> None:
    found = read(data)
    assert isinstance(found, Unreadable)
    assert found.reason == reason
