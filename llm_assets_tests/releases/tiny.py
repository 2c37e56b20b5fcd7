"""Hand-made releases: a few documents of a few tokens, in a real store."""

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl

from llm_assets.corpus.part_formats.part import PartBatch, PartLayout
from llm_assets.corpus.part_formats.writers import open_part_writer
from llm_assets.corpus.schema import SPLITS, TRAINING_DOCUMENTS, Split
from llm_assets.io.object_store import ObjectStore
from llm_assets.releases.file_names import file_role
from llm_assets.releases.manifest import (
    Manifest,
    MixtureRow,
    Part,
    ReleaseFile,
    SourceEntry,
    SplitCount,
    StreamCount,
    TokenizerEntry,
    TokenizerFile,
    part_version,
)
from llm_assets.releases.places import Release, manifest_key

END = 0
"""The id that ends a document; byte b is the token b + 1."""


class ByteDecoder:
    """Tokens are byte strings, as those of byte-level vocabularies are."""

    def __init__(self, vocabulary: Mapping[int, bytes] | None = None) -> None:
        self._vocabulary = vocabulary or {byte + 1: bytes([byte]) for byte in range(256)}

    def decode(self, token_ids: pl.Series) -> pl.Series:
        texts = [
            b"".join(self._vocabulary.get(token, b"") for token in ids).decode("utf-8", "replace")
            for ids in token_ids.to_list()
        ]
        return pl.Series(texts, dtype=pl.String)


@dataclass(frozen=True)
class Row:
    """A range of a stream; `ids` with the end-of-document token, where it has one."""

    doc_id: str
    ids: Sequence[int]
    source: str = "pages"
    repeat: int = 0
    first_token: int = 0
    middle: tuple[int, int] | None = None


def document(doc_id: str, text: str, source: str = "pages", repeat: int = 0) -> Row:
    """Return a whole document of byte tokens."""
    return Row(doc_id, [byte + 1 for byte in text.encode()] + [END], source, repeat)


def padding(length: int) -> Row:
    """Return tokens that are nobody's."""
    return Row("", [END] * length)


Shard = Mapping[Split, Sequence[Row]]


@dataclass(frozen=True)
class Tiny:
    """What a hand-made release holds."""

    shards: Mapping[str, Shard]
    formats: Sequence[str] = ("megatron", "parquet")
    sequence_length: int | None = None
    recipe: Mapping[str, object] = field(default_factory=lambda: {"split": {"seed": 0}})


def release(store: ObjectStore, tiny: Tiny, version: str = "v1") -> Release:
    """Write the files of a release and its manifest."""
    parts = [_part(store, shard, splits, tiny) for shard, splits in sorted(tiny.shards.items())]
    tokenizer = b'{"tokenizer": "none"}'
    put(store, "tokenizer/all/t1/tokenizer.json", tokenizer)
    mixture = _mixture(tiny)
    manifest = Manifest(
        corpus="tiny",
        version=version,
        created_at=f"2026-01-01T00:00:0{len(version)}+00:00",
        root="../../",
        recipe=dict(tiny.recipe),
        software={"llm_assets": "0"},
        sources=[
            SourceEntry(
                name=name,
                kind="web",
                location="./pages/",
                license="CC0-1.0",
                weight=1.0,
                manifest="m1",
                documents=1,
                tokens=1,
            )
            for name in ("books", "pages")
        ],
        tokenizer=TokenizerEntry(
            location="tokenizer/all/t1/",
            file="tokenizer.json",
            kind="huggingface",
            vocabulary_size=257,
            end_of_document="<|endoftext|>",
            end_of_document_id=END,
            dtype="uint16",
            files=[TokenizerFile(name="tokenizer.json", bytes=21, hash=_hash(tokenizer))],
        ),
        sequence_length=tiny.sequence_length,
        formats=sorted({f.format for p in parts for f in p.files if f.format != "documents"}),
        splits={
            split: SplitCount(
                tokens=sum(part.splits[split].tokens for part in parts),
                sequences=sum(part.splits[split].sequences for part in parts),
                documents=sum(row.documents for row in mixture if row.split == split),
            )
            for split in SPLITS
        },
        parts=parts,
        licenses={},
        languages={},
        mixture=mixture,
        funnel=[],
        figures={},
    ).sealed()
    put(store, manifest_key(version), manifest.to_json())
    return Release(manifest, store)


def put(store: ObjectStore, key: str, content: bytes) -> None:
    """Write a file, over another if need be."""
    with store.scratch() as folder:
        path = folder / "file"
        path.write_bytes(content)
        store.put(path, key)


