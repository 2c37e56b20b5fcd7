"""The main content of a page as trafilatura finds it: for users who know and want its results."""

from collections.abc import Callable
from functools import lru_cache

_MISSING = (
    "extractor: trafilatura needs the library of this name; install it with "
    "pip install 'llm-assets[trafilatura]', or choose extractor: default"
)


def trafilatura_text(html: str) -> str:
    """Return the main content of a page, with tables and without readers' comments.

    The settings are those of the library's own evaluation, where precision and recall are about
    equal. They set no time limit, and no page depends on another.

    Raises:
        ModuleNotFoundError: if the library is not installed.
    """
    return load_trafilatura()(html, include_comments=False, include_tables=True) or ""


@lru_cache(maxsize=1)
def load_trafilatura() -> Callable[..., str | None]:
    """Import the library, which takes most of a second, and return its `extract`.

    Raises:
        ModuleNotFoundError: if it is not installed; the message says what to do.
    """
    try:
        from trafilatura import extract
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(_MISSING) from error
    found: Callable[..., str | None] = extract
    return found
