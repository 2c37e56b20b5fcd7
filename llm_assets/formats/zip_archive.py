"""A zip archive from a stranger: parts are read by name, within limits, and never unpacked."""

import io
import posixpath
import struct
import unicodedata
import zipfile
import zlib
from lzma import LZMAError

from llm_assets.formats.record import QuarantineReason

MAX_PARTS = 10_000
MAX_PART_BYTES = 64 << 20
MAX_TOTAL_BYTES = 512 << 20
"""Limits on what is inflated from one archive; the longest novels hold 5 MB of text."""

_MAX_RATIO = 250  # deflate ends at 1032:1, text at 30:1
_RATIO_FLOOR = 1 << 20
_ENTRY_SIGNATURE = b"PK\x01\x02"
_ENCRYPTED = 0x1
# What zipfile and the decompressors raise on damaged archives.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    LZMAError,
    EOFError,
    OSError,
    ValueError,
    IndexError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
)


class ArchiveError(Exception):
    """An archive, or a part of it, cannot be read; `reason` and the text say why."""

    def __init__(self, reason: QuarantineReason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class Archive:
    """The parts of a zip archive held in memory."""

    def __init__(self, payload: bytes) -> None:
        """Read the table of contents.

        Raises:
            ArchiveError: if it is damaged, too long, or names paths outside the archive.
        """
        # Before zipfile builds an object of each: a directory of millions is an attack.
        if payload.count(_ENTRY_SIGNATURE) > MAX_PARTS:
            raise ArchiveError("archive_limit", f"more than {MAX_PARTS} parts")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(payload))
        except _DAMAGE as error:
            cut = payload.startswith(b"PK\x03\x04") and b"PK\x05\x06" not in payload[-66_000:]
            reason: QuarantineReason = "truncated" if cut else "malformed"
            raise ArchiveError(reason, f"not a whole zip archive: {error}") from error
        self._parts: dict[str, zipfile.ZipInfo] = {}
        for part in self._zip.infolist():
            self._parts.setdefault(_part_name(part.filename), part)
        self._folded = {name.casefold(): name for name in reversed(self._parts)}
        self._left = MAX_TOTAL_BYTES

    @property
    def names(self) -> list[str]:
        """The parts' paths, in the order of the archive."""
        return list(self._parts)

    def find(self, path: str) -> str | None:
        """Return the part at `path` as the archive spells it; letter case may differ."""
        name = unicodedata.normalize("NFC", path)
        return name if name in self._parts else self._folded.get(name.casefold())

    def read(self, name: str) -> bytes:
        """Return one part.

        Raises:
            ArchiveError: if there is no such part, it is encrypted, damaged or over the limits.
        """
        found = self.find(name)
        if found is None:
            raise ArchiveError("malformed", f"the archive lacks the part {name!r}")
        part = self._parts[found]
        if part.flag_bits & _ENCRYPTED:
            raise ArchiveError("unsafe", f"the part {name!r} is encrypted")
        limit = min(MAX_PART_BYTES, self._left)
        try:
            with self._zip.open(part) as stream:
                data = stream.read(limit + 1)
        except _DAMAGE as error:
            raise ArchiveError("malformed", f"the part {name!r} is damaged: {error}") from error
        self._left -= len(data)
        if len(data) > limit or len(data) > max(_RATIO_FLOOR, _MAX_RATIO * part.compress_size):
            raise ArchiveError("archive_limit", f"the part {name!r} expands over the limits")
        return data


def resolve(base: str, reference: str) -> str:
    """Return the path that `reference` means in the part `base`.

    Raises:
        ArchiveError: if it leads out of the archive.
    """
    return _inside(posixpath.join(posixpath.dirname(base), reference), reference)


def _part_name(name: str) -> str:
    # Archives packed on Windows by careless tools separate by backslashes.
    return unicodedata.normalize("NFC", _inside(name.replace("\\", "/"), name))


def _inside(path: str, shown: str) -> str:
    name = posixpath.normpath(path)
    if name.startswith(("../", "/")) or name == ".." or name[1:3] == ":/":
        raise ArchiveError("unsafe", f"the path {shown[:200]!r} leads out of the archive")
    return name
