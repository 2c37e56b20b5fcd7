"""The trainers' own libraries open what we write and find the same tokens."""

import json
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from llm_assets.corpus.schema import SPLITS
from llm_assets_tests.corpus.part_formats.batches import digests
from llm_assets_tests.loaders.conftest import (
    SHARD_BYTES,
    SHARDS,
    Open,
    documents,
    sequences,
)

pytestmark = pytest.mark.loaders

IDS = [[ids for _id, _source, _text, ids in documents(shard, "train")] for shard in (0, 1)]
PACKED = [sequences(shard, "train") for shard in (0, 1)]


def _samples(shard: int) -> list[dict[str, Any]]:
    return [
        {"doc_id": id_, "source": source, "tokens": ids}
        for id_, source, _text, ids in documents(shard, "train")
    ]


def _sorted(samples: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(samples, key=lambda sample: json.dumps(sample))


def _check_mosaic(found: dict[str, Any], expected: list[dict[str, Any]], dtype: str) -> None:
    assert found["dtype"] == dtype
    assert found["by_place"] == expected
    first, second = found["epochs"]
    assert _sorted(first) == _sorted(second) == _sorted(expected)
    # Shuffled, and anew in each epoch.
    assert first != expected
    assert first != second
    assert sum(found["batches"]) == len(expected)


def test_mosaic_streams_documents(parts: Path, open_with: Open) -> None:
    assert len(list((parts / SHARDS[0] / "train.mds").glob("shard.*.mds"))) > 3
    found = open_with("open_mosaic.py", parts, *SHARDS)
    _check_mosaic(found, _samples(0) + _samples(1), "uint16")


def test_mosaic_streams_compressed_packed_sequences(packed_parts: Path, open_with: Open) -> None:
    found = open_with("open_mosaic.py", packed_parts, *SHARDS)
    expected = [{"tokens": ids} for ids in chain(*PACKED)]
    _check_mosaic(found, expected, "int32")


def test_our_shards_are_those_of_mosaics_writer(
    parts: Path, open_with: Open, tmp_path: Path
) -> None:
    samples = tmp_path / "samples.json"
    columns = {"doc_id": "str", "source": "str", "tokens": "ndarray:uint16"}
    content = {"columns": columns, "dtype": "uint16", "samples": _samples(0)}
    samples.write_text(json.dumps(content))
    open_with("write_mosaic.py", samples, tmp_path / "theirs", str(SHARD_BYTES))
    ours = digests(parts / SHARDS[0] / "train.mds")
    assert ours == digests(tmp_path / "theirs")
    assert len(ours) > 4


def test_datasets_loads_documents(parts: Path, open_with: Open) -> None:
    found = open_with("open_datasets.py", parts, *SHARDS)
    assert found["features"] == {
        "doc_id": "Value('large_string')",
        "source": "Value('large_string')",
        "text": "Value('large_string')",
        "input_ids": "LargeList(Value('int32'))",
    }
    for split in SPLITS:
        expected = [*documents(0, split), *documents(1, split)]
        assert found["ids"][split] == [ids for *_names, ids in expected]
        assert found["texts"][split] == [
            {"id": id_, "source": source, "text": text} for id_, source, text, _ids in expected
        ]
        assert found["streamed"][split] == len(expected)
    assert found["torch"] == {"dtype": "torch.int64", "last": IDS[1][-1]}


def test_datasets_loads_packed_sequences(packed_parts: Path, open_with: Open) -> None:
    found = open_with("open_datasets.py", packed_parts, *SHARDS)
    for split in SPLITS:
        assert found["ids"][split] == [*sequences(0, split), *sequences(1, split)]
    assert found["features"]["doc_ids"] == "LargeList(Value('large_string'))"
    assert found["features"]["piece_lengths"] == "LargeList(Value('int32'))"


@pytest.mark.parametrize(("kind", "dtype"), [("parts", "uint16"), ("packed_parts", "int32")])
def test_megatron_core_indexes_sequences(
    kind: str, dtype: str, open_with: Open, request: pytest.FixtureRequest
) -> None:
    folder: Path = request.getfixturevalue(kind)
    content = IDS if kind == "parts" else PACKED
    assert open_with("open_megatron.py", folder, *SHARDS) == [
        {
            "ids": ids,
            "dtype": dtype,
            "bounds": list(range(len(ids) + 1)),
            "inside": ids[5][2:5],
        }
        for ids in content
    ]


def test_litdata_streams_parquet(parts: Path, open_with: Open) -> None:
    found = open_with("open_litdata.py", parts, *SHARDS)
    # It takes files in the order in which the folder lists them.
    assert found["by_place"] in ([*IDS[0], *IDS[1]], [*IDS[1], *IDS[0]])
    assert sorted(found["epoch"]) == sorted(found["by_place"])
    assert found["epoch"] != found["by_place"]


def test_torch_maps_arrays(parts: Path, open_with: Open) -> None:
    assert open_with("open_arrays.py", parts, *SHARDS) == [
        {"dtype": "torch.uint16", "tokens": list(chain(*ids))} for ids in IDS
    ]


def test_torch_maps_packed_arrays(packed_parts: Path, open_with: Open) -> None:
    assert open_with("open_arrays.py", packed_parts, *SHARDS) == [
        {"dtype": "torch.int32", "tokens": ids} for ids in PACKED
    ]
