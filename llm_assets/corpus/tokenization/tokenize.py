"""Texts -> token ids and back, exactly as the tokenizer's own library would have it, but faster.

gigatoken does the work where it can. The reference (Hugging Face's tokenizers, tiktoken or
SentencePiece, by the kind of the file) is what it is held against, and takes over where it is not
exact.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from llm_assets.corpus.schema import tokenized_schema
from llm_assets.corpus.tokenization.segments import set_apart
from llm_assets.corpus.tokenization.token_engines import (
    Engine,
    EngineName,
    Texts,
    text_bytes,
    text_offsets,
)
from llm_assets.corpus.tokenization.token_ids import MOST_16_BIT, TokenIds, id_type, interleave
from llm_assets.corpus.tokenization.tokenizer_file import TokenizerFile
from llm_assets.corpus.tokenization.unassigned import find_unassigned, has_unassigned
from llm_assets.corpus.tokenization.vocabulary import TokenizerKind, UnusableTokenizerError

_PROBE = (
    "The quick brown fox can't jump; WE'LL see, it'S 1,234.5678 €!",
    "Größe naïve coöperate e\u0301 Ǆ ǅ ſ K İstanbul",
    "Привет, мир! Γειά σου Κόσμε. שלום עולם مرحبا بالعالم ١٢٣",
    "吾輩は猫である。名前はまだ無い、カタカナー 你好世界 안녕하세요 한글",
    "नमस्ते दुनिया क्ष ภาษาไทย ตัวอย่าง မြန်မာ ខ្មែរ",
    "👩‍👩‍👧 🇩🇪 👍🏽 𝐀𝔟 ⓐ ½ ² Ⅷ \u20dd \ue000 \ufeff \u200b",
    " lead  two   three \t tab \r\n crlf \n\n\n end \u00a0\u3000\u2028\u0085 x ",
    "\x00 \x1c <|endoftext|> <s> </s> [INST] {'a': [1, 2]} //--__ http://a.b/c?d=e#f",
    "a" * 300 + " " * 300 + "-" * 300 + "\n" * 30,
    "\U0010ffff\n \u0378\n \u1ad4\na \ua7d4\n1 \U00010954\n! \U0001e6d4\n",
)
"""Texts that an engine must get right before it is trusted with a corpus."""

_CHECKED_CHARS = 1_000
_MOST_CHECKED = 16
_BYTES_A_CHECK = 8 << 20
"""One beginning of a text is checked for so many bytes: the references are 20 to 50 times slower
than gigatoken, so that this costs 1% of the time."""


class InexactEngineError(Exception):
    """The fast engine's ids differ from the reference's on a document: its ids are not to be used.

    Tokenize again with `Tokenizer(..., reference_only=True)`.
    """


class Tokenizer:
    """A vocabulary and its rules.

    Raises:
        UnusableTokenizerError: if the file has no such control token, or ordinary text can turn
            into that token.
    """

    def __init__(
        self,
        file: TokenizerFile | str,
        end_of_document: str | None = None,
        reference_only: bool = False,
    ) -> None:
        """Load a tokenizer.

        Args:
            file: a tokenizer, or the content of a Hugging Face `tokenizer.json`.
            end_of_document: its special token that ends a document; None: its kind's usual one.
            reference_only: use the reference library even where a faster one is exact.
        """
        file = TokenizerFile.of_json(file) if isinstance(file, str) else file
        self._vocabulary = file.vocabulary(end_of_document)
        self._reference = self._vocabulary.reference_engine()
        self._inner: Engine | None = None
        self._refuse_reachable()
        self._engine: Engine = self._reference if reference_only else self._fastest_exact_engine()

    @property
    def kind(self) -> TokenizerKind:
        """Whose format the file is in."""
        return self._vocabulary.kind

    @property
    def engine(self) -> EngineName:
        """The library in use."""
        return self._engine.name

    @property
    def reference(self) -> EngineName:
        """The library whose ids are right."""
        return self._reference.name

    @property
    def vocabulary_size(self) -> int:
        """One more than the largest id, control tokens included."""
        return self._vocabulary.vocabulary_size

    @property
    def end_of_document_id(self) -> int:
        """The id that ends a document; `encode` never returns it."""
        return self._vocabulary.end_of_document_id

    @property
    def special_tokens(self) -> Mapping[str, int]:
        """The ids that `encode` never returns, by name."""
        return self._vocabulary.special_tokens

    @property
    def unknown_id(self) -> int | None:
        """The id of what the vocabulary cannot say; None if it can say everything."""
        return self._vocabulary.unknown_id

    @property
    def token_dtype(self) -> np.dtype[Any]:
        """The smallest type that Megatron-LM knows for these ids: uint16, else int32."""
        return np.dtype(np.uint16 if self.vocabulary_size <= MOST_16_BIT else np.int32)

    @property
    def id_type(self) -> pl.DataType:
        """The smallest type of a column of ids: UInt16, else UInt32."""
        return id_type(self.vocabulary_size)

    def encode(self, texts: pl.Series) -> pl.Series:
        """Return the ids of each text, without control tokens; of null, no ids.

        The characters of a control token in a text are encoded as ordinary text.

        Returns:
            A column of lists of `id_type`.

        Raises:
            InexactEngineError: if the engine errs on one of the texts that are checked.
        """
        texts = texts.fill_null("") if texts.null_count() else texts
        segments = self._vocabulary.cut(texts)
        ids = self._encode_checked(segments.texts, segments.inner)
        return ids.joined(segments.starts).to_series(self.id_type).alias(texts.name)

    def encode_special(self, token: str) -> list[int]:
        """Return the ids of a special token's text, taken for that token and not for text."""
        return list(self._vocabulary.encode_special(token))

    def decode(self, token_ids: pl.Series) -> pl.Series:
        """Return the text of each list of ids; control tokens are left out."""
        texts = self._vocabulary.decode(token_ids.to_list())
        return pl.Series(token_ids.name, texts, dtype=pl.String)

    def normalized(self, texts: pl.Series) -> pl.Series:
        """Return what decoding the ids of each text gives, unless `unknown_id` is among them.

        That is the text itself but for tokenizers that change it first: SentencePiece models that
        put characters into NFKC or make one space of several, for example.
        """
        return self._vocabulary.normalized(texts)

    def are_ids_of(self, texts: pl.Series, token_ids: pl.Series) -> pl.Series:
        """Tell which lists of ids decode to their text, as `normalized` has it.

        A list with `unknown_id` counts as right: what it stands for is lost in any case.
        """
        right = self.decode(token_ids) == self.normalized(texts)
        unknown = self.unknown_id
        return right if unknown is None else right | token_ids.list.contains(unknown)

    def token_bytes(self, token_id: int) -> bytes | None:
        """Return what an id stands for, as its file spells it; None if it is no token's."""
        return self._vocabulary.token_bytes(token_id)

    def _encode_checked(self, texts: pl.Series, inner: NDArray[np.bool_] | None) -> TokenIds:
        if inner is not None:
            self._inner = self._inner or self._vocabulary.inner_engine()
        if inner is not None and self._inner is not None:
            of_inner = self._inner.encode(_arrow(texts.filter(pl.Series(inner))))
            return interleave(inner, of_inner, self._encode_checked(_without(texts, inner), None))
        if self._engine is not self._reference:
            self._check(texts)
        return self._encode_by(self._engine, texts)

    def _encode_by(self, engine: Engine, texts: pl.Series) -> TokenIds:
        arrow = _arrow(texts)
        if engine is self._reference:
            return engine.encode(arrow)
        strange = self._strange(texts, arrow)
        if strange is None or not strange.any():
            return engine.encode(arrow)
        of_strange = self._encode_strange(engine, texts.filter(pl.Series(strange)))
        return interleave(strange, of_strange, engine.encode(_arrow(_without(texts, strange))))

    def _encode_strange(self, engine: Engine, texts: pl.Series) -> TokenIds:
        """Encode the words around what the engine may get wrong by the reference."""
        if not self._vocabulary.splits_between_words:
            return self._reference.encode(_arrow(texts))
        pieces = set_apart(texts, find_unassigned)
        assert pieces.inner is not None, "they are marked"
        ids = interleave(
            pieces.inner,
            self._reference.encode(_arrow(pieces.texts.filter(pl.Series(pieces.inner)))),
            engine.encode(_arrow(_without(pieces.texts, pieces.inner))),
        )
        return ids.joined(pieces.starts)

    def _strange(self, texts: pl.Series, arrow: Texts) -> NDArray[np.bool_] | None:
        """Tell which texts the fast engine may get wrong: they are rare."""
        if self._vocabulary.follows_unicode:
            return has_unassigned(text_bytes(arrow), text_offsets(arrow))
        marks = self._vocabulary.needs_reference(texts)
        return None if marks is None else marks.to_numpy()

    def _check(self, texts: pl.Series) -> None:
        """Hold the engine against the reference on the beginnings of some texts."""
        if texts.is_empty():
            return
        size = int(texts.str.len_bytes().sum())
        count = min(max(1, size // _BYTES_A_CHECK), _MOST_CHECKED, len(texts))
        sample = texts.gather_every(-(-len(texts) // count)).str.head(_CHECKED_CHARS)
        if not self._is_exact(self._engine, sample):
            raise InexactEngineError(
                f"{self.engine}'s token ids differ from those of {self.reference}"
            )

    def _is_exact(self, engine: Engine, texts: pl.Series) -> bool:
        ours, right = self._encode_by(engine, texts), self._reference.encode(_arrow(texts))
        return np.array_equal(ours.offsets, right.offsets) and np.array_equal(
            ours.values, right.values
        )

    def _fastest_exact_engine(self) -> Engine:
        try:
            engine = self._vocabulary.fast_engine()
            exact = self._is_exact(engine, pl.Series(_PROBE))
        except Exception:  # it knows fewer kinds of tokenizers than the reference
            return self._reference
        return engine if exact else self._reference

    def _refuse_reachable(self) -> None:
        """Make sure that plain text never turns into the control token."""
        end = self.end_of_document_id
        name = next(name for name, id_ in self.special_tokens.items() if id_ == end)
        if end in self._reference.encode(_arrow(pl.Series([name, *_PROBE]))).values:
            raise UnusableTokenizerError(
                f"ordinary text can turn into '{name}': it is a word of the vocabulary"
            )


def _arrow(texts: pl.Series) -> Texts:
    array = texts.to_arrow(compat_level=pl.CompatLevel.oldest())
    array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    return array.cast(pa.large_string())


def _without(texts: pl.Series, places: NDArray[np.bool_]) -> pl.Series:
    return texts.filter(pl.Series(~places))


def tokenize_frame(frame: pl.DataFrame, tokenizer: Tokenizer) -> pl.DataFrame:
    """Tokenize documents.

    Args:
        frame: `doc_id`, `text_hash` and `text` of kept documents.
        tokenizer: the vocabulary.

    Returns:
        Rows of `tokenized_schema`, one for each row of `frame`, in its order.
    """
    return (
        frame.select("doc_id", "text_hash", token_ids=tokenizer.encode(frame["text"]))
        .with_columns(token_count=pl.col("token_ids").list.len().cast(pl.UInt32))
        .match_to_schema(tokenized_schema(tokenizer.vocabulary_size))
    )
