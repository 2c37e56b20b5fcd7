"""What the tokenizer needs of a vocabulary, whichever library published it."""

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

import polars as pl

from llm_assets.corpus.tokenization.segments import Segments
from llm_assets.corpus.tokenization.token_engines import Engine

TokenizerKind = Literal["huggingface", "tiktoken", "sentencepiece"]


class UnusableTokenizerError(Exception):
    """A tokenizer file cannot serve; the message says what is wrong with it."""


class Vocabulary(Protocol):
    """A tokenizer file that was read: its sizes, its special tokens and its engines.

    Special tokens are ids that ordinary text never has: a document that merely shows the characters
    of one (`<|endoftext|>` typed in a forum post) must not end a document in training.
    """

    @property
    def kind(self) -> TokenizerKind:
        """Whose format the file is in."""

    @property
    def vocabulary_size(self) -> int:
        """One more than the largest id: the rows that an embedding table needs."""

    @property
    def end_of_document_id(self) -> int:
        """The id that ends a document."""

    @property
    def special_tokens(self) -> Mapping[str, int]:
        """The special tokens' ids."""

    @property
    def unknown_id(self) -> int | None:
        """The id of what the vocabulary cannot say; None if it can say everything."""

    @property
    def follows_unicode(self) -> bool:
        """Whether letters are told from other characters, by which libraries may differ."""

    @property
    def splits_between_words(self) -> bool:
        """Whether a text may be cut at `segments.BETWEEN_WORDS`, with equal ids."""

    def reference_engine(self) -> Engine:
        """Load the reference library."""

    def fast_engine(self) -> Engine:
        """Load gigatoken; it raises whatever it raises where it cannot."""

    def inner_engine(self) -> Engine | None:
        """Load what encodes a segment that goes on inside a word; None: like any other."""

    def needs_reference(self, texts: pl.Series) -> pl.Series | None:
        """Tell which texts the fast engine is known to get wrong; None: none."""

    def cut(self, texts: pl.Series) -> Segments:
        """Cut very long texts."""

    def normalized(self, texts: pl.Series) -> pl.Series:
        """Return what decoding the ids of the texts has to give."""

    def decode(self, ids: Sequence[Sequence[int]]) -> list[str]:
        """Return the text of each list of ids; special tokens are left out."""

    def token_bytes(self, token_id: int) -> bytes | None:
        """Return what an id stands for, special tokens included; None if it is no token's."""

    def encode_special(self, token: str) -> Sequence[int]:
        """Return the ids of a special token's text where special tokens are asked for."""
