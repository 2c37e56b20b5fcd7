"""Taking off what libraries put around a book."""

import pytest

from llm_assets.corpus.book_text import plain_book_text, unwrapped, without_gutenberg_frame

BODY = "It was a dark night.\n\nThe end came soon.\n" * 8


@pytest.mark.parametrize(
    ("head", "foot"),
    [
        (
            "The Project Gutenberg eBook of X\n\n*** START OF THE PROJECT GUTENBERG EBOOK X ***\n",
            "*** END OF THE PROJECT GUTENBERG EBOOK X ***\nlicence",
        ),
        (
            "header\n***START OF THIS PROJECT GUTENBERG EBOOK X***\n\nE-text prepared by A B\n",
            "***END OF THIS PROJECT GUTENBERG EBOOK X***\n",
        ),
        (
            "*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*\n",
            "End of Project Gutenberg's X\n",
        ),
    ],
)
def test_the_frame_of_project_gutenberg_goes(head: str, foot: str) -> None:
    assert without_gutenberg_frame(head + BODY + foot).strip() == BODY.strip()


def test_a_mention_of_the_frame_is_no_frame() -> None:
    text = BODY + "*** START OF THE PROJECT GUTENBERG EBOOK X ***\n"
    assert without_gutenberg_frame(text) == text


def test_wrapped_paragraphs_become_lines_and_verse_stays() -> None:
    line = "word " * 13
    prose = f"{line.strip()}\n{line.strip()}\nend."
    verse = "Tyger Tyger, burning bright,\nIn the forests of the night;"
    table = "a    b\n  c    d"
    joined = unwrapped(f"{prose}\n\n{verse}\n\n{table}")
    assert joined == f"{line.strip()} {line.strip()} end.\n\n{verse}\n\n{table}"


def test_a_hyphen_at_a_line_end_stays_without_a_space() -> None:
    first = "x" * 60 + " well-"
    assert unwrapped(f"{first}\nknown.") == "x" * 60 + " well-known."


def test_marks_of_aozora_bunko_go() -> None:
    text = "題\n著者\n\n吾輩《わがはい》は｜猫《ねこ》である。［＃改ページ］\n\n底本：「全集」\n"
    assert plain_book_text(text).strip() == "題\n著者\n\n吾輩は猫である。"
