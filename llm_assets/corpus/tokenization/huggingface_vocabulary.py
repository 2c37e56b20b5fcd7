"""A vocabulary that Hugging Face's tokenizers published: a `tokenizer.json`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import polars as pl
from tokenizers import Tokenizer as HuggingFaceTokenizer

from llm_assets.corpus.tokenization.segments import (
    Segments,
    cut_texts,
    cut_texts_at_spaces,
    whole_texts,
)
from llm_assets.corpus.tokenization.spaced_pieces import BEFORE_SPACE, joins_words
from llm_assets.corpus.tokenization.token_engines import Engine, GigatokenEngine, ReferenceEngine
from llm_assets.corpus.tokenization.tokenizer_definition import read_definition
from llm_assets.corpus.tokenization.vocabulary import TokenizerKind


class HuggingFaceVocabulary:
    """A `tokenizer.json` with a BPE model.

    Raises:
        UnusableTokenizerError: if it is none, or lacks the token that ends a document.
    """

    kind: Final[TokenizerKind] = "huggingface"
    follows_unicode: Final = True

    def __init__(self, text: str, end_of_document: str) -> None:
        """Read the file's content; `end_of_document` is the token that ends a document."""
        self._definition = read_definition(text, end_of_document)
        self._full = HuggingFaceTokenizer.from_str(text)
        self.vocabulary_size = self._definition.vocabulary_size
        self.end_of_document_id = self._definition.end_of_document_id
        self.special_tokens: Mapping[str, int] = self._definition.special_tokens
        self.unknown_id = self._definition.unknown_id
        self.splits_between_words = self._definition.splits_at_spaces

    def reference_engine(self) -> Engine:
        """Load Hugging Face's library."""
        return _reference(self._definition.plain_json)

    def fast_engine(self) -> Engine:
        """Load gigatoken."""
        return GigatokenEngine(from_json(self._definition.plain_json))

    def inner_engine(self) -> Engine | None:
        """Load the tokenizer without the space that it puts before a text."""
        inner = self._definition.inner_json
        return None if inner is None else _reference(inner)

    def needs_reference(self, texts: pl.Series) -> pl.Series | None:
        """There are none: where the engines differ on some text, the fast one is not used."""
        return None

    def cut(self, texts: pl.Series) -> Segments:
        """Cut between words, where the tokenizer is known to split them."""
        if self.splits_between_words:
            return cut_texts(texts)
        if self._definition.inner_json is None:
            return whole_texts(texts)
        vocabulary = self._definition.words
        return cut_texts_at_spaces(
            texts,
            split=None if joins_words(vocabulary) else BEFORE_SPACE,
            certain=None,
            is_space=lambda character: False,
        )

    def normalized(self, texts: pl.Series) -> pl.Series:
        """Return the texts as the tokenizer's normalizer leaves them (NFC, for example)."""
        normalizer = self._full.normalizer
        if normalizer is None or self._definition.inner_json is not None:
            return texts
        changed = [normalizer.normalize_str(text) for text in texts]
        return pl.Series(texts.name, changed, dtype=pl.String)

    def decode(self, ids: Sequence[Sequence[int]]) -> list[str]:
        """Return the text of each list of ids; special tokens are left out."""
        return list(self._full.decode_batch(list(ids), skip_special_tokens=True))

    def token_bytes(self, token_id: int) -> bytes | None:
        """Return the token's text as the file spells it, which no other token has."""
        token = self._full.id_to_token(token_id)
        return None if token is None else token.encode()

    def encode_special(self, token: str) -> Sequence[int]:
        """Return the ids of a special token's text with special tokens on."""
        return list(self._full.encode(token, add_special_tokens=False).ids)


def from_json(text: str) -> Callable[[], Any]:
    """Return what loads a `tokenizer.json` into gigatoken."""

    def load() -> Any:
        # Imported here: with awkward it takes a second, and most processes tokenize nothing.
        import gigatoken

        return gigatoken.Tokenizer.from_json(text)

    return load


def _reference(plain_json: str) -> Engine:
    tokenizer = HuggingFaceTokenizer.from_str(plain_json)

    def encode_batch(texts: list[str]) -> list[list[int]]:
        encodings = tokenizer.encode_batch_fast(texts, add_special_tokens=False)
        return [encoding.ids for encoding in encodings]

    return ReferenceEngine("tokenizers", encode_batch)
