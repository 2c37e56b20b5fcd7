"""Write `documents.parquet`: what the original packages and ours are both asked about.

Real documents of free licence (see README.md beside this file), and the same with the faults that
quality rules look for planted into them, so that every rule is asked on both sides of its limit.
Run it with the folder that holds the collections: `make_documents.py FOLDER`. Its choice is drawn
by hash, so that it comes out the same.
"""

import hashlib
import random
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl

OUT = Path(__file__).with_name("documents.parquet")
MOST_CHARS = 6_000


def main(data: Path) -> None:
    documents = list(real_documents(data))
    faulty = [
        (f"{name}#{fault.__name__}", language, fault(text, random.Random(name + fault.__name__)))
        for i, (name, language, text) in enumerate(documents)
        for fault in [FAULTS[i % len(FAULTS)], FAULTS[(i * 7 + 3) % len(FAULTS)]][: 1 + i % 2]
        if language == "en"
    ]
    rows = [row for row in documents + faulty if row[2].strip()]
    frame = pl.DataFrame(rows, schema=["name", "language", "text"], orient="row").unique(
        "name", keep="first", maintain_order=True
    )
    frame.write_parquet(OUT, compression="zstd", compression_level=19, statistics=False)


def real_documents(data: Path) -> Iterator[tuple[str, str, str]]:
    yield from _texts(data, "news/digitalgov/**/*.md", "en", 280)
    yield from _texts(data, "transcripts/congress/*.htm", "en", 60, clean=_strip_tags)
    yield from _texts(data, "news/wikinews-fr/*.html", "fr", 20, clean=_strip_tags)
    yield from _texts(data, "transcripts/bitcoin-talks/**/*.md", "en", 24)
    yield from _texts(data, "reviews/movie-reviews/**/*.txt", "en", 120)
    yield from _texts(data, "languages/udhr/*.txt", "und", 60)
    for book in sorted((data / "books/gutenberg").glob("*/*.txt")):
        text = _decode(book.read_bytes()).replace("\r\n", "\n")
        for part in range(1, 25):
            start = text.find("\n\n", part * len(text) // 26)
            size = 400 + _draw(f"{book.name}{part}") % MOST_CHARS
            yield f"gutenberg/{book.stem}/{part}", "en", text[start : start + size]


def _texts(
    data: Path,
    pattern: str,
    language: str,
    most: int,
    clean: Callable[[str], str] = str.strip,
) -> Iterator[tuple[str, str, str]]:
    paths = sorted(data.glob(pattern), key=lambda path: _draw(str(path.relative_to(data))))
    for path in sorted(paths[:most]):
        text = clean(_decode(path.read_bytes()))
        yield str(path.relative_to(data)), language, text[:MOST_CHARS]


def _strip_tags(html: str) -> str:
    return re.sub(r"<[^>]*>", "", html).strip()


def _decode(payload: bytes) -> str:
    try:
        return payload.decode("utf-8")
    except UnicodeDecodeError:
        return payload.decode("latin-1")


def _draw(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=4).digest(), "big")


def repeated_lines(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    times = chance.randint(1, max(1, len(lines)))
    return "\n".join(lines + [chance.choice(lines[:5]) for _ in range(times)])


def repeated_paragraphs(text: str, chance: random.Random) -> str:
    paragraphs = text.split("\n\n")
    return "\n\n".join(paragraphs + paragraphs[: chance.randint(1, len(paragraphs))])


def repeated_words(text: str, chance: random.Random) -> str:
    words = text.split(" ")
    start = chance.randrange(max(1, len(words) - 30))
    phrase = " ".join(words[start : start + chance.randint(2, 14)])
    at = chance.randrange(len(words))
    times = chance.randint(1, 40)
    return " ".join([*words[:at], *[phrase] * times, *words[at:]])


def bullets(text: str, chance: random.Random) -> str:
    share = chance.choice([0.5, 0.85, 0.95, 1.0])
    sign = chance.choice(["- ", "• ", "* ", "  - ", "● ", " • "])
    lines = text.split("\n")
    return "\n".join(sign + line if chance.random() < share else line for line in lines)


def ellipses(text: str, chance: random.Random) -> str:
    share = chance.choice([0.2, 0.28, 0.35, 0.6])
    sign = chance.choice(["...", "…", ". . .", " ..."])
    lines = text.split("\n")
    return "\n".join(line + sign if chance.random() < share else line for line in lines)


def signs(text: str, chance: random.Random) -> str:
    share = chance.choice([0.05, 0.095, 0.105, 0.2])
    sign = chance.choice([" #", " …", " ...", "#", " | ", " 12 ", " £5.20"])
    words = text.split(" ")
    return " ".join(word + sign if chance.random() < share else word for word in words)


def short(text: str, chance: random.Random) -> str:
    return " ".join(text.split(" ")[: chance.randint(3, 60)])


def without_stop_words(text: str, chance: random.Random) -> str:
    words = ["the", "be", "to", "of", "and", "that", "have", "with"]
    chance.shuffle(words)
    gone = "|".join(words[: chance.randint(5, 8)])
    return re.sub(rf"\b(?:{gone})\b", "zzgx", text, flags=re.IGNORECASE)


def long_words(text: str, chance: random.Random) -> str:
    joiner = chance.choice(["", "-", "_"])
    return re.sub(
        r"(\w) (\w)", lambda m: m[1] + (joiner if chance.random() < 0.6 else " ") + m[2], text
    )


def web_remains(text: str, chance: random.Random) -> str:
    remains = [
        "Please enable JavaScript to view the comments.",
        "By using this site you agree to our Terms of Use and Privacy Policy.",
        "This website uses cookies to improve your experience.",
        "Lorem ipsum dolor sit amet, consectetur adipiscing elit.",
        "function () { return 1; }",
        "Read more...",
        "12 likes",
        "3 items in cart",
        "SIGN IN",
        "1,234",
        "Share this:",
        "As shown before [1] [edit] and again [citation needed] in the text.",
        "x" * 1001,
        "No end",
        '"It is said."',
        "(See the note.)",
        "What else?'",
    ]
    lines = text.split("\n")
    for _ in range(chance.randint(1, 6)):
        lines.insert(chance.randrange(len(lines) + 1), chance.choice(remains))
    return "\n".join(lines)


def one_sentence_lines(text: str, chance: random.Random) -> str:
    sentences = re.sub(r"\s+", " ", text).split(". ")
    return ".\n".join(sentences[: chance.randint(2, 9)])


def odd_characters(text: str, chance: random.Random) -> str:
    odd = ["\u2028", "\x0b", "\x85", "\u00a0", "\u200b", "\t", "\r\n", "’", "—", "🙂", "́", "№"]
    words = text.split(" ")
    for _ in range(chance.randint(2, 30)):
        words.insert(chance.randrange(len(words) + 1), chance.choice(odd))
    return " ".join(words)


def capitals(text: str, chance: random.Random) -> str:
    share = chance.choice([0.1, 0.5, 1.0])
    lines = text.split("\n")
    return "\n".join(line.upper() if chance.random() < share else line for line in lines)


FAULTS = [
    repeated_lines,
    repeated_paragraphs,
    repeated_words,
    bullets,
    ellipses,
    signs,
    short,
    without_stop_words,
    long_words,
    web_remains,
    one_sentence_lines,
    odd_characters,
    capitals,
]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
