"""Choose real documents of many kinds for `duplicates_quality.py`.

    python benchmarks/duplicates_sample.py DATA TEXTS OUT

DATA is a folder of developers' data (`neardup/`, `books/`, `transcripts/`, `news/`, `reviews/`,
`social/`, `languages/`); TEXTS holds `text/*.jsonl` of pages as plain text. OUT gets
`text/part-NN.jsonl` with `id`, `source` and `text`. The choice is of files and rules, no chance is
in it: same input, same bytes. Markup is taken off roughly: the truth is about these texts, however
they were made. Documents of fewer than 20 words are left out, so that every method has shingles.
"""

import csv
import gzip
import html
import io
import json
import re
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

LEAST_WORDS, LEAST_UNSEGMENTED, FILES = 20, 100, 4
Documents = Iterator[tuple[str, str]]
"""Id and text."""


def main(data: Path, texts: Path, out: Path) -> None:
    chosen = [
        {"id": f"{source}:{key}", "source": source, "text": text}
        for source, read in SOURCES.items()
        for key, text in read(data)
        if _long_enough(text)
    ]
    chosen += [
        {"id": f"manuals:{row['id']}", "source": "manuals", "text": row["text"]}
        for path in sorted((texts / "text").glob("*.jsonl"))
        for row in map(json.loads, path.open(encoding="utf-8"))
        if _long_enough(row["text"])
    ]
    (out / "text").mkdir(parents=True, exist_ok=True)
    for number in range(FILES):
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in chosen[number::FILES])
        (out / "text" / f"part-{number:02d}.jsonl").write_text("".join(lines), encoding="utf-8")
    print(f"{len(chosen):,} documents in {out}")


def _long_enough(text: str) -> bool:
    unsegmented = len(re.findall("[\u0e00-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]", text))
    return unsegmented >= LEAST_UNSEGMENTED or len(re.findall(r"\w+", text)) >= LEAST_WORDS


def _neardup(data: Path) -> Documents:
    for name in ("books", "licences"):
        with gzip.open(data / "neardup" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            yield from ((row["id"], row["text"]) for row in map(json.loads, lines))


def _chapters(data: Path) -> Documents:
    """Other books, a chapter a document: of EPUBs a file, of TEI a division, else 2,000 words."""
    books = data / "books"
    for path in _files(books, "*.epub"):
        with zipfile.ZipFile(path) as book:
            for name in sorted(book.namelist()):
                if name.endswith(("html", "htm")):
                    page = book.read(name).decode("utf-8", "replace")
                    yield f"{path.name}/{name}", _plain(page)
    for path in _files(books, "*.xml.gz"):
        whole = gzip.decompress(path.read_bytes()).decode("utf-8", "replace")
        for number, chapter in enumerate(re.split(r"<div\b[^>]*>", whole)[1:]):
            yield f"{path.name}/{number}", _plain(chapter)
    for path in _files(books / "gutenberg", "*.txt"):
        words = re.split(r"(?<=\s)(?=\S)", path.read_bytes().decode("utf-8", "replace"))
        for start in range(0, len(words), 2000):
            yield f"{path.name}/{start}", "".join(words[start : start + 2000])
    for path in _files(books / "aozora", "*.txt"):
        yield path.name, path.read_bytes().decode("shift_jis", "replace")


def _transcripts(data: Path) -> Documents:
    for pattern in ("*.md", "*.srt", "*.vtt", "*.htm*"):
        for path in _files(data / "transcripts", pattern):
            text = _plain(path.read_text("utf-8", "replace"))
            timeless = re.sub(r"(?m)^(\d+|WEBVTT|.*-->.*)$\n?", "", text)
            yield str(path.relative_to(data / "transcripts")), timeless


def _news(data: Path) -> Documents:
    for pattern in ("*.md", "*.html"):
        for path in _files(data / "news", pattern):
            yield str(path.relative_to(data)), _plain(path.read_text("utf-8", "replace"))


def _reviews(data: Path) -> Documents:
    for path in _files(data / "reviews" / "movie-reviews", "*.txt"):
        yield path.name, path.read_text("utf-8", "replace")
    for path in _files(data / "reviews" / "druglib", "*.tsv.gz"):
        rows = csv.DictReader(
            io.StringIO(gzip.decompress(path.read_bytes()).decode()), delimiter="\t"
        )
        for number, row in enumerate(rows):
            parts = (row["benefitsReview"], row["sideEffectsReview"], row["commentsReview"])
            yield f"drug/{number}", "\n".join(part or "" for part in parts)
    for path in _files(data / "reviews" / "nsmc", "*.json"):
        for row in json.loads(path.read_text("utf-8")):
            yield f"film/{row['review_id']}", row["review"]
    for path in _files(data / "reviews" / "customer-reviews", "*.txt"):
        for number, review in enumerate(path.read_text("utf-8", "replace").split("[t]")[1:]):
            yield f"{path.stem}/{number}", review


def _social(data: Path) -> Documents:
    with gzip.open(data / "social/stackexchange-beer/Posts.xml.gz", "rt", encoding="utf-8") as rows:
        for row in rows:
            if found := re.search(r'<row Id="(\d+)".* Body="([^"]*)"', row):
                yield f"post/{found[1]}", _plain(html.unescape(found[2]))
    for path in _files(data / "social" / "mail", "*.txt"):
        message = path.read_bytes().decode("latin-1").replace("\r\n", "\n")
        yield path.name, message.partition("\n\n")[2]
    for path in _files(data / "social" / "ubuntu-irc", "*.raw.txt.gz"):
        yield path.name, gzip.decompress(path.read_bytes()).decode("utf-8", "replace")


def _languages(data: Path) -> Documents:
    for path in _files(data / "languages", "*.txt"):
        yield path.name, path.read_text("utf-8", "replace")


def _files(folder: Path, pattern: str) -> list[Path]:
    return sorted(path for path in folder.rglob(pattern) if path.is_file())


def _plain(markup: str) -> str:
    """Take markup off, and what is in no tag for readers."""
    text = re.sub(r"(?is)<(script|style|head|teiHeader)\b.*?</\1>|<[^>]*>", " ", markup)
    return html.unescape(text).strip()


SOURCES = {
    "neardup": _neardup,
    "chapters": _chapters,
    "transcripts": _transcripts,
    "news": _news,
    "reviews": _reviews,
    "social": _social,
    "languages": _languages,
}

if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
