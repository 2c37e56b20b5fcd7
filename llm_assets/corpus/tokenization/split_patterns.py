"""How published tokenizers split a text into the words that merges stay inside of.

The same splits are written in two ways: as Hugging Face files have them, and as tiktoken defines
them (MIT), with possessive quantifiers for speed. Patterns are known by the names of encodings.
"""

from typing import Final, Literal

PatternName = Literal["o200k", "cl100k", "qwen2", "gpt2"]

_CONTRACTIONS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
_CL100K_REST = r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_UPPER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"
_LOWER = r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
_BEFORE_WORD = r"[^\r\n\p{L}\p{N}]?"

O200K_PATTERN: Final = (
    rf"{_BEFORE_WORD}{_UPPER}*{_LOWER}+{_CONTRACTIONS}?"
    rf"|{_BEFORE_WORD}{_UPPER}+{_LOWER}*{_CONTRACTIONS}?"
    r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
"""How OpenAI's o200k_base splits text into words."""

JSON_PATTERNS: Final[dict[PatternName, str]] = {
    "o200k": O200K_PATTERN,
    # Llama 3 and others in the manner of cl100k_base; Qwen 2 differs in single digits.
    "cl100k": rf"{_CONTRACTIONS}|{_BEFORE_WORD}\p{{L}}+|\p{{N}}{{1,3}}|{_CL100K_REST}",
    "qwen2": rf"{_CONTRACTIONS}|{_BEFORE_WORD}\p{{L}}+|\p{{N}}|{_CL100K_REST}",
    "gpt2": r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
}
"""Patterns of a `tokenizer.json`, by the name that the recipe has for them."""

RANK_PATTERNS: Final[dict[str, str]] = {
    "o200k": O200K_PATTERN,
    "cl100k": (
        r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+"
        r"| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s"
    ),
    "qwen2": JSON_PATTERNS["qwen2"],
    "gpt2": (r"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s"),
}
"""Patterns of rank files, by the same names."""
