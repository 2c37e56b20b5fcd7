"""Short texts out of a page: attribute values, and what an element shows, in bounded time."""

import html
import re
import unicodedata

from resiliparse.parse.html import ElementNode

MAX_FIELD_CHARS = 500
"""Longest field that is kept; hostile pages have megabytes in a title."""

_LOOKED_AT = 4 * MAX_FIELD_CHARS
_MAX_CHILDREN = 20
_ESCAPE = re.compile(r"&(?:#\d{1,6}|#x[0-9a-f]{1,5}|[a-z]{2,8}\d{0,2});", re.I)
_WORD = re.compile(r"[^\W_]+")
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]"
)


def text_key(text: str) -> str:
    """Return a text's letters and digits in a row: what two spellings of a title or name share."""
    return "".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def field_text(value: str | None) -> str | None:
    """Return a field on one line, without invisible characters and leftover HTML; None if empty.

    Fields that went through two templates are escaped twice: `Tom &amp;amp; Jerry`.
    """
    text = (value or "")[:_LOOKED_AT]
    if "&" in text and _ESCAPE.search(text):
        text = html.unescape(text)
    return " ".join(_INVISIBLE.sub("", text).split())[:MAX_FIELD_CHARS].strip() or None


def element_text(element: ElementNode, max_chars: int | None = None) -> str | None:
    """Return what an element shows; None if that is nothing.

    Args:
        element: the element.
        max_chars: a longer text is none at all, and neither is one of many elements.
    """
    if max_chars is not None and element.child_element_count > _MAX_CHILDREN:
        return None
    text = field_text(element.inner_text)
    return None if text and max_chars is not None and len(text) > max_chars else text
