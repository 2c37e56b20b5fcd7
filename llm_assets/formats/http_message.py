"""An HTTP response as archives store it: head, transfer and content codings, body."""

import io
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastwarc.stream_io import BrotliReader, ZstdReader

from llm_assets.formats.content import foreign_content
from llm_assets.formats.inflate import MAX_RECORD_BYTES
from llm_assets.formats.payload import read_payload
from llm_assets.formats.record import QuarantineReason, Unreadable

_MAX_HEAD_BYTES = 1 << 16
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_STATUS = re.compile(rb"HTTP/\d(?:\.\d)?[ \t]+(\d{3})\b")
_CHUNK_HEAD = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\n]{0,1000})?\r?\n")
_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?\s*([^\s\"';,]+)", re.I)


class MessageError(Exception):
    """The message cannot be read; `reason` and the text say why."""

    def __init__(self, reason: QuarantineReason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Response:
    """Status, headers (names in lower case) and the body as transferred."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def media_type(self) -> str | None:
        """The content's type in lower case, without parameters."""
        return self.headers.get("content-type", "").split(";")[0].strip().lower() or None

    @property
    def charset(self) -> str | None:
        """The content's declared charset."""
        match = _CHARSET.search(self.headers.get("content-type", ""))
        return match[1] if match else None


def parse_headers(lines: bytes) -> dict[str, str]:
    """Return header fields by lower-case name; of a repeated one the last, as browsers do."""
    fields: dict[str, str] = {}
    name = ""
    for line in lines.splitlines():
        if line[:1] in (b" ", b"\t"):
            if name:
                fields[name] = f"{fields[name]} {_decode(line)}".strip()
            continue
        key, colon, value = line.partition(b":")
        if colon:
            name = _decode(key).lower()
            fields[name] = _decode(value)
    return fields


def parse_response(block: bytes) -> Response:
    """Take an HTTP response apart.

    Raises:
        MessageError: if there is no HTTP status line, or no end of the headers.
    """
    status = _STATUS.match(block)
    if status is None:
        raise MessageError("malformed", "no HTTP response in the record")
    end = _HEAD_END.search(block, 0, _MAX_HEAD_BYTES)
    if end is None and len(block) > _MAX_HEAD_BYTES:
        raise MessageError("malformed", f"HTTP headers of more than {_MAX_HEAD_BYTES} bytes")
    head = block[: end.start()] if end else block
    return Response(int(status[1]), parse_headers(head), block[end.end() :] if end else b"")


def decode_body(response: Response, *, cut_off: bool = False) -> bytes:
    """Return the body without its transfer and content codings.

    Archives often keep the headers of a coding that they have already undone: a body that does
    not look coded is taken as it is.

    Args:
        response: the response as stored.
        cut_off: the crawler says that it cut the body: what came through of chunks will do.

    Raises:
        MessageError: if a coding is unknown, damaged or expands over the limits.
    """
    body = response.body
    if "chunked" in response.headers.get("transfer-encoding", "").lower():
        body = _join_chunks(body, cut_off)
    codings = response.headers.get("content-encoding", "").lower().split(",")
    for coding in reversed([coding.strip() for coding in codings]):
        if coding in ("", "identity", "none", "utf-8"):
            continue
        decoder = _DECODERS.get(coding)
        if decoder is None:
            raise MessageError("malformed", f"unknown content coding {coding[:40]!r}")
        body = decoder(body)
    return body


def _join_chunks(body: bytes, cut_off: bool) -> bytes:
    chunks: list[bytes] = []
    at = 0
    while head := _CHUNK_HEAD.match(body, at):
        size = int(head[1], 16)
        if size == 0:
            return b"".join(chunks)
        chunk = body[head.end() : head.end() + size]
        chunks.append(chunk)
        at = head.end() + size
        if len(chunk) < size:
            break
        at += 2 if body[at : at + 2] == b"\r\n" else body[at : at + 1] == b"\n"
    if not chunks:
        return body
    if at >= len(body):
        if cut_off:
            return b"".join(chunks)
        raise MessageError("truncated", "ends inside the chunks of the transfer coding")
    raise MessageError("malformed", f"broken transfer coding at byte {at} of the body")


def _gunzip(body: bytes) -> bytes:
    payload = read_payload(io.BytesIO(body))
    if isinstance(payload, Unreadable):
        raise MessageError(payload.reason, f"content coding gzip: {payload.detail}")
    return payload


def _inflate(body: bytes) -> bytes:
    """Undo `deflate`, which servers send with and without zlib's header."""
    for window in (zlib.MAX_WBITS, -zlib.MAX_WBITS):
        inflater = zlib.decompressobj(window)
        try:
            data = inflater.decompress(body, MAX_RECORD_BYTES)
        except zlib.error:
            continue
        if inflater.unconsumed_tail:
            raise MessageError("archive_limit", f"content coding deflate: over {MAX_RECORD_BYTES}")
        if not inflater.eof:
            raise MessageError("truncated", "content coding deflate: ends inside its data")
        return data
    return _as_it_is(body, "deflate")


def _stream_decoder(coding: str, reader: Callable[[Any], Any]) -> "_Decoder":
    def decode(body: bytes) -> bytes:
        try:
            data: bytes = reader(io.BytesIO(body)).read(MAX_RECORD_BYTES + 1)
        except (OSError, ValueError):
            return _as_it_is(body, coding)
        if len(data) > MAX_RECORD_BYTES:
            raise MessageError("archive_limit", f"content coding {coding}: over {MAX_RECORD_BYTES}")
        return data

    return decode


def _as_it_is(body: bytes, coding: str) -> bytes:
    """Return a body that its coding does not fit, if it is plain text after all."""
    if foreign_content(body) is not None:
        raise MessageError("malformed", f"content coding {coding}: damaged data")
    return body


def _decode(field: bytes) -> str:
    text = field.strip()
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("latin-1")


_Decoder = Callable[[bytes], bytes]
_DECODERS: dict[str, _Decoder] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _inflate,
    "br": _stream_decoder("br", BrotliReader),
    "zstd": _stream_decoder("zstd", ZstdReader),
}
