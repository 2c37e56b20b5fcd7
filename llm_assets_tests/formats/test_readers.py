"""Which reader an object gets; and that no reader is hurt by damaged objects."""

import gzip
import io
import json
import lzma
import random
from pathlib import Path
from typing import Any, Literal, get_args

import polars as pl
import pytest

from llm_assets.formats.readers import READERS, guess_format
from llm_assets.formats.record import QuarantineReason, Record, Unreadable
from llm_assets.recipe import FORMATS_OF_KIND
from llm_assets_tests.formats.builders import (
    PAGE,
    chapter,
    epub,
    response,
    warc_members,
    warc_record,
)
from llm_assets_tests.formats.test_decompress import zstd


def parquet(rows: list[dict[str, Any]], compression: Literal["snappy", "zstd"]) -> bytes:
    sink = io.BytesIO()
    pl.DataFrame(rows).write_parquet(sink, compression=compression)
    return sink.getvalue()


SAMPLES = Path(__file__).resolve().parents[2] / "samples"
WET = (
    b"WARC/1.0\r\nWARC-Type: warcinfo\r\nWARC-Filename: a.warc.wet.gz\r\nContent-Length: 0\r\n\r\n"
)


def test_every_format_of_a_corpus_file_has_a_reader() -> None:
    assert {name for formats in FORMATS_OF_KIND.values() for name in formats} == set(READERS)


@pytest.mark.parametrize(
    ("kind", "key", "head", "expected"),
    [
        # The name decides,
        ("web", "a/b.HTML", b"", "html"),
        ("web", "a.htm.gz", b"", "html"),
        ("web", "x.warc.gz", b"", "warc"),
        ("web", "x.warc.wet.gz", b"", "wet"),
        ("web", "x.arc.gz", b"", "warc"),
        ("books", "x.epub", b"", "epub"),
        ("books", "x.txt", PAGE, "text"),
        ("books", "x.xhtml", b"", "xhtml"),
        # unless it says nothing of use for the kind: then the first bytes.
        ("web", "noname", b"<!doctype html><html>", "html"),
        ("web", "page.php", b"\n<html>", "html"),
        ("web", "page.txt", PAGE, "html"),
        ("web", "page", gzip.compress(PAGE), "html"),
        ("web", "page", chapter("").encode(), "xhtml"),
        ("web", "crawl", warc_record(response()), "warc"),
        ("web", "crawl", WET, "wet"),
        ("books", "noname", epub(), "epub"),
        ("books", "pg1342", b"It is a truth", "text"),
        ("books", "pg.1342", b"It is a truth", "text"),
        ("books", "pg1342", gzip.compress(b"It is a truth"), "text"),
        ("records", "a.jsonl", b"", "jsonl"),
        ("records", "a.NDJSON.zst", b"", "jsonl"),
        ("records", "a.json", b"", "json"),
        ("records", "a.csv.gz", b"", "csv"),
        ("records", "a.tsv.bz2", b"", "tsv"),
        ("records", "part-0.parquet", b"", "parquet"),
        ("records", "part-0", b"PAR1\x15\x04", "parquet"),
        ("records", "export", b'\xef\xbb\xbf [ {"a": 1}]', "json"),
        ("records", "export", lzma.compress(b'{"a": 1}\n{"a": 2}\n'), "json"),
        # Nothing fits.
        ("records", "notes.txt", b"It is a truth", None),
        ("records", "page.html", PAGE, None),
        ("web", "a.json", b'{"a": 1}', None),
        ("web", "picture.png", b"\x89PNG\r\n\x1a\n", None),
        ("web", "notes.txt", b"It is a truth", None),
        ("web", "x.epub", epub(), None),
        ("books", "index.jsonl", b'{"a": 1}', None),
        ("books", "tei.xml", b"<?xml version='1.0'?><TEI>", None),
        ("books", "noname", b"<?xml version='1.0'?><TEI>", None),
        ("books", "x.zip", b"PK\x03\x04" + bytes(99), None),
        ("books", "noname", b"\x1f\x8b\x08\xff\xff", None),
        ("other", "a.html", PAGE, None),
    ],
)
def test_the_format_is_guessed(kind: str, key: str, head: bytes, expected: str | None) -> None:
    assert guess_format(kind, key, head) == expected


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples are not installed")
def test_bundled_samples_are_read_without_a_loss() -> None:
    count = 0
    for path in sorted(SAMPLES.rglob("*")):
        if not path.is_file() or "damaged" in path.parts:
            continue
        with path.open("rb") as stream:
            head = stream.read(4096)
            name = guess_format("web", path.name, head) or guess_format("books", path.name, head)
            if name is None:
                continue
            stream.seek(0)
            found = list(READERS[name](stream, path.name))
        assert found
        assert all(isinstance(entry, Record) for entry in found), path
        count += len(found)
    assert count > 100


