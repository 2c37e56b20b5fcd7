"""Where releases are: below `releases/` in a corpus's store, or a folder of their own."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from llm_assets.io.object_store import ObjectStore, open_store
from llm_assets.recipe import ConfigurationError
from llm_assets.releases.manifest import (
    CARD_FILE,
    MANIFEST_FILE,
    VERSION_NAME,
    Manifest,
    Part,
    ReleaseError,
    ReleaseFile,
    read_manifest,
)

RELEASES: str = "releases"
ROOT_FROM_RELEASE: str = "../../"
"""From a release's folder to the root of the store."""


@dataclass(frozen=True)
class Release:
    """A manifest, and the store whose keys its files have."""

    manifest: Manifest
    store: ObjectStore
    prefix: str = ""
    """The manifest's root, as the beginning of a key."""

    def key(self, part: Part, name: str) -> str:
        """Return the store's key of a part's file."""
        return f"{self.prefix}{part.location}{name}"

    def tokenizer_key(self, name: str) -> str:
        """Return the store's key of a file of the tokenizer."""
        return f"{self.prefix}{self.manifest.tokenizer.location}{name}"

    def files(self) -> Iterator[tuple[str, ReleaseFile]]:
        """Yield every part's files with their keys."""
        for part in self.manifest.parts:
            for file in part.files:
                yield self.key(part, file.name), file

    def scan_documents(self, part: Part) -> pl.LazyFrame:
        """Scan the side table of a part (rows of TRAINING_DOCUMENTS).

        Raises:
            ReleaseError: if this copy has none.
        """
        for file in part.files:
            if file.format == "documents" and is_side_table(file.name, "documents"):
                return self.store.scan_parquet(self.key(part, file.name))
        raise ReleaseError(
            f"{self.manifest.version} has no documents.parquet for {part.shard}: this copy was "
            "exported without its side tables, which say where tokens came from"
        )


def is_side_table(name: str, table: str) -> bool:
    """Tell whether a side table of a part, exported or not, is `documents` or `left_out`."""
    return name.partition(".")[0] == table or name.startswith(f"{table}/")


def manifest_key(version: str) -> str:
    """Return the key of a release's manifest in its store."""
    return f"{RELEASES}/{version}/{MANIFEST_FILE}"


def card_key(version: str) -> str:
    """Return the key of a release's card in its store."""
    return f"{RELEASES}/{version}/{CARD_FILE}"


def check_version_name(version: str) -> None:
    """Make sure that a name can be a folder's.

    Raises:
        ConfigurationError: if not.
    """
    if not re.fullmatch(VERSION_NAME, version):
        raise ConfigurationError(
            f"'{version}' cannot name a release: use letters, digits, '.', '_' and '-', at most "
            "63, a letter or digit in front; such as v3 or 2026-01"
        )


def stored_release(store: ObjectStore, version: str) -> Release:
    """Open a release of this store.

    Raises:
        ReleaseError: if there is none of that name.
    """
    check_version_name(version)
    key = manifest_key(version)
    if not store.exists(key):
        known = ", ".join(name for name in release_names(store))
        raise ReleaseError(
            f"there is no release '{version}' in {store.uri('')}: there "
            + (f"are {known}" if known else "is none; make one with 'llm-assets release create'")
        )
    return Release(read_manifest(store.read_bytes(key), store.uri(key)), store)


def release_names(store: ObjectStore) -> list[str]:
    """Return the names of a store's releases."""
    return [
        parts[1]
        for key, _ in store.keys(f"{RELEASES}/")
        if len(parts := key.split("/")) == 3 and parts[2] == MANIFEST_FILE
    ]


def stored_releases(store: ObjectStore) -> list[Release]:
    """Open all releases of a store, the oldest first."""
    opened = [stored_release(store, name) for name in release_names(store)]
    return sorted(opened, key=lambda r: (r.manifest.created_at, r.manifest.version))


def is_address(reference: str) -> bool:
    """Tell a place (`s3://...`, a path) from the name of a release."""
    return "/" in reference or reference.startswith((".", "~")) or "\\" in reference


def release_at(place: str, cache: Path) -> Release:
    """Open the release in a folder or at an `s3://` address, wherever its files are.

    Args:
        place: what holds `manifest.json`; or the address of that file itself.
        cache: a local folder for what S3 needs.

    Raises:
        ReleaseError: if there is no manifest there.
        StorageError: if the place cannot be read.
    """
    home = place.removesuffix(MANIFEST_FILE).rstrip("/")
    if "://" not in home:
        home = str(Path(home or ".").expanduser().absolute())
    store = open_store(home, cache)
    if not store.exists(MANIFEST_FILE):
        raise ReleaseError(f"there is no {MANIFEST_FILE} in {home}: is that a release?")
    manifest = read_manifest(store.read_bytes(MANIFEST_FILE), store.uri(MANIFEST_FILE))
    if manifest.root in ("./", ""):
        return Release(manifest, store)
    scheme, separator, path = home.rpartition("://")
    root = posixpath.normpath(posixpath.join(path, manifest.root))
    if separator and root.partition("/")[0] != path.partition("/")[0]:
        raise ReleaseError(f"{home}: the manifest's root {manifest.root} leaves its bucket")
    return Release(manifest, open_store(f"{scheme}{separator}{root}", cache))
