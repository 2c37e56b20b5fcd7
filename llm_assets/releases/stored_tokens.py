"""Reading a range of a part's token stream from whichever of its formats allows that."""

from collections.abc import Iterable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from llm_assets.corpus.schema import Split
from llm_assets.releases.manifest import Part, ReleaseError, ReleaseFile
from llm_assets.releases.places import Release
from llm_assets.releases.stream_counts import numpy_header

_READABLE = "megatron, npy or parquet"


def read_tokens(
    release: Release, part: Part, split: Split, ranges: Iterable[tuple[int, int]]
) -> NDArray[np.int64]:
    """Read ranges (offset, length) of a stream, one after the other; little else is read.

    Raises:
        ReleaseError: if this copy has no format that holds tokens in a place one can go to.
    """
    files = {f.format: f for f in part.files if f.split == split and not f.name.endswith(".idx")}
    wanted = list(ranges)
    if "megatron" in files:
        return _flat(release, part, files["megatron"], wanted, 0, release.manifest.tokenizer.dtype)
    if "npy" in files:
        header = numpy_header(release.store, release.key(part, files["npy"].name))
        return _flat(release, part, files["npy"], wanted, header.offset, header.dtype.str)
    if "parquet" in files:
        return _from_rows(release, part, files["parquet"], split, wanted)
    raise ReleaseError(
        f"{release.manifest.version} has its tokens in {', '.join(release.manifest.formats)} only: "
        f"to look into a document, export it with {_READABLE} too"
    )


def _flat(
    release: Release,
    part: Part,
    file: ReleaseFile,
    ranges: list[tuple[int, int]],
    begin: int,
    dtype: str,
) -> NDArray[np.int64]:
    item = np.dtype(dtype).newbyteorder("<") if dtype[0] not in "<>" else np.dtype(dtype)
    key = release.key(part, file.name)
    pieces = [
        np.frombuffer(
            release.store.read_bytes(key, begin + start * item.itemsize, length * item.itemsize),
            item,
        )
        for start, length in ranges
    ]
    return np.concatenate([np.zeros(0, np.int64), *pieces]).astype(np.int64)


def _from_rows(
    release: Release,
    part: Part,
    file: ReleaseFile,
    split: Split,
    ranges: list[tuple[int, int]],
) -> NDArray[np.int64]:
    rows = release.store.scan_parquet(release.key(part, file.name)).select("input_ids")
    pieces = []
    for start, length in ranges:
        first, skipped, count = _rows_of(release, part, split, start, length)
        ids = rows.slice(first, count).collect()["input_ids"].explode().to_numpy()
        pieces.append(ids[skipped : skipped + length].astype(np.int64))
    return np.concatenate([np.zeros(0, np.int64), *pieces])


def _rows_of(
    release: Release, part: Part, split: Split, start: int, length: int
) -> tuple[int, int, int]:
    """Return the first row of a range, the tokens of it in front of the range, and the rows."""
    size = release.manifest.sequence_length
    if size is not None:
        first = start // size
        return first, start - first * size, (start + length - 1) // size - first + 1
    # A row is a document there: the last that begins before the range, or with it.
    count, begin = (
        release.scan_documents(part)
        .filter((pl.col("split") == split) & (pl.col("token_offset") <= start))
        .select(pl.len(), pl.col("token_offset").cast(pl.Int64).max())
        .collect()
        .row(0)
    )
    return count - 1, start - begin, 1
