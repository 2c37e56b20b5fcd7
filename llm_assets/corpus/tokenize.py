"""Texts -> token ids and back, exactly as Hugging Face's tokenizers would have it, but faster.

gigatoken does the work where it can; Hugging Face's library is the reference that it is held
against, and takes over where gigatoken is not exact.
"""

from typing import Any

import numpy as np
import polars as pl
from tokenizers import Tokenizer as HuggingFaceTokenizer

from llm_assets.corpus.schema import TOKENIZED
from llm_assets.corpus.segments import cut_texts
from llm_assets.corpus.token_engines import (
    Engine,
    EngineName,
    GigatokenEngine,
    HuggingFaceEngine,
    TokenIds,
    interleave,
)
from llm_assets.corpus.tokenizer_definition import UnusableTokenizerError, read_definition

_UNASSIGNED = r"\p{Cn}"
"""Code points that have no character in Polars' Unicode. gigatoken knows a newer Unicode than
Hugging Face's library, so that they disagree on what is a letter there (and, of what Polars calls
assigned, nowhere: tested over all code points). Such texts are rare and go to the reference."""

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

_CHECK_EVERY = 64
_MOST_CHECKED = 16
_CHECKED_CHARS = 1_000


class InexactEngineError(Exception):
    """The fast engine's ids differ from the reference's on a document: its ids are not to be used.

    Tokenize again with `Tokenizer(..., reference_only=True)`.
    """


class Tokenizer:
    """A vocabulary and its rules.

    Raises:
        UnusableTokenizerError: if the file is no BPE tokenizer with the given control token, or
            ordinary text can turn into that token.
    """

    def __init__(
        self, tokenizer_json: str, end_of_document: str, reference_only: bool = False
    ) -> None:
        """Load a tokenizer.

        Args:
            tokenizer_json: content of a Hugging Face `tokenizer.json`.
            end_of_document: its control token that ends a document.
            reference_only: use Hugging Face's library even where a faster one is exact.
        """
        self._definition = read_definition(tokenizer_json, end_of_document)
        self._full = HuggingFaceTokenizer.from_str(tokenizer_json)
        self._reference = HuggingFaceEngine(self._definition.plain_json)
        self._refuse_reachable(end_of_document)
        self._engine: Engine = self._reference if reference_only else self._fastest_exact_engine()

    @property
    def engine(self) -> EngineName:
        """The library in use."""
        return self._engine.name

    @property
    def vocabulary_size(self) -> int:
        """One more than the largest id, control tokens included."""
        return self._definition.vocabulary_size

    @property
    def end_of_document_id(self) -> int:
        """The id that ends a document; `encode` never returns it."""
        return self._definition.end_of_document_id

    @property
    def token_dtype(self) -> np.dtype[Any]:
        """The smallest type that Megatron-LM knows for these ids: uint16, else int32."""
        return np.dtype(np.uint16 if self.vocabulary_size <= 1 << 16 else np.int32)

    def encode(self, texts: pl.Series) -> pl.Series:
        """Return the ids of each text, without control tokens; of null, no ids.

        The characters of a control token in a text are encoded as ordinary text.

        Returns:
            A column of `List(UInt32)`.

        Raises:
            InexactEngineError: if the engine errs on one of the texts that are checked.
        """
        texts = texts.fill_null("")
        if not self._definition.splits_at_spaces:
            return self._encode(texts).to_series().alias(texts.name)
        segments, starts = cut_texts(texts)
        return self._encode(segments).joined(starts).to_series().alias(texts.name)

    def decode(self, token_ids: pl.Series) -> pl.Series:
        """Return the text of each list of ids; control tokens are left out."""
        texts = self._full.decode_batch(token_ids.to_list(), skip_special_tokens=True)
        return pl.Series(token_ids.name, texts, dtype=pl.String)

    def _encode(self, texts: pl.Series) -> TokenIds:
        if self._engine is not self._reference:
            self._check(texts)
        return self._encode_by(self._engine, texts)

    def _encode_by(self, engine: Engine, texts: pl.Series) -> TokenIds:
        if engine is self._reference:
            return engine.encode(texts)
        strange = texts.str.contains(_UNASSIGNED)
        if not strange.any():
            return engine.encode(texts)
        of_strange = self._reference.encode(texts.filter(strange))
        return interleave(strange.to_numpy(), of_strange, engine.encode(texts.filter(~strange)))

    def _check(self, texts: pl.Series) -> None:
        """Hold the engine against the reference on the beginnings of some texts."""
        sample = texts.gather_every(_CHECK_EVERY).head(_MOST_CHECKED).str.head(_CHECKED_CHARS)
        if not self._is_exact(self._engine, sample):
            raise InexactEngineError(
                f"{self.engine}'s token ids differ from those of Hugging Face's tokenizers"
            )

    def _is_exact(self, engine: Engine, texts: pl.Series) -> bool:
        ours, right = self._encode_by(engine, texts), self._reference.encode(texts)
        return np.array_equal(ours.offsets, right.offsets) and np.array_equal(
            ours.values, right.values
        )

    def _fastest_exact_engine(self) -> Engine:
        try:
            engine = GigatokenEngine(self._definition.plain_json)
            exact = self._is_exact(engine, pl.Series(_PROBE))
        except Exception:  # it knows fewer kinds of tokenizers than the reference
            return self._reference
        return engine if exact else self._reference

    def _refuse_reachable(self, end_of_document: str) -> None:
        """Make sure that plain text never turns into the control token."""
        ids = self._reference.encode(pl.Series([end_of_document, *_PROBE])).values
        if self.end_of_document_id in ids:
            raise UnusableTokenizerError(
                f"ordinary text can turn into '{end_of_document}': it is a word of the vocabulary"
            )


def tokenize_frame(frame: pl.DataFrame, tokenizer: Tokenizer) -> pl.DataFrame:
    """Tokenize documents.

    Args:
        frame: `doc_id`, `text_hash` and `text` of kept documents.
        tokenizer: the vocabulary.

    Returns:
        Rows of TOKENIZED, one for each row of `frame`, in its order.
    """
    return (
        frame.select("doc_id", "text_hash", token_ids=tokenizer.encode(frame["text"]))
        .with_columns(token_count=pl.col("token_ids").list.len().cast(pl.UInt32))
        .match_to_schema(TOKENIZED)
    )
