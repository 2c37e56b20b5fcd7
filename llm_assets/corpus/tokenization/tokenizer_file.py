"""A tokenizer as it is kept: the published file under its kind's name, and what it does not say.

The kind is told from the content, whatever the file is called.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from llm_assets.corpus.tokenization.huggingface_vocabulary import HuggingFaceVocabulary
from llm_assets.corpus.tokenization.rank_file import (
    RankEncoding,
    find_encoding,
    looks_like_ranks,
    read_ranks,
)
from llm_assets.corpus.tokenization.sentencepiece_model import (
    NoSentencePieceModelError,
    read_sentencepiece_model,
)
from llm_assets.corpus.tokenization.sentencepiece_vocabulary import SentencePieceVocabulary
from llm_assets.corpus.tokenization.tiktoken_vocabulary import TiktokenVocabulary
from llm_assets.corpus.tokenization.vocabulary import (
    TokenizerKind,
    UnusableTokenizerError,
    Vocabulary,
)

FILE_NAMES: Final[dict[TokenizerKind, str]] = {
    "huggingface": "tokenizer.json",
    "tiktoken": "tokenizer.tiktoken",
    "sentencepiece": "tokenizer.model",
}
"""What the file of each kind is called."""

ENCODING_FILE: Final = "encoding.json"
"""Beside tiktoken's ranks: the pattern and the special tokens."""

END_OF_DOCUMENT: Final[dict[TokenizerKind, str]] = {
    "huggingface": "<|endoftext|>",
    "tiktoken": "<|endoftext|>",
    "sentencepiece": "</s>",
}
"""The token that ends a document where the recipe names none."""


@dataclass(frozen=True, slots=True)
class TokenizerFile:
    """A tokenizer's content."""

    kind: TokenizerKind
    content: bytes
    encoding: RankEncoding | None = None
    """How the ranks are used; None for other kinds."""

    @classmethod
    def of_json(cls, text: str) -> "TokenizerFile":
        """Return a `tokenizer.json`."""
        return cls("huggingface", text.encode("utf-8"))

    @property
    def name(self) -> str:
        """What the file is called."""
        return FILE_NAMES[self.kind]

    def vocabulary(self, end_of_document: str | None = None) -> Vocabulary:
        """Read it.

        Args:
            end_of_document: the special token that ends a document; None: its kind's usual one.

        Raises:
            UnusableTokenizerError: if it cannot serve.
        """
        end = end_of_document or END_OF_DOCUMENT[self.kind]
        if self.encoding is not None:
            return TiktokenVocabulary(self.content, self.encoding, end)
        if self.kind == "sentencepiece":
            return SentencePieceVocabulary(self.content, end)
        return HuggingFaceVocabulary(self.content.decode("utf-8"), end)

    def write(self, folder: Path) -> None:
        """Write it into a folder."""
        (folder / self.name).write_bytes(self.content)
        if self.encoding is not None:
            (folder / ENCODING_FILE).write_text(self.encoding.to_json(), encoding="utf-8")


def recognize(content: bytes) -> TokenizerKind:
    """Tell of which kind a file is, by its content.

    Raises:
        UnusableTokenizerError: if it is of none.
    """
    if content.lstrip()[:1] == b"{":
        return "huggingface"
    if looks_like_ranks(content):
        return "tiktoken"
    try:
        read_sentencepiece_model(content)
    except NoSentencePieceModelError:
        raise UnusableTokenizerError(
            "this is neither a Hugging Face tokenizer.json, nor a file of tiktoken ranks (lines "
            "of a token in base64 and its rank), nor a SentencePiece model; a Git LFS pointer or a "
            "page that was saved in a file's place would look so"
        ) from None
    return "sentencepiece"


def given_tokenizer(
    content: bytes,
    name: str,
    pattern: str | None = None,
    special_tokens: Mapping[str, int] | Sequence[str] | None = None,
    end_of_document: str | None = None,
) -> TokenizerFile:
    """Take over a published file.

    Args:
        content: the file's bytes.
        name: its name, from which a published tiktoken encoding is known.
        pattern: of tiktoken ranks: an encoding's name or a regular expression.
        special_tokens: of tiktoken ranks: names, or names and ids.
        end_of_document: the special token that ends a document; None: its kind's usual one.

    Raises:
        UnusableTokenizerError: if it is of no known kind, or something is given that its kind has
            no use for.
    """
    kind = recognize(content)
    if kind != "tiktoken":
        if pattern is not None or special_tokens is not None:
            field = "pattern" if pattern is not None else "special_tokens"
            raise UnusableTokenizerError(
                f"recipe.tokenizer.{field} goes with tiktoken ranks only, and {name} is a "
                f"{'tokenizer.json' if kind == 'huggingface' else 'SentencePiece model'}, which "
                "says so itself: remove the setting"
            )
        return TokenizerFile(kind, content)
    encoding = find_encoding(
        name.removesuffix(".tiktoken"),
        read_ranks(content),
        pattern,
        special_tokens,
        end_of_document or END_OF_DOCUMENT[kind],
    )
    return TokenizerFile(kind, content, encoding)


def read_tokenizer_file(kind: TokenizerKind, content: bytes, encoding: bytes) -> TokenizerFile:
    """Read back what `write` wrote.

    Args:
        kind: the tokenizer's.
        content: of the file of that kind's name.
        encoding: of ENCODING_FILE; anything for other kinds than tiktoken's.
    """
    if kind != "tiktoken":
        return TokenizerFile(kind, content)
    return TokenizerFile(kind, content, RankEncoding.from_json(encoding.decode("utf-8")))
