"""Where the large files are: a folder or an S3 bucket, with the same keys in both.

Files are written once under a name that holds their content's hash, and never changed. A reader
learns from the catalog which of them are current, so nothing here is ever listed on the hot path.
"""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import polars as pl

from llm_assets.io.scratch import scratch_folder

SCRATCH_FOLDER = ".scratch"
"""Where a local store writes files that are not complete yet."""

_FIXES = {
    errno.ENOSPC: "the disk is full: free some space, then run again",
    errno.EDQUOT: "the disk quota is used up: free some space, then run again",
    errno.EACCES: "this user may not: change the owner of the folder, or LLM_ASSETS_STORE",
    errno.EPERM: "this user may not: change the owner of the folder, or LLM_ASSETS_STORE",
    errno.EROFS: "it is on a read-only file system: change LLM_ASSETS_STORE",
    errno.ENOTDIR: "a part of its path is a file: change LLM_ASSETS_STORE",
    errno.ENOENT: "it is not there. Was it removed by hand? 'llm-assets doctor' looks at the store",
}
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_NO_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})

STREAMED_BYTES = 4 << 20
"""What `ObjectStore.stream` reads at once."""


class StorageError(Exception):
    """The store cannot be read or written; the message names the place and what to do."""


class ObjectStore(Protocol):
    """A flat space of immutable files under keys such as `cleaned_text/shard-0000/<hash>.parquet`.

    Every method raises `StorageError` if the place cannot be reached, read or written.
    """

    def scratch(self) -> AbstractContextManager[Path]:
        """An empty folder to write in, from which `put` is cheapest; gone afterwards.

        A disk that gets full within the block is a `StorageError`.
        """

    def put(self, source: Path, key: str) -> None:
        """Publish a complete file under `key`, durably; the source file is used up."""

    def scan_parquet(self, key: str) -> pl.LazyFrame:
        """Scan a Parquet file lazily; Polars' own errors arise when it is collected."""

    def open_local(self, key: str) -> Path:
        """Return a path to the file on this machine, fetched first where it is remote."""

    def read_bytes(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        """Read a range of a file, all of it by default; less where the file ends before."""

    def stream(self, key: str) -> Iterator[bytes]:
        """Read a file from its beginning, a few megabytes at a time."""

    def create(self, key: str, content: bytes) -> bool:
        """Publish a small file durably, unless there is one under `key`: then return False.

        Of several processes that create the same key, one is told True.
        """

    def exists(self, key: str) -> bool:
        """Tell whether the file is there."""

    def keys(self, prefix: str = "") -> Iterator[tuple[str, int]]:
        """List keys and sizes in bytes, in order; to collect garbage, never to read."""

    def delete(self, key: str) -> None:
        """Remove a file; no error if it is gone already."""

    def uri(self, key: str) -> str:
        """Return the address of a file, for people and other programs."""


@dataclass(frozen=True)
class LocalStore:
    """A folder. A file appears whole, by an fsync and a rename on the same file system."""

    root: Path

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """Yield an empty folder on the store's own file system."""
        with scratch_in(self.root / SCRATCH_FOLDER) as folder:
            yield folder

    def put(self, source: Path, key: str) -> None:
        """Rename a complete file into place; it survives a power cut from here on."""
        target = self.root / key
        with explained("write", target):
            folders = _make_folders(target.parent)
            sync(source)
            source.replace(target)
            for folder in folders:
                sync(folder)

    def scan_parquet(self, key: str) -> pl.LazyFrame:
        """Scan a Parquet file lazily."""
        return pl.scan_parquet(self.root / key, glob=False)

    def open_local(self, key: str) -> Path:
        """Return the file's own path."""
        path = self.root / key
        with explained("read", path):
            path.stat()
        return path

    def read_bytes(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        """Read a range of a file."""
        path = self.root / key
        with explained("read", path), path.open("rb") as stream:
            stream.seek(start)
            return stream.read(-1 if length is None else length)

    def stream(self, key: str) -> Iterator[bytes]:
        """Read a file piece by piece."""
        path = self.root / key
        with explained("read", path), path.open("rb") as stream:
            while piece := stream.read(STREAMED_BYTES):
                yield piece

    def create(self, key: str, content: bytes) -> bool:
        """Link a complete file to its name, which fails where the name is taken."""
        target = self.root / key
        with self.scratch() as folder, explained("write", target):
            source = folder / "file"
            source.write_bytes(content)
            sync(source)
            folders = _make_folders(target.parent)
            try:
                _link(source, target)
            except FileExistsError:
                return False
            for changed in folders:
                sync(changed)
            return True

    def exists(self, key: str) -> bool:
        """Tell whether the file is there."""
        with explained("read", self.root / key):
            return (self.root / key).is_file()

    def keys(self, prefix: str = "") -> Iterator[tuple[str, int]]:
        """List keys and sizes, in order; scratch space is left out."""
        found: list[tuple[str, int]] = []
        with explained("read", self.root):
            # From the deepest folder that holds all of them.
            for folder, folders, names in os.walk(
                self.root / prefix.rpartition("/")[0], onerror=_raise_unless_gone
            ):
                if SCRATCH_FOLDER in folders:
                    folders.remove(SCRATCH_FOLDER)
                for path in (Path(folder, name) for name in names):
                    key = path.relative_to(self.root).as_posix()
                    if key.startswith(prefix):
                        with suppress(FileNotFoundError):  # deleted since it was listed
                            found.append((key, path.stat().st_size))
        yield from sorted(found)

    def delete(self, key: str) -> None:
        """Remove a file; no error if it is gone already."""
        with explained("delete", self.root / key):
            (self.root / key).unlink(missing_ok=True)

    def uri(self, key: str) -> str:
        """Return the path."""
        return str(self.root / key)


def open_store(place: str, cache: Path) -> ObjectStore:
    """Open the store at `place`: a folder, or `s3://bucket/prefix`.

    Args:
        place: where the files are.
        cache: a local folder for downloads and for files on their way up.

    Raises:
        StorageError: if `place` is an address of another kind.
    """
    if place.startswith("s3://"):
        # Imported here: boto3 costs 0.2 s, and a local store needs none of it.
        from llm_assets.io.s3_store import S3Store

        bucket, _, path = place.removeprefix("s3://").partition("/")
        if not bucket:
            raise StorageError(f"{place}: names no bucket; write s3://bucket/prefix")
        prefix = path.strip("/")
        return S3Store(bucket, f"{prefix}/" if prefix else "", cache)
    if "://" in place:
        raise StorageError(f"{place}: a store is a folder or s3://bucket/prefix")
    return LocalStore(Path(place).absolute())


@contextmanager
def scratch_in(parent: Path) -> Iterator[Path]:
    """Yield a scratch folder below `parent`; if the disk gets full meanwhile, say so.

    Other errors of the block are its own: what it reads there is not our business.

    Raises:
        StorageError: if the folder cannot be made, or the disk is full.
    """
    with ExitStack() as stack:
        with explained("write", parent):
            folder = stack.enter_context(scratch_folder(parent))
        try:
            yield folder
        except (OSError, pl.exceptions.PolarsError) as error:
            number = _number_of(error)
            if number not in _FULL:
                raise
            full = OSError(number, os.strerror(number))
            raise _explanation("write", parent, full) from None


@contextmanager
def explained(doing: str, place: Path) -> Iterator[None]:
    """Turn an error of the operating system into one that says what to do."""
    try:
        yield
    except OSError as error:
        raise _explanation(doing, place, error) from None


def _number_of(error: OSError | pl.exceptions.PolarsError) -> int:
    """Return the system's number of an error; 0 if it has none. Polars tells it in words only."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno
    found = re.search(r"\(os error (\d+)\)", str(error))
    return int(found[1]) if found else 0


def _explanation(doing: str, place: Path, error: OSError) -> StorageError:
    fix = _FIXES.get(error.errno or 0, error.strerror or str(error))
    published = " Nothing was published." if doing == "write" else ""
    return StorageError(f"cannot {doing} {place}: {fix}.{published}")


def _link(source: Path, target: Path) -> None:
    """Give a file a second name, if nothing has it.

    Raises:
        FileExistsError: if something does.
    """
    try:
        target.hardlink_to(source)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # Some network file systems and memory cards know no second names. Two processes that
        # create one key in the same instant are not told apart there.
        if target.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target)) from None
        source.replace(target)


def _make_folders(folder: Path) -> list[Path]:
    """Make a folder; return it and every folder above it that has a new entry, lowest first."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return [folder, *(path.parent for path in missing)]


def sync(path: Path) -> None:
    """Have a file's bytes, or a folder's entries, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _raise_unless_gone(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error
