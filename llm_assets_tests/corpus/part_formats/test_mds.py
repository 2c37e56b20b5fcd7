import hashlib
import json
import struct
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from llm_assets.corpus.part_formats import mds
from llm_assets.corpus.part_formats.part import PartLayout
from llm_assets_tests.corpus.part_formats.batches import (
    INT32,
    STRANGE,
    UINT16,
    batch,
    batches,
    packed,
    write,
)

_LENGTH_LETTERS = "BHIQ"


def _index(folder: Path) -> list[dict[str, Any]]:
    index = json.loads((folder / "index.json").read_text())
    assert index["version"] == 2
    for shard in index["shards"]:
        assert (shard["version"], shard["format"]) == (2, "mds")
    return index["shards"]


def _file(folder: Path, shard: dict[str, Any]) -> bytes:
    """Read a shard, and check what the index says of its file."""
    stored = shard["zip_data"] or shard["raw_data"]
    data = (folder / stored["basename"]).read_bytes()
    _check(data, stored)
    if shard["zip_data"]:
        raw = pa.Codec("zstd").decompress(data, shard["raw_data"]["bytes"], asbytes=True)
        _check(raw, shard["raw_data"])
        return raw
    return data


def _check(data: bytes, said: dict[str, Any]) -> None:
    assert len(data) == said["bytes"]
    assert said["hashes"] == {"sha256": hashlib.sha256(data).hexdigest()}


def read_samples(folder: Path) -> list[list[dict[str, Any]]]:
    """Read shards field by field, as the format's description has it."""
    shards = _index(folder)
    return [_samples(_file(folder, shard), shard) for shard in shards]


def _samples(data: bytes, shard: dict[str, Any]) -> list[dict[str, Any]]:
    (count,) = struct.unpack("<I", data[:4])
    assert count == shard["samples"]
    offsets = struct.unpack(f"<{count + 1}I", data[4 : 8 + 4 * count])
    assert offsets[-1] == len(data)
    columns = json.loads(data[8 + 4 * count : offsets[0]])
    assert columns == {name: shard[name] for name in columns}
    assert shard.keys() - columns.keys() == {"raw_data", "samples", "zip_data"}
    return [_sample(data[start:stop], columns) for start, stop in pairwise(offsets)]


def _sample(data: bytes, columns: dict[str, Any]) -> dict[str, Any]:
    sample, sizes, at = {}, [], 0
    assert columns["column_names"] == sorted(columns["column_names"])
    for size in columns["column_sizes"]:
        if size is None:
            (size,) = struct.unpack("<I", data[at : at + 4])
            at += 4
        sizes.append(size)
    kinds = columns["column_encodings"]
    for name, kind, size in zip(columns["column_names"], kinds, sizes, strict=True):
        sample[name] = _value(kind, data[at : at + size])
        at += size
    assert at == len(data)
    return sample


def _value(kind: str, data: bytes) -> str | list[int]:
    if kind == "str":
        return data.decode()
    _array, type_, *shape = kind.split(":")
    if not shape:
        axes, code = data[0] >> 2, data[0] & 3
        assert axes == 1
        (length,) = struct.unpack_from(f"<{_LENGTH_LETTERS[code]}", data, 1)
        data = data[1 + 2**code :]
    else:
        length = int(shape[0])
    return list(struct.unpack(f"<{length}{'H' if type_ == 'uint16' else 'i'}", data))


@pytest.mark.parametrize("compression", [None, "zstd"])
@pytest.mark.parametrize("layout", [UINT16, INT32], ids=["uint16", "int32"])
def test_samples_come_back(tmp_path: Path, layout: PartLayout, compression: Any) -> None:
    # The length of an array is stored in the smallest type that holds it.
    edges = [("e", "web", "", [3] * length) for length in (255, 256, 65_535, 65_536)]
    documents = [*STRANGE, *edges]
    layout = PartLayout(layout.token_dtype, None, compression)
    write("mds", tmp_path, layout, batches(documents, [0, 2, 7]))
    (found,) = read_samples(tmp_path / "train.mds")
    assert found == [
        {"doc_id": id_, "source": source, "tokens": ids} for id_, source, _text, ids in documents
    ]


def test_packed_samples_are_their_tokens_alone(tmp_path: Path) -> None:
    write("mds", tmp_path, PartLayout(np.dtype(np.uint16), 3), [packed([[1, 2, 3], [4, 5, 6]])])
    (found,) = read_samples(tmp_path / "train.mds")
    assert found == [{"tokens": [1, 2, 3]}, {"tokens": [4, 5, 6]}]
    (shard,) = _index(tmp_path / "train.mds")
    assert shard["column_encodings"] == ["ndarray:uint16:3"]
    assert shard["column_sizes"] == [6]


def test_shards_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mds, "SHARD_BYTES", 4_000)
    documents = [(f"{row:03}", "web", "", [row] * 99) for row in range(100)]
    documents[50] = ("050", "web", "", [50] * 9_000)
    write("mds", tmp_path, UINT16, batches(documents, [1, 2, 60]))
    shards = read_samples(tmp_path / "train.mds")
    found = [sample["doc_id"] for shard in shards for sample in shard]
    assert found == [row[0] for row in documents]
    sizes = [shard["raw_data"]["bytes"] for shard in _index(tmp_path / "train.mds")]
    # One document is larger than a shard should be: it is alone in its own.
    assert [size > 4_000 for size in sizes].count(True) == 1
    assert len(shards) < 12
    names = [shard["raw_data"]["basename"] for shard in _index(tmp_path / "train.mds")]
    assert names == [f"shard.{place:05}.mds" for place in range(len(shards))]


def test_an_empty_part_has_an_index(tmp_path: Path) -> None:
    write("mds", tmp_path, UINT16, [])
    write("mds", tmp_path / "batches", UINT16, [batch([])])
    assert _index(tmp_path / "train.mds") == _index(tmp_path / "batches" / "train.mds") == []


def test_a_document_without_tokens_is_a_sample(tmp_path: Path) -> None:
    write("mds", tmp_path, UINT16, [batch([("a", "web", "", []), ("b", "web", "", [1])])])
    (found,) = read_samples(tmp_path / "train.mds")
    assert [sample["tokens"] for sample in found] == [[], [1]]


def test_a_sample_over_four_gibibytes_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mds, "_OFFSET_LIMIT", 100_000)
    with pytest.raises(ValueError, match="its limit is 4 GiB"):
        write("mds", tmp_path, UINT16, [batch(STRANGE)])
    assert list(tmp_path.iterdir()) == []
