"""Books as plain text, with what a Project Gutenberg header says of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from llm_assets.formats.content import byte_order_mark, is_html
from llm_assets.formats.payload import read_text_payload
from llm_assets.formats.record import HEAD_BYTES, Record, Unreadable

_HEADER_BYTES = 1 << 14  # the small print of the 1990s runs to 12 kB
_GUTENBERG = re.compile(r"project\s+gutenberg", re.I)
_HEADER_END = re.compile(r"^\*\*\*\s*START\b|^\*END[* ]", re.M)
# "Title: ..." and its continuation lines, which are indented.
_FIELD = re.compile(
    r"^(Title|Author|Language|Character set encoding):[ \t]*(.*(?:\n[ \t]+\S.*)*)", re.M
)


# Languages of Project Gutenberg with more than a handful of books, as its headers call them.
_LANGUAGES = {
    "afrikaans": "af",
    "bulgarian": "bg",
    "catalan": "ca",
    "chinese": "zh",
    "czech": "cs",
    "danish": "da",
    "dutch": "nl",
    "english": "en",
    "esperanto": "eo",
    "estonian": "et",
    "finnish": "fi",
    "french": "fr",
    "frisian": "fy",
    "galician": "gl",
    "german": "de",
    "greek": "el",
    "hebrew": "he",
    "hungarian": "hu",
    "icelandic": "is",
    "interlingua": "ia",
    "irish": "ga",
    "italian": "it",
    "japanese": "ja",
    "latin": "la",
    "norwegian": "no",
    "occitan": "oc",
    "polish": "pl",
    "portuguese": "pt",
    "romanian": "ro",
    "russian": "ru",
    "serbian": "sr",
    "slovenian": "sl",
    "spanish": "es",
    "swedish": "sv",
    "tagalog": "tl",
    "telugu": "te",
    "turkish": "tr",
    "ukrainian": "uk",
    "welsh": "cy",
    "yiddish": "yi",
}


@dataclass(frozen=True, slots=True)
class GutenbergHeader:
    """The fields of a Project Gutenberg header; None where it does not name them."""

    title: str | None = None
    author: str | None = None
    language: str | None = None  # ISO 639
    encoding: str | None = None


def read_text(stream: BinaryIO, object_key: str) -> Iterator[Record | Unreadable]:
    """Yield the book as one record whose group is the object."""
    payload = read_text_payload(stream)
    if isinstance(payload, Unreadable):
        yield payload
        return
    if is_html(payload[:_HEADER_BYTES]):
        yield Unreadable("", "wrong_format", "an HTML page, not a text", head=payload[:HEAD_BYTES])
        return
    mark = byte_order_mark(payload)
    header = gutenberg_header(payload)
    yield Record(
        "",
        payload,
        "text/plain",
        encoding_hint=mark[0] if mark else header.encoding,
        title=header.title,
        author=header.author,
        language_hint=header.language,
        group_key=object_key,
    )


def gutenberg_header(payload: bytes) -> GutenbergHeader:
    """Return what the file's Project Gutenberg header says; nothing if it has none."""
    head = _decode_head(payload[:_HEADER_BYTES]).replace("\r\n", "\n").replace("\r", "\n")
    if not _GUTENBERG.search(head[:2000]):
        return GutenbergHeader()
    end = _HEADER_END.search(head)
    fields: dict[str, str | None] = {}
    for match in _FIELD.finditer(head[: end.start() if end else None]):
        fields.setdefault(match[1], " ".join(match[2].split()) or None)
    return GutenbergHeader(
        title=fields.get("Title"),
        author=fields.get("Author"),
        language=_language(fields.get("Language")),
        encoding=fields.get("Character set encoding"),
    )


def _language(name: str | None) -> str | None:
    """Return the ISO 639-1 code of the first language named."""
    words = re.findall(r"[a-z]+", (name or "").lower())
    return next((_LANGUAGES[word] for word in words if word in _LANGUAGES), None)


def _decode_head(head: bytes) -> str:
    """Decode the header, which is ASCII but for names: UTF-8, else what it calls Latin-1."""
    mark = byte_order_mark(head)
    if mark:
        return head[mark[1] :].decode(mark[0], "replace")
    try:
        return head.decode("utf-8")
    except UnicodeDecodeError as error:
        # The cut may have split a character.
        if error.start >= len(head) - 3:
            return head[: error.start].decode("utf-8")
        return head.decode("windows-1252", "replace")
