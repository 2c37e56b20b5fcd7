"""Folders of web pages with the text that a good extractor finds in them.

A set is known by how its folder looks, so a set can be added without naming it here:

- `html/` beside `truth/` or `ground-truth/`: WCXB, whole texts and page types;
- `html/` beside `txt/`: newspaper4k, whole texts;
- `html/` beside `truth.json`: trafilatura, snippets that must or must not be in the text;
- `html/` beside `ground-truth.json`: Zyte's article extraction benchmark, whole texts;
- a folder a page, `source.html` and `expected.html` in each: Mozilla Readability, whole texts.

Any file may be packed with gzip.
"""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from llm_assets.corpus.decode import decode_text
from llm_assets.corpus.pages.html_text import all_text, parse_page
from llm_assets.formats.html import HTML


@dataclass(frozen=True)
class TruthPage:
    """A page and what its main text is, whole or by snippets."""

    name: str
    site: str
    kind: str
    html: str
    text: str | None = None
    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()


def truth_sets(folder: Path) -> dict[str, list[TruthPage]]:
    """Load the set in this folder, or else those in the folders within, by name."""
    pages = list(_pages(folder))
    if pages:
        return {folder.name: pages}
    within = {path.name: list(_pages(path)) for path in sorted(folder.iterdir()) if path.is_dir()}
    return {name: found for name, found in within.items() if found}


def _pages(folder: Path) -> Iterator[TruthPage]:
    if not (folder / "html").is_dir():
        yield from _folders(folder)
    elif (folder / "txt").is_dir():
        yield from _with_texts(folder)
    elif (folder / "truth.json").is_file():
        yield from _with_snippets(folder)
    elif (folder / "ground-truth.json").is_file():
        yield from _with_articles(folder)
    else:
        yield from _with_types(folder)


def _with_types(folder: Path) -> Iterator[TruthPage]:
    truths = folder / "truth" if (folder / "truth").is_dir() else folder / "ground-truth"
    for path in sorted(truths.glob("*.json*")):
        name = path.name.split(".")[0]
        record = json.loads(_read(path))
        truth = record["ground_truth"]
        kind = record["_internal"]["page_type"]["primary"]
        yield TruthPage(
            name,
            urlsplit(record.get("url") or "").hostname or name,
            "collection" if kind == "category" else kind,  # as WCXB's own evaluation does
            _html(_packed(folder / "html" / f"{name}.html")),
            truth.get("main_content") or "",
            tuple(truth.get("with") or ()),
            tuple(truth.get("without") or ()),
        )


def _with_texts(folder: Path) -> Iterator[TruthPage]:
    for path in sorted((folder / "txt").glob("*.txt*")):
        name = path.name.split(".")[0]
        html = _html(_packed(folder / "html" / f"{name}.html"))
        yield TruthPage(name, name, "article", html, _read(path).decode())


def _with_snippets(folder: Path) -> Iterator[TruthPage]:
    for url, truth in sorted(json.loads((folder / "truth.json").read_bytes()).items()):
        file = folder / "html" / truth["file"]
        wanted, unwanted = tuple(truth["with"]), tuple(truth["without"])
        name, site = truth["file"], urlsplit(url).hostname or url
        yield TruthPage(name, site, "article", _html(file), None, wanted, unwanted)


def _with_articles(folder: Path) -> Iterator[TruthPage]:
    for name, truth in sorted(json.loads((folder / "ground-truth.json").read_bytes()).items()):
        html = _html(_packed(folder / "html" / f"{name}.html"))
        site = urlsplit(truth["url"]).hostname or name
        yield TruthPage(name, site, "article", html, truth["articleBody"])


def _folders(folder: Path) -> Iterator[TruthPage]:
    for source in sorted(folder.glob("*/source.html*")):
        expected = all_text(parse_page(_html(_packed(source.parent / "expected.html"))))
        name = source.parent.name
        yield TruthPage(name, name, "article", _html(source), expected)


def _packed(path: Path) -> Path:
    return path if path.exists() else path.with_name(path.name + ".gz")


def _read(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


def _html(path: Path) -> str:
    decoded = decode_text(_read(path), None, HTML)
    if decoded is None:
        raise ValueError(f"{path}: no encoding fits the bytes")
    return decoded.text
