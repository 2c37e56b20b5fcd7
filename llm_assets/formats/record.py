"""What a reader makes of an object: records, or the reason why there are none."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Literal

QuarantineReason = Literal[
    "empty",  # nothing there
    "truncated",  # ends in the middle of a structure
    "malformed",  # violates its format
    "wrong_format",  # is something else than its name or source says
    "binary",  # no text in it
    "too_large",  # over a declared limit
    "archive_limit",  # a zip or gzip that expands beyond its limits
    "undecodable",  # no encoding fits
    "unsafe",  # entities, path traversal, encryption
    "extraction_failed",  # the extractor gave up or crashed on it
    "unreadable",  # the storage does not hand it out: permission, input/output error, archived
]

HEAD_BYTES = 256
"""How much of an unreadable record is kept for a person to look at."""


@dataclass(frozen=True, slots=True)
class Record:
    """One document as collected: its bytes and what its container says of it.

    `locator` is unique inside the object and stable under edits elsewhere in it.
    """

    locator: str
    payload: bytes
    media_type: str
    url: str | None = None
    encoding_hint: str | None = None
    fetched_at: datetime | None = None
    published_at: datetime | None = None
    title: str | None = None
    author: str | None = None
    language_hint: str | None = None
    license: str | None = None
    group_key: str | None = None
    labels: str | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record, or a whole object, that no document could be made of."""

    locator: str
    reason: QuarantineReason
    detail: str
    offset: int = 0
    head: bytes = b""


Reader = Callable[[BinaryIO, str], Iterator[Record | Unreadable]]
"""`reader(stream, object_key)`: yields every record in order; never raises on bad bytes.

The stream is seekable. Errors of the storage (OSError and the like) pass through.
"""
