"""Objects in a local folder, or files that match a glob."""

import errno
import glob
import hashlib
import io
import os
import re
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from llm_assets.io.catalog import ObservedFile
from llm_assets.sources.objects import (
    ObjectUnreadableError,
    SourceChangedError,
    SourceError,
    SourceObject,
)
from llm_assets.sources.patterns import compile_pattern, depth_of, is_pattern

_UNREADABLE = "unreadable:"
"""Version of a file that cannot be read, before the name of the error."""

_SETTLED_NANOSECONDS = 2_000_000_000
"""A file may change again within one tick of the file system's clock, with the same times. Only of
a file that was left alone for longer than any tick do the times vouch for the content."""

_MOST_KEY_BYTES = 1_000
"""Longer keys are not remembered: the index that finds them takes no more than 2,704 bytes."""

_REMEMBER_AT_ONCE = 5_000
"""Hashes stored in one go, so that a listing that is interrupted has not hashed for nothing."""

_CHUNK_BYTES = 1 << 20

_GONE = (FileNotFoundError, NotADirectoryError)


@dataclass(frozen=True)
class FolderPlace:
    """A folder with all files below it, one file, or a glob. Links are followed.

    Change means bytes: a file is hashed whenever its size, times or inode differ from when it was
    hashed last, and its version is that hash. Hidden files are left out.
    """

    source: str
    pattern: Path
    known: Callable[[], Mapping[str, ObservedFile]]
    remember: Callable[[Iterable[ObservedFile]], None]

    @property
    def base(self) -> Path:
        """The folder that keys are relative to: the pattern up to its first wildcard."""
        return self._base_and_glob[0]

    def objects(self) -> Iterator[SourceObject]:
        """List files with their content hashes."""
        if not self.base.is_dir():
            raise SourceError(
                f"source '{self.source}': there is no file or folder {self.base}. Correct "
                "'location' in the corpus file; it is relative to that file."
            )
        known = self.known()
        learnt: list[ObservedFile] = []
        for key, path in self._files():
            observed = _observe(key, path, known.get(key))
            if observed is None:
                continue
            if known.get(key) != observed and _may_be_remembered(observed):
                learnt.append(observed)
            if len(learnt) >= _REMEMBER_AT_ONCE:
                self.remember(learnt)
                learnt = []
            size = int(observed.stat.partition(":")[0])
            yield SourceObject(self.source, key, str(self.base / key), observed.version, size)
        self.remember(learnt)

    @contextmanager
    def open(self, item: SourceObject) -> Iterator[BinaryIO]:
        """Open a file and make sure that its bytes are the listed ones, from first to last."""
        if item.version.startswith(_UNREADABLE):
            number = getattr(errno, item.version.removeprefix(_UNREADABLE), 0)
            raise ObjectUnreadableError(os.strerror(number))
        try:
            stream = (self.base / _name_of(item.key)).open("rb")
        except OSError as error:
            raise SourceChangedError(
                f"{item.uri} cannot be read any more: {error.strerror}"
            ) from None
        with stream:
            before = _stat_fields(os.fstat(stream.fileno()))
            _require(stream, item)
            yield stream
            if _stat_fields(os.fstat(stream.fileno())) != before:
                _require(stream, item)  # the same, if it was only renamed or replaced

    @cached_property
    def _base_and_glob(self) -> tuple[Path, str]:
        """Split the pattern. A name that exists is itself, whatever characters are in it."""
        if self.pattern.is_dir():
            return self.pattern, "**"
        base = Path()
        for index, part in enumerate(self.pattern.parts):
            if is_pattern(part) and not (base / part).exists():
                return base, "/".join(self.pattern.parts[index:])
            base /= part
        return (base.parent, glob.escape(base.name)) if base.is_file() else (base, "**")

    def _files(self) -> Iterator[tuple[str, Path]]:
        """Walk the folder: keys of the files that the pattern names, and their paths."""
        _, pattern = self._base_and_glob
        wanted, depth = compile_pattern(pattern), depth_of(pattern)
        hidden = any(name.startswith(".") for name in pattern.split("/"))
        folders = [(self.base, "", frozenset[tuple[int, int]]())]
        while folders:
            folder, prefix, above = folders.pop()
            below = []
            for name, path, identity in self._entries(folder):
                if identity is None:
                    if wanted.fullmatch(prefix + name):
                        yield _key_of(prefix + name), path
                elif identity in above or (name.startswith(".") and not hidden):
                    continue  # a link to a folder that it is in; or nothing to see
                elif depth is None or prefix.count("/") + 1 < depth:
                    below.append((path, f"{prefix}{name}/", above | {identity}))
            folders += reversed(below)

    def _entries(self, folder: Path) -> list[tuple[str, Path, tuple[int, int] | None]]:
        """Return names in order, with the identity of those that are folders."""
        try:
            paths = sorted(folder.iterdir())
        except _GONE:
            return []
        except OSError as error:
            # Not skipped: all files below would count as deleted.
            raise SourceError(
                f"source '{self.source}': the folder {folder} cannot be listed: {error.strerror}. "
                "Change its owner or mode, or correct 'location' in the corpus file."
            ) from None
        return [(path.name, path, _folder_identity(path)) for path in paths]


