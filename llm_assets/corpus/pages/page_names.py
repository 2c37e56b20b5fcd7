"""Names of authors, out of what stands where names should be.

Fields for authors hold prefixes (`By`), addresses, roles, the name of the shop system, and several
names in one string. What is left is joined with `; `, since names hold commas and `and`.
"""

import re
from collections.abc import Collection, Iterable

from llm_assets.corpus.pages.page_text import MAX_FIELD_CHARS, field_text, text_key

_MAX_AUTHORS = 20
_MAX_NAME_WORDS = 8
_MAX_WORDS = 16  # a name with what stands around it
_MAX_NAME_CHARS = 80
_MAX_SHOWN_CHARS = 80
_MAX_SHOWN_NAMES = 4


def _any_of(*words: str) -> str:
    return "|".join(words)


_ADDRESS = re.compile(
    r"\S*(?:https?:|www\.)\S*|\S+\.(?:com|org|net|de|fr|info)/\S*|<?\S+@\S+\.\w+>?|\bmailto:\S*",
    re.I,
)
_IN_BRACKETS = re.compile(r"^\s*\(([^()]+)\)\s*$")
# What stands before a name: `Text: Ann`, `Veröffentlicht von Ann`, `作者：小明`.
_BEFORE_NAMES = _any_of(
    *("written", "posted", "published", "reviewed", "reported", "edited", "words", "text"),
    *("article", "story", "authors?", "by", "geschrieben", "verfasst", "erstellt", "gepostet"),
    *("eingestellt", "veröffentlicht", "publiziert", "von", "autor(?:in|a|es)?", "autore"),
    *("auteur", "publié", "par", "escrito", "publicado", "por", "scritto", "di", "de", "af", "av"),
    *("door", "przez", "автор", "yazan", "penulis", "oleh", "著者", "記者", "撰文"),
)
_PREFIX = re.compile(
    rf"^\W*(?:(?:(?:{_BEFORE_NAMES})\b|作者|文)[:：\s]*)+(?:(?<=\s)|(?<=[:：]))", re.I
)
# `Posted on 13 May 2014 by Ann`
_DATE_BEFORE = re.compile(r"^.{0,40}?\d.{0,30}?\b(?=(?:by|von|par|por|di|door|av|af)\s)", re.I)
_MONTHS = _any_of(
    *("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
)
# What stands behind one: `Ann – The Herald`, `Ann (editor)`, `Ann on Monday`, `Ann, May 3`.
_SUFFIX = re.compile(
    r"(?:\s*[•·–—:]\s*.*|\s*\([^()]*\)"
    r"|\s+(?:on|am|le|el|il|at|updated|published|posted)\b.*"
    rf"|\s*[-,]?\s*\d{{1,2}}[./]\d.*|\s+(?:{_MONTHS})\w*\.?\s+\d.*)$",
    re.I,
)
_SEPARATORS = re.compile(
    r"\s*,\s+(?:and|und|et)\s+"
    r"|\s*(?:;|\s/\s|•|·|、|\s&\s|\s(?:and|und|et|och|og|en|with|mit|и|та)\s)\s*",
    re.I,
)
# Between commas these are no names but what their bearers are.
_TITLES = _any_of(
    *("staff", "writer", "reporter", "editor", "correspondent", "contributor", "columnist"),
    *("journalist", "author", "redakteur(?:in)?", "redacteur", "rédacteur", "redactor"),
    *("manager", "director", "ceo", "founder", "professor", "news", "associated press"),
    *("reuters", "afp", r"m\.?d", r"ph\.?d", r"r\.?n", r"m\.?a", r"m\.?b\.?a", "jr", "sr", "esq"),
)
_TITLE = re.compile(rf"\b(?:{_TITLES})\b", re.I)
_TAIL = re.compile(
    r"(?:staff|correspondent|reporter|editor)"
    r"|(?:facebook|twitter|tweet|share|pinterest|whatsapp)\S*",
    re.I,
)
_EDGES = " \t,.:;-–—|/*\"'“”()"
_NOBODY = frozenset(
    [
        *("admin", "administrator", "webmaster", "moderator", "editor", "editors", "staff", "team"),
        *("author", "authors", "contributor", "contributors", "guest", "user", "owner", "root"),
        *("unknown", "anonymous", "none", "null", "undefined", "default", "test", "n/a"),
        *("redaktion", "info", "office", "support", "home", "wordpress", "published"),
        *("publiziert", "updated", "by", "von", "par", "por"),
    ]
)
_NO_NAME = re.compile(
    r"[{}<>\[\]=\\^~#%$]|\w{40}|^\W*$|^\d+$|\b(?:posts?|reviews?|comments?)\b|^user \d", re.I
)
# Words with capitals, in a script without them, or one word as in forums.
_LOOKS_NAMED = re.compile(
    r"\S+$|(?:[^\W\d_a-zà-ÿ]\S*|(?:van|von|de|der|den|di|da|la|le|bin|al|y|e)\b)(?:\s\S+){0,4}$"
)


def join_names(
    values: Iterable[str],
    sites: Collection[str] = (),
    *,
    surname_first: bool = False,
) -> str | None:
    """Return the distinct names in these fields, joined with `; `; None if there is no name.

    Args:
        values: fields as written.
        sites: keys of names that are the site's and no author's.
        surname_first: `Doe, Jane` is one name, as in the fields of libraries.
    """
    names: dict[str, str] = {}
    for value in values:
        for name in _names(field_text(value) or "", sites, surname_first=surname_first):
            names.setdefault(text_key(name), name)
        if len(names) >= _MAX_AUTHORS:
            break
    joined = "; ".join(list(names.values())[:_MAX_AUTHORS])
    return joined[:MAX_FIELD_CHARS] or None


def shown_names(text: str, sites: Collection[str], *, labelled: bool) -> str | None:
    """Return the names in a text that readers see, if it is nothing else but names.

    Args:
        text: what an element shows.
        sites: keys of names that are the site's.
        labelled: the text counts only behind a word such as `by`.
    """
    prefix = _PREFIX.match(text)
    if labelled and prefix is None:
        return None
    joined = join_names([text], sites)
    if joined is None or len(joined) > _MAX_SHOWN_CHARS:
        return None
    names = joined.split("; ")
    looks_named = all(_LOOKS_NAMED.match(name) for name in names)
    return joined if looks_named and len(names) <= _MAX_SHOWN_NAMES else None


def _names(text: str, sites: Collection[str], *, surname_first: bool) -> Iterable[str]:
    if surname_first and text.count(",") == 1 and not _TITLE.search(text.split(",")[1]):
        text = " ".join(reversed(text.split(",")))
    bare = _IN_BRACKETS.sub(r"\1", _ADDRESS.sub(" ", text)).partition("|")[0]
    bare = _PREFIX.sub("", _DATE_BEFORE.sub("", bare))
    for part in _SEPARATORS.split(bare):
        if len(part.split()) > _MAX_WORDS:
            continue
        for name in _between_commas(part):
            cleaned = _without_tail(_SUFFIX.sub("", name).strip(_EDGES).split(), sites)
            if _is_name(cleaned) and text_key(cleaned) not in sites:
                yield cleaned


def _without_tail(words: list[str], sites: Collection[str]) -> str:
    """Cut roles, the site's name and share buttons off the end of a name of two words or more."""
    while len(words) > 2 and (_TAIL.fullmatch(words[-1]) or text_key(words[-1]) in sites):
        words.pop()
    return " ".join(words)


def _between_commas(text: str) -> list[str]:
    """Part names at commas; titles and roles behind a name are no names."""
    first, *others = re.split(r"\s*[,，]\s*", text)
    return [first, *(other for other in others if not _TITLE.search(other) and " " in other)]


def _is_name(text: str) -> bool:
    if not 2 <= len(text) <= _MAX_NAME_CHARS or len(text.split()) > _MAX_NAME_WORDS:
        return False
    return text.casefold() not in _NOBODY and not _NO_NAME.search(text) and text[0] != "@"
