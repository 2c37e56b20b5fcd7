"""File names of a training part -> format and split, and their names in an export."""

from typing import Final

from llm_assets.corpus.schema import SPLITS, Split
from llm_assets.releases.manifest import FileFormat

_SUFFIXES: Final[dict[str, FileFormat]] = {
    "bin": "megatron",
    "idx": "megatron",
    "parquet": "parquet",
    "npy": "npy",
    "jsonl.zst": "jsonl",
}


def file_role(name: str) -> tuple[FileFormat, Split | None]:
    """Return the format and the split of a file of a training part.

    Args:
        name: below the part's folder, such as `train.bin` or `train.mds/index.json`.

    Raises:
        ValueError: if no training part has such a file.
    """
    first, _, rest = name.partition("/")
    stem, _, suffix = first.partition(".")
    split = next((split for split in SPLITS if split == stem), None)
    if split is None and suffix == "parquet" and not rest:
        return "documents", None
    if split is not None and suffix == "mds" and rest:
        return "mds", split
    if split is not None and suffix in _SUFFIXES and not rest:
        return _SUFFIXES[suffix], split
    raise ValueError(f"{name} is no file of a training part")


def exported_name(name: str, shard: str, place: int, filled: tuple[int, int] | None) -> str:
    """Return the name of a part's file in an export, as trainers expect it.

    Args:
        name: its name in the part's folder.
        shard: the part's shard.
        place: of the part among all, from 0.
        filled: of a split's Parquet file that has rows, its place among these, and their number.
    """
    kind, split = file_role(name)
    if kind == "documents":
        return f"{name.partition('.')[0]}/{shard}.parquet"
    if kind == "mds":
        return f"mds/{split}/{shard}/{name.partition('/')[2]}"
    if kind != "parquet":
        return f"{kind}/{split}-{place:05d}.{name.partition('.')[2]}"
    if filled is None:
        # datasets 5.0 fails on a file without rows that is followed by another.
        return f"without-rows/{split}-{place:05d}.parquet"
    # The form that dataset hubs read as splits without being told.
    return f"data/{split}-{filled[0]:05d}-of-{filled[1]:05d}.parquet"
