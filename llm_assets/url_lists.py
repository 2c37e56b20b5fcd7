"""The user's lists of refused URLs: plain files, one entry a line, `#` in front of a comment.

A file may hold millions of entries, as the UT1 blacklists do
(https://dsi.ut-capitole.fr/blacklists/). Files compressed by gzip or zstd are read too.
"""

import hashlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

import polars as pl
from polars.exceptions import ComputeError

from llm_assets.cleaning_recipe import UrlLists
from llm_assets.corpus.profiles.url_parts import SUFFIX_LIBRARY
from llm_assets.corpus.profiles.url_rules import UrlRules
from llm_assets.recipe import ConfigurationError, fingerprint

_NO_PART_OF_A_DOMAIN: Final = r"[\s/\\:@?#*,]"
_SCHEME: Final = r"^[A-Za-z][A-Za-z0-9+.-]*://"
_BYTE_ORDER_MARK: Final = "\ufeff"


def read_url_lists(lists: UrlLists, corpus_file: Path) -> UrlRules:
    """Read the lists.

    A URL without a scheme stands for the page by http and by https: UT1's lists are so.

    Args:
        lists: their paths, relative to the corpus file.
        corpus_file: the corpus file.

    Raises:
        ConfigurationError: for a file that cannot be read, or an entry that could match no URL; the
            message names file and line.
    """
    read = {name: _read(name, path) for name, path in _paths(lists, corpus_file)}
    return UrlRules.of(**read, soft_word_threshold=lists.soft_word_threshold)


def url_lists_fingerprint(lists: UrlLists, corpus_file: Path) -> str:
    """Name what the lists refuse: their content, wherever they lie, and the suffixes in use.

    Raises:
        ConfigurationError: for a file that cannot be read.
    """
    contents = [f"{name}:{_content_hash(path)}" for name, path in _paths(lists, corpus_file)]
    return fingerprint("urls", contents, lists.soft_word_threshold, libraries=[SUFFIX_LIBRARY])


def _paths(lists: UrlLists, corpus_file: Path) -> Iterator[tuple[str, Path]]:
    for name, value in lists:
        if name in _UNFIT and value is not None:
            yield name, corpus_file.parent / value


def _read(name: str, path: Path) -> pl.Series:
    lines = _lines(path).with_columns(pl.col("line").str.strip_chars())
    entries = lines.filter((pl.col("line") != "") & ~pl.col("line").str.starts_with("#"))
    is_unfit, what_is_right = _UNFIT[name]
    unfit = entries.filter(is_unfit(pl.col("line")))
    if unfit.height:
        number, entry = unfit.row(0)
        raise ConfigurationError(f"{path}:{number}: {entry!r} {what_is_right}")
    return _with_schemes(entries["line"]) if name == "urls" else entries["line"]


def _lines(path: Path) -> pl.DataFrame:
    """Read a file's lines, each with its number, counted from 1."""
    try:
        payload = path.read_bytes()
        frame = pl.read_lines(payload, row_index_name="number", row_index_offset=1)
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from None
    except ComputeError:
        line = _first_undecodable_line(payload)
        raise ConfigurationError(f"{path}:{line}: is not UTF-8: save it in that encoding") from None
    return frame.with_columns(pl.col("line").str.strip_prefix(_BYTE_ORDER_MARK))


def _first_undecodable_line(payload: bytes) -> int:
    try:
        payload.decode("utf-8")
    except UnicodeDecodeError as error:
        return payload.count(b"\n", 0, error.start) + 1
    return 1  # compressed, and wrong inside


def _with_schemes(urls: pl.Series) -> pl.Series:
    bare = urls.filter(~urls.str.contains(_SCHEME))
    whole = urls.filter(urls.str.contains(_SCHEME))
    return pl.concat([whole, "http://" + bare, "https://" + bare])


def _holds_no_word(line: pl.Expr) -> pl.Expr:
    return ~line.str.contains("[a-zA-Z0-9]")


def _is_no_domain(line: pl.Expr) -> pl.Expr:
    return line.str.contains(_NO_PART_OF_A_DOMAIN)


def _is_no_url(line: pl.Expr) -> pl.Expr:
    return line.str.contains(r"\s")


_IS_NO_DOMAIN: Final = "is no domain: write example.com, without scheme, path, port and *"
_IS_NO_WORD: Final = "is no word: it needs an ASCII letter or digit"

_UNFIT: Final[dict[str, tuple[Callable[[pl.Expr], pl.Expr], str]]] = {
    "domains": (_is_no_domain, _IS_NO_DOMAIN),
    "allowed_domains": (_is_no_domain, _IS_NO_DOMAIN),
    "urls": (_is_no_url, "is no URL: it holds a space"),
    "hard_words": (_holds_no_word, _IS_NO_WORD),
    "soft_words": (_holds_no_word, _IS_NO_WORD),
    "subwords": (_holds_no_word, _IS_NO_WORD),
}
"""By list: which entries could match no URL, and what is right instead."""


def _content_hash(path: Path) -> str:
    try:
        state = path.stat()
        return _hash_of(path, state.st_size, state.st_mtime_ns)
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from None


@cache
def _hash_of(path: Path, size: int, changed_at: int) -> str:
    """Hash a file once for each state of it: a process asks for the fingerprint again and again."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
