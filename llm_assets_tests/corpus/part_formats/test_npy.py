import struct
from ast import literal_eval
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from llm_assets.corpus.part_formats.part import PartBatch, PartLayout
from llm_assets_tests.corpus.part_formats.batches import (
    INT32,
    STRANGE,
    UINT16,
    batches,
    packed,
    write,
)

STREAM = [id_ for document in STRANGE for id_ in document[3]]


def _parse(path: Path) -> tuple[dict[str, Any], bytes]:
    """Read a file as the format's description has it."""
    data = path.read_bytes()
    assert data[:8] == b"\x93NUMPY\x01\x00"
    (length,) = struct.unpack("<H", data[8:10])
    assert (10 + length) % 64 == 0
    header = data[10 : 10 + length].decode("latin-1")
    assert header.endswith("\n")
    return literal_eval(header), data[10 + length :]


@pytest.mark.parametrize(("layout", "letter"), [(UINT16, "H"), (INT32, "i")], ids=["2", "4"])
def test_the_stream_is_one_array(tmp_path: Path, layout: PartLayout, letter: str) -> None:
    write("npy", tmp_path, layout, batches(STRANGE, [2, 5]))
    header, values = _parse(tmp_path / "train.npy")
    assert header == {
        "descr": layout.token_dtype.str,
        "fortran_order": False,
        "shape": (len(STREAM),),
    }
    assert list(struct.unpack(f"<{len(STREAM)}{letter}", values)) == STREAM


@pytest.mark.parametrize("dtype", [np.uint16, np.int32])
@pytest.mark.parametrize("length", [None, 3])
@pytest.mark.parametrize("rows", [0, 1, 10, 1_234])
def test_it_is_what_numpy_saves(tmp_path: Path, dtype: type, length: int | None, rows: int) -> None:
    values = np.arange(rows * 3, dtype=dtype).reshape(-1, 3)
    written: list[PartBatch] = [packed(part.tolist()) for part in np.array_split(values, 4)]
    write("npy", tmp_path, PartLayout(np.dtype(dtype), length), written)
    np.save(tmp_path / "numpy.npy", values if length else values.ravel())
    assert (tmp_path / "train.npy").read_bytes() == (tmp_path / "numpy.npy").read_bytes()


def test_it_is_mapped(tmp_path: Path) -> None:
    write("npy", tmp_path, PartLayout(np.dtype(np.uint16), 2), [packed([[1, 2], [3, 4]])])
    mapped = np.load(tmp_path / "train.npy", mmap_mode="r")
    assert isinstance(mapped, np.memmap)
    assert mapped.tolist() == [[1, 2], [3, 4]]
