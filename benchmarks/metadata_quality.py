"""How often title, author and date of pages are right, beside trafilatura.

    python benchmarks/metadata_quality.py FOLDER [--peer-python PYTHON] [--errors FIELD]

FOLDER holds truth sets: WCXB (`html/` beside `truth/`), trafilatura's evaluation pages (`html/`
beside `truth.json`), Mozilla Readability's test pages (a folder each).

A title is right if its letters and digits are the truth's. An author is right if the set of names
is. A date is right if its day is the truth's; ours is the day in UTC, so pages with a time and
offset around midnight count as wrong, which the column `±1 day` shows. Precision is over the pages
where a value is given, recall over those whose truth has one.
"""

import argparse
import gzip
import json
import re
import subprocess
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from resiliparse.parse.html import HTMLTree

from llm_assets.corpus.decode import decode_text
from llm_assets.corpus.pages.html_text import main_text, parse_page
from llm_assets.corpus.pages.page_metadata import page_metadata
from llm_assets.formats.html import HTML

Facts = Mapping[str, str | None]
FIELDS = ("title", "author", "date")


class Page(NamedTuple):
    name: str
    url: str | None
    html: str
    truth: Facts


def truth_sets(folder: Path) -> dict[str, list[Page]]:
    readers: dict[str, Callable[[Path], Iterator[Page]]] = {
        "wcxb": _wcxb,
        "trafilatura": _trafilatura,
        "readability": _readability,
    }
    return {
        name: list(read(folder / name))
        for name, read in readers.items()
        if (folder / name).is_dir()
    }


def _wcxb(folder: Path) -> Iterator[Page]:
    for path in sorted((folder / "truth").glob("*.json.gz")):
        record = json.loads(gzip.decompress(path.read_bytes()))
        truth = record["ground_truth"]
        facts = {
            "title": truth["title"],
            "author": truth["author"],
            "date": truth["publish_date"],
        }
        name = path.name.split(".")[0]
        html = _html(folder / "html" / f"{name}.html.gz")
        yield Page(name, record.get("url") or None, html, facts)


def _trafilatura(folder: Path) -> Iterator[Page]:
    for url, truth in json.loads((folder / "truth.json").read_text("utf-8")).items():
        if "title" in truth:
            facts = {name: truth.get(name) for name in (*FIELDS, "license")}
            yield Page(truth["file"], url, _html(folder / "html" / truth["file"]), facts)


def _readability(folder: Path) -> Iterator[Page]:
    """Yield Mozilla's pages; where its truth has no date, the page may well show one."""
    for path in sorted(folder.glob("*/expected-metadata.json")):
        truth = json.loads(path.read_text("utf-8"))
        facts = {"title": truth["title"], "author": truth["byline"], "language": truth.get("lang")}
        yield Page(path.parent.name, None, _html(path.parent / "source.html.gz"), facts)


def _html(path: Path) -> str:
    decoded = decode_text(gzip.decompress(path.read_bytes()), None, HTML)
    return decoded.text if decoded else ""


def our_facts(pages: Sequence[Page]) -> tuple[list[Facts], float]:
    trees = [HTMLTree.parse(page.html) for page in pages]
    start = time.process_time()
    found = [page_metadata(tree, page.url) for tree, page in zip(trees, pages, strict=True)]
    seconds = time.process_time() - start
    facts = [
        {
            "title": each.title,
            "author": each.author,
            "date": each.published_at.date().isoformat() if each.published_at else None,
            "license": each.license_url,
            "language": each.language,
        }
        for each in found
    ]
    return facts, seconds


def peer_facts(pages: Sequence[Page], python: Path) -> tuple[list[Facts], float]:
    """Run `metadata_peers.py` with this Python."""
    lines = "".join(json.dumps({"html": page.html, "url": page.url}) + "\n" for page in pages)
    command = [python, Path(__file__).with_name("metadata_peers.py")]
    output = subprocess.run(command, input=lines, stdout=subprocess.PIPE, text=True, check=True)
    *facts, seconds = map(json.loads, output.stdout.splitlines())
    return facts, seconds


def title_key(text: str | None) -> str | None:
    words = re.findall(r"\w+", unicodedata.normalize("NFKC", text or "").casefold())
    return " ".join(words) or None


