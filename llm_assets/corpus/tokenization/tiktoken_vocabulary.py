"""A vocabulary of tiktoken ranks."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from llm_assets.corpus.tokenization.rank_file import RankEncoding, read_ranks
from llm_assets.corpus.tokenization.segments import Segments, cut_texts, whole_texts
from llm_assets.corpus.tokenization.split_patterns import RANK_PATTERNS
from llm_assets.corpus.tokenization.token_engines import Engine, GigatokenEngine, ReferenceEngine
from llm_assets.corpus.tokenization.vocabulary import TokenizerKind, UnusableTokenizerError

if TYPE_CHECKING:
    from tiktoken import Encoding


class TiktokenVocabulary:
    """Ranks, the pattern that splits texts, and special tokens.

    Raises:
        UnusableTokenizerError: if they do not go together.
    """

    kind: Final[TokenizerKind] = "tiktoken"
    follows_unicode: Final = True
    unknown_id: Final = None

    def __init__(self, content: bytes, encoding: RankEncoding, end_of_document: str) -> None:
        """Read a rank file's content; `end_of_document` is the token that ends a document."""
        ranks = read_ranks(content)
        self._content = content
        self._encoding = encoding
        self.special_tokens: Mapping[str, int] = encoding.special_tokens
        self._refuse_wrong(ranks, end_of_document)
        self.end_of_document_id = self.special_tokens[end_of_document]
        self.vocabulary_size = max(*ranks.values(), *self.special_tokens.values()) + 1
        self.splits_between_words = encoding.pattern in RANK_PATTERNS.values()
        self._tiktoken = _load(ranks, encoding)

    def _refuse_wrong(self, ranks: Mapping[bytes, int], end_of_document: str) -> None:
        special = self.special_tokens
        if end_of_document not in special:
            raise UnusableTokenizerError(
                f"the tokenizer has no token '{end_of_document}': set "
                "recipe.tokenizer.end_of_document to one of its special tokens "
                f"({', '.join(special) or 'it has none'}), or add it to "
                "recipe.tokenizer.special_tokens"
            )
        taken = set(ranks.values()).intersection(special.values())
        if taken or len(set(special.values())) < len(special):
            clash = min(taken, default=min(special.values()))
            raise UnusableTokenizerError(
                f"two tokens have the id {clash}: give recipe.tokenizer.special_tokens ids of "
                f"their own, {max(ranks.values()) + 1} or more"
            )

    def reference_engine(self) -> Engine:
        """Load tiktoken."""
        encode = self._tiktoken.encode_ordinary_batch
        threads = pl.thread_pool_size()
        return ReferenceEngine("tiktoken", lambda texts: encode(texts, num_threads=threads))

    def fast_engine(self) -> Engine:
        """Load gigatoken.

        Raises:
            KeyError: if the pattern is none that gigatoken knows.
        """
        names = {pattern: name for name, pattern in RANK_PATTERNS.items()}
        return GigatokenEngine(_from_ranks(self._content, names[self._encoding.pattern]))

    def inner_engine(self) -> Engine | None:
        """There is none: nothing is put before a text."""
        return None

    def needs_reference(self, texts: pl.Series) -> pl.Series | None:
        """There are none."""
        return None

    def cut(self, texts: pl.Series) -> Segments:
        """Cut between words, if the pattern is one that is known to split them there."""
        return cut_texts(texts) if self.splits_between_words else whole_texts(texts)

    def normalized(self, texts: pl.Series) -> pl.Series:
        """Return the texts: ranks change none."""
        return texts

    def decode(self, ids: Sequence[Sequence[int]]) -> list[str]:
        """Return the text of each list of ids; special tokens are left out."""
        special = np.fromiter(self.special_tokens.values(), np.int64)
        return [self._tiktoken.decode(_without(row, special)) for row in ids]

    def token_bytes(self, token_id: int) -> bytes | None:
        """Return the token's bytes."""
        try:
            return self._tiktoken.decode_single_token_bytes(token_id)
        except KeyError:
            return None

    def encode_special(self, token: str) -> Sequence[int]:
        """Return the ids of a special token's text with special tokens on."""
        return self._tiktoken.encode(token, allowed_special="all")


def _without(ids: Sequence[int], special: "np.typing.NDArray[np.int64]") -> list[int]:
    row = np.asarray(ids, dtype=np.int64)
    kept: list[int] = row[~np.isin(row, special)].tolist()
    return kept


def _load(ranks: dict[bytes, int], encoding: RankEncoding) -> "Encoding":
    import tiktoken

    try:
        return tiktoken.Encoding(
            "ranks",
            pat_str=encoding.pattern,
            mergeable_ranks=ranks,
            special_tokens=dict(encoding.special_tokens),
        )
    except Exception as error:  # what its regular expressions raise is a ValueError at best
        raise UnusableTokenizerError(
            f"tiktoken cannot use these ranks with the pattern {encoding.pattern!r}: {error}"
        ) from error


def _from_ranks(content: bytes, pattern: str) -> Callable[[], Any]:
    """Return what loads ranks into gigatoken, which reads them from a file only."""

    def load() -> Any:
        import gigatoken

        with tempfile.NamedTemporaryFile(suffix=".tiktoken") as file:
            file.write(content)
            file.flush()
            return gigatoken.Tokenizer.from_tiktoken(
                file.name, pretokenizer=pattern, special_tokens={}
            )

    return load
