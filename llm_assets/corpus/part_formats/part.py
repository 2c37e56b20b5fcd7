"""What every writer of training parts is given, and what it promises.

A part is one split of one shard. Its sequences come in batches; where one batch ends and the next
begins leaves no trace in any format.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, Self

import numpy as np
import polars as pl

TrainingFormat = Literal["megatron", "parquet", "mds", "jsonl", "npy"]
"""What trainers read: docs/formats.md says which trainer reads which."""


@dataclass(frozen=True, slots=True)
class PartBatch:
    """Some sequences of a part, in order."""

    sequences: pl.DataFrame
    """Rows of TRAINING_PART, or of PACKED_PART where documents are packed; but `input_ids` and
    `piece_lengths` are `List(UInt32)`, as tokenizers have them."""
    documents: pl.DataFrame
    """`doc_id`, `source` and `text` of the documents whose first piece is in this batch, in order;
    as many rows as the document has repeats."""


@dataclass(frozen=True, slots=True)
class PartLayout:
    """How the tokens of a part are stored; the same for all parts of a corpus."""

    token_dtype: np.dtype[Any]
    """uint16 or int32, in the formats that store plain arrays."""
    sequence_length: int | None
    """Tokens of every sequence where documents are packed; None where a sequence is a document."""
    mds_compression: Literal["zstd"] | None = None
    """How MDS shards are compressed: `mosaicml-streaming` unpacks each as it arrives."""


class PartWriter(ABC):
    """Writes one part in one format, batch after batch, in bounded memory.

    A file gets its name only once it is complete. As a context manager a writer is closed in the
    end, and abandoned where an exception passes.
    """

    @abstractmethod
    def append(self, batch: PartBatch) -> None:
        """Add sequences.

        Args:
            batch: the next ones.

        Raises:
            ValueError: if a token does not fit the layout's type, or a sequence its length.
        """

    @abstractmethod
    def close(self) -> None:
        """Complete the files; nothing may be appended from then on."""

    @abstractmethod
    def abandon(self) -> None:
        """Remove what has been written; harmless after `close` or twice."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            self.abandon()
            return
        try:
            self.close()
        except BaseException:
            self.abandon()
            raise