def _folder_identity(path: Path) -> tuple[int, int] | None:
    try:
        info = path.stat()
    except OSError:
        return None
    return (info.st_dev, info.st_ino) if stat.S_ISDIR(info.st_mode) else None


def _observe(key: str, path: Path, before: ObservedFile | None) -> ObservedFile | None:
    """Return a file's version; None if it is gone since it was listed, or no file at all."""
    fields = "0"
    try:
        info = path.stat()
        if not stat.S_ISREG(info.st_mode):  # a pipe would keep us waiting
            return None
        fields = _stat_fields(info)
        if before is not None and before.stat == fields:
            return before
        with path.open("rb") as stream:
            return ObservedFile(key, fields, _hash(stream))
    except _GONE:
        return None
    except OSError as error:
        name = errno.errorcode.get(error.errno or 0, "EIO")
        return ObservedFile(key, fields, f"{_UNREADABLE}{name}")


def _require(stream: io.BufferedReader, item: SourceObject) -> None:
    """Make sure that an open file has the listed bytes."""
    if _hash(stream) != item.version:
        raise SourceChangedError(f"{item.uri} changed while the run was under way")


def _may_be_remembered(observed: ObservedFile) -> bool:
    if observed.version.startswith(_UNREADABLE):
        return False
    if len(observed.object_key.encode()) > _MOST_KEY_BYTES:
        return False
    changed = int(observed.stat.split(":")[2])
    return time.time_ns() - changed > _SETTLED_NANOSECONDS


def _stat_fields(info: os.stat_result) -> str:
    return f"{info.st_size}:{info.st_mtime_ns}:{info.st_ctime_ns}:{info.st_ino}"


def _key_of(name: str) -> str:
    r"""Spell a file name as text: `\xff` for a byte that is no UTF-8, and `\\` for a backslash."""
    escaped = name.replace("\\", "\\\\")
    return os.fsencode(escaped).decode("utf-8", "backslashreplace")


def _name_of(key: str) -> str:
    """Return the file name that a key spells."""
    return os.fsdecode(re.sub(rb"\\(\\|x[0-9a-f]{2})", _unescaped, key.encode()))


def _unescaped(found: re.Match[bytes]) -> bytes:
    return b"\\" if found[1] == b"\\" else bytes.fromhex(found[1][1:].decode())


def _hash(stream: io.BufferedReader) -> str:
    """Hash the bytes that the file has now, whatever the stream has read and holds of it."""
    hasher = hashlib.blake2b(digest_size=16)
    offset = 0
    while chunk := os.pread(stream.fileno(), _CHUNK_BYTES, offset):
        hasher.update(chunk)
        offset += len(chunk)
    return hasher.hexdigest()
