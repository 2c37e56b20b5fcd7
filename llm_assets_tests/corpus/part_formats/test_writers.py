"""What holds for every format."""

import resource
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from llm_assets.corpus.part_formats import jsonl, mds, parquet_part
from llm_assets.corpus.part_formats.part import PartBatch, PartLayout, TrainingFormat
from llm_assets.corpus.part_formats.writers import open_part_writer
from llm_assets_tests.corpus.part_formats.batches import (
    CUTS,
    DOCUMENTS,
    INT32,
    STRANGE,
    UINT16,
    Document,
    batch,
    batches,
    digests,
    packed,
    write,
)

FORMATS: tuple[TrainingFormat, ...] = get_args(TrainingFormat)
FILES = {
    "megatron": {"train.bin", "train.idx"},
    "parquet": {"train.parquet"},
    "mds": {"train.mds/index.json", "train.mds/shard.00000.mds"},
    "jsonl": {"train.jsonl.zst"},
    "npy": {"train.npy"},
}
TOKEN_FORMATS = [name for name in FORMATS if name != "jsonl"]


def test_every_format_has_its_files_and_no_others(tmp_path: Path) -> None:
    for name in FORMATS:
        write(name, tmp_path / name, UINT16, [batch(STRANGE)])
        assert digests(tmp_path / name).keys() == FILES[name]


@pytest.mark.parametrize("name", FORMATS)
@settings(
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(documents=DOCUMENTS, cuts=CUTS)
def test_batches_leave_no_trace(
    name: TrainingFormat, tmp_path: Path, documents: list[Document], cuts: list[int]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        # So small that every example has several row groups, shards and slices.
        patch.setattr(parquet_part, "GROUP_BYTES", 100)
        patch.setattr(parquet_part, "GROUP_ROWS", 3)
        patch.setattr(mds, "SHARD_BYTES", 450)
        patch.setattr(jsonl, "_ROWS", 2)
        found = []
        for content in ([batch(documents)], batches(documents, cuts)):
            shutil.rmtree(tmp_path / "part", ignore_errors=True)
            write(name, tmp_path / "part", UINT16, content)
            found.append(digests(tmp_path / "part"))
    assert found[0] == found[1]


@pytest.mark.parametrize("name", FORMATS)
def test_an_exception_leaves_nothing(name: TrainingFormat, tmp_path: Path) -> None:
    def broken_off() -> Iterator[PartBatch]:
        yield batch(STRANGE)
        raise RuntimeError("broken off")

    with pytest.raises(RuntimeError, match="broken off"):
        write(name, tmp_path, UINT16, broken_off())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_has_its_name_only_once_it_is_complete(name: TrainingFormat, tmp_path: Path) -> None:
    names = {path.split("/")[0] for path in FILES[name]}
    writer = open_part_writer(name, tmp_path, "train", UINT16)
    writer.append(batch(STRANGE))
    assert not names & {path.name for path in tmp_path.iterdir()}
    writer.close()
    writer.abandon()
    assert names == {path.name for path in tmp_path.iterdir()}


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("limit", [0, 10, 60_000])
def test_a_full_disk_leaves_nothing(name: TrainingFormat, limit: int, tmp_path: Path) -> None:
    """Stand-in for a full disk: no file may grow beyond a few bytes."""
    ids = np.random.default_rng(1).integers(0, 65_536, (30, 2_000))
    # Ids that do not compress, as text too.
    content = [batch([("id", "web", str(row.tolist()), row.tolist()) for row in ids])] * 2
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    with pytest.raises(OSError, match="File too large"):  # noqa: PT012
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, usual[1]))
        try:
            write(name, tmp_path, UINT16, content)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", FORMATS)
def test_what_cannot_get_its_name_is_removed(
    name: TrainingFormat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object) -> None:
        raise OSError("no")

    monkeypatch.setattr(Path, "replace", refuse)
    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(OSError, match="no"):
        write(name, tmp_path, UINT16, [batch(STRANGE)])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", TOKEN_FORMATS)
@pytest.mark.parametrize(
    ("layout", "id_", "message"),
    [
        (UINT16, 65_536, "token 65536 does not fit uint16"),
        (INT32, 2**31, "token 2147483648 does not fit int32"),
    ],
    ids=["uint16", "int32"],
)
def test_a_token_that_does_not_fit_is_refused(
    name: TrainingFormat, layout: PartLayout, id_: int, message: str, tmp_path: Path
) -> None:
    write(name, tmp_path / "fits", layout, [batch([("a", "web", "", [id_ - 1])])])
    with pytest.raises(ValueError, match=message):
        write(name, tmp_path, layout, [batch([("a", "web", "", [1, id_])])])
    assert [path.name for path in tmp_path.iterdir()] == ["fits"]


@pytest.mark.parametrize("name", TOKEN_FORMATS)
@pytest.mark.parametrize("rows", [[[1, 2, 3], [1, 2]], [[1, 2, 3, 4]]], ids=["short", "long"])
def test_a_packed_sequence_of_another_length_is_refused(
    name: TrainingFormat, rows: Sequence[Sequence[int]], tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=r"a packed sequence has . tokens instead of 3"):
        write(name, tmp_path, PartLayout(np.dtype(np.uint16), 3), [packed(rows)])


def test_another_type_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="uint16 or int32, not as uint32"):
        open_part_writer("npy", tmp_path, "train", PartLayout(np.dtype(np.uint32), None))
    assert list(tmp_path.iterdir()) == []
