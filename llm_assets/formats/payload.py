"""An object that is one document: read whole, within limits, and looked at."""

from typing import BinaryIO

from llm_assets.formats.content import foreign_content
from llm_assets.formats.inflate import MAX_RECORD_BYTES, Inflated
from llm_assets.formats.record import HEAD_BYTES, QuarantineReason, Unreadable


def read_payload(stream: BinaryIO) -> bytes | Unreadable:
    """Return the object's bytes, decompressed if they are gzip data, or why there are none."""
    source = Inflated(stream)
    parts: list[bytes] = []
    size = 0
    while True:
        while data := source.read():
            parts.append(data)
            size += len(data)
            if size > MAX_RECORD_BYTES:
                reason: QuarantineReason = "archive_limit" if source.compressed else "too_large"
                detail = f"more than {MAX_RECORD_BYTES} bytes"
                return Unreadable("", reason, detail, source.offset, _head(parts))
        if source.fault is not None:
            fault = source.fault
            return Unreadable("", fault.reason, fault.detail, fault.offset, _head(parts))
        if not source.next_member():
            return b"".join(parts)


def read_text_payload(stream: BinaryIO) -> bytes | Unreadable:
    """Return the object's bytes if a text can be made of them, or why not."""
    payload = read_payload(stream)
    if isinstance(payload, Unreadable):
        return payload
    foreign = foreign_content(payload)
    return payload if foreign is None else Unreadable("", *foreign, head=payload[:HEAD_BYTES])


def _head(parts: list[bytes]) -> bytes:
    return b"".join(parts[:1])[:HEAD_BYTES]
