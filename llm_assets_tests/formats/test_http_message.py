"""HTTP responses as archives store them."""

import gzip
import random
import zlib

import brotli
import pytest

from llm_assets.formats.http_message import (
    MessageError,
    Response,
    decode_body,
    parse_headers,
    parse_response,
)

BODY = b"<html>" + b"some text " * 500 + b"</html>"
NOISE = random.Random(5).randbytes(4000)


def chunked(body: bytes, size: int = 700) -> bytes:
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x;ext=1\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def coded(body: bytes, *, transfer: str = "", content: str = "") -> Response:
    headers = {"transfer-encoding": transfer, "content-encoding": content}
    return Response(200, {name: value for name, value in headers.items() if value}, body)


def test_headers_fold_and_the_last_of_a_name_counts() -> None:
    lines = (
        b"HTTP/1.1 200 OK\r\nA: 1\r\n  and 2\r\nB : x\r\na: 3\r\nno colon\r\nC: \xe9\r\nD: \xc3\xa9"
    )
    assert parse_headers(lines) == {"a": "3", "b": "x", "c": "é", "d": "é"}
    assert parse_headers(b"A: 1\r\n\tand 2") == {"a": "1 and 2"}


@pytest.mark.parametrize("line_end", [b"\r\n", b"\n"])
def test_a_response_is_taken_apart(line_end: bytes) -> None:
    block = line_end.join(
        [b"HTTP/1.0 404 Not Found", b"Content-Type: Text/HTML; Charset='KOI8-R'", b"", b"body"]
    )
    response = parse_response(block)
    assert (response.status, response.media_type, response.charset, response.body) == (
        404,
        "text/html",
        "KOI8-R",
        b"body",
    )


def test_a_response_may_be_all_head() -> None:
    assert parse_response(b"HTTP/1.1 200 OK\r\nContent-Type: text/html").body == b""
    assert parse_response(b"HTTP/2 200\r\n\r\nx").media_type is None


@pytest.mark.parametrize(
    "block", [b"", b"GET / HTTP/1.1", b"HTTP/1.1 OK", b"HTTP/1.1 200 " + b"x" * 99_999]
)
def test_what_is_no_response_is_malformed(block: bytes) -> None:
    with pytest.raises(MessageError) as error:
        parse_response(block)
    assert error.value.reason == "malformed"


@pytest.mark.parametrize(
    "response",
    [
        coded(BODY),
        coded(chunked(BODY), transfer="chunked"),
        coded(gzip.compress(BODY), content="gzip"),
        coded(gzip.compress(BODY), content="X-GZIP"),
        coded(zlib.compress(BODY), content="deflate"),
        coded(zlib.compress(BODY)[2:-4], content="deflate"),
        coded(brotli.compress(BODY), content="br"),
        coded(chunked(gzip.compress(BODY), 10), transfer="chunked", content="gzip"),
        coded(brotli.compress(gzip.compress(BODY)), content="gzip, br"),
        coded(BODY, content="identity"),
        # Headers that outlived their coding:
        coded(BODY, transfer="chunked", content="gzip"),
        coded(BODY, content="br"),
        coded(BODY, content="deflate"),
    ],
)
def test_codings_are_undone_where_they_are_there(response: Response) -> None:
    assert decode_body(response) == BODY


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (coded(chunked(BODY)[:2000], transfer="chunked"), "truncated"),
        (coded(chunked(BODY)[:1426] + b"no chunk\r\n", transfer="chunked"), "malformed"),
        (coded(gzip.compress(NOISE)[:3000], content="gzip"), "truncated"),
        (coded(gzip.compress(NOISE)[:-6] + b"123456", content="gzip"), "malformed"),
        (coded(zlib.compress(NOISE)[:3000], content="deflate"), "truncated"),
        (coded(brotli.compress(NOISE)[:3000], content="br"), "malformed"),
        (coded(BODY, content="made-up"), "malformed"),
        (coded(gzip.compress(bytes(300 << 20), 1), content="gzip"), "archive_limit"),
        (coded(brotli.compress(bytes(300 << 20), quality=1), content="br"), "archive_limit"),
        (coded(zlib.compress(bytes(300 << 20), 1), content="deflate"), "archive_limit"),
    ],
)
def test_damaged_and_hostile_codings_say_why(response: Response, reason: str) -> None:
    with pytest.raises(MessageError) as error:
        decode_body(response)
    assert error.value.reason == reason


def test_what_a_crawler_cut_off_will_do() -> None:
    response = coded(chunked(BODY)[:2000], transfer="chunked")
    assert BODY.startswith(decode_body(response, cut_off=True))
