import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llm_assets.corpus.megatron import MegatronReader, MegatronWriter


def _write(stem: Path, batches: list[list[list[int]]], dtype: type) -> None:
    with MegatronWriter(stem, np.dtype(dtype)) as writer:
        for batch in batches:
            writer.append(
                np.array([id_ for document in batch for id_ in document], np.uint32),
                np.array([len(document) for document in batch], np.int64),
            )


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
    _write(tmp_path / "part", [[[1, 2, 3], [40_000]], [[], [5, 6]]], dtype)
    size = np.dtype(dtype).itemsize
    assert _parse(tmp_path / "part") == (
        code,
        [3, 1, 0, 2],
        [0, 3 * size, 4 * size, 4 * size],
        [0, 1, 2, 3, 4],
    )
    tokens = (tmp_path / "part.bin").read_bytes()
    assert struct.unpack(f"<6{letter}", tokens) == (1, 2, 3, 40_000, 5, 6)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.lists(st.integers(0, 65_535), max_size=5), max_size=4), max_size=4))
def test_what_is_written_is_read(tmp_path: Path, batches: list[list[list[int]]]) -> None:
    documents = [document for batch in batches for document in batch]
    for dtype in (np.uint16, np.int32):
        _write(tmp_path / "part", batches, dtype)
        whole = [tmp_path.joinpath(name).read_bytes() for name in ("part.bin", "part.idx")]
        reader = MegatronReader(tmp_path / "part")
        assert len(reader) == len(documents)
        assert [reader[place].tolist() for place in range(len(reader))] == documents
        assert reader.document_bounds.tolist() == list(range(len(documents) + 1))
        # Batches leave no trace.
        _write(tmp_path / "part", [documents], dtype)
        assert [tmp_path.joinpath(n).read_bytes() for n in ("part.bin", "part.idx")] == whole


def test_an_empty_data_set(tmp_path: Path) -> None:
    _write(tmp_path / "part", [], np.uint16)
    assert _parse(tmp_path / "part") == (8, [], [], [0])
    reader = MegatronReader(tmp_path / "part")
    assert (len(reader), len(reader.tokens)) == (0, 0)


def test_a_token_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="65536 does not fit uint16"):
        _write(tmp_path / "part", [[[65_535], [65_536]]], np.uint16)
    assert not (tmp_path / "part.idx").exists()


def test_lengths_that_do_not_add_up_are_refused(tmp_path: Path) -> None:
    with (
        pytest.raises(ValueError, match="3 tokens, but lengths that add up to 2"),
        MegatronWriter(tmp_path / "part", np.dtype(np.uint16)) as writer,
    ):
        writer.append(np.zeros(3, np.uint32), np.array([2], np.int64))


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
    _write(tmp_path / "part", [[[1, 2], [3]]], np.uint16)
    index = tmp_path / "part.idx"
    index.write_bytes(damage(index.read_bytes()))
    with pytest.raises(ValueError, match="no Megatron index"):
        MegatronReader(tmp_path / "part")
