"""The libraries that turn texts into token ids, behind one interface."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray
from tokenizers import Tokenizer as HuggingFaceTokenizer

EngineName = Literal["gigatoken", "tokenizers"]

_REFRESH_BYTES = 512 << 20
"""Text after which gigatoken starts with an empty cache. In 0.10 the cache grows without bound: by
5 bytes a byte of random words, so to 2.6 GB at worst; filling it anew costs 0.2 s."""

_BATCH_CHARS = 1 << 20
"""Text that Hugging Face's library is given at once: it needs about 170 bytes a character."""


@dataclass(frozen=True, slots=True)
class TokenIds:
    """The ids of several texts, end to end; text i has `values[offsets[i]:offsets[i + 1]]`."""

    values: NDArray[np.uint32]
    offsets: NDArray[np.int64]

    def to_series(self) -> pl.Series:
        """Return one list of ids a text."""
        lists = pa.LargeListArray.from_arrays(pa.array(self.offsets), pa.array(self.values))
        return pl.Series(lists, dtype=pl.List(pl.UInt32))

    def joined(self, starts: NDArray[np.int64]) -> "TokenIds":
        """Join neighbouring texts: joined text i is texts `starts[i]` up to `starts[i + 1]`."""
        return TokenIds(self.values, self.offsets[starts])


def interleave(places: NDArray[np.bool_], where_true: TokenIds, where_false: TokenIds) -> TokenIds:
    """Put two parts of a column together: text i comes from the part that `places[i]` names."""
    lengths = np.empty(len(places), dtype=np.int64)
    lengths[places] = np.diff(where_true.offsets)
    lengths[~places] = np.diff(where_false.offsets)
    values = np.empty(int(lengths.sum()), dtype=np.uint32)
    of_true = np.repeat(places, lengths)
    values[of_true] = where_true.values
    values[~of_true] = where_false.values
    return TokenIds(values, offsets_of(lengths))


def offsets_of(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where ranges of these lengths begin when laid end to end, and the end of the last."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)])


class Engine(Protocol):
    """Encodes texts by one library."""

    name: EngineName

    def encode(self, texts: pl.Series) -> TokenIds:
        """Return the ids of each text; nulls are not allowed."""


class HuggingFaceEngine:
    """Hugging Face tokenizers: the reference for what the right ids are."""

    name: EngineName = "tokenizers"

    def __init__(self, plain_json: str) -> None:
        self._tokenizer = HuggingFaceTokenizer.from_str(plain_json)

    def encode(self, texts: pl.Series) -> TokenIds:
        """Return the ids of each text."""
        ids = [
            np.array(encoding.ids, dtype=np.uint32)
            for batch in _batches(texts)
            for encoding in self._tokenizer.encode_batch_fast(batch, add_special_tokens=False)
        ]
        lengths = np.array([len(row) for row in ids], dtype=np.int64)
        return TokenIds(np.concatenate([np.zeros(0, np.uint32), *ids]), offsets_of(lengths))


def _batches(texts: pl.Series) -> Iterator[list[str]]:
    """Yield runs of texts of about _BATCH_CHARS characters."""
    batch: list[str] = []
    chars = 0
    for text in texts:
        batch.append(text)
        chars += len(text)
        if chars >= _BATCH_CHARS:
            yield batch
            batch, chars = [], 0
    if batch:
        yield batch


class GigatokenEngine:
    """gigatoken: some 50 times as fast, Arrow in and flat arrays out.

    Raises:
        Exception: whatever gigatoken raises where it cannot load the tokenizer.
    """

    name: EngineName = "gigatoken"

    def __init__(self, plain_json: str) -> None:
        self._json = plain_json
        self._tokenizer = _load_gigatoken(plain_json)
        self._bytes_seen = 0

    def encode(self, texts: pl.Series) -> TokenIds:
        """Return the ids of each text."""
        import awkward as ak

        if texts.is_empty():
            return TokenIds(np.zeros(0, np.uint32), np.zeros(1, np.int64))
        self._refresh(int(texts.str.len_bytes().sum()))
        arrow = texts.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
        layout = self._tokenizer.encode_batch(ak.from_arrow(arrow)).layout
        return TokenIds(np.asarray(layout.content.data), np.asarray(layout.offsets.data))

    def _refresh(self, coming_bytes: int) -> None:
        if self._bytes_seen and self._bytes_seen + coming_bytes > _REFRESH_BYTES:
            self._tokenizer = _load_gigatoken(self._json)
            self._bytes_seen = 0
        self._bytes_seen += coming_bytes


def _load_gigatoken(plain_json: str) -> Any:
    # Imported here: with awkward it takes a second, and most processes tokenize nothing.
    import gigatoken

    return gigatoken.Tokenizer.from_json(plain_json)
