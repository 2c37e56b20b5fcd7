"""Paragraphs of plain-text books, whose lines were wrapped for a typewriter's page."""

import re

_NARROWEST, _WIDEST = 45, 90
"""Line lengths, in characters, between which a paragraph is taken for hard-wrapped."""
_BLANK = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")


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
    pieces = [lines[0].rstrip()]
    for line in lines[1:]:
        # The hyphen may belong to the word: keep it, but no space after it.
        hyphenated = pieces[-1].endswith("-") and not pieces[-1].endswith("--")
        pieces += ["" if hyphenated else " ", line.strip()]
    return "".join(pieces)
