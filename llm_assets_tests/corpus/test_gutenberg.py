"""Taking Project Gutenberg's words off its books."""

from pathlib import Path

import pytest

from llm_assets.corpus.gutenberg import strip_gutenberg

BOOK = "CHAPTER I\n\nIt was a dark night.\n\nTHE END\n"
ABOUT = "The Project Gutenberg EBook of A Book, by Ann\n\nThis eBook is for anyone anywhere.\n\n"
LICENCE = "\n\nUpdated editions will replace the previous one.\n\n" * 50


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (
            "*** START OF THIS PROJECT GUTENBERG EBOOK A BOOK ***",
            "*** END OF THIS PROJECT GUTENBERG EBOOK A BOOK ***",
        ),
        (
            "*** START OF THE PROJECT GUTENBERG EBOOK 1342 ***",
            "*** END OF THE PROJECT GUTENBERG EBOOK 1342 ***",
        ),
        (
            "***START OF THE PROJECT GUTENBERG EBOOK A BOOK***",
            "***END OF THE PROJECT GUTENBERG EBOOK A BOOK***",
        ),
        (
            "*** START OF THE PROJECT GUTENBERG EBOOK A LONG\nTITLE OF A BOOK ***",
            "End of Project Gutenberg's A Book, by Ann",
        ),
        (
            "*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*",
            "End of the Project Gutenberg Etext of A Book",
        ),
        (
            "*END THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*",
            "End of The Project Gutenberg Etext of A Book",
        ),
    ],
)
def test_what_stands_between_the_marks_is_the_book(start: str, end: str) -> None:
    assert strip_gutenberg(f"{ABOUT}{start}\n\n\n{BOOK}\n{end}\n{LICENCE}") == BOOK


@pytest.mark.parametrize(
    "credit",
    [
        "Produced by Ann, Bob and the\nOnline Distributed Proofreading Team at http://www.pgdp.net",
        "E-text prepared by Ann",
        "This etext was prepared by Ann <ann@example.org>",
        "Produced by Ann\n\nHTML version by Bob",
    ],
)
def test_credits_go_with_the_header(credit: str) -> None:
    start = "*** START OF THIS PROJECT GUTENBERG EBOOK A BOOK ***"
    assert strip_gutenberg(f"{ABOUT}{start}\n\n\n\n{credit}\n\n\n\n{BOOK}") == BOOK


def test_other_texts_stay() -> None:
    for text in (BOOK, "", "Produced by hand.\n\nThe end.\n", f"*** START ***\n{BOOK}"):
        assert strip_gutenberg(text) == text


def test_a_book_about_the_project_keeps_its_words() -> None:
    text = f"{BOOK * 2000}\nI read it at Project Gutenberg.\n{BOOK * 2000}"
    assert strip_gutenberg(text) == text


def test_a_header_with_nothing_behind_it_leaves_nothing() -> None:
    start = "*** START OF THIS PROJECT GUTENBERG EBOOK A BOOK ***"
    assert strip_gutenberg(f"{ABOUT}{start}\n\n*** END OF THIS PROJECT GUTENBERG EBOOK ***\n") == ""


@pytest.mark.shared_data
def test_nothing_of_the_project_is_left_in_real_books(shared_data: Path) -> None:
    books = sorted((shared_data / "books" / "gutenberg").rglob("*.txt"))
    for path in books:
        text = path.read_bytes().decode("latin-1").replace("\r\n", "\n")
        book = strip_gutenberg(text)
        for words in ("*** START", "*** END", "Project Gutenberg License", "subscribe to our"):
            assert words not in book, path
        assert "pgdp" not in book[:500], path
        assert len(book) > 0.6 * len(text), path
    assert books
