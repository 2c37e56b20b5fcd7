"""Which reader goes with which format, and how to tell the format of an object."""

import io
import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from llm_assets.formats.content import foreign_content, is_html, is_xhtml
from llm_assets.formats.decompress import Decompressed
from llm_assets.formats.epub import read_epub
from llm_assets.formats.html import read_html, read_xhtml
from llm_assets.formats.json_array import read_json_rows
from llm_assets.formats.jsonl import read_jsonl_rows
from llm_assets.formats.parquet_rows import MAGIC, read_parquet_rows
from llm_assets.formats.plain import read_text
from llm_assets.formats.record import Reader
from llm_assets.formats.record_fields import GUESSED, RecordFields
from llm_assets.formats.records import RowReader, record_reader
from llm_assets.formats.tabular import read_csv_rows, read_tsv_rows
from llm_assets.formats.warc import read_warc

ROW_READERS: Mapping[str, RowReader] = {
    "jsonl": read_jsonl_rows,
    "json": read_json_rows,
    "csv": read_csv_rows,
    "tsv": read_tsv_rows,
    "parquet": read_parquet_rows,
}
"""Format name -> how to read the rows of an object of it; `records` makes documents of them."""

READERS: Mapping[str, Reader] = {
    "html": read_html,
    "xhtml": read_xhtml,
    "warc": read_warc,
    "wet": read_warc,  # a WARC file of conversions
    "text": read_text,
    "epub": read_epub,
    **{name: record_reader(rows, GUESSED) for name, rows in ROW_READERS.items()},
}
"""Format name, as `corpus.yaml` spells it -> how to read an object of it."""

_KINDS: Mapping[str, frozenset[str]] = {
    "web": frozenset({"html", "xhtml", "warc", "wet"}),
    "books": frozenset({"text", "epub", "xhtml", "html"}),
    "records": frozenset(ROW_READERS),
}
_FORMATS_BY_EXTENSION = {
    ".html": "html",
    ".htm": "html",
    ".shtml": "html",
    ".xhtml": "xhtml",
    ".xht": "xhtml",
    ".warc": "warc",
    ".arc": "warc",  # whose reader says that it is of no use
    ".wet": "wet",
    ".txt": "text",
    ".text": "text",
    ".epub": "epub",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".parquet": "parquet",
    ".pq": "parquet",
}
_COMPRESSED = (".gz", ".gzip", ".zst", ".zstd", ".bz2", ".xz")
_EXTENSION = re.compile(r"\.(?!\d+$).+")  # `pg.1342` is a name without extension
_PROBE_BYTES = 1 << 12
_JSON = re.compile(rb"(?:\xef\xbb\xbf)?\s*+(?:\{\s*+[\"}]|\[\s*+[\[{\]])")
_WET = re.compile(rb"^WARC-Filename:.*\.wet\b|^WARC-Type:\s*conversion", re.M | re.I)


def guess_format(kind: str, object_key: str, head: bytes) -> str | None:
    """Name an object's format, by its extension, else by its first bytes.

    Args:
        kind: `web`, `books` or `records`: only formats that the kind can hold are named.
        object_key: the object's name; a final `.gz` or its like says nothing.
        head: the object's first bytes, compressed or not; 4 KiB are plenty.

    Returns:
        The format; None if nothing fits, so that the object is of a wrong format.
    """
    path = PurePosixPath(object_key.lower())
    if path.suffix in _COMPRESSED:
        path = path.with_suffix("")
    by_name = _FORMATS_BY_EXTENSION.get(path.suffix)
    allowed = _KINDS.get(kind, frozenset())
    if by_name in allowed:
        return by_name
    named = _EXTENSION.fullmatch(path.suffix) is not None
    by_content = _by_content(kind, _unpacked(head), named=named)
    return by_content if by_content in allowed else None


def _by_content(kind: str, head: bytes, *, named: bool) -> str | None:
    """Name the format that the first bytes show; text has no mark of its own."""
    if head.startswith(b"WARC/"):
        return "wet" if _WET.search(head) else "warc"
    if head.startswith(b"PK\x03\x04"):
        return "epub" if b"mimetypeapplication/epub+zip" in head[:256] else None
    if head.startswith(MAGIC):
        return "parquet"
    if is_html(head):
        return "xhtml" if is_xhtml(head) else "html"
    if kind == "records":
        return "json" if _JSON.match(head) else None
    markup = head.lstrip().startswith(b"<")
    return None if named or markup or foreign_content(head) else "text"


def _unpacked(head: bytes) -> bytes:
    return Decompressed(io.BytesIO(head)).read(_PROBE_BYTES)


def reader_of(name: str, fields: RecordFields | None) -> Reader:
    """Return the reader of a format.

    Args:
        name: the format.
        fields: where the parts of a document stand in a row, for formats of records.
    """
    if fields is None or name not in ROW_READERS:
        return READERS[name]
    return record_reader(ROW_READERS[name], fields)
