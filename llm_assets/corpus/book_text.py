"""What digital libraries put around and into the text of a book, and how to take it off."""

import re

_START = re.compile(
    r"^[ \t]*\*\*\*[ \t]*START OF (?:THE|THIS) PROJECT GUTENBERG E(?:BOOK|TEXT)\b[^\n*]*"
    r"(?:\n[^\n*]+)?\*\*\*[^\n]*\n"
    r"|^[^\n]*\*END[ *]THE SMALL PRINT![^\n]*\n",
    re.M | re.I,
)
_END = re.compile(
    r"^[ \t]*\*\*\*[ \t]*END OF (?:THE|THIS) PROJECT GUTENBERG E(?:BOOK|TEXT)\b"
    r"|^[ \t]*End of (?:the |this )?Project Gutenberg(?:'s|’s)?\b",
    re.M | re.I,
)
_CREDITS = re.compile(
    r"\A\s*(?:E-?text prepared by|Produced by|Transcribed by|Transcriber's note:)[^\n]*"
    r"(?:\n[^\n]+)*\n",
    re.I,
)
# A start in the last quarter or an end in the first is a mention, not a frame.
_LATEST_START, _EARLIEST_END = 0.75, 0.25

_AOZORA_NOTES = re.compile(r"^-{20,}\n【テキスト中に現れる記号について】.*?^-{20,}\n", re.M | re.S)
_AOZORA_COLOPHON = re.compile(r"^底本：.*\Z", re.M | re.S)
_AOZORA_MARKS = re.compile(r"※?［＃[^］\n]*］|《[^》\n]*》|｜")

_NARROWEST, _WIDEST = 45, 90
"""Line lengths, in characters, between which a paragraph is taken for hard-wrapped."""
_BLANK = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")


def plain_book_text(text: str) -> str:
    """Return the book in a plain text file: without its library's frame, its paragraphs whole."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return unwrapped(without_aozora_marks(without_gutenberg_frame(lines)))


def without_gutenberg_frame(text: str) -> str:
    """Cut off Project Gutenberg's header, credits, footer and licence, where they are there."""
    start = next(
        (m.end() for m in _START.finditer(text) if m.end() <= len(text) * _LATEST_START), None
    )
    end = next((m.start() for m in _END.finditer(text) if m.start() >= len(text) * _EARLIEST_END), None)
    if start is None and end is None:
        return text
    inner = text[start or 0 : end]
    return _CREDITS.sub("", inner, count=1)


def without_aozora_marks(text: str) -> str:
    """Take readings, notes and the colophon out of a text of Aozora Bunko."""
    if "［＃" not in text and "【テキスト中に現れる記号について】" not in text:
        return text
    text = _AOZORA_NOTES.sub("", text, count=1)
    text = _AOZORA_COLOPHON.sub("", text)
    return _AOZORA_MARKS.sub("", text)


def unwrapped(text: str) -> str:
    """Join the lines of hard-wrapped paragraphs; leave verse, tables and lists as they are."""
    return "\n\n".join(_joined(paragraph) for paragraph in _BLANK.split(text))


def _joined(paragraph: str) -> str:
    lines = paragraph.split("\n")
    body = lines[:-1]
    if not body or any(line[:1] in (" ", "\t") for line in lines[1:]):
        return paragraph
    if not all(_NARROWEST <= len(line.rstrip()) <= _WIDEST for line in body):
        return paragraph
    text = lines[0].rstrip()
    for line in lines[1:]:
        # The hyphen may belong to the word: keep it, but no space after it.
        glue = "" if text.endswith("-") and not text.endswith("--") else " "
        text += glue + line.strip()
    return text
