"""What files of parts are, and what they are called in an export."""

import pytest

from llm_assets.releases.file_names import exported_name, file_role


@pytest.mark.parametrize(
    ("name", "role", "exported"),
    [
        ("train.bin", ("megatron", "train"), "megatron/train-00002.bin"),
        ("test.idx", ("megatron", "test"), "megatron/test-00002.idx"),
        ("validation.npy", ("npy", "validation"), "npy/validation-00002.npy"),
        ("train.jsonl.zst", ("jsonl", "train"), "jsonl/train-00002.jsonl.zst"),
        ("train.parquet", ("parquet", "train"), "data/train-00001-of-00004.parquet"),
        ("train.mds/index.json", ("mds", "train"), "mds/train/shard-0009/index.json"),
        ("documents.parquet", ("documents", None), "documents/shard-0009.parquet"),
        ("left_out.parquet", ("documents", None), "left_out/shard-0009.parquet"),
    ],
)
def test_names(name: str, role: tuple[str, str | None], exported: str) -> None:
    assert file_role(name) == role
    assert exported_name(name, "shard-0009", 2, (1, 4)) == exported


def test_a_parquet_file_without_rows_is_kept_apart() -> None:
    name = exported_name("test.parquet", "shard-0002", 2, None)
    assert name == "without-rows/test-00002.parquet"


@pytest.mark.parametrize("name", ["train.txt", "train", "x/train.bin", "train.mds", "../a.parquet"])
def test_what_no_part_has(name: str) -> None:
    with pytest.raises(ValueError, match="no file of a training part"):
        file_role(name)
