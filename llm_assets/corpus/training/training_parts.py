"""One shard's documents -> shuffled training parts, and the table of what came from where.

All formats hold the same sequences in the same order, and the same tokens, end-of-document tokens
included. `documents.parquet` names the document of every token range, `left_out.parquet` those that
are in no part. A split without documents has files without rows.

A document that stays beside a similar one (`DUPLICATES.twin`) could leak from one split into
another. Neither is moved, as splits are to stand for ever: the one in the larger split is left out.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from llm_assets.corpus.buckets import Buckets, plain_arrow
from llm_assets.corpus.part_formats.part import PartBatch, PartLayout, TrainingFormat
from llm_assets.corpus.part_formats.writers import open_part_writer
from llm_assets.corpus.schema import SPLITS, TRAINING_DOCUMENTS, Split
from llm_assets.corpus.training.fill_in_the_middle import MiddlePlan, move_middles
from llm_assets.corpus.training.training_order import OrderPlan, order_documents
from llm_assets.corpus.training.training_selection import TrainableDocuments
from llm_assets.corpus.training.training_sequences import PackingPlan, Sequencer

DOCUMENTS_FILE = "documents.parquet"
LEFT_OUT_FILE = "left_out.parquet"

_TOKEN_SUFFIXES = (".bin", ".npy", ".parquet", ".mds/index.json")
"""What follows a split's name in the files of formats that hold its tokens."""

_BUCKET_BYTES = 64 << 20
"""Texts and tokens of sequences that are put in order at once; it takes up to eight times that.

Documents are fitted together within a bucket: another size gives other parts there.
"""

_GROUP_ROWS = 4_096
"""Rows of a Parquet row group: what a reader that skips about has to read for one row."""


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """What the recipe and the tokenizer say about training parts."""

    order: OrderPlan
    formats: Sequence[TrainingFormat]
    end_of_document_id: int
    token_dtype: np.dtype[Any]
    packing: PackingPlan | None = None
    middle: MiddlePlan | None = None
    """How spans of documents in train are moved to their end; None for no such thing."""


@dataclass(frozen=True, slots=True)
class PartSize:
    """How much is in the parts of one split."""

    sequences: int
    tokens: int
    """Of the split's stream: what `.bin` holds."""
    padding: int
    """Tokens of these that belong to no document."""


@dataclass(frozen=True, slots=True)
class WrittenParts:
    """What was written of a shard."""

    documents: pl.DataFrame
    """Rows of TRAINING_DOCUMENTS, by split and in the order of the parts."""
    sizes: dict[Split, PartSize]


def token_suffix(files: Collection[str]) -> str | None:
    """Return what follows a split's name in the name of the file, or folder, with its tokens.

    Args:
        files: the names of all files of a shard's parts.

    Returns:
        Of the first format that has tokens, Megatron's `.bin` in front; None if none has.
    """
    found = (suffix for suffix in _TOKEN_SUFFIXES if f"{SPLITS[0]}{suffix}" in files)
    return next((suffix.removesuffix("index.json") for suffix in found), None)


def write_parts(
    folder: Path,
    documents: TrainableDocuments,
    plan: TrainingPlan,
    advance: Callable[[int], None] = lambda _documents: None,
) -> WrittenParts:
    """Write a shard's training parts into an empty folder.

    Memory does not grow with the shard's texts: they are shuffled through files in the folder,
    which are gone in the end.

    Args:
        folder: where to.
        documents: what to train on.
        plan: how to deal, repeat, shuffle, pack and write them.
        advance: called with the number of documents written since the last call.

    Raises:
        StaleTokensError: if a document has no tokens, or a budget does not say how often it stands.
    """
    order, left_out = order_documents(documents.selected, plan.order, _BUCKET_BYTES)
    with TemporaryDirectory(dir=folder, prefix=".buckets-") as temporary, ExitStack() as stack:
        buckets = Buckets(Path(temporary))
        # A document's copies may be in several buckets.
        places = order.select("doc_id", "bucket").unique().lazy()
        for name, scan in (("texts", documents.texts), ("tokens", documents.tokens)):
            buckets.deal(name, scan.join(places, on="doc_id").collect_batches(lazy=True))
        parts = {split: _Part(folder, split, plan, stack) for split in SPLITS}
        for sequences in order.partition_by("bucket", maintain_order=True):
            bucket = int(sequences["bucket"][0])
            texts, tokens = buckets.read("texts", bucket), buckets.read("tokens", bucket)
            fetched = texts.join(tokens, on="doc_id")
            for (split,), chosen in sequences.group_by("split", maintain_order=True):
                parts[split].append(chosen, fetched)
            advance(sequences.height)
        for part in parts.values():
            part.finish()
    table = pl.concat(rows for part in parts.values() for rows in part.rows)
    for name, rows in ((DOCUMENTS_FILE, table), (LEFT_OUT_FILE, left_out)):
        pq.write_table(
            plain_arrow(rows),
            folder / name,
            compression="zstd",
            compression_level=3,
            row_group_size=_GROUP_ROWS,
        )
    return WrittenParts(table, {split: part.size for split, part in parts.items()})


class _Part:
    """One split: its sequences, and the files of all formats."""

    def __init__(self, folder: Path, split: Split, plan: TrainingPlan, stack: ExitStack) -> None:
        length = None if plan.packing is None else plan.packing.sequence_length
        layout = PartLayout(plan.token_dtype, length)
        self._end = pl.lit(plan.end_of_document_id, pl.UInt32)
        # A model is measured on documents as they are.
        self._middle = plan.middle if split == "train" else None
        self._seed = plan.order.dealing.seed
        self._sequencer = Sequencer(plan.packing, self._seed)
        self._writers = [
            stack.enter_context(open_part_writer(name, folder, split, layout))
            for name in plan.formats
        ]
        self.rows = [pl.DataFrame(schema=TRAINING_DOCUMENTS)]

    @property
    def size(self) -> PartSize:
        """How much has been written."""
        made = self._sequencer
        return PartSize(made.sequences, made.tokens, made.padding)

    def append(self, order: pl.DataFrame, fetched: pl.DataFrame) -> None:
        """Write documents in their order; their texts and tokens are among those fetched."""
        documents = (
            order.drop("bucket")
            .join(fetched, on="doc_id", how="left", maintain_order="left")
            .with_columns(
                input_ids=pl.concat_list(pl.col("token_ids").cast(pl.List(pl.UInt32)), self._end),
                middle_start=pl.lit(None, pl.UInt32),
                middle_end=pl.lit(None, pl.UInt32),
            )
            .drop("token_ids")
        )
        if self._middle is not None:
            documents = move_middles(documents, self._middle, self._seed)
        self._write(self._sequencer.add(documents))

    def finish(self) -> None:
        """Write what still waits to fill a sequence."""
        self._write(self._sequencer.finish())

    def _write(self, batches: Iterable[tuple[PartBatch, pl.DataFrame]]) -> None:
        for batch, rows in batches:
            for writer in self._writers:
                writer.append(batch)
            self.rows.append(rows)
