"""Pages that are an object each."""

import gzip
import io

import pytest

from llm_assets.formats.html import HTML, XHTML, read_html, read_xhtml
from llm_assets.formats.record import Record, Unreadable
from llm_assets_tests.formats.builders import PAGE


@pytest.mark.parametrize(
    "data", [PAGE, gzip.compress(PAGE), gzip.compress(PAGE[:9]) + gzip.compress(PAGE[9:])]
)
def test_a_page_is_one_record_gzip_or_not(data: bytes) -> None:
    assert list(read_html(io.BytesIO(data), "a.html")) == [Record("", PAGE, HTML)]
    assert list(read_xhtml(io.BytesIO(data), "a.xhtml")) == [Record("", PAGE, XHTML)]


def test_a_byte_order_mark_is_a_hint() -> None:
    (record,) = read_html(io.BytesIO(PAGE.decode().encode("utf-16")), "a.html")
    assert isinstance(record, Record)
    assert record.encoding_hint == "utf-16-le"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (gzip.compress(b""), "empty"),
        (gzip.compress(PAGE * 9)[:-3], "truncated"),
        (gzip.compress(PAGE * 9)[:-6] + b"123456", "malformed"),
        (gzip.compress(gzip.compress(PAGE)), "wrong_format"),
        (b"\x89PNG\r\n\x1a\n\0\0", "wrong_format"),
        (gzip.compress(bytes(300 << 20), 1), "archive_limit"),
    ],
)
def test_what_is_no_page_says_why(data: bytes, reason: str) -> None:
    (found,) = read_html(io.BytesIO(data), "a.html")
    assert isinstance(found, Unreadable)
    assert found.reason == reason
    assert found.detail


def test_the_first_bytes_are_kept_to_look_at() -> None:
    (found,) = read_html(io.BytesIO(b"%PDF-1.4 " + b"x" * 999), "a.html")
    assert isinstance(found, Unreadable)
    assert found.head == (b"%PDF-1.4 " + b"x" * 999)[:256]
