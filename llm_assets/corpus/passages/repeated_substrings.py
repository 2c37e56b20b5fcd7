"""Spans of tokens that stand word for word in several places of a corpus: a report.

Lee et al. 2022 (Deduplicating Training Data Makes Language Models Better, ExactSubstr) call a span
repeated if at least 50 tokens of it stand elsewhere too, in another document or in the same. They
find them by a suffix array of the whole corpus; here every window of that many tokens is hashed,
and windows of one range of hashes are compared at a time, token by token, so equal means equal. A
token counts as repeated if a repeated window covers it, which is the same set of tokens.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from llm_assets.corpus.passages.largest_spans import (
    CANDIDATES,
    SPANS,
    Decode,
    choose_largest,
    first_places,
    rank_spans,
)
from llm_assets.corpus.passages.record_files import RecordFiles, Records, range_of
from llm_assets.corpus.passages.substring_kernels import (
    count_slots,
    cover_documents,
    extend_spans,
    find_equal,
    group_windows,
    hash_windows,
    join_windows,
)

REPEATED_SUBSTRINGS: Final = pl.Schema(
    {
        "span": pl.UInt32,  # rank by tokens times copies, from 1
        "copies": pl.UInt64,  # places where all of it stands
        "token_length": pl.UInt64,
        "doc_id": pl.String,
        "source": pl.String,
        "token_offset": pl.UInt64,  # tokens from the start of the document
        "is_first": pl.Boolean,  # of the span's places
        "excerpt": pl.String,  # how the span begins
    }
)
"""One row: one place of one of the largest repeated spans."""

_BLOCK_TOKENS: Final = 1 << 20
"""Hashed together: a window takes 60 bytes until it is written."""
_BETWEEN: Final = np.uint32(0xFFFFFFFF)
"""Stands behind every document, so that no span reaches into the next."""
WINDOW: Final[np.dtype[Any]] = np.dtype([("hash", "<u8"), ("at", "<i8")])
_REPEAT: Final[np.dtype[Any]] = np.dtype([("at", "<i8"), ("first", "<i8"), ("copies", "<u4")])


@dataclass(slots=True)
class SubstringReport:
    """One report on a corpus: `read` every shard in the order of their numbers, then `finish` it.

    Args:
        size: least tokens of a repeated span.
        folder: scratch space: 20 bytes a token, and 20 for each repeated window.
        ranges: into how many ranges of hashes windows are dealt; the result is the same for all.
    """

    size: int
    folder: Path
    ranges: int = 1
    _starts: list[int] = field(default_factory=lambda: [0])

    def read(self, documents: Iterable[pl.DataFrame]) -> None:
        """Collect the next shard's documents: `doc_id`, `source` and `token_ids`."""
        shard, here = len(self._starts) - 1, self._starts[-1]
        read = [pl.DataFrame(schema={"doc_id": pl.String, "source": pl.String, "at": pl.Int64})]
        with self._token_file.open("ab") as stream:
            for batch in documents:
                tokens, offsets = _separated(batch["token_ids"])
                stream.write(tokens.tobytes())
                self._add_windows(tokens, offsets, here)
                read.append(
                    batch.select("doc_id", "source").with_columns(at=pl.Series(offsets[:-1] + here))
                )
                here += len(tokens)
        pl.concat(read).write_ipc(self._documents(shard))
        self._starts.append(here)

    def finish(self, decode: Decode) -> list[tuple[pl.DataFrame, pl.DataFrame]]:
        """Return for each shard its rows of REPEATED_SUBSTRINGS, and its totals by source.

        Totals are `source`, `tokens`, `repeated` (tokens in a span that stands elsewhere too) and
        `redundant` (in one that stands before it: what keeping first copies alone would save).
        """
        tokens = self._tokens()
        for number in range(self.ranges):
            self._compare(number, tokens)
        counted = [self._count(shard, tokens) for shard in range(len(self._starts) - 1)]
        spans = pl.concat([pl.DataFrame(schema=SPANS), *(found for _, found in counted)])
        places = self._places(rank_spans(spans).head(CANDIDATES), tokens)
        rows = first_places(choose_largest(places), tokens, decode)
        return [(self._rows_of(shard, rows), totals) for shard, (totals, _) in enumerate(counted)]

    @property
    def _token_file(self) -> Path:
        return self.folder / "tokens"

    @property
    def _windows(self) -> RecordFiles:
        return RecordFiles(self.folder, "windows", WINDOW)

    @property
    def _repeats(self) -> RecordFiles:
        return RecordFiles(self.folder, "repeats", _REPEAT)

    def _documents(self, shard: int) -> Path:
        return self.folder / f"documents-{shard:06d}"

    def _tokens(self) -> NDArray[np.uint32]:
        """Map all token ids; an empty file cannot be mapped."""
        if self._starts[-1] == 0:
            return np.empty(0, np.uint32)
        return np.asarray(np.memmap(self._token_file, np.uint32, mode="r"))

    def _add_windows(
        self, tokens: NDArray[np.uint32], offsets: NDArray[np.int64], here: int
    ) -> None:
        starts, ends = _stretches(offsets, self.size)
        blocks = np.cumsum(ends - starts) // _BLOCK_TOKENS
        bounds = [0, *(np.flatnonzero(np.diff(blocks)) + 1).tolist(), len(blocks)]
        for low, high in pairwise(bounds):
            room = int((ends[low:high] - starts[low:high]).sum())
            hashes, at = np.empty(room, np.uint64), np.empty(room, np.int64)
            found = hash_windows(tokens, starts[low:high], ends[low:high], self.size, hashes, at)
            windows = np.empty(found, WINDOW)
            windows["hash"], windows["at"] = hashes[:found], at[:found] + here
            self._windows.add(windows, range_of(windows["hash"], self.ranges))

    def _compare(self, number: int, tokens: NDArray[np.uint32]) -> None:
        """Find the equal windows of one range."""
        windows = self._suspects(number)
        self._windows.remove(number)
        frame = pl.DataFrame({n: np.ascontiguousarray(windows[n]) for n in ("hash", "at")})
        frame = frame.sort("hash", "at")
        hashes, at = frame["hash"].to_numpy(), frame["at"].to_numpy()
        firsts, copies = np.empty(len(at), np.int64), np.empty(len(at), np.uint32)
        group_windows(tokens, self.size, hashes, at, firsts, copies)
        several = copies > 1
        repeats = np.empty(int(several.sum()), _REPEAT)
        repeats["at"], repeats["first"] = at[several], firsts[several]
        repeats["copies"] = copies[several]
        self._repeats.add(repeats, self._shard_of(repeats["at"]))

    def _suspects(self, number: int) -> Records:
        """Return the windows whose hash may occur again; most others are never held in memory."""
        total = sum(len(chunk) for chunk in self._windows.chunks(number))
        slots = np.zeros(1 << max(10, (4 * total).bit_length()), np.uint8)
        for chunk in self._windows.chunks(number):
            count_slots(np.ascontiguousarray(chunk["hash"]), slots)
        mask = np.uint64(len(slots) - 1)
        found = [chunk[slots[chunk["hash"] & mask] > 1] for chunk in self._windows.chunks(number)]
        return np.concatenate([np.empty(0, WINDOW), *found])

    def _shard_of(self, at: NDArray[np.int64]) -> NDArray[np.int64]:
        shards: NDArray[np.int64] = np.searchsorted(self._starts, at, side="right") - 1
        return shards.astype(np.int64)

    def _count(self, shard: int, tokens: NDArray[np.uint32]) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return a shard's totals by source, and its candidates for the largest spans."""
        documents = pl.read_ipc(self._documents(shard))
        repeats = self._repeats.read(shard)
        repeats = repeats[np.argsort(repeats["at"], kind="stable")]
        at, firsts, copies = (np.ascontiguousarray(repeats[n]) for n in ("at", "first", "copies"))
        starts = documents["at"].to_numpy()
        repeated, redundant = np.zeros((2, documents.height), np.int64)
        cover_documents(at, firsts, self.size, starts, repeated, redundant)
        ends = np.append(starts[1:], self._starts[shard + 1])[: len(starts)]
        totals = (
            documents.select("source")
            .with_columns(
                tokens=pl.Series(ends - starts - 1),
                repeated=pl.Series(repeated),
                redundant=pl.Series(redundant),
            )
            .group_by("source")
            .agg(pl.all().sum())
            .sort("source")
        )
        lengths, least = np.empty(len(at), np.int64), np.empty(len(at), np.uint32)
        found = join_windows(at, firsts, copies, self.size, lengths, least)
        at, firsts, lengths = at[:found], firsts[:found], lengths[:found]
        extend_spans(tokens, _BETWEEN, at, firsts, lengths)
        spans = pl.DataFrame({"first": firsts, "length": lengths, "copies": least[:found]})
        return totals, rank_spans(spans).head(CANDIDATES)

    def _places(self, spans: pl.DataFrame, tokens: NDArray[np.uint32]) -> pl.DataFrame:
        """Return `first`, `length` and `at` of every place of these spans.

        A span stands where a window does that is equal to its first one, or not at all.
        """
        wanted = spans.select(at="first", length="length")
        kinds = pl.concat([repeats.join(wanted, on="at") for repeats in self._all_repeats()])
        kinds = kinds.select("first", "length", span_at="at")
        found = [pl.DataFrame(schema={"first": pl.Int64, "length": pl.Int64, "at": pl.Int64})]
        for repeats in self._all_repeats():
            alike = repeats.join(kinds, on="first").sort("span_at", "length", "at")
            for (first, length), places in alike.group_by(["span_at", "length"]):
                at = places["at"].to_numpy()
                is_equal = np.empty(len(at), np.uint8)
                find_equal(tokens, first, at, length, is_equal)
                equal = places.filter(pl.Series(is_equal == 1))
                found.append(
                    equal.select("length", "at", first=pl.lit(first, pl.Int64)).select(
                        *found[0].columns
                    )
                )
        return pl.concat(found)

    def _all_repeats(self) -> Iterator[pl.DataFrame]:
        """Yield `at` and `first` of all repeated windows, and a frame without any."""
        yield pl.DataFrame(schema={"at": pl.Int64, "first": pl.Int64})
        for shard in range(len(self._starts) - 1):
            for chunk in self._repeats.chunks(shard):
                yield pl.DataFrame({n: np.ascontiguousarray(chunk[n]) for n in ("at", "first")})

    def _rows_of(self, shard: int, rows: pl.DataFrame) -> pl.DataFrame:
        """Return the rows of a shard's documents."""
        low, high = self._starts[shard], self._starts[shard + 1]
        documents = pl.read_ipc(self._documents(shard))
        return (
            rows.filter(pl.col("at").is_between(low, high, closed="left"))
            .sort("at")
            .join_asof(documents.rename({"at": "start"}), left_on="at", right_on="start")
            .with_columns(
                pl.col("length").alias("token_length"),
                token_offset=pl.col("at") - pl.col("start"),
                is_first=pl.col("at") == pl.col("first"),
            )
            .sort("span", "doc_id", "token_offset")
            .select(REPEATED_SUBSTRINGS.names())
            .cast(REPEATED_SUBSTRINGS)
        )


def _separated(token_ids: pl.Series) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Return all ids with a separator behind each document, and where documents start."""
    ended = token_ids.fill_null([]).cast(pl.List(pl.UInt32)).list.concat([int(_BETWEEN)])
    array = ended.cast(pl.List(pl.UInt32)).to_arrow(compat_level=pl.CompatLevel.oldest())
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    offsets = array.offsets.to_numpy()
    tokens = array.values.to_numpy()[offsets[0] : offsets[-1]]
    return tokens, (offsets - offsets[0]).astype(np.int64)


def _stretches(
    offsets: NDArray[np.int64], size: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Cut documents into stretches that share all but one token of a window with the next.

    Args:
        offsets: where each document starts, a separator at its end.
        size: tokens of a window.
    """
    first, last = offsets[:-1], offsets[1:] - 1
    counts = np.maximum(1, -(-(last - first) // _BLOCK_TOKENS))
    number = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    starts = np.repeat(first, counts) + number * _BLOCK_TOKENS
    return starts, np.minimum(starts + _BLOCK_TOKENS + size - 1, np.repeat(last, counts))
