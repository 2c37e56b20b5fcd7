"""Passages that stand in several documents: counted over a whole corpus, cut from all but one.

C4 keeps one copy of each line, the one whose page has the smallest hash of its address
(tensorflow_datasets, `c4_utils.py`); here the document is drawn by a hash of the passage and the
document, so that no document gets all copies. Neither depends on the order of reading.

Two passages are taken for equal by 96 bits of two hashes. Among n different ones the chance that
any two are is below n^2 / 2^97: 10^-5 for 10^12 passages. Whoever crafts texts on purpose can do
better: the hashes are fast, and no secret.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from llm_assets.corpus.cuts import RANGE
from llm_assets.corpus.passages.cut_kernels import unite_cuts
from llm_assets.corpus.passages.passages import (
    PASSAGE,
    SHARD_BITS,
    PassagePlan,
    find_passage_records,
)
from llm_assets.corpus.passages.record_files import RecordFiles, Records, range_of
from llm_assets.corpus.spans import arrow_buffers, text_groups

REPEATED_PASSAGES: Final = pl.Schema(
    {
        "doc_id": pl.String(),
        "text_hash": pl.String(),  # of the text that is cut
        "site": pl.String(),  # host, or the source where documents have no URL
        "cuts": pl.List(RANGE),  # bytes of cleaned_text's text, ascending, apart from one another
        "cut_passages": pl.UInt32(),
        "cut_chars": pl.UInt64(),  # blank lines around them included
        "cut_share": pl.Float64(),  # of the text's characters
        "action": pl.String(),  # cut or drop
        "reason": pl.String(),  # of a document that is dropped
        "measured": pl.Float64(),  # words left
        "threshold": pl.Float64(),
    }
)
"""One row: one document of which passages are cut."""

TOO_LITTLE_LEFT: Final = "few_words_left"
"""The reason of a document of which too few words are left."""

_DECISION: Final[np.dtype[Any]] = np.dtype(
    [("row", "<u4"), ("start", "<u4"), ("end", "<u4"), ("copies", "<u4"), ("is_cut", "u1")]
)
_MOST_SHOWN: Final = 20
_EXCERPT_CHARS: Final = 80
_KEY: Final = ["hash", "check"]


@dataclass(frozen=True, slots=True)
class PassageDecision:
    """One decision over a corpus: first `read` every shard, then `decide`, then ask for `rows`.

    Args:
        plan: which passages are repeated.
        folder: scratch space: 37 bytes a passage, and 17 for each repeated one.
        ranges: into how many ranges of hashes passages are dealt; the result is the same for all.
    """

    plan: PassagePlan
    folder: Path
    ranges: int = 1
    excerpts: dict[int, dict[str, int]] = field(default_factory=dict)
    """Of shards whose rows were drawn: beginnings of the most repeated passages that are kept
    there, and the documents that have them."""

    def read(self, shard: int, documents: Iterable[pl.DataFrame]) -> None:
        """Collect the passages of a shard's documents: `doc_id`, `text_hash`, `site` and `text`."""
        row = 0
        for batch in documents:
            for group in _groups(batch):
                records = find_passage_records(group, self.plan, shard, row)
                self._passages.add(records, range_of(records["hash"], self.ranges))
                row += group.height

    def decide(self) -> None:
        """Find what is repeated, range by range, and note it for each shard."""
        for number in range(self.ranges):
            repeated = self._repeated(number)
            for chunk in self._passages.chunks(number):
                self._note(chunk, repeated)
            self._passages.remove(number)

    def rows(self, shard: int, documents: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        """Yield rows of REPEATED_PASSAGES, from the documents that were read in the same order."""
        decided = self._decisions.read(shard)
        decided = decided[np.lexsort((decided["start"], decided["row"]))]
        shown = _most_repeated(decided)
        self.excerpts[shard] = {}
        row = 0
        for batch in documents:
            for group in _groups(batch):
                low, high = np.searchsorted(decided["row"], [row, row + group.height])
                here = decided[low:high].copy()
                here["row"] -= np.uint32(row)
                self._show(shard, group["text"], here[shown[(low <= shown) & (shown < high)] - low])
                yield _cut_rows(group, here, self.plan)
                row += group.height

    @property
    def _passages(self) -> RecordFiles:
        return RecordFiles(self.folder, "passages", PASSAGE)

    @property
    def _decisions(self) -> RecordFiles:
        return RecordFiles(self.folder, "decisions", _DECISION)

    def _repeated(self, number: int) -> pl.DataFrame:
        """Return hash, check, documents and smallest order of a range's repeated passages."""
        merged = pl.DataFrame(
            schema={
                "hash": pl.UInt64,
                "check": pl.UInt32,
                "copies": pl.UInt32,
                "least": pl.UInt64,
            }
        )
        for chunk in self._passages.chunks(number):
            first = chunk[chunk["is_first"] == 1]
            counted = (
                _frame(first, [*_KEY, "order"])
                .group_by(_KEY)
                .agg(copies=pl.len().cast(pl.UInt32), least=pl.col("order").min())
            )
            merged = (
                pl.concat([merged, counted])
                .group_by(_KEY)
                .agg(pl.col("copies").sum(), pl.col("least").min())
            )
        return merged.filter(pl.col("copies") >= max(2, self.plan.copies))

    def _note(self, chunk: Records, repeated: pl.DataFrame) -> None:
        """Write down which records are cut, and which are the copies that stay."""
        columns = ["hash", "check", "order", "document", "start", "end", "is_first"]
        found = _frame(chunk, columns).join(repeated, on=_KEY, how="inner", maintain_order="left")
        stays = (pl.col("order") == pl.col("least")) & (pl.col("is_first") == 1)
        found = found.with_columns(is_cut=~stays)
        decisions = np.empty(found.height, _DECISION)
        documents = found["document"].to_numpy()
        decisions["row"] = documents & np.uint64((1 << SHARD_BITS) - 1)
        for name in ("start", "end", "copies", "is_cut"):
            decisions[name] = found[name].to_numpy()
        self._decisions.add(decisions, (documents >> np.uint64(SHARD_BITS)).astype(np.int64))

    def _show(self, shard: int, texts: pl.Series, shown: Records) -> None:
        """Count the documents of some passages under the passages' beginnings."""
        excerpts = self.excerpts[shard]
        for row, start, end, copies, _ in shown.tolist():
            passage = texts[row].encode()[start:end].decode().strip()
            excerpt = passage[:_EXCERPT_CHARS]
            excerpts[excerpt] = excerpts.get(excerpt, 0) + copies


def _groups(batch: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Cut a batch into groups of about 16 MiB, without null texts."""
    batch = batch.with_columns(pl.col("text").fill_null(""))
    _, offsets = arrow_buffers(batch["text"])
    start = 0
    for group in text_groups(offsets):
        yield batch.slice(start, len(group) - 1)
        start += len(group) - 1


def _frame(records: Records, columns: list[str]) -> pl.DataFrame:
    return pl.DataFrame({name: np.ascontiguousarray(records[name]) for name in columns})


def _most_repeated(decided: Records) -> NDArray[np.int64]:
    """Return the places of the most repeated passages that stay."""
    staying = np.flatnonzero(decided["is_cut"] == 0)
    copies = decided["copies"][staying].astype(np.int64)
    chosen: NDArray[np.int64] = staying[np.argsort(-copies, kind="stable")[:_MOST_SHOWN]]
    return chosen


def _cut_rows(documents: pl.DataFrame, decided: Records, plan: PassagePlan) -> pl.DataFrame:
    """Return rows of REPEATED_PASSAGES; `decided` is in the order of documents and texts."""
    cut = decided[decided["is_cut"] == 1]
    rows, first, counts = np.unique(cut["row"], return_index=True, return_counts=True)
    chosen = documents[rows.astype(np.int64)]
    data, offsets = arrow_buffers(chosen["text"])
    starts, ends = np.ascontiguousarray(cut["start"]), np.ascontiguousarray(cut["end"])
    figures = np.zeros((len(rows), 4), np.int64)
    ranges = unite_cuts(
        data, offsets, np.append(first, len(cut)).astype(np.int64), starts, ends, figures
    )
    range_counts, cut_chars, chars, words_left = figures.T
    # Who keeps the first copy of a passage stays, or the passage would be lost.
    is_keeper = np.isin(rows, decided["row"][decided["is_cut"] == 0])
    is_dropped = pl.Series((words_left < plan.min_words_left) & ~is_keeper)
    return chosen.select(
        "doc_id",
        "text_hash",
        "site",
        cuts=_lists(range_counts, starts[:ranges], ends[:ranges]),
        cut_passages=pl.Series(counts),
        cut_chars=pl.Series(cut_chars),
        cut_share=pl.Series(cut_chars / np.maximum(chars, 1)),
        action=pl.when(is_dropped).then(pl.lit("drop")).otherwise(pl.lit("cut")),
        reason=pl.when(is_dropped).then(pl.lit(TOO_LITTLE_LEFT)),
        measured=pl.Series(words_left),
        threshold=pl.lit(plan.min_words_left),
    ).cast(REPEATED_PASSAGES)


def _lists(
    counts: NDArray[np.int64], starts: NDArray[np.uint32], ends: NDArray[np.uint32]
) -> pl.Series:
    """Return so many ranges for each document."""
    bounds = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    ranges = pa.StructArray.from_arrays([pa.array(starts), pa.array(ends)], ["start", "end"])
    return pl.Series(pa.LargeListArray.from_arrays(pa.array(bounds), ranges), dtype=pl.List(RANGE))