WHOLE: dict[str, bytes] = {
    "html": PAGE * 5,
    "xhtml": gzip.compress(chapter("text " * 50).encode()),
    "warc": warc_members(*(warc_record(response(PAGE * n), n) for n in range(1, 6))),
    "wet": b"".join(warc_record(response(PAGE * n), n) for n in range(1, 6)),
    "text": b"word " * 99,
    "epub": epub(),
}
REVIEWS = [
    {"id": n, "text": f'It is "{n}", é;\tand\nmore', "stars": n / 2, "user": {"name": None}}
    for n in range(20)
]
ROWS: dict[str, bytes] = {
    "jsonl": "".join(
        json.dumps(row, ensure_ascii=n % 2 == 0) + "\n" for n, row in enumerate(REVIEWS)
    ).encode(),
    "jsonl in gzip": gzip.compress(b"".join(json.dumps(r).encode() + b"\n" for r in REVIEWS)),
    "jsonl in zstandard": zstd(b"".join(json.dumps(r).encode() + b"\n" for r in REVIEWS)),
    "json": json.dumps({"n": [1], "rows": REVIEWS}, indent=1).encode(),
    "csv": pl.DataFrame(REVIEWS).drop("user").write_csv().encode(),
    "tsv": pl.DataFrame(REVIEWS).drop("user").write_csv(separator="\t").encode("utf-16"),
    "parquet": parquet(REVIEWS, "snappy"),
    "parquet in pages of zstandard": parquet(REVIEWS, "zstd"),
}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", WHOLE)
def test_damaged_objects_neither_raise_nor_hang(name: str) -> None:
    generator = random.Random(11)
    whole = WHOLE[name]
    for _ in range(400):
        data = bytearray(whole)
        for _ in range(generator.choice([0, 1, 2, 8, 64])):
            data[generator.randrange(len(data))] = generator.randrange(256)
        if generator.random() < 0.5:
            del data[generator.randrange(len(data)) :]
        if generator.random() < 0.2:
            at = generator.randrange(len(data) + 1)
            data[at:at] = whole[: generator.randrange(len(whole))]
        found = list(READERS[name](io.BytesIO(bytes(data)), "x"))
        assert len({entry.locator for entry in found}) == len(found)
        for entry in found:
            if isinstance(entry, Unreadable):
                assert entry.reason in get_args(QuarantineReason)
                assert entry.detail
                assert 0 <= entry.offset <= len(data)
            else:
                assert entry.payload


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", ROWS)
def test_damaged_rows_neither_raise_nor_hang(name: str) -> None:
    generator = random.Random(12)
    whole = ROWS[name]
    read = READERS[name.partition(" ")[0]]
    assert [type(entry) for entry in read(io.BytesIO(whole), "x")] == [Record] * len(REVIEWS)
    for _ in range(400):
        data = _mutated(whole, generator)
        for entry in read(io.BytesIO(data), "x"):
            if isinstance(entry, Unreadable):
                assert entry.reason in get_args(QuarantineReason)
                assert entry.detail
                assert entry.offset >= 0
            else:
                assert entry.payload
                assert entry.locator


def _mutated(whole: bytes, generator: random.Random) -> bytes:
    data = bytearray(whole)
    for _ in range(generator.choice([0, 1, 2, 8, 64])):
        data[generator.randrange(len(data))] = generator.randrange(256)
    for _ in range(generator.choice([0, 0, 3])):
        at = generator.randrange(len(data))
        data[at:at] = generator.choice([b'"', b"{", b"]", b"\n", b"\0", b",", b"\\", b"\r"])
    if generator.random() < 0.3:
        del data[generator.randrange(len(data)) :]
    if generator.random() < 0.2:
        at = generator.randrange(len(data) + 1)
        data[at:at] = whole[: generator.randrange(len(whole))]
    return bytes(data)


@pytest.mark.parametrize("name", WHOLE)
def test_every_truncation_is_noticed_or_harmless(name: str) -> None:
    """What came through of a cut archive is what the whole one has, never something else."""
    whole = {entry.locator: entry for entry in READERS[name](io.BytesIO(WHOLE[name]), "x")}
    for size in range(0, len(WHOLE[name]), 7):
        for entry in READERS[name](io.BytesIO(WHOLE[name][:size]), "x"):
            if isinstance(entry, Record) and name in ("warc", "wet", "epub", "xhtml"):
                assert entry == whole[entry.locator]
