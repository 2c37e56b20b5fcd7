"""The lines or paragraphs of texts, as records that can be counted over a corpus."""

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from llm_assets.corpus.passages.hash_kernels import (
    Hashes,
    hash_strings,
    mark_first,
    mix_together,
)
from llm_assets.corpus.passages.passage_kernels import find_passages
from llm_assets.corpus.passages.record_files import Records
from llm_assets.corpus.spans import arrow_buffers

Unit = Literal["paragraph", "line"]
Scope = Literal["corpus", "site"]

PASSAGE: Final[np.dtype[Any]] = np.dtype(
    [
        ("hash", "<u8"),  # of the passage; where sites are told apart, of the site too
        ("order", "<u8"),  # of (passage, document): the smallest keeps the passage
        ("document", "<u8"),  # the shard's number in the upper half, the row's in the lower
        ("check", "<u4"),  # of another hash of the passage
        ("start", "<u4"),  # bytes from the start of the text
        ("end", "<u4"),
        ("is_first", "u1"),  # of equal passages in the document
    ]
)
"""One record: one passage that is long enough to be compared."""

SHARD_BITS: Final = 32


@dataclass(frozen=True, slots=True)
class PassagePlan:
    """Which passages are repeated, and what becomes of their documents."""

    unit: Unit = "paragraph"
    scope: Scope = "corpus"
    min_words: int = 10
    min_chars: int = 1
    copies: int = 2
    min_words_left: int = 50


def find_passage_records(
    documents: pl.DataFrame, plan: PassagePlan, shard: int, first_row: int
) -> Records:
    """Find the passages of some documents.

    Args:
        documents: `doc_id`, `site` and `text`; a null text has no passages.
        plan: which passages count.
        shard: the shard's number.
        first_row: the number of the first of these documents within its shard.

    Returns:
        Records of PASSAGE, in the order of documents and of their texts.
    """
    texts = documents["text"].fill_null("")
    data, offsets = arrow_buffers(texts)
    low, low_offsets = arrow_buffers(texts.str.to_lowercase())
    ids = _hashes(documents["doc_id"])
    salts = _hashes(documents["site"]) if plan.scope == "site" else np.zeros(len(ids), np.uint64)
    # A word has a byte at least, and one behind it, unless it is two characters of three bytes.
    least_bytes = max(plan.min_chars, 2 * plan.min_words - 1, 1)
    newlines = np.count_nonzero(data[offsets[0] : offsets[-1]] == 0x0A)
    room = len(ids) + int(min(newlines, (low_offsets[-1] - low_offsets[0]) // least_bytes))
    rows, starts, ends, checks = (np.empty(room, np.uint32) for _ in range(4))
    hashes = np.empty(room, np.uint64)
    found = find_passages(
        data,
        offsets,
        low,
        low_offsets,
        salts,
        plan.unit == "paragraph",
        plan.min_words,
        plan.min_chars,
        rows,
        starts,
        ends,
        hashes,
        checks,
    )
    rows, starts, ends, checks = rows[:found], starts[:found], ends[:found], checks[:found]
    hashes = hashes[:found]
    records: Records = np.empty(found, PASSAGE)
    is_first = np.empty(found, np.uint8)
    mark_first(rows, hashes, checks, is_first)
    records["hash"] = hashes
    records["order"] = mix_together(hashes, ids[rows])
    records["document"] = document_numbers(shard, first_row, rows)
    records["check"], records["is_first"] = checks, is_first
    records["start"], records["end"] = starts, ends
    return records


def document_numbers(shard: int, first_row: int, rows: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """Number documents over all shards."""
    return np.uint64(shard << SHARD_BITS | first_row) + rows.astype(np.uint64)


def _hashes(strings: pl.Series) -> Hashes:
    data, offsets = arrow_buffers(strings.fill_null(""))
    hashes = np.empty(len(strings), np.uint64)
    hash_strings(data, offsets, hashes)
    return hashes
