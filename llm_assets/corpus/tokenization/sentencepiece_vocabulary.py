"""A vocabulary of SentencePiece: a `.model` file."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from llm_assets.corpus.tokenization.huggingface_vocabulary import from_json
from llm_assets.corpus.tokenization.segments import (
    Segments,
    cut_texts,
    cut_texts_at_spaces,
    whole_texts,
)
from llm_assets.corpus.tokenization.sentencepiece_json import to_tokenizer_json
from llm_assets.corpus.tokenization.sentencepiece_model import (
    WITHOUT_DUMMY_PREFIX,
    NoSentencePieceModelError,
    read_sentencepiece_model,
)
from llm_assets.corpus.tokenization.spaced_pieces import BEFORE_SPACE, SPACE, joins_words
from llm_assets.corpus.tokenization.token_engines import Engine, GigatokenEngine, ReferenceEngine
from llm_assets.corpus.tokenization.vocabulary import TokenizerKind, UnusableTokenizerError

if TYPE_CHECKING:
    from sentencepiece import SentencePieceProcessor

_AROUND: Final = 64
"""Characters on both sides of a cut that the normalizer's rules are tried on; none is as long."""


class SentencePieceVocabulary:
    """A SentencePiece model of any algorithm.

    Control pieces are special tokens: SentencePiece makes them of no text. Pieces that the model's
    makers defined as symbols of their own (USER_DEFINED) are text, as they are there.

    Raises:
        UnusableTokenizerError: if the file is none, or lacks the piece that ends a document.
    """

    kind: Final[TokenizerKind] = "sentencepiece"
    follows_unicode: Final = False
    splits_between_words: Final = False

    def __init__(self, content: bytes, end_of_document: str) -> None:
        """Read a model; `end_of_document` is the control piece that ends a document."""
        self._content = content
        try:
            self._model = read_sentencepiece_model(content)
            self._processor = _load(content)
        except (NoSentencePieceModelError, RuntimeError) as error:
            raise UnusableTokenizerError(f"this is no SentencePiece model: {error}") from error
        pieces = self._model.pieces
        self.special_tokens: Mapping[str, int] = {
            piece.text: place for place, piece in enumerate(pieces) if piece.kind == "control"
        }
        if end_of_document not in self.special_tokens:
            control = self._model.pieces_of("control")
            shown = ", ".join(control[:20]) + (" ..." if len(control) > 20 else "")
            raise UnusableTokenizerError(
                f"the tokenizer has no token '{end_of_document}': set "
                "recipe.tokenizer.end_of_document to one of its control pieces "
                f"({shown or 'it has none'})"
            )
        self.end_of_document_id = self.special_tokens[end_of_document]
        self.vocabulary_size = len(pieces)
        self.unknown_id: int | None = (
            None if self._model.byte_fallback else self._processor.unk_id()
        )
        self._symbols = self._model.pieces_of("user_defined")
        self._text_pieces = [p.text for p in pieces if p.kind in ("normal", "user_defined")]

    def reference_engine(self) -> Engine:
        """Load SentencePiece."""
        return _reference(self._processor)

    def fast_engine(self) -> Engine:
        """Load gigatoken.

        Raises:
            ValueError: if the model is none that can be written as a `tokenizer.json`.
        """
        return GigatokenEngine(from_json(to_tokenizer_json(self._model)))

    def inner_engine(self) -> Engine | None:
        """Load SentencePiece without the space that it puts before a text."""
        return _reference(_load(self._content + WITHOUT_DUMMY_PREFIX))

    def needs_reference(self, texts: pl.Series) -> pl.Series | None:
        """Tell which texts have a symbol of the model's own: gigatoken puts a space behind it."""
        return texts.str.contains_any(self._symbols) if self._symbols else None

    def cut(self, texts: pl.Series) -> Segments:
        """Cut between words where no piece and no rule of the normalizer reaches over the space."""
        model = self._model
        if model.whitespace_as_suffix or not model.escape_whitespaces:
            return whole_texts(texts)
        if not model.dummy_prefix:
            # A segment's first space would be removed, or no segment's.
            return whole_texts(texts) if model.remove_extra_whitespaces else cut_texts(texts)
        return cut_texts_at_spaces(
            texts,
            split=None if joins_words(self._text_pieces) else BEFORE_SPACE,
            certain=self._leaves_both_sides if model.has_charsmap else None,
            is_space=self._is_removed,
        )

    def _leaves_both_sides(self, text: str, place: int) -> bool:
        """Tell whether the normalizer has no rule for what is on both sides of the place."""
        left, right = text[max(0, place - _AROUND) : place], text[place : place + _AROUND]
        normalize = self._processor.normalize
        return bool(normalize(left + right) == normalize(left) + normalize(right))

    def _is_removed(self, character: str) -> bool:
        if not self._model.remove_extra_whitespaces:
            return False
        return bool(self._processor.normalize(f"a{character}a") == f"{SPACE}a{SPACE}a")

    def normalized(self, texts: pl.Series) -> pl.Series:
        """Return the texts as the model's normalizer leaves them."""
        model = self._model
        changed = [self._processor.normalize(text).replace(SPACE, " ") for text in texts]
        if model.whitespace_as_suffix:
            changed = (
                [text.removesuffix(" ") for text in changed] if model.dummy_prefix else changed
            )
        elif model.remove_extra_whitespaces:
            changed = [text.lstrip(" ") for text in changed]  # as decoding does
        elif model.dummy_prefix:
            changed = [text.removeprefix(" ") for text in changed]
        return pl.Series(texts.name, changed, dtype=pl.String)

    def decode(self, ids: Sequence[Sequence[int]]) -> list[str]:
        """Return the text of each list of ids; control pieces are left out."""
        return [self._processor.decode(list(row)) if len(row) else "" for row in ids]

    def token_bytes(self, token_id: int) -> bytes | None:
        """Return the piece's text as the model spells it, which no other piece has."""
        pieces = self._model.pieces
        return pieces[token_id].text.encode() if 0 <= token_id < len(pieces) else None

    def encode_special(self, token: str) -> Sequence[int]:
        """Return the id that SentencePiece has for a control piece."""
        return [self._processor.piece_to_id(token)]


def _load(content: bytes) -> "SentencePieceProcessor":
    # Imported here: most processes tokenize nothing.
    from sentencepiece import SentencePieceProcessor

    return SentencePieceProcessor(model_proto=content)


def _reference(processor: Any) -> Engine:
    threads = pl.thread_pool_size()
    return ReferenceEngine(
        "sentencepiece", lambda texts: processor.encode(texts, out_type=int, num_threads=threads)
    )
