"""Documents in training order -> batches of sequences, and the rows that say what is in them.

A part's documents come in buckets. Where documents are not packed, each is a sequence. Where they
are concatenated, what does not fill a sequence waits for the next bucket; where they are fitted
together, that is done within a bucket, so that memory does not grow with the corpus.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
import pyarrow as pa

from llm_assets.corpus.part_formats.part import PartBatch
from llm_assets.corpus.schema import TRAINING_DOCUMENTS
from llm_assets.corpus.split import sequence_key
from llm_assets.corpus.training.packing import Pieces, cut_stream, fit_documents, lay_out
from llm_assets.corpus.training.packing_kernels import Int64s, Tokens


@dataclass(frozen=True, slots=True)
class PackingPlan:
    """Sequences of one length."""

    sequence_length: int
    method: Literal["concatenate", "best-fit"]
    padding_id: int
    """The token to fill sequences with."""


class Sequencer:
    """Makes the sequences of one part. Counts what it has made."""

    def __init__(self, packing: PackingPlan | None, seed: int) -> None:
        """Begin a part.

        Args:
            packing: None where each document is a sequence.
            seed: salt of the order of packed sequences.
        """
        self._packing = packing
        self._seed = seed
        self._waiting: pl.DataFrame | None = None
        self.sequences = 0
        self.tokens = 0
        """Of the part's stream, padding included."""
        self.padding = 0

    def add(self, documents: pl.DataFrame) -> Iterator[tuple[PartBatch, pl.DataFrame]]:
        """Make sequences of a bucket's documents.

        Args:
            documents: in order; the columns of TRAINING_DOCUMENTS that are the document's, `text`
                and `input_ids` (`List(UInt32)`, with the end-of-document token).

        Yields:
            Batches, each with its rows of TRAINING_DOCUMENTS.
        """
        if self._packing is None:
            yield self._unpacked(documents)
        elif self._packing.method == "concatenate":
            yield from self._concatenated(documents, self._packing, to_the_end=False)
        else:
            yield from self._fitted(documents, self._packing)

    def finish(self) -> Iterator[tuple[PartBatch, pl.DataFrame]]:
        """Make sequences of what still waits, filled up with padding."""
        if self._packing is not None and self._waiting is not None:
            yield from self._concatenated(self._waiting.clear(), self._packing, to_the_end=True)

    def _unpacked(self, documents: pl.DataFrame) -> tuple[PartBatch, pl.DataFrame]:
        lengths = _lengths(documents["input_ids"])
        pieces = Pieces(
            document=np.arange(len(lengths)),
            start=np.zeros(len(lengths), np.int64),
            length=lengths,
            place=np.cumsum(lengths) - lengths,
            sequence_count=len(lengths),
        )
        rows = self._rows(documents, pieces)
        self._count(pieces, int(lengths.sum()))
        sequences = documents.select("doc_id", "source", "text", "input_ids")
        return PartBatch(sequences, documents.select("doc_id", "source", "text")), rows

    def _concatenated(
        self, documents: pl.DataFrame, packing: PackingPlan, *, to_the_end: bool
    ) -> Iterator[tuple[PartBatch, pl.DataFrame]]:
        documents = documents.with_columns(
            begun=documents["begun"] if "begun" in documents.columns else pl.lit(0, pl.UInt32)
        )
        if self._waiting is not None:
            documents = pl.concat([self._waiting, documents])
        lengths = _lengths(documents["input_ids"])
        pieces = cut_stream(lengths, packing.sequence_length, to_the_end=to_the_end)
        self._waiting = _not_used(documents, lengths, pieces)
        if pieces.sequence_count:
            yield self._packed(documents, lengths, pieces, packing)

    def _fitted(
        self, documents: pl.DataFrame, packing: PackingPlan
    ) -> Iterator[tuple[PartBatch, pl.DataFrame]]:
        lengths = _lengths(documents["input_ids"])
        first = np.zeros(len(lengths), np.uint64)
        keys = sequence_key(documents["doc_id"], documents["repeat"], first, self._seed)
        pieces = fit_documents(lengths, packing.sequence_length, keys)
        whole = documents.with_columns(begun=pl.lit(0, pl.UInt32))
        if pieces.sequence_count:
            yield self._packed(whole, lengths, pieces, packing)

    def _packed(
        self, documents: pl.DataFrame, lengths: Int64s, pieces: Pieces, packing: PackingPlan
    ) -> tuple[PartBatch, pl.DataFrame]:
        size = packing.sequence_length
        tokens = _flat(documents["input_ids"])
        laid_out = lay_out(tokens, lengths, pieces, size, packing.padding_id)
        rows = self._rows(documents, pieces)
        self._count(pieces, len(laid_out))
        per_sequence = pl.DataFrame(
            {
                "sequence": pieces.place // size,
                "doc_ids": rows["doc_id"],
                "piece_lengths": rows["token_length"],
            }
        )
        packed = per_sequence.group_by("sequence", maintain_order=True).agg(
            "doc_ids", "piece_lengths"
        )
        sequences = packed.select(_lists_of(laid_out, size), "doc_ids", "piece_lengths")
        first = documents[pieces.document[rows["first_token"].to_numpy() == 0]]
        return PartBatch(sequences, first.select("doc_id", "source", "text")), rows

    def _rows(self, documents: pl.DataFrame, pieces: Pieces) -> pl.DataFrame:
        """Return rows of TRAINING_DOCUMENTS for pieces that follow on what was made before."""
        begun = documents["begun"].to_numpy() if "begun" in documents.columns else 0
        names = [name for name in TRAINING_DOCUMENTS if name in documents.columns]
        whose = documents.select(names)[pieces.document]
        start = pieces.start + (begun[pieces.document] if isinstance(begun, np.ndarray) else 0)
        return whose.with_columns(
            token_offset=pl.Series(self.tokens + pieces.place, dtype=pl.UInt64),
            token_length=pl.Series(pieces.length, dtype=pl.UInt32),
            first_token=pl.Series(start, dtype=pl.UInt32),
        ).match_to_schema(TRAINING_DOCUMENTS)

    def _count(self, pieces: Pieces, tokens: int) -> None:
        self.sequences += pieces.sequence_count
        self.tokens += tokens
        self.padding += tokens - int(pieces.length.sum())