def author_key(text: str | None) -> str | None:
    bare = re.sub(r"^\s*(?:by|von|par|por)\s+", "", text or "", flags=re.I)
    names = re.split(r"[;,|\n]|\s(?:and|und|et|&)\s", bare)
    return "; ".join(sorted({key for name in names if (key := title_key(name))})) or None


def day_key(text: str | None) -> str | None:
    return (text or "")[:10] or None


KEYS: dict[str, Callable[[str | None], str | None]] = {
    "title": title_key,
    "author": author_key,
    "date": day_key,
}


class Score(NamedTuple):
    precision: float
    recall: float
    f1: float
    stated: int


def score(
    pairs: Sequence[tuple[str | None, str | None]], same: Callable[[Any, Any], bool]
) -> Score:
    """Compare truths with findings; None is none stated, none found."""
    stated = sum(truth is not None for truth, _ in pairs)
    given = sum(found is not None for _, found in pairs)
    right = sum(
        truth is not None and found is not None and same(truth, found) for truth, found in pairs
    )
    precision, recall = right / max(given, 1), right / max(stated, 1)
    return Score(precision, recall, 2 * right / max(given + stated, 1), stated)


def equal(truth: str, found: str) -> bool:
    return truth == found


def within_a_day(truth: str, found: str) -> bool:
    return abs((date.fromisoformat(truth) - date.fromisoformat(found)).days) <= 1


def report(
    sets: Mapping[str, list[Page]], results: Mapping[str, Mapping[str, list[Facts]]]
) -> None:
    print("| set, field | stated | reader | precision | recall | F1 | F1, ±1 day |")
    print("|---|---:|---|---:|---:|---:|---:|")
    for name, pages in sets.items():
        for field in FIELDS:
            if not any(field in page.truth for page in pages):
                continue
            for reader, facts in results[name].items():
                key = KEYS[field]
                pairs = [
                    (key(page.truth[field]), key(each[field]))
                    for page, each in zip(pages, facts, strict=True)
                ]
                exact = score(pairs, equal)
                near = f"{score(pairs, within_a_day).f1:.3f}" if field == "date" else ""
                figures = " | ".join(f"{value:.3f}" for value in exact[:3])
                print(f"| {name}, {field} | {exact.stated} | {reader} | {figures} | {near} |")


def report_errors(pages: Sequence[Page], facts: Sequence[Facts], field: str) -> None:
    for page, each in zip(pages, facts, strict=True):
        truth, found = page.truth.get(field), each[field]
        if KEYS[field](truth) != KEYS[field](found):
            print(f"{page.name[:40]}: {truth!r:.100} found {found!r:.100}")


def extraction_seconds(pages: Sequence[Page]) -> float:
    start = time.process_time()
    for page in pages:
        main_text(parse_page(page.html))
    return time.process_time() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--peer-python", type=Path, help="an environment with trafilatura")
    parser.add_argument("--errors", choices=FIELDS, help="list what is wrong in this field instead")
    arguments = parser.parse_args()
    sets = truth_sets(arguments.folder)
    pages = [page for found in sets.values() for page in found]
    results: dict[str, dict[str, list[Facts]]] = {}
    seconds = {"llm-assets": 0.0, "trafilatura": 0.0}
    for name, found in sets.items():
        facts, took = our_facts(found)
        results[name], seconds["llm-assets"] = {"llm-assets": facts}, seconds["llm-assets"] + took
        if arguments.errors:
            report_errors(found, facts, arguments.errors)
        if arguments.peer_python:
            facts, took = peer_facts(found, arguments.peer_python)
            results[name]["trafilatura"] = facts
            seconds["trafilatura"] += took
    if arguments.errors:
        return
    report(sets, results)
    main_text(parse_page(pages[0].html))  # loads the model
    megabytes = sum(len(page.html.encode()) for page in pages) / 1e6
    print(f"\n{len(pages)} pages, {megabytes:.1f} MB")
    print(f"extraction of text: {extraction_seconds(pages):.2f} CPU seconds")
    for reader, took in seconds.items():
        print(f"metadata, {reader}: {took:.2f} CPU seconds")


if __name__ == "__main__":
    main()
