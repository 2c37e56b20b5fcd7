"""Vocabularies that write a space as "▁", put one before every text and look at whole texts.

Such a tokenizer (SentencePiece, Llama 2) splits no text into words first: any characters may join.
But where no piece has a "▁" behind another character, none can reach over the space between two
words. Then both sides are encoded as they would be in the whole text, with all their merges.
"""

import re
from collections.abc import Iterable
from typing import Final

SPACE: Final = "▁"

BEFORE_SPACE: Final = re.compile(r"[^\s▁](?= [^\W_])")
"""A character before a single space with a letter or digit behind it."""

_JOINS_WORDS = re.compile(r"[^▁ ][▁ ]")


def joins_words(pieces: Iterable[str]) -> bool:
    """Tell whether some piece reaches over the space between two words."""
    return any(_JOINS_WORDS.search(piece) is not None for piece in pieces)
