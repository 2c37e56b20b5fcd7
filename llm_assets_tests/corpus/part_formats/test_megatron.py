import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llm_assets.corpus.part_formats.megatron import MegatronReader
from llm_assets.corpus.part_formats.part import PartLayout
from llm_assets_tests.corpus.part_formats.batches import batch, packed, write


def _write(stem: Path, batches: list[list[list[int]]], dtype: type) -> None:
    assert stem.name == "train"
    layout = PartLayout(np.dtype(dtype), None)
    contents = [batch([("id", "web", "", ids) for ids in part]) for part in batches]
    write("megatron", stem.parent, layout, contents)


def _parse(stem: Path) -> tuple[int, list[int], list[int], list[int]]:
    """Read an index field by field, as the format's description has it."""
    data = stem.with_suffix(".idx").read_bytes()
    assert data[:9] == b"MMIDIDX\x00\x00"
    assert struct.unpack("<Q", data[9:17]) == (1,)
    (code,) = struct.unpack("<B", data[17:18])
    (sequences,) = struct.unpack("<Q", data[18:26])
    (documents,) = struct.unpack("<Q", data[26:34])
    at = 34
    lengths = list(struct.unpack(f"<{sequences}i", data[at : at + 4 * sequences]))
    at += 4 * sequences
    pointers = list(struct.unpack(f"<{sequences}q", data[at : at + 8 * sequences]))
    at += 8 * sequences
    bounds = list(struct.unpack(f"<{documents}q", data[at:]))
    return code, lengths, pointers, bounds


@pytest.mark.parametrize(("dtype", "code", "letter"), [(np.uint16, 8, "H"), (np.int32, 4, "i")])
def test_the_layout_is_megatrons(tmp_path: Path, dtype: type, code: int, letter: str) -> None:
    _write(tmp_path / "train", [[[1, 2, 3], [40_000]], [[], [5, 6]]], dtype)
    size = np.dtype(dtype).itemsize
    assert _parse(tmp_path / "train") == (
        code,
        [3, 1, 0, 2],
        [0, 3 * size, 4 * size, 4 * size],
        [0, 1, 2, 3, 4],
    )
    tokens = (tmp_path / "train.bin").read_bytes()
    assert struct.unpack(f"<6{letter}", tokens) == (1, 2, 3, 40_000, 5, 6)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.lists(st.integers(0, 65_535), max_size=5), max_size=4), max_size=4))
def test_what_is_written_is_read(tmp_path: Path, batches: list[list[list[int]]]) -> None:
    documents = [document for batch in batches for document in batch]
    for dtype in (np.uint16, np.int32):
        _write(tmp_path / "train", batches, dtype)
        whole = [tmp_path.joinpath(name).read_bytes() for name in ("train.bin", "train.idx")]
        reader = MegatronReader(tmp_path / "train")
        assert len(reader) == len(documents)
        assert [reader[place].tolist() for place in range(len(reader))] == documents
        assert reader.document_bounds.tolist() == list(range(len(documents) + 1))
        # Batches leave no trace.
        _write(tmp_path / "train", [documents], dtype)
        assert [tmp_path.joinpath(n).read_bytes() for n in ("train.bin", "train.idx")] == whole


def test_an_empty_data_set(tmp_path: Path) -> None:
    _write(tmp_path / "train", [], np.uint16)
    assert _parse(tmp_path / "train") == (8, [], [], [0])
    reader = MegatronReader(tmp_path / "train")
    assert (len(reader), len(reader.tokens)) == (0, 0)


def test_a_packed_sequence_is_a_document(tmp_path: Path) -> None:
    layout = PartLayout(np.dtype(np.uint16), 3)
    write("megatron", tmp_path, layout, [packed([[1, 2, 3], [4, 5, 6]])])
    assert _parse(tmp_path / "train") == (8, [3, 3], [0, 6], [0, 1, 2])


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:20],
        lambda data: data[:-1],
        lambda data: b"X" + data[1:],
        lambda data: data[:9] + b"\x02" + data[10:],
        lambda data: data[:17] + b"\x07" + data[18:],
    ],
)
def test_a_damaged_index_is_refused(tmp_path: Path, damage: object) -> None:
    assert callable(damage)
    _write(tmp_path / "train", [[[1, 2], [3]]], np.uint16)
    index = tmp_path / "train.idx"
    index.write_bytes(damage(index.read_bytes()))
    with pytest.raises(ValueError, match="no Megatron index"):
        MegatronReader(tmp_path / "train")
