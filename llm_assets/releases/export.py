"""A complete copy of a release in a folder or a bucket, laid out as trainers expect it.

Files come first, checked while they are copied; the manifest comes last. A copy that was broken off
goes on where it was: a note in the place says what is being copied there, and every file appears
whole or not at all.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from llm_assets.corpus.schema import SPLITS, Split
from llm_assets.io.object_store import (
    SCRATCH_FOLDER,
    LocalStore,
    ObjectStore,
    explained,
)
from llm_assets.releases.card.card_page import card_page
from llm_assets.releases.card.data_card import readme
from llm_assets.releases.file_names import exported_name
from llm_assets.releases.manifest import (
    CARD_FILE,
    MANIFEST_FILE,
    FileFormat,
    Manifest,
    Part,
    ReleaseError,
    ReleaseFile,
)
from llm_assets.releases.places import Release

README_FILE: Final = "README.md"
"""The data card, where dataset hubs look for it."""

NOTE_FILE: Final = ".llm-assets-export.json"
"""Says what is being copied; gone when the copy is complete."""

_TOKENIZER: Final = "tokenizer/"
_HASH_DIGITS = 32


@dataclass(frozen=True)
class Copy:
    """One file to copy."""

    source: str
    target: str
    bytes: int
    hash: str


@dataclass(frozen=True)
class Exported:
    """What an export did."""

    manifest: Manifest
    copied: int
    """Files."""
    found: int
    """Files that an earlier attempt had copied."""


def export_release(
    release: Release,
    destination: ObjectStore,
    formats: Collection[FileFormat] = (),
    advance: Callable[[int], None] = lambda _bytes: None,
) -> Exported:
    """Copy a release.

    Args:
        release: what to copy.
        destination: an empty place, or one where this very copy was broken off.
        formats: which of its formats; all if empty. Side tables and tokenizer always come along.
        advance: called with the number of bytes done since the last call.

    Raises:
        ReleaseError: if the place holds something else, the release has no such format, or a file
            is not what the manifest says.
    """
    manifest = exported_manifest(release.manifest, formats)
    present, is_complete = _start(destination, manifest)
    copied = found = 0
    for copy in _copies(release, manifest):
        # Under its name it was whole. Of a complete copy, somebody asks for a reason: look inside.
        there = present.get(copy.target) == copy.bytes
        if there and (not is_complete or _hash(destination, copy.target) == copy.hash):
            found += 1
            advance(copy.bytes)
            continue
        _copy(release.store, destination, copy, advance)
        copied += 1
    for name, content in _merged_indexes(release, manifest):
        _put(destination, name, content)
    _put(destination, CARD_FILE, card_page(manifest).encode())
    _put(destination, README_FILE, readme(manifest).encode())
    _put(destination, MANIFEST_FILE, manifest.to_json())
    destination.delete(NOTE_FILE)
    _tidy(destination)
    return Exported(manifest, copied, found)


def exported_manifest(manifest: Manifest, formats: Collection[FileFormat] = ()) -> Manifest:
    """Return the manifest of a copy: other names of files, the same content.

    Raises:
        ReleaseError: if the release has no such format.
    """
    if unknown := sorted(set(formats) - set(manifest.formats)):
        raise ReleaseError(
            f"{manifest.version} has no {', '.join(unknown)}: its formats are "
            f"{', '.join(manifest.formats)}"
        )
    wanted = set(formats or manifest.formats)
    filled = _filled_parts(manifest)
    parts = [
        part.model_copy(
            update={
                "location": "",
                "files": [
                    _renamed(file, part.shard, place, filled)
                    for file in part.files
                    if file.format == "documents" or file.format in wanted
                ],
            }
        )
        for place, part in enumerate(manifest.parts)
    ]
    tokenizer = manifest.tokenizer.model_copy(update={"location": _TOKENIZER})
    return manifest.model_copy(
        update={
            "root": "./",
            "formats": [name for name in manifest.formats if name in wanted],
            "left_out_formats": sorted(
                {*manifest.left_out_formats, *(n for n in manifest.formats if n not in wanted)}
            ),
            "parts": parts,
            "tokenizer": tokenizer,
        }
    )


def bytes_to_copy(manifest: Manifest) -> int:
    """Return how many bytes an export of this manifest has."""
    return manifest.size_bytes + sum(file.bytes for file in manifest.tokenizer.files)


def _filled_parts(manifest: Manifest) -> dict[tuple[Split, int], tuple[int, int]]:
    """Return by split and place of a part: its place among the parts with rows, and their number.

    Of a split without any row the first part counts, so that the split is known to be there.
    """
    found = {}
    for split in SPLITS:
        places = [n for n, part in enumerate(manifest.parts) if part.splits[split].sequences] or [0]
        for number, place in enumerate(places):
            found[split, place] = (number, len(places))
    return found


def _renamed(
    file: ReleaseFile,
    shard: str,
    place: int,
    filled: dict[tuple[Split, int], tuple[int, int]],
) -> ReleaseFile:
    number = None if file.split is None else filled.get((file.split, place))
    name = exported_name(file.original_name, shard, place, number)
    return file.model_copy(update={"name": name, "original": file.original_name})


def _copies(release: Release, manifest: Manifest) -> Iterator[Copy]:
    for entry in manifest.tokenizer.files:
        source = release.tokenizer_key(entry.name)
        yield Copy(source, _TOKENIZER + entry.name, entry.bytes, entry.hash)
    for part, copied in zip(release.manifest.parts, manifest.parts, strict=True):
        sources = {file.original_name: file.name for file in part.files}
        for file in copied.files:
            source = release.key(part, sources[file.original_name])
            yield Copy(source, file.name, file.bytes, file.hash)


def _start(destination: ObjectStore, manifest: Manifest) -> tuple[dict[str, int], bool]:
    """Make sure that the place is empty or has this copy or a part; return what, and whether all.

    Raises:
        ReleaseError: if it has something else.
    """
    note = json.dumps(
        {"content_hash": manifest.content_hash, "formats": manifest.formats}, sort_keys=True
    ).encode()
    present = dict(destination.keys())
    if not present:
        destination.create(NOTE_FILE, note)
        return {}, False
    if NOTE_FILE in present and destination.read_bytes(NOTE_FILE) == note:
        return present, MANIFEST_FILE in present
    place = destination.uri("")
    if MANIFEST_FILE in present and NOTE_FILE not in present:
        there = json.loads(destination.read_bytes(MANIFEST_FILE))
        if _is_same_copy(there, manifest):
            _put(destination, NOTE_FILE, note)
            return present, True
    raise ReleaseError(
        f"{place} is not empty and holds no copy of {manifest.version} in these formats: name an "
        "empty or new place"
    )


def _is_same_copy(there: Any, manifest: Manifest) -> bool:
    return isinstance(there, dict) and all(
        there.get(name) == getattr(manifest, name) for name in ("content_hash", "formats")
    )


def _copy(
    store: ObjectStore, destination: ObjectStore, copy: Copy, advance: Callable[[int], None]
) -> None:
    with destination.scratch() as folder:
        path = folder / "file"
        hasher, size = hashlib.sha256(), 0
        with path.open("wb") as stream:
            for piece in store.stream(copy.source):
                hasher.update(piece)
                size += len(piece)
                stream.write(piece)
                advance(len(piece))
        if (size, hasher.hexdigest()[:_HASH_DIGITS]) != (copy.bytes, copy.hash):
            raise ReleaseError(
                f"{store.uri(copy.source)} is not what the manifest says, so the copy is not "
                "complete: 'llm-assets release verify' lists every such file"
            )
        destination.put(path, copy.target)


def _hash(store: ObjectStore, key: str) -> str:
    hasher = hashlib.sha256()
    for piece in store.stream(key):
        hasher.update(piece)
    return hasher.hexdigest()[:_HASH_DIGITS]


def _put(destination: ObjectStore, name: str, content: bytes) -> None:
    with destination.scratch() as folder:
        path = folder / "file"
        path.write_bytes(content)
        destination.put(path, name)


def _merged_indexes(release: Release, manifest: Manifest) -> Iterator[tuple[str, bytes]]:
    """Yield one MDS index a split, over the shards of all parts."""
    if "mds" not in manifest.formats:
        return
    for split in SPLITS:
        shards: list[dict[str, Any]] = []
        version = 2
        for part in release.manifest.parts:
            index = _mds_index(release, part, split)
            version = index.get("version", version)
            shards += [_below(shard, part.shard) for shard in index["shards"]]
        document = {"shards": shards, "version": version}
        yield f"mds/{split}/index.json", json.dumps(document, sort_keys=True).encode()


def _mds_index(release: Release, part: Part, split: str) -> dict[str, Any]:
    for file in part.files:
        if file.original_name == f"{split}.mds/index.json":
            index: dict[str, Any] = json.loads(
                release.store.read_bytes(release.key(part, file.name))
            )
            return index
    return {"shards": []}


def _below(shard: dict[str, Any], folder: str) -> dict[str, Any]:
    """Return an entry of an MDS index as seen from the folder above."""
    moved = dict(shard)
    for name in ("raw_data", "zip_data", "raw_meta", "zip_meta"):
        if moved.get(name):
            moved[name] = {**moved[name], "basename": f"{folder}/{moved[name]['basename']}"}
    return moved


def _tidy(destination: ObjectStore) -> None:
    """Leave no empty scratch folder in the copy."""
    if isinstance(destination, LocalStore):
        scratch: Path = destination.root / SCRATCH_FOLDER
        with explained("write", scratch):
            if scratch.is_dir() and not any(scratch.iterdir()):
                scratch.rmdir()
