"""Objects in a local folder, or files that match a glob."""

import glob
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from llm_assets.io.catalog import ObservedFile
from llm_assets.sources.objects import SourceChangedError, SourceError, SourceObject

_MAGIC = frozenset("*?[")


@dataclass(frozen=True)
class FolderPlace:
    """A folder with all files below it, one file, or a glob.

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
        if self.pattern.is_file():
            return self.pattern.parent
        parts = self.pattern.parts
        fixed = next((i for i, part in enumerate(parts) if _MAGIC & set(part)), len(parts))
        return Path(*parts[:fixed])

    def objects(self) -> Iterator[SourceObject]:
        """List files with their content hashes."""
        if not self.base.is_dir():
            raise SourceError(
                f"source '{self.source}': there is no folder {self.base}. Correct 'location' in "
                "the corpus file; it is relative to that file."
            )
        known = self.known()
        learnt: list[ObservedFile] = []
        for path in self._paths():
            observed = self._observe(path, known)
            if observed is None:  # gone since it was listed
                continue
            if known.get(observed.object_key) != observed:
                learnt.append(observed)
            size = int(observed.stat.partition(":")[0])
            yield SourceObject(self.source, observed.object_key, str(path), observed.version, size)
        self.remember(learnt)

    @contextmanager
    def open(self, item: SourceObject) -> Iterator[BinaryIO]:
        """Open a file and make sure that its bytes are the listed ones."""
        try:
            with Path(item.uri).open("rb") as stream:
                if _hash(stream) != item.version:
                    raise SourceChangedError(f"{item.uri} changed while the run was under way")
                stream.seek(0)
                yield stream
        except FileNotFoundError as error:
            raise SourceChangedError(f"{item.uri} is gone since it was listed") from error

    def _paths(self) -> Iterator[Path]:
        if self.pattern.is_dir():
            for folder, folders, names in os.walk(self.pattern):
                folders[:] = sorted(name for name in folders if not name.startswith("."))
                yield from (Path(folder, n) for n in sorted(names) if not n.startswith("."))
        else:
            for name in sorted(glob.glob(str(self.pattern), recursive=True)):  # noqa: PTH207
                if Path(name).is_file():
                    yield Path(name)

    def _observe(self, path: Path, known: Mapping[str, ObservedFile]) -> ObservedFile | None:
        key = path.relative_to(self.base).as_posix()
        key = key.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        try:
            info = path.stat()
            stat = f"{info.st_size}:{info.st_mtime_ns}:{info.st_ctime_ns}:{info.st_ino}"
            before = known.get(key)
            if before is not None and before.stat == stat:
                return before
            with path.open("rb") as stream:
                return ObservedFile(key, stat, _hash(stream))
        except FileNotFoundError:
            return None
        except PermissionError as error:
            raise SourceError(
                f"source '{self.source}': {path} may not be read by this user: change its mode"
            ) from error


def _hash(stream: BinaryIO) -> str:
    return hashlib.file_digest(stream, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
