"""One split of a release, as its manifest describes it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from llm_assets.loader.errors import LoaderError

MANIFEST = "manifest.json"

_VERSION = 1
_STREAMS = {"megatron": ".bin", "npy": ".npy"}
_ROOTS = ("./", "../../")  # of a copy, and in a store
_ITEM_BYTES = {"uint16": 2, "int32": 4}
_NPY_HEADER = range(64, 4097)  # bytes; numpy pads it to a multiple of 64


@dataclass(frozen=True, slots=True)
class TokenFile:
    """A file of tokens, little-endian and end to end behind a header."""

    path: str
    """Relative to the manifest's own folder, with slashes."""
    tokens: int
    size_bytes: int
    header_bytes: int
    hash: str
    """32 hex digits of its SHA-256."""


@dataclass(frozen=True, slots=True)
class ReleaseSplit:
    """What the loader needs to know of a release."""

    release: str
    """Its version, such as v3."""
    content_hash: str
    split: str
    item_bytes: int
    """Bytes of a stored token: 2 (unsigned) or 4 (signed)."""
    vocabulary_size: int
    end_of_document_id: int
    packed_length: int | None
    """Tokens of every sequence, if the release is packed."""
    files: tuple[TokenFile, ...]
    """In the order of the release's token stream; none is empty."""

    @property
    def tokens(self) -> int:
        """The length of the split's token stream."""
        return sum(file.tokens for file in self.files)


def read_split(manifest: bytes, split: str, place: str) -> ReleaseSplit:
    """Read one split from a manifest.

    Args:
        manifest: the bytes of `manifest.json`.
        split: `train`, `validation` or `test`.
        place: where it was read, for messages.

    Raises:
        LoaderError: if it is no manifest of a kind that is known here, has no such split, or no
            format with a plain stream of tokens.
    """
    where = f"{place.rstrip('/')}/{MANIFEST}"
    try:
        content = json.loads(manifest)
        if not isinstance(content, dict) or content.get("manifest_version") != _VERSION:
            raise LoaderError(
                f"{where}: is no release manifest of version {_VERSION}; make the release with a"
                " version of llm-assets that fits this one"
            )
        return _read(content, split, where)
    except (KeyError, TypeError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise LoaderError(
            f"{where}: is damaged ({type(error).__name__}: {error}); export the release anew"
        ) from None


def _read(manifest: Mapping[str, Any], split: str, where: str) -> ReleaseSplit:
    if split not in manifest["splits"]:
        there = ", ".join(sorted(manifest["splits"]))
        raise LoaderError(f"{where}: has no split '{split}'; it has {there}")
    dtype = manifest["tokenizer"]["dtype"]
    if dtype not in _ITEM_BYTES:
        raise LoaderError(f"{where}: tokens of type {dtype} are not known here")
    if manifest["root"] not in _ROOTS:
        raise LoaderError(f"{where}: the root {manifest['root']!r} is none that a release has")
    files = [_token_file(manifest, part, split, where) for part in manifest["parts"]]
    found = ReleaseSplit(
        release=manifest["version"],
        content_hash=manifest["content_hash"],
        split=split,
        item_bytes=_ITEM_BYTES[dtype],
        vocabulary_size=manifest["tokenizer"]["vocabulary_size"],
        end_of_document_id=manifest["tokenizer"]["end_of_document_id"],
        packed_length=manifest["sequence_length"],
        files=tuple(file for file in files if file is not None),
    )
    if found.tokens != manifest["splits"][split]["tokens"]:
        raise LoaderError(
            f"{where}: the parts of '{split}' have {found.tokens:,} tokens, the split"
            f" {manifest['splits'][split]['tokens']:,}; export the release anew"
        )
    return found


def _token_file(
    manifest: Mapping[str, Any], part: Mapping[str, Any], split: str, where: str
) -> TokenFile | None:
    """Return the file of a part that holds the split's tokens; None if it has no tokens."""
    tokens = part["splits"].get(split, {"tokens": 0})["tokens"]
    if tokens == 0:
        return None
    file = _stream(part["files"], split)
    if file is None:
        raise LoaderError(_no_stream(manifest, part["shard"], split, where))
    path = manifest["root"] + _below(part["location"] + file["name"], where)
    item_bytes = _ITEM_BYTES[manifest["tokenizer"]["dtype"]]
    header = file["bytes"] - tokens * item_bytes
    if header not in (_NPY_HEADER if file["format"] == "npy" else (0,)):
        raise LoaderError(
            f"{where}: {file['name']} has {file['bytes']:,} bytes, which is not {tokens:,} tokens"
            f" of {item_bytes} bytes; export the release anew"
        )
    return TokenFile(path, tokens, file["bytes"], header, file["hash"])


def _stream(files: Iterable[Mapping[str, Any]], split: str) -> Mapping[str, Any] | None:
    """Return the file with the split's tokens end to end. Names differ between copies."""
    for format, suffix in _STREAMS.items():
        for file in files:
            role = file["format"], file["split"]
            if role == (format, split) and file["name"].endswith(suffix):
                return file
    return None


def _no_stream(manifest: Mapping[str, Any], shard: str, split: str, where: str) -> str:
    readable = " or ".join(_STREAMS)
    there = ", ".join(manifest["formats"])
    if set(_STREAMS) & set(manifest.get("left_out_formats", ())):
        fix = "export the release anew with one of them (--format)"
    else:
        fix = "add one to recipe.formats, materialize training_split and create a release anew"
    return f"{where}: has '{split}' of {shard} as {there}, the loader reads {readable}: {fix}"


def _below(path: str, where: str) -> str:
    """Refuse a path that leaves the place it starts from: a manifest may be somebody else's."""
    parts = path.replace("\\", "/").split("/")
    if ".." in parts or path.startswith(("/", "\\")) or ":" in parts[0]:
        raise LoaderError(f"{where}: the path {path!r} leads out of the release")
    return path
