"""A page's title without the site's name.

Titles carry the site's name, a section and a slogan behind separators. They are cut only where
something proves that it is right: a heading of the page that is the rest, the declared name of the
site, or a shorter title that the page declares elsewhere.
"""

import re
from collections.abc import Collection, Iterable, Sequence

from llm_assets.corpus.pages.page_text import text_key

_SEPARATOR = re.compile(
    r"\s+(?:[|–—·•»«:‹›/~*⋆]|::|-{1,2}|\|\|)\s+|\s*[|｜_]\s*|(?<=\S):\s+|\s+[-–—]|[-–—]\s+"
)


def choose_title(
    title: str | None,
    declared: Sequence[str],
    headings: Iterable[str],
    sites: Collection[str],
) -> str | None:
    """Return the page's own title.

    Args:
        title: the text of its `<title>`.
        declared: what its metadata calls the title, the most trusted first.
        headings: its headings, in order; asked for only as long as none is the title, and there
            is something to cut.
        sites: keys of what the site is called.
    """
    full = [text for text in (title, *declared) if text]
    parts = {key for text in full for key in _parts(text)}
    for heading in headings if len(parts) > 1 else ():
        if (key := text_key(heading)) in parts and key not in sites:
            return _without_site(heading, sites)
    candidates = [*declared, *([title] if title else [])]
    own = (text for text in candidates if text_key(text) not in sites)
    return next((_without_site(text, sites) for text in own), next(iter(candidates), None))


def _parts(text: str) -> Iterable[str]:
    """Yield the keys of a title, of its beginnings, and of ends that are more than half of it."""
    whole = text_key(text)
    yield whole
    for cut in _SEPARATOR.finditer(text):
        yield text_key(text[: cut.start()])
        end = text_key(text[cut.end() :])
        if 2 * len(end) > len(whole):
            yield end


def _without_site(text: str, sites: Collection[str]) -> str:
    """Cut the site's name off the end or the beginning."""
    cuts = list(_SEPARATOR.finditer(text))
    for cut in reversed(cuts):
        if text_key(text[cut.end() :]) in sites and text_key(text[: cut.start()]):
            return _without_site(text[: cut.start()].strip(), sites)
    for cut in cuts:
        if text_key(text[: cut.start()]) in sites and text_key(text[cut.end() :]):
            return _without_site(text[cut.end() :].strip(), sites)
    return text
