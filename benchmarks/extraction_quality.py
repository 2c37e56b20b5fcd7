"""How much of the main text each extractor finds, and how much else.

    python benchmarks/extraction_quality.py FOLDER [--peer-python PYTHON]

FOLDER holds truth sets (see `truth_sets.py`). Of whole texts the figures are precision, recall and
F1 of words, each the mean over pages, as WCXB's evaluation counts them: a word is a run of letters
and digits in lower case, and two texts share a word as often as both have it. Of snippets they are
what trafilatura's evaluation counts over all pages: wanted ones found, unwanted ones found.
"""

import argparse
import json
import re
import subprocess
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import NamedTuple

from truth_sets import TruthPage, truth_sets

from llm_assets.corpus.document_text import Extractor, extract_document
from llm_assets.formats.html import HTML

OURS: tuple[Extractor, ...] = ("default", "fast", "all-text")


class Score(NamedTuple):
    precision: float
    recall: float
    f1: float


class Found(NamedTuple):
    """The texts that one extractor finds in a set of pages, and its CPU seconds."""

    texts: list[str]
    seconds: float


def word_score(found: str, expected: str) -> Score:
    """Compare two texts as bags of words."""
    ours, theirs = (Counter(re.findall(r"\w+", text.lower())) for text in (found, expected))
    if not ours or not theirs:
        equal = float(not ours and not theirs)
        return Score(equal, equal, equal)
    common = (ours & theirs).total()
    precision, recall = common / ours.total(), common / theirs.total()
    return Score(precision, recall, 2 * common / (ours.total() + theirs.total()))


def snippet_score(found: Sequence[str], pages: Sequence[TruthPage]) -> Score:
    """Count the snippets of all pages together, white space alike."""
    right = wrong = missed = 0
    for text, page in zip(map(_spaced, found), pages, strict=True):
        hits = sum(_spaced(snippet) in text for snippet in page.wanted)
        right += hits
        missed += len(page.wanted) - hits
        wrong += sum(_spaced(snippet) in text for snippet in page.unwanted)
    precision = right / (right + wrong) if right else 0.0
    recall = right / (right + missed) if right else 0.0
    return Score(precision, recall, 2 * right / (2 * right + wrong + missed) if right else 0.0)


def set_score(found: Sequence[str], pages: Sequence[TruthPage]) -> Score:
    """Return the mean over pages with whole texts, or the snippets' score where there are none."""
    scores = [
        word_score(text, page.text)
        for text, page in zip(found, pages, strict=True)
        if page.text is not None
    ]
    if not scores:
        return snippet_score(found, pages)
    return Score(*map(mean, zip(*scores, strict=True)))


def our_texts(pages: Iterable[TruthPage], extractor: Extractor) -> Found:
    start = time.process_time()
    texts = [
        extract_document(page.html.encode(), HTML, "utf-8", None, "web", extractor).text or ""
        for page in pages
    ]
    return Found(texts, time.process_time() - start)


def peer_texts(pages: Iterable[TruthPage], python: Path) -> dict[str, Found]:
    """Run `extraction_peers.py` with this Python."""
    lines = "".join(json.dumps(page.html) + "\n" for page in pages)
    command = [python, Path(__file__).with_name("extraction_peers.py")]
    output = subprocess.run(command, input=lines, stdout=subprocess.PIPE, text=True, check=True)
    *rows, seconds = map(json.loads, output.stdout.splitlines())
    return {name: Found([row[name] for row in rows], took) for name, took in seconds.items()}


def report(name: str, pages: Sequence[TruthPage], found: Mapping[str, Found]) -> None:
    """Print a set's table: scores, speed, and F1 by page type where there are several."""
    megabytes = sum(len(page.html.encode()) for page in pages) / 1e6
    kinds = sorted({page.kind for page in pages}) if pages[0].text is not None else []
    columns = kinds if len(kinds) > 1 else []
    print(f"\n## {name}: {len(pages)} pages, {megabytes:.1f} MB\n")
    print("| extractor | precision | recall | F1 | MB/s |", *(f" {kind} |" for kind in columns))
    print("|---|---|---|---|---|" + "---|" * len(columns))
    for extractor, (texts, seconds) in found.items():
        by_kind = defaultdict(list)
        for text, page in zip(texts, pages, strict=True):
            by_kind[page.kind].append((text, page))
        score = set_score(texts, pages)
        cells = [f"{part:.3f}" for part in score] + [f"{megabytes / seconds:.2f}"]
        cells += [f"{set_score(*zip(*by_kind[kind], strict=True)).f1:.3f}" for kind in columns]
        print("| " + " | ".join([extractor, *cells]) + " |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--peer-python", type=Path, help="an environment with the peers")
    parser.add_argument("--extractor", action="append", help="of ours; all when not given")
    arguments = parser.parse_args()
    for name, pages in truth_sets(arguments.folder).items():
        our_texts(pages[:1], "default")  # compiles the kernels, loads the model
        found = {each: our_texts(pages, each) for each in arguments.extractor or OURS}
        if arguments.peer_python:
            found |= peer_texts(pages, arguments.peer_python)
        report(name, pages, found)


def _spaced(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    main()
