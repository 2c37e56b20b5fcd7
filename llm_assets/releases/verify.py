"""Whether a release is what its manifest says: every byte, every count."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import polars as pl

from llm_assets.corpus.schema import SPLITS
from llm_assets.io.object_store import StorageError
from llm_assets.releases.manifest import (
    FileFormat,
    Manifest,
    Part,
    ReleaseFile,
    content_hash,
    part_version,
)
from llm_assets.releases.places import Release, is_side_table
from llm_assets.releases.stream_counts import UnreadableFileError, count_stored, differences

_HASH_DIGITS = 32
_SUFFIXES: Final[dict[FileFormat, tuple[str, ...]]] = {
    "megatron": (".bin", ".idx"),
    "parquet": (".parquet",),
    "npy": (".npy",),
    "mds": ("index.json",),
    "jsonl": (".jsonl.zst",),
    "documents": (),
}
"""What each split has of each format."""

_ITEM_BYTES = {"uint16": 2, "int32": 4}


@dataclass(frozen=True)
class Fault:
    """Something that is not as the manifest says."""

    file: str
    """Its address."""
    problem: str


def verify_release(
    release: Release, advance: Callable[[int], None] = lambda _bytes: None
) -> Iterator[Fault]:
    """Read every file of a release once and compare it with the manifest.

    Memory does not grow with the files. A file that cannot be read is a fault as well.

    Args:
        release: the manifest and the store.
        advance: called with the number of bytes read since the last call.

    Yields:
        A fault for each thing that is wrong, in the order of the manifest.
    """
    manifest, store = release.manifest, release.store
    if content_hash(manifest.model_dump(mode="json")) != manifest.content_hash:
        yield Fault(f"the manifest of {manifest.version}", "its content does not fit its hash")
    yield from _total_faults(manifest)
    for entry in manifest.tokenizer.files:
        key = release.tokenizer_key(entry.name)
        for problem in _byte_faults(release, key, entry.bytes, entry.hash, advance):
            yield Fault(store.uri(key), problem)
    for part in manifest.parts:
        if not manifest.left_out_formats and part_version(_hashes(part)) != part.version:
            yield Fault(f"{part.shard} in the manifest", "its files do not fit its version")
        for missing in _unlisted(manifest, part):
            yield Fault(f"{part.shard} in the manifest", f"it lists no {missing}")
        for file in part.files:
            key = release.key(part, file.name)
            faults = list(_byte_faults(release, key, file.bytes, file.hash, advance))
            # What a changed file counts is no news.
            for problem in faults or _count_faults(release, part, file, key):
                yield Fault(store.uri(key), problem)


def _total_faults(manifest: Manifest) -> Iterator[Fault]:
    for split, count in manifest.splits.items():
        for what in ("tokens", "sequences"):
            listed = sum(getattr(part.splits[split], what) for part in manifest.parts)
            if getattr(count, what) != listed:
                yield Fault(
                    f"the manifest of {manifest.version}",
                    f"{split} has {getattr(count, what):,} {what}, its parts {listed:,}",
                )


def _unlisted(manifest: Manifest, part: Part) -> Iterator[str]:
    """Name the files that a part of such a release has and the manifest does not list."""
    if not any(is_side_table(f.name, "documents") for f in part.files if f.format == "documents"):
        yield "documents.parquet"
    for name in manifest.formats:
        for split in SPLITS:
            listed = [f.name for f in part.files if (f.format, f.split) == (name, split)]
            for suffix in _SUFFIXES[name]:
                if not any(each.endswith(suffix) for each in listed):
                    yield f"{name} file (*{suffix}) of {split}"


def bytes_to_read(release: Release) -> int:
    """Return how many bytes `verify_release` reads if all is well."""
    tokenizer = sum(file.bytes for file in release.manifest.tokenizer.files)
    return tokenizer + release.manifest.size_bytes


def _hashes(part: Part) -> dict[str, str]:
    return {file.original_name: file.hash for file in part.files}


def _byte_faults(
    release: Release, key: str, size: int, expected: str, advance: Callable[[int], None]
) -> Iterator[str]:
    hasher, found = hashlib.sha256(), 0
    try:
        if not release.store.exists(key):
            yield "it is not there"
            return
        for piece in release.store.stream(key):
            hasher.update(piece)
            found += len(piece)
            advance(len(piece))
    except StorageError as error:
        yield str(error)
        return
    if found != size:
        yield f"it has {found:,} bytes, not {size:,}"
    elif hasher.hexdigest()[:_HASH_DIGITS] != expected:
        yield "its bytes do not fit its hash"


def _count_faults(release: Release, part: Part, file: ReleaseFile, key: str) -> Iterator[str]:
    try:
        if file.format == "documents":
            if is_side_table(file.name, "documents"):
                yield from _side_table_faults(release, part, key)
            return
        if file.split is None:
            return
        wanted = part.splits[file.split]
        if key.endswith(".bin"):
            tokens = file.bytes // _ITEM_BYTES[release.manifest.tokenizer.dtype]
            if tokens != wanted.tokens:
                yield f"it has room for {tokens:,} tokens, not {wanted.tokens:,}"
            return
        counts = (("tokens", wanted.tokens), ("sequences", wanted.sequences))
        yield from differences(counts, count_stored(release.store, key, file))
    except UnreadableFileError as error:
        yield f"it is no {file.format} file: {error}"


def _side_table_faults(release: Release, part: Part, key: str) -> Iterator[str]:
    """Compare the ranges of documents with the streams; padding is nobody's."""
    try:
        ends = (
            release.store.scan_parquet(key)
            .group_by("split")
            .agg(
                tokens=pl.col("token_length").cast(pl.Int64).sum(),
                end=(pl.col("token_offset").cast(pl.Int64) + pl.col("token_length")).max(),
            )
            .collect(engine="streaming")
        )
    except pl.exceptions.PolarsError as error:
        yield f"it is no side table: {str(error).partition(chr(10))[0]}"
        return
    packed = release.manifest.sequence_length is not None
    found = {split: (tokens, end) for split, tokens, end in ends.rows()}
    for split in SPLITS:
        stream, (tokens, end) = part.splits[split].tokens, found.get(split, (0, 0))
        # A packed stream has padding, but never nothing else.
        short = tokens == 0 < stream if packed else tokens != stream
        if end > stream or short:
            yield f"its ranges of {split} have {tokens:,} tokens, the stream {stream:,}"
