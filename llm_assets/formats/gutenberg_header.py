"""What a Project Gutenberg header says of its book; text files and pages carry the same lines."""

import re
from dataclasses import dataclass

HEADER_CHARS = 1 << 14
"""How far a header reaches: the small print of the 1990s runs to 12,000 characters."""

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


def gutenberg_header(head: str) -> GutenbergHeader:
    """Return what a text's Project Gutenberg header says; nothing if it has none.

    Args:
        head: the first `HEADER_CHARS` of the text, or more.
    """
    head = head[:HEADER_CHARS].replace("\r\n", "\n").replace("\r", "\n")
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
