"""Documents of web archives; warcio is the oracle on real ones."""

import gzip
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from llm_assets.formats.record import Record, Unreadable
from llm_assets.formats.warc import read_warc
from llm_assets_tests.formats.builders import PAGE, response, warc_members, warc_record

TEXT_TYPES = ("text/html", "application/xhtml+xml", "text/plain")


def read(data: bytes) -> list[Record | Unreadable]:
    return list(read_warc(io.BytesIO(data), "x.warc"))


def test_a_response_is_a_document_with_what_the_archive_says_of_it() -> None:
    assert read(warc_record(response(PAGE, "Text/HTML; charset=koi8-r"))) == [
        Record(
            "urn:uuid:1",
            PAGE,
            "text/html",
            url="https://example.org/1",
            encoding_hint="koi8-r",
            fetched_at=datetime(2024, 5, 1, 12, tzinfo=UTC),
        )
    ]


def test_gzip_and_plain_files_hold_the_same_documents() -> None:
    records = [warc_record(response(PAGE * n), n) for n in (1, 2, 3)]
    assert read(warc_members(*records)) == read(b"".join(records)) != []
    assert read(gzip.compress(b"".join(records))) == read(b"".join(records))


@pytest.mark.parametrize(
    "record",
    [
        warc_record(b"GET / HTTP/1.1\r\n\r\n", kind="request"),
        warc_record(b"software: x", kind="warcinfo", content_type="application/warc-fields"),
        warc_record(response(), kind="revisit"),
        warc_record(response(PAGE, "text/html", status=301)),
        warc_record(response(PAGE, "text/html", status=404)),
        warc_record(response(b"{}", "application/json")),
        warc_record(response(b"\x89PNG\r\n\x1a\n", "image/png")),
        warc_record(b"20240501 1.2.3.4", content_type="text/dns"),
        warc_record(b"no page", kind="conversion", content_type="image/png"),
    ],
)
def test_what_is_no_document_leaves_no_trace(record: bytes) -> None:
    assert read(record) == []


def test_a_page_without_a_type_is_told_by_its_bytes() -> None:
    block = b"HTTP/1.1 200 OK\r\n\r\n"
    (record,) = read(warc_record(block + PAGE))
    assert isinstance(record, Record)
    assert record.media_type == "text/html"
    assert read(warc_record(block + b"no page")) == []


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        (b"no response", "malformed"),
        (response(b""), "empty"),
        (response(b"%PDF-1.7 named a page"), "wrong_format"),
        (
            response(gzip.compress(PAGE * 9)[:-9], "text/html", "Content-Encoding: gzip"),
            "truncated",
        ),
    ],
)
def test_a_broken_document_keeps_its_name(block: bytes, reason: str) -> None:
    found = read(warc_record(response()) + warc_record(block, 2) + warc_record(response(), 3))
    assert [item.locator for item in found] == ["urn:uuid:1", "urn:uuid:2", "urn:uuid:3"]
    broken = found[1]
    assert isinstance(broken, Unreadable)
    assert (broken.reason, broken.offset) == (reason, len(warc_record(response())))


def test_a_record_without_id_is_named_by_address_and_offset() -> None:
    record = warc_record(response()).replace(b"WARC-Record-ID: <urn:uuid:1>\r\n", b"")
    found = read(warc_record(response(), 7) + record)
    assert found[1].locator == f"https://example.org/1 @{len(warc_record(response(), 7))}"


def test_repeated_ids_are_numbered() -> None:
    found = read(warc_record(response()) * 3)
    assert [item.locator for item in found] == ["urn:uuid:1", "urn:uuid:1#2", "urn:uuid:1#3"]


def test_the_text_of_a_wet_file_is_a_document() -> None:
    record = warc_record(
        "Größe".encode(),
        kind="conversion",
        content_type="text/plain",
        extra="WARC-Identified-Content-Language: deu,eng\r\n",
    )
    (found,) = read(record)
    assert isinstance(found, Record)
    assert (found.payload.decode(), found.media_type) == ("Größe", "text/plain")
    assert (found.encoding_hint, found.language_hint) == ("utf-8", "deu")


@pytest.mark.parametrize("date", ["2020-01-01T00:00:00.123456789Z", "no date", ""])
def test_dates_of_any_precision_or_none(date: str) -> None:
    (found,) = read(warc_record(response()).replace(b"2024-05-01T12:00:00Z", date.encode()))
    assert isinstance(found, Record)
    expected = datetime(2020, 1, 1, 0, 0, 0, 123456, tzinfo=UTC) if "." in date else None
    assert found.fetched_at == expected


def documents_by_warcio(path: Path) -> dict[str, bytes]:
    """Return payloads by record id as warcio reads them, up to where it gives up."""
    found = {}
    with path.open("rb") as stream:
        try:
            for record in ArchiveIterator(stream):
                headers = record.http_headers
                if record.rec_type != "response" or headers is None:
                    continue
                media_type = (headers.get_header("Content-Type") or "").split(";")[0].strip()
                payload = record.content_stream().read()
                is_text = media_type.lower() in TEXT_TYPES
                # Of a body in a wrong transfer coding it returns nothing.
                if headers.get_statuscode() == "200" and is_text and payload:
                    found[record.rec_headers.get_header("WARC-Record-ID", "").strip("<>")] = payload
        except ArchiveLoadFailed:
            pass
    return found


@pytest.mark.shared_data
def test_real_archives_hold_what_warcio_finds(shared_data: Path) -> None:
    compared = 0
    for path in sorted((shared_data / "warc").rglob("*")):
        if ".warc" not in path.suffixes or path.suffix not in (".warc", ".gz"):
            continue
        with path.open("rb") as stream:
            found = list(read_warc(stream, path.name))
        ours = {item.locator: item.payload for item in found if isinstance(item, Record)}
        damaged = {item.locator for item in found if isinstance(item, Unreadable)}
        for record_id, payload in documents_by_warcio(path).items():
            if record_id and record_id not in damaged and "@0" not in damaged:
                assert ours[record_id] == payload, (path, record_id)
                compared += 1
    assert compared > 170


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "records", "faults"),
    [
        ("warcio/example.arc.gz", 0, ["wrong_format"]),
        ("warcio/example-trunc.warc", 0, ["truncated", "malformed"]),
        ("resiliparse/clipped.warc.gz", 0, ["truncated"]),
        ("webarchive-commons/link-extraction-test.warc", 7, []),
        ("warcio/example-wrong-chunks.warc.gz", 1, []),
    ],
)
def test_damaged_real_archives(
    shared_data: Path, name: str, records: int, faults: list[str]
) -> None:
    with (shared_data / "warc" / name).open("rb") as stream:
        found = list(read_warc(stream, name))
    assert sum(isinstance(item, Record) for item in found) == records
    assert [item.reason for item in found if isinstance(item, Unreadable)] == faults
