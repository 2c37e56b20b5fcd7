"""The addresses that a page names: its own canonical one, and its licence's."""

import re
from collections.abc import Sequence
from urllib.parse import urljoin, urlsplit, urlunsplit

_MAX_URL_CHARS = 2000
_CREATIVE_COMMONS = re.compile(
    r"(?:https?:)?//(?:www\.)?creativecommons\.org/(?P<path>(?:licenses|publicdomain)/[a-z0-9+-]{2,20}"
    r"(?:/\d\.\d)?(?:/(?:[a-z]{2,3}|igo|scotland)(?=/|$))?)",
    re.I,
)
_SPACE = re.compile(r"\s")


def web_url(reference: str, base: str | None) -> str | None:
    """Return an http or https URL that a page refers to, absolute and without a fragment.

    Args:
        reference: as the page has it, absolute or relative.
        base: the address that relative ones are relative to, if it is known.

    Returns:
        None if it is no address of the web, is relative to nothing, or is over 2,000 characters.
    """
    reference = reference.strip()
    if not reference or len(reference) > _MAX_URL_CHARS or _SPACE.search(reference):
        return None
    try:
        own = urlsplit(reference)
        if own.scheme and not own.netloc:
            return None
        parts = urlsplit(urljoin(base or "", reference))
        host = parts.hostname or ""
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not _is_host(host) or port == 0:
        return None
    return urlunsplit(
        parts._replace(netloc=parts.netloc.lower(), path=parts.path or "/", fragment="")
    )


def licence_url(references: Sequence[str], base: str | None) -> str | None:
    """Return the licence that links name, if they agree; of Creative Commons in one spelling.

    Deeds in several languages and `http` are the same licence; two licences are none, since only a
    reader can tell which of them the text is under.
    """
    named = {_in_one_spelling(url) for url in (web_url(ref, base) for ref in references) if url}
    return next(iter(named)) if len(named) == 1 else None


def creative_commons(reference: str) -> bool:
    """Whether an address is that of a Creative Commons licence or public domain mark."""
    return _CREATIVE_COMMONS.match(reference.strip()) is not None


def _in_one_spelling(url: str) -> str:
    match = _CREATIVE_COMMONS.match(url)
    return f"https://creativecommons.org/{match['path'].lower()}/" if match else url


def _is_host(host: str) -> bool:
    """Whether this names a host of the web: a dotted name or an IPv6 address."""
    return ":" in host or "." in host.strip(".")
