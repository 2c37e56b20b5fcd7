"""MDS, the shards of `mosaicml-streaming`: `<split>.mds/` with `index.json` and `shard.*.mds`.

A shard, little-endian: number of samples (uint32); first byte of each sample and the end of the
last (uint32 each); the columns as JSON; the samples. A sample: the sizes (uint32) of its columns of
variable size, then the columns' bytes, by name. `index.json` (version 2) names each shard's
columns, samples, sizes and hashes. Shards are cut where the library's own writer cuts them.
"""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from llm_assets.corpus.part_formats.chunks import Chunks
from llm_assets.corpus.part_formats.mds_samples import EncodedSamples, SampleEncoder
from llm_assets.corpus.part_formats.part import PartBatch, PartLayout, PartWriter
from llm_assets.corpus.part_formats.partial_file import partial_path

INDEX_FILE = "index.json"
SHARD_BYTES = 64 << 20
"""The library's own limit: a shard is what it fetches at once, and a writer holds one."""

_OFFSET_LIMIT = 2**32 - 1
"""Bytes into a shard that an offset can say."""

HASH = "sha256"
"""`StreamingDataset(validate_hash="sha256")` checks it."""


class MdsWriter(PartWriter):
    """Writes one folder of shards; `index.json`, which makes them a data set, comes last."""

    def __init__(self, folder: Path, layout: PartLayout) -> None:
        """Start the folder.

        Args:
            folder: where to; must not be there.
            layout: type and length of sequences, and how shards are compressed.
        """
        self._folder = folder
        self._partial = partial_path(folder)
        self._partial.mkdir()
        self._encoder = SampleEncoder(layout)
        self._compression = layout.mds_compression
        self._config = {
            "column_encodings": self._encoder.encodings,
            "column_names": self._encoder.names,
            "column_sizes": self._encoder.sizes,
            "compression": self._compression,
            "format": "mds",
            "hashes": [HASH],
            "size_limit": SHARD_BYTES,
            "version": 2,
        }
        self._columns = json.dumps(self._config, sort_keys=True).encode()
        self._chunks = Chunks(SHARD_BYTES, overhead=8 + len(self._columns))
        self._held: list[EncodedSamples] = []
        self._shards: list[dict[str, Any]] = []

    def append(self, batch: PartBatch) -> None:
        """Add sequences; full shards go to disk."""
        samples = self._encoder.encode(batch.sequences)
        # Every sample has an offset, too.
        for begins, run in self._chunks.cut(samples.sizes + 4):
            if begins:
                self._flush()
            self._held.append(samples.run(run))

    def close(self) -> None:
        """Write the last shard and the index, and give the folder its name."""
        self._flush()
        index = {"shards": self._shards, "version": 2}
        (self._partial / INDEX_FILE).write_text(json.dumps(index, sort_keys=True))
        self._partial.rename(self._folder)

    def abandon(self) -> None:
        """Remove the folder, unless it is complete."""
        shutil.rmtree(self._partial, ignore_errors=True)

    def _flush(self) -> None:
        """Write what is held as one shard."""
        if not self._held:
            return
        sizes = np.concatenate([samples.sizes for samples in self._held])
        start = 4 + 4 * (len(sizes) + 1) + len(self._columns)
        offsets = start + np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
        if offsets[-1] > _OFFSET_LIMIT:
            raise ValueError(f"MDS cannot hold a sample of {sizes.max()} bytes: its limit is 4 GiB")
        pieces = [
            np.array([len(sizes)], "<u4").tobytes(),
            offsets.astype("<u4").tobytes(),
            self._columns,
            *(samples.data for samples in self._held),
        ]
        self._held = []
        self._write_shard(pieces, len(sizes))

    def _write_shard(self, pieces: list[Any], samples: int) -> None:
        """Write one file, and what the index says of it."""
        name = f"shard.{len(self._shards):05}.mds"
        raw, packed = _description(name, pieces), None
        if self._compression is not None:
            codec = pa.Codec(self._compression, compression_level=3)
            pieces = [codec.compress(b"".join(pieces), asbytes=True)]
            name = f"{name}.{self._compression}"
            packed = _description(name, pieces)
        with (self._partial / name).open("wb") as stream:
            stream.writelines(pieces)
        self._shards.append(
            {**self._config, "raw_data": raw, "samples": samples, "zip_data": packed}
        )


def _description(name: str, pieces: list[Any]) -> dict[str, Any]:
    """Return what the index says of a file that consists of these pieces."""
    digest = hashlib.new(HASH)
    size = 0
    for piece in pieces:
        digest.update(piece)
        size += memoryview(piece).nbytes
    return {"basename": name, "bytes": size, "hashes": {HASH: digest.hexdigest()}}