def _not_used(documents: pl.DataFrame, lengths: Int64s, pieces: Pieces) -> pl.DataFrame | None:
    """Return the documents that have tokens behind the last sequence, with these alone."""
    used = int(pieces.length.sum())
    ends = np.cumsum(lengths)
    first = int(np.searchsorted(ends, used, side="right"))
    if first == documents.height:
        return None
    waiting = documents[first:]
    cut = used - int(ends[first] - lengths[first])
    if cut == 0:
        return waiting
    is_first = pl.int_range(pl.len()) == 0
    return waiting.with_columns(
        begun=pl.when(is_first).then(pl.col("begun") + cut).otherwise("begun"),
        input_ids=pl.when(is_first)
        .then(pl.col("input_ids").list.slice(cut))
        .otherwise("input_ids"),
    )


def _lengths(ids: pl.Series) -> Int64s:
    lengths: Int64s = ids.list.len().cast(pl.Int64).to_numpy()
    return lengths


def _flat(ids: pl.Series) -> Tokens:
    """Return all tokens end to end; no list is empty, as each has its end-of-document token."""
    tokens: Tokens = ids.explode().to_numpy()
    return tokens


def _lists_of(tokens: Tokens, size: int) -> pl.Series:
    """Return lists of one size without copying tokens."""
    offsets = np.arange(0, len(tokens) + 1, size)
    array = pa.LargeListArray.from_arrays(pa.array(offsets), pa.array(tokens))
    return pl.Series("input_ids", array, dtype=pl.List(pl.UInt32))
