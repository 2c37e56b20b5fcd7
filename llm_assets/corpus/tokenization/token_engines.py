"""The libraries that turn texts into token ids, behind one interface."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, Literal, Protocol, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from llm_assets.corpus.tokenization.token_ids import TokenIds, collect_ids

EngineName = Literal["gigatoken", "tokenizers", "tiktoken", "sentencepiece"]

Texts: TypeAlias = pa.LargeStringArray
"""A column of texts as Arrow has it: offsets and UTF-8; no nulls."""

REFRESH_BYTES: Final = 512 << 20
"""Text after which gigatoken starts with an empty cache. In 0.10 the cache grows without bound: by
5 bytes a byte of random words, so to 2.6 GB at worst; filling it anew costs 0.2 s."""

_BATCH_BYTES: Final = 1 << 20
"""Text that a reference library is given at once: Hugging Face's needs about 170 bytes a byte."""


class Engine(Protocol):
    """Encodes texts by one library."""

    name: EngineName

    def encode(self, texts: Texts) -> TokenIds:
        """Return the ids of each text."""


class ReferenceEngine:
    """A reference library: what the right ids are."""

    def __init__(
        self,
        name: EngineName,
        encode_batch: Callable[[list[str]], Sequence[NDArray[np.uint32] | list[int]]],
    ) -> None:
        """Wrap a library.

        Args:
            name: the library.
            encode_batch: returns the ids of each text.
        """
        self.name: EngineName = name
        self._encode_batch = encode_batch

    def encode(self, texts: Texts) -> TokenIds:
        """Return the ids of each text."""
        return collect_ids(
            [
                np.asarray(ids, dtype=np.uint32)
                for batch in _batches(texts)
                for ids in self._encode_batch(batch.to_pylist())
            ]
        )


def _batches(texts: Texts) -> Iterator[Texts]:
    """Yield runs of texts of about _BATCH_BYTES."""
    ends = text_offsets(texts)[1:]
    start = 0
    while start < len(texts):
        done = int(ends[start - 1]) if start else int(text_offsets(texts)[0])
        stop = int(np.searchsorted(ends, done + _BATCH_BYTES)) + 1
        yield texts.slice(start, stop - start)
        start = stop


def text_offsets(texts: Texts) -> NDArray[np.int64]:
    """Return where each text begins among the bytes of the column, and the end of the last."""
    buffer = texts.buffers()[1]
    if buffer is None:
        return np.zeros(1, np.int64)
    offsets = np.frombuffer(buffer, np.int64)
    return offsets[texts.offset : texts.offset + len(texts) + 1]


def text_bytes(texts: Texts) -> NDArray[np.uint8]:
    """Return the bytes that `text_offsets` counts."""
    buffer = texts.buffers()[2]
    return np.zeros(0, np.uint8) if buffer is None else np.frombuffer(buffer, np.uint8)


class GigatokenEngine:
    """gigatoken: some 50 times as fast as the references, Arrow in and flat arrays out."""

    name: EngineName = "gigatoken"

    def __init__(self, load: Callable[[], Any]) -> None:
        """Load the tokenizer.

        Args:
            load: loads it, each time anew.

        Raises:
            Exception: whatever gigatoken raises where it cannot load the tokenizer.
        """
        self._load = load
        self._tokenizer = load()
        self._bytes_seen = 0

    def encode(self, texts: Texts) -> TokenIds:
        """Return the ids of each text."""
        import awkward as ak

        if len(texts) == 0:
            return collect_ids([])
        offsets = text_offsets(texts)
        self._refresh(int(offsets[-1] - offsets[0]))
        layout = self._tokenizer.encode_batch(ak.from_arrow(texts)).layout
        return TokenIds(np.asarray(layout.content.data), np.asarray(layout.offsets.data))

    def _refresh(self, coming_bytes: int) -> None:
        if self._bytes_seen and self._bytes_seen + coming_bytes > REFRESH_BYTES:
            self._tokenizer = self._load()
            self._bytes_seen = 0
        self._bytes_seen += coming_bytes
