"""Fields of Project Gutenberg headers."""

import pytest

from llm_assets.formats.gutenberg_header import GutenbergHeader, gutenberg_header

HEADER = """The Project Gutenberg EBook of Legend Land, by Various

Title: Legend Land, Vol. 1
       Being a collection of some of the Old Tales
Author: Various

Release Date: December 23, 2006 [EBook #20170]

Language: English

Character set encoding: ISO-8859-1

*** START OF THIS PROJECT GUTENBERG EBOOK LEGEND LAND ***

Title: not this one
"""


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_fields_and_their_continuation_lines(line_end: str) -> None:
    assert gutenberg_header(HEADER.replace("\n", line_end)) == GutenbergHeader(
        title="Legend Land, Vol. 1 Being a collection of some of the Old Tales",
        author="Various",
        language="en",
        encoding="ISO-8859-1",
    )


def test_other_texts_have_no_header() -> None:
    assert gutenberg_header("Title: A\nAuthor: B\n") == GutenbergHeader()


@pytest.mark.parametrize(
    ("named", "code"),
    [("German", "de"), ("English and French", "en"), ("Klingon", None), ("", None)],
)
def test_languages_become_codes(named: str, code: str | None) -> None:
    assert gutenberg_header(f"Project Gutenberg\n\nLanguage: {named}\n").language == code
