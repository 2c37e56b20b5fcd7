import json
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings

from llm_assets.corpus.part_formats.part import PartBatch, PartLayout
from llm_assets_tests.corpus.part_formats.batches import (
    DOCUMENTS,
    STRANGE,
    UINT16,
    Document,
    batch,
    batches,
    digests,
    packed,
    write,
)

_RAW, _COMPRESSED = 0, 2


def frame_count(data: bytes) -> int:
    """Count Zstandard frames, block by block, as RFC 8878 lays them out."""
    at = count = 0
    while at < len(data):
        assert data[at : at + 4] == b"\x28\xb5\x2f\xfd"
        descriptor = data[at + 4]
        single, checksum = descriptor >> 5 & 1, descriptor >> 2 & 1
        size_bytes = (single, 2, 4, 8)[descriptor >> 6]
        at += 5 + (1 - single) + (0, 1, 2, 4)[descriptor & 3] + size_bytes
        last = False
        while not last:
            block = int.from_bytes(data[at : at + 3], "little")
            last, kind, size = bool(block & 1), block >> 1 & 3, block >> 3
            at += 3 + (size if kind in (_RAW, _COMPRESSED) else 1)
        at += 4 * checksum
        count += 1
    assert at == len(data)
    return count


def _read(path: Path) -> list[dict[str, str]]:
    """Read lines as their description has it: JSON, and nothing but line feeds between."""
    with pa.input_stream(path, compression="zstd") as stream:
        data = stream.read()
    assert not data or data.endswith(b"\n")
    return [json.loads(line) for line in data.split(b"\n")[:-1]]


def _objects(documents: list[Document]) -> list[dict[str, str]]:
    return [{"id": id_, "source": source, "text": text} for id_, source, text, _ids in documents]


def test_every_document_has_a_line(tmp_path: Path) -> None:
    write("jsonl", tmp_path, UINT16, [batch(STRANGE)])
    assert _read(tmp_path / "train.jsonl.zst") == _objects(STRANGE)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(documents=DOCUMENTS)
def test_any_text_comes_back(tmp_path: Path, documents: list[Document]) -> None:
    write("jsonl", tmp_path, UINT16, [batch(documents)])
    assert _read(tmp_path / "train.jsonl.zst") == _objects(documents)


@pytest.mark.parametrize("rows", [0, 1, 50_000])
def test_the_file_is_one_frame(tmp_path: Path, rows: int) -> None:
    """Of several, readers that are widely used read the first."""
    documents = pl.DataFrame({"doc_id": [f"{row:032}" for row in range(rows)]}).with_columns(
        source=pl.lit("web"), text=pl.col("doc_id").cast(pl.String)
    )
    sequences = batch([]).sequences
    write("jsonl", tmp_path, UINT16, [PartBatch(sequences, documents)])
    path = tmp_path / "train.jsonl.zst"
    assert frame_count(path.read_bytes()) == 1
    read = _read(path)
    assert [line["id"] for line in read] == documents["doc_id"].to_list()


def test_batches_of_megabytes_leave_no_trace(tmp_path: Path) -> None:
    """Zstandard's blocks have 128 KiB: small examples end in the first."""
    ids = np.random.default_rng(1).integers(0, 2**20, 150_000).astype(str)
    texts = [" ".join(ids[start : start + 90]) for start in range(0, len(ids), 3)]
    documents = [(f"{row}", "web", text, [1]) for row, text in enumerate(texts)]
    for name, cuts in (("whole", []), ("cut", [1, 2, 7, 1_000, 1_025, 20_000, 49_999])):
        write("jsonl", tmp_path / name, UINT16, batches(documents, cuts))
    assert sum(map(len, texts)) > 10 << 20
    assert digests(tmp_path / "whole") == digests(tmp_path / "cut")


def test_packing_changes_no_document(tmp_path: Path) -> None:
    layout = PartLayout(np.dtype(np.uint16), 3)
    sequences = packed([[1, 2, 3], [4, 5, 6]]).sequences
    write("jsonl", tmp_path, layout, [PartBatch(sequences, batch(STRANGE).documents)])
    assert _read(tmp_path / "train.jsonl.zst") == _objects(STRANGE)
