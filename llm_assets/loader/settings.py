"""What the loader's settings come to, for a release."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from llm_assets.loader.errors import LoaderError
from llm_assets.loader.places import Place
from llm_assets.loader.release_split import ReleaseSplit
from llm_assets.loader.windows import SampleLayout

_DEFAULT_LENGTH = 2048


def check_numbers(
    batch_size: int,
    world_size: int,
    rank: int,
    prefetch: int,
    workers: int | None,
    shuffle_bytes: int,
) -> None:
    """Refuse numbers that make no sense.

    Raises:
        LoaderError: naming the setting.
    """
    least = {"batch_size": batch_size, "world_size": world_size, "prefetch": prefetch}
    for name, number in {**least, "shuffle_bytes": shuffle_bytes}.items():
        if number < 1:
            raise LoaderError(f"{name} is {number}; it is at least 1")
    if workers is not None and workers < 0:
        raise LoaderError(f"workers is {workers}; it is at least 0")
    if not 0 <= rank < world_size:
        raise LoaderError(f"rank is {rank}; with world_size={world_size} it is 0 to world_size - 1")


def default_workers(place: Place) -> int:
    """Return how many threads suit a place: one keeps up with files, S3 answers slowly."""
    return 8 if place.reads_wait else 1


def sample_layout(split: ReleaseSplit, sequence_length: int | None) -> SampleLayout:
    """Return where the samples of a split are.

    Args:
        split: the split.
        sequence_length: inputs of a sample; None for the default.

    Raises:
        LoaderError: if the split has no samples of that length.
    """
    packed = split.packed_length
    if packed is None:
        length = _DEFAULT_LENGTH if sequence_length is None else sequence_length
        if length < 1:
            raise LoaderError(f"sequence_length is {length}; it is at least 1")
        return SampleLayout(stride=length, width=length + 1)
    if sequence_length not in (None, packed, packed - 1) or sequence_length == 0:
        raise LoaderError(
            f"{split.release} is packed to sequences of {packed:,} tokens: sequence_length is"
            f" {packed:,} (the last position has no label) or {packed - 1:,}, not"
            f" {sequence_length:,}. A release without packing can be read at any length"
        )
    return SampleLayout(stride=packed, width=packed)


def dtype_for(split: ReleaseSplit, dtype: DTypeLike) -> np.dtype[Any]:
    """Return the type of tokens handed out.

    Raises:
        LoaderError: if it does not hold all ids, and the ignored label where there is one.
    """
    found = np.dtype(dtype)
    if found.kind not in "iu" or np.iinfo(found).max < split.vocabulary_size - 1:
        raise LoaderError(f"dtype={found} does not hold {split.vocabulary_size:,} token ids")
    if split.packed_length is not None and found.kind == "u":
        raise LoaderError(f"dtype={found} does not hold the label -100: take a signed type")
    return found