def _part(store: ObjectStore, shard: str, splits: Shard, tiny: Tiny) -> Part:
    with TemporaryDirectory() as name:
        folder = Path(name)
        for split in SPLITS:
            _write_split(folder, split, splits.get(split, ()), tiny)
        _documents(splits).write_parquet(folder / "documents.parquet")
        pl.DataFrame(schema={"doc_id": pl.String, "reason": pl.String}).write_parquet(
            folder / "left_out.parquet"
        )
        contents = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
    version = part_version({name: _hash(content) for name, content in contents.items()})
    location = f"training_split/{shard}/{version}/"
    files = []
    for name, content in contents.items():
        put(store, location + name, content)
        kind, split_of = file_role(name)
        files.append(
            ReleaseFile(
                name=name, bytes=len(content), hash=_hash(content), format=kind, split=split_of
            )
        )
    counts = {split: _count(splits.get(split, ()), tiny) for split in SPLITS}
    return Part(shard=shard, version=version, location=location, splits=counts, files=files)


def _count(rows: Sequence[Row], tiny: Tiny) -> StreamCount:
    tokens = sum(len(row.ids) for row in rows)
    length = tiny.sequence_length
    return StreamCount(tokens=tokens, sequences=tokens // length if length else len(rows))


def _sequences(rows: Sequence[Row], length: int | None) -> list[list[int]]:
    if length is None:
        return [list(row.ids) for row in rows]
    stream = [token for row in rows for token in row.ids]
    return [stream[start : start + length] for start in range(0, len(stream), length)]


def _write_split(folder: Path, split: Split, rows: Sequence[Row], tiny: Tiny) -> None:
    sequences = _sequences(rows, tiny.sequence_length)
    stream = np.array([token for ids in sequences for token in ids], np.uint32)
    if "megatron" in tiny.formats:
        layout = PartLayout(np.dtype(np.uint16), None)
        ids = pl.DataFrame({"input_ids": pl.Series(sequences, dtype=pl.List(pl.UInt32))})
        with open_part_writer("megatron", folder, split, layout) as writer:
            writer.append(PartBatch(ids, pl.DataFrame()))
    if "parquet" in tiny.formats:
        pl.DataFrame({"input_ids": pl.Series(sequences, dtype=pl.List(pl.Int32))}).write_parquet(
            folder / f"{split}.parquet"
        )
    if "npy" in tiny.formats:
        shape = (-1, tiny.sequence_length) if tiny.sequence_length else (-1,)
        buffer = io.BytesIO()
        np.save(buffer, stream.astype(np.uint16).reshape(shape))
        (folder / f"{split}.npy").write_bytes(buffer.getvalue())
    if "mds" in tiny.formats:
        _write_mds(folder / f"{split}.mds", sequences)


def _write_mds(folder: Path, sequences: Sequence[Sequence[int]]) -> None:
    """Write what an MDS data set has as files; the samples themselves nobody here reads."""
    folder.mkdir()
    shards = []
    if sequences:
        content = json.dumps(sequences).encode()
        (folder / "shard.00000.mds").write_bytes(content)
        raw = {"basename": "shard.00000.mds", "bytes": len(content), "hashes": {}}
        shards.append({"raw_data": raw, "samples": len(sequences), "zip_data": None})
    (folder / "index.json").write_text(json.dumps({"shards": shards, "version": 2}))


def _documents(splits: Shard) -> pl.DataFrame:
    rows: list[dict[str, object]] = []
    for split in SPLITS:
        ends = list(accumulate((len(row.ids) for row in splits.get(split, ())), initial=0))
        rows += [
            {
                "doc_id": row.doc_id,
                "source": row.source,
                "text_hash": f"{row.doc_id}:{list(row.ids)}",
                "group_id": row.doc_id,
                "split": split,
                "repeat": row.repeat,
                "token_offset": start,
                "token_length": len(row.ids),
                "first_token": row.first_token,
                "middle_start": row.middle and row.middle[0],
                "middle_end": row.middle and row.middle[1],
            }
            for row, start in zip(splits.get(split, ()), ends, strict=False)
            if row.doc_id
        ]
    return pl.DataFrame(rows, schema=TRAINING_DOCUMENTS)


def _mixture(tiny: Tiny) -> list[MixtureRow]:
    counts: dict[tuple[Split, str], list[Row]] = {}
    for splits in tiny.shards.values():
        for split, rows in splits.items():
            for row in rows:
                if row.doc_id:
                    counts.setdefault((split, row.source), []).append(row)
    return [
        MixtureRow(
            split=split,
            source=source,
            license="CC0-1.0",
            language="en",
            documents=len({row.doc_id for row in rows}),
            tokens=sum(len(row.ids) for row in rows),
        )
        for (split, source), rows in sorted(counts.items())
    ]


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]
