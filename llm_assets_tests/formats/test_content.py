"""Telling text from what is none."""

import random

import pytest

from llm_assets.formats.content import (
    byte_order_mark,
    foreign_content,
    is_html,
    is_xhtml,
    wide_encoding,
)

RUSSIAN = "Все счастливые семьи похожи друг на друга.\n" * 20
ENGLISH = "All happy families are alike.\n" * 20


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "empty"),
        (b" \r\n\t\0 ", "empty"),
        (b"\xef\xbb\xbf\n", "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(99), "wrong_format"),
        (b"%PDF-1.7\n%text", "wrong_format"),
        (b"PK\x03\x04" + bytes(99), "wrong_format"),
        (b"\x7fELF\x02\x01\x01" + bytes(99), "wrong_format"),
        (b"GIF89a" + bytes(99), "wrong_format"),
        (b"WARC/1.0\r\n", "wrong_format"),
        (random.Random(1).randbytes(5000), "binary"),
        (b"\xff\xfe" + random.Random(2).randbytes(5000), "binary"),
        (b"text" + bytes(99), "binary"),
    ],
)
def test_what_is_no_text_is_named(payload: bytes, reason: str) -> None:
    found = foreign_content(payload)
    assert found is not None
    assert found[0] == reason


@pytest.mark.parametrize(
    "payload",
    [
        b"plain",
        b"RIFF raff and other words",
        b"ID3 is the name of a tag",
        b"a few \x00\x01 stray ones in a longer text " * 20 + b"x" * 4000,
        "été".encode("latin-1"),
        ENGLISH.encode("utf-16"),
        RUSSIAN.encode("utf-16-le"),
        RUSSIAN.encode("utf-32-be"),
        "日本語の文章。".encode("iso2022_jp"),
    ],
)
def test_text_in_any_encoding_is_text(payload: bytes) -> None:
    assert foreign_content(payload) is None


@pytest.mark.parametrize("text", [ENGLISH, RUSSIAN], ids=["en", "ru"])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_encodings_show_without_a_mark(text: str, encoding: str) -> None:
    assert wide_encoding(text.encode(encoding)) == encoding


@pytest.mark.parametrize(
    "payload", [b"", b"ab", ENGLISH.encode(), bytes(100), b"\1\0\0\0" * 99, b"\x05\0\xff\xff" * 99]
)
def test_other_bytes_are_in_no_wide_encoding(payload: bytes) -> None:
    assert wide_encoding(payload) is None


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_mark_names_the_encoding_of_what_follows(encoding: str) -> None:
    payload = RUSSIAN.encode(encoding)
    mark = byte_order_mark(payload)
    assert mark is not None
    assert payload[mark[1] :].decode(mark[0]) == RUSSIAN


@pytest.mark.parametrize(
    ("head", "html", "xhtml"),
    [
        (b"<!DOCTYPE html>", True, False),
        (b"\n <HTML lang=en>", True, False),
        (b"<!-- saved --> <!-- twice -->\n<html>", True, False),
        (b'<?xml version="1.0"?>\n<html xmlns="http://www.w3.org/1999/xhtml">', True, True),
        ("<!doctype html>".encode("utf-16"), True, False),
        (b"<?xml version='1.0'?><TEI>", False, False),
        (b"<htmlish>", False, False),
        (b"text about <html>", False, False),
    ],
)
def test_pages_are_told_by_their_first_bytes(head: bytes, html: bool, xhtml: bool) -> None:
    assert (is_html(head), is_xhtml(head)) == (html, xhtml)


@pytest.mark.timeout(5)
def test_a_head_of_comments_costs_no_more_than_its_length() -> None:
    assert not is_html(b"<!-- -->" * 20_000)
    assert not is_html(b"<!--" * 20_000)
