"""Where a release is: a folder, or an S3 bucket. Both read ranges of a file's tokens."""

import hashlib
import mmap
import threading
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from llm_assets.loader.errors import LoaderError
from llm_assets.loader.release_split import MANIFEST, TokenFile

Tokens = NDArray[np.integer[Any]]

STORED: dict[int, np.dtype[Any]] = {2: np.dtype("<u2"), 4: np.dtype("<i4")}
"""The type of stored tokens, by the bytes of one."""

_MOST_MAPS = 256  # each holds a file descriptor, of which a process has 1024 by default


class Place(Protocol):
    """A release's place. It may be used by several threads, and pickled for other processes."""

    reads_wait: bool
    """Whether a read waits for the network, so that several at once are faster."""

    def manifest(self) -> bytes:
        """Return the bytes of `manifest.json`."""

    def check(self, file: TokenFile, *, contents: bool) -> None:
        """Compare a file with the manifest: its size, and its hash if the contents count too."""

    def read(self, file: TokenFile, first: int, count: int) -> Tokens:
        """Return some tokens of a file, read-only.

        Args:
            file: the file.
            first: how many of its tokens are before them.
            count: how many; at least one.
        """


class FolderPlace:
    """A release in a folder. Files are mapped into memory; of a great many, some are read."""

    reads_wait = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._forget()

    def _forget(self) -> None:
        self._maps: dict[str, mmap.mmap] = {}
        self._lock = threading.Lock()

    def __getstate__(self) -> Path:
        return self._folder

    def __setstate__(self, folder: Path) -> None:
        self._folder = folder
        self._forget()

    def manifest(self) -> bytes:
        """Return the bytes of `manifest.json`."""
        try:
            return (self._folder / MANIFEST).read_bytes()
        except OSError as error:
            raise LoaderError(
                f"{self._folder}: holds no release ({error.strerror} for {MANIFEST}); give the"
                " folder releases/<version> of the store, or one that 'llm-assets release"
                " export' made"
            ) from None

    def check(self, file: TokenFile, *, contents: bool) -> None:
        """Compare a file with the manifest."""
        path = self._folder / file.path
        try:
            size = path.stat().st_size
            if size == file.size_bytes and contents:
                with path.open("rb") as stream:
                    if hashlib.file_digest(stream, "sha256").hexdigest()[:32] != file.hash:
                        raise LoaderError(f"{path}: its bytes have changed; export it anew")
        except OSError as error:
            raise LoaderError(
                f"{path}: the manifest names it, but: {error.strerror}; export the release anew"
            ) from None
        if size != file.size_bytes:
            raise LoaderError(
                f"{path}: has {size:,} bytes, by the manifest {file.size_bytes:,}; export the"
                " release anew"
            )

    def read(self, file: TokenFile, first: int, count: int) -> Tokens:
        """Return some tokens of a file: a view of it where it is mapped."""
        item_bytes = (file.size_bytes - file.header_bytes) // file.tokens
        start = file.header_bytes + first * item_bytes
        mapped = self._map(file)
        if mapped is None:
            return np.fromfile(
                self._folder / file.path, STORED[item_bytes], count=count, offset=start
            )
        if hasattr(mapped, "madvise"):  # have a cold disk read the range at once, in the background
            page = start // mmap.PAGESIZE * mmap.PAGESIZE
            mapped.madvise(mmap.MADV_WILLNEED, page, start + count * item_bytes - page)
        return np.frombuffer(mapped, STORED[item_bytes], count=count, offset=start)

    def _map(self, file: TokenFile) -> mmap.mmap | None:
        with self._lock:
            mapped = self._maps.get(file.path)
            if mapped is None and len(self._maps) < _MOST_MAPS:
                with (self._folder / file.path).open("rb") as stream:
                    mapped = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
                if len(mapped) != file.size_bytes:
                    raise LoaderError(f"{self._folder / file.path}: has changed while in use")
                self._maps[file.path] = mapped
            return mapped


def open_place(place: str | Path, cache: Path | None, cache_bytes: int) -> Place:
    """Open a release's place: a folder, or `s3://bucket/.../releases/v3`.

    Args:
        place: the folder or address that holds `manifest.json`.
        cache: a local folder for what is read from S3, or None.
        cache_bytes: the size the cache is kept to.

    Raises:
        LoaderError: for an address of another kind.
    """
    if isinstance(place, str) and place.startswith("s3://"):
        # Imported here: boto3 costs 0.2 s, and a folder needs none of it.
        from llm_assets.loader.range_cache import RangeCache
        from llm_assets.loader.s3_place import S3Place

        return S3Place(place, None if cache is None else RangeCache(cache, cache_bytes))
    if isinstance(place, str) and "://" in place:
        raise LoaderError(f"{place}: a release is in a folder or at s3://bucket/prefix")
    return FolderPlace(Path(place).absolute())
