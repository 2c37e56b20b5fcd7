"""Releases written by hand: token k of the split is k modulo the vocabulary."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

VOCABULARY = 60_000
END = 59_999


def stream(tokens: int, dtype: str = "uint16") -> np.ndarray:
    return (np.arange(tokens) % (VOCABULARY - 1)).astype(dtype)


def write_release(
    store: Path,
    part_tokens: Sequence[int],
    *,
    dtype: str = "uint16",
    format: str = "megatron",
    packed: int | None = None,
    content: np.ndarray | None = None,
    version: str = "v1",
) -> Path:
    """Write a release with parts of so many tokens; return the folder of its manifest."""
    tokens = stream(sum(part_tokens), dtype) if content is None else content.astype(dtype)
    parts, start = [], 0
    for number, count in enumerate(part_tokens):
        location = f"training_split/shard-{number:04d}/{version}/"
        piece, start = tokens[start : start + count], start + count
        parts.append(_part(store, location, f"shard-{number:04d}", piece, format, packed))
    names = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
    manifest: dict[str, Any] = {
        "manifest_version": 1,
        "version": version,
        "content_hash": names[:32],
        "root": "../../",
        "tokenizer": {
            "vocabulary_size": VOCABULARY,
            "end_of_document_id": END,
            "dtype": dtype,
        },
        "sequence_length": packed,
        "formats": [format],
        "splits": {"train": {"tokens": len(tokens)}, "test": {"tokens": 0}},
        "parts": parts,
    }
    folder = store / "releases" / version
    folder.mkdir(parents=True)
    rewrite(folder, manifest)
    return folder


def rewrite(folder: Path, manifest: dict[str, Any]) -> None:
    (folder / "manifest.json").write_text(json.dumps(manifest))


def read_manifest(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "manifest.json").read_text())


def _part(
    store: Path, location: str, shard: str, tokens: np.ndarray, format: str, packed: int | None
) -> dict[str, Any]:
    name = "train.npy" if format == "npy" else "train.bin"
    path = store / location / name
    path.parent.mkdir(parents=True)
    if format == "npy":
        np.save(path, tokens if packed is None else tokens.reshape(-1, packed))
    else:
        path.write_bytes(tokens.tobytes())
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:32]
    file = {
        "name": name,
        "bytes": path.stat().st_size,
        "hash": digest,
        "format": format,
        "split": "train",
    }
    index = {**file, "name": "train.idx", "bytes": 1, "hash": "0" * 32}
    return {
        "shard": shard,
        "location": location,
        "splits": {"train": {"tokens": len(tokens), "sequences": 1}},
        "files": [index, file] if format == "megatron" else [file],
    }
