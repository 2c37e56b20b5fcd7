"""tiktoken's rank files: which bytes are a token, and which pair is merged first.

A line is a token in base64, a space and its rank, which is its id. The file says neither how texts
are split into words nor which special tokens there are: both belong to the published encoding, or
have to be said in the recipe.
"""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from llm_assets.corpus.tokenization.split_patterns import RANK_PATTERNS
from llm_assets.corpus.tokenization.vocabulary import UnusableTokenizerError

_BYTES: Final = 256
_END: Final = "<|endoftext|>"
_FILL: Final = ("<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>")


@dataclass(frozen=True, slots=True)
class RankEncoding:
    """What a rank file does not say."""

    pattern: str
    """The regular expression that splits texts into words."""
    special_tokens: Mapping[str, int]
    """The ids of special tokens."""

    def to_json(self) -> str:
        """Write as JSON."""
        special = dict(sorted(self.special_tokens.items(), key=lambda item: item[1]))
        content = {"pattern": self.pattern, "special_tokens": special}
        return json.dumps(content, ensure_ascii=False, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "RankEncoding":
        """Read what `to_json` wrote."""
        content = json.loads(text)
        return cls(content["pattern"], content["special_tokens"])


PUBLISHED: Final[dict[str, RankEncoding]] = {
    "gpt2": RankEncoding(RANK_PATTERNS["gpt2"], {_END: 50256}),
    "r50k_base": RankEncoding(RANK_PATTERNS["gpt2"], {_END: 50256}),
    "p50k_base": RankEncoding(RANK_PATTERNS["gpt2"], {_END: 50256}),
    "p50k_edit": RankEncoding(
        RANK_PATTERNS["gpt2"], {_END: 50256, **dict(zip(_FILL, range(50281, 50284), strict=True))}
    ),
    "cl100k_base": RankEncoding(
        RANK_PATTERNS["cl100k"],
        {
            **{_END: 100257, "<|endofprompt|>": 100276},
            **dict(zip(_FILL, range(100258, 100261), strict=True)),
        },
    ),
    "o200k_base": RankEncoding(RANK_PATTERNS["o200k"], {_END: 199999, "<|endofprompt|>": 200018}),
}
"""The encodings that tiktoken 0.14 has (MIT), by name."""

_ALIASES: Final = {"r50k": "r50k_base", "p50k": "p50k_base"}


def read_ranks(content: bytes) -> dict[bytes, int]:
    """Read a rank file.

    Raises:
        UnusableTokenizerError: if a line is none of such a file, a rank or token is there twice, or
            one of the 256 bytes is no token.
    """
    ranks: dict[bytes, int] = {}
    for number, line in enumerate(content.splitlines(), start=1):
        if not line:
            continue
        try:
            token, rank = line.split()
            ranks[base64.b64decode(token, validate=True)] = int(rank)
        except (ValueError, binascii.Error):
            raise UnusableTokenizerError(
                f"this is no file of tiktoken ranks: line {number} is not a token in base64, a "
                "space and its rank"
            ) from None
    if len(set(ranks.values())) != len(ranks) or any(rank < 0 for rank in ranks.values()):
        raise UnusableTokenizerError("this is no file of tiktoken ranks: a rank is there twice")
    missing = [byte for byte in range(_BYTES) if bytes([byte]) not in ranks]
    if missing:
        raise UnusableTokenizerError(
            f"these tiktoken ranks cannot encode every text: byte {missing[0]:#04x} is no token "
            f"({len(missing)} are not)"
        )
    return ranks


def looks_like_ranks(content: bytes) -> bool:
    """Tell whether a file begins like a rank file."""
    first, _, _ = content[:1_000].partition(b"\n")
    token, _, rank = first.strip().partition(b" ")
    try:
        return rank.isdigit() and len(base64.b64decode(token, validate=True)) > 0
    except binascii.Error:
        return False


def find_encoding(
    stem: str,
    ranks: Mapping[bytes, int],
    pattern: str | None,
    special_tokens: Mapping[str, int] | Sequence[str] | None,
    end_of_document: str,
) -> RankEncoding:
    """Say how the ranks of a file are used.

    Args:
        stem: the file's name without its ending; that of a published encoding says everything.
        ranks: the file's content.
        pattern: the name of a published encoding, of a pattern, or a regular expression; needed
            unless `stem` says it.
        special_tokens: their ids, or their names, to be numbered behind the ranks; needed unless
            the encoding is a published one.
        end_of_document: the special token there is where none are given.

    Raises:
        UnusableTokenizerError: if nothing says how texts are split.
    """
    published = PUBLISHED.get(_ALIASES.get(pattern or stem, pattern or stem))
    split = RANK_PATTERNS.get(pattern or "") or (published.pattern if published else pattern)
    if split is None:
        raise UnusableTokenizerError(
            f"a file of tiktoken ranks does not say how texts are split, and '{stem}' is no "
            "encoding that is known by name: set recipe.tokenizer.pattern to one of "
            f"{', '.join(dict.fromkeys([*PUBLISHED, *RANK_PATTERNS]))}, or to a regular expression"
        )
    if isinstance(special_tokens, Mapping):
        return RankEncoding(split, dict(special_tokens))
    behind = max(ranks.values()) + 1
    if special_tokens is None:
        taken = set(ranks.values())
        if published is not None and taken.isdisjoint(published.special_tokens.values()):
            return RankEncoding(split, published.special_tokens)
        special_tokens = [end_of_document]
    return RankEncoding(split, {token: behind + n for n, token in enumerate(special_tokens)})
