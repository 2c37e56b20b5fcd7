"""Normalised tokens of texts: what shingles, n-grams and repeated passages are made of."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from llm_assets.corpus.shingling.characters import character_table
from llm_assets.corpus.shingling.token_kernels import (
    Hashes,
    Places,
    cut_tokens,
    read_characters,
)
from llm_assets.corpus.spans import arrow_buffers
from llm_assets.corpus.word_kernels import Bytes, Offsets


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a batch of texts, in order."""

    first: Offsets
    """The tokens of text r are `first[r]` to `first[r + 1]` of the columns below."""
    hashes: Hashes
    """Of a token's normalised characters: the same on every machine and in every release."""
    starts: Places
    """Where a token starts in its text, in bytes of UTF-8."""
    ends: Places
    """Where it ends."""


def find_tokens(texts: pl.Series) -> Tokens:
    """Find the normalised tokens of texts; see `characters.py` for what a token is.

    Args:
        texts: strings; null is the empty text.
    """
    data, offsets = arrow_buffers(texts.fill_null(""))
    first, most = np.empty_like(offsets), _most_tokens(offsets)
    hashes = np.empty(most, np.uint64)
    starts, ends = np.empty(most, np.uint32), np.empty(most, np.uint32)
    cut_tokens(data, offsets, *character_table(), first, hashes, starts, ends)
    total = first[-1]
    return Tokens(first, hashes[:total], starts[:total], ends[:total])


def hash_tokens(data: Bytes, offsets: Offsets) -> tuple[Offsets, Hashes]:
    """Return where each text's tokens start, and all tokens' hashes, without their places."""
    first, hashes = np.empty_like(offsets), np.empty(_most_tokens(offsets), np.uint64)
    nowhere = np.empty(0, np.uint32)
    cut_tokens(data, offsets, *character_table(), first, hashes, nowhere, nowhere)
    return first, hashes[: first[-1]]


def normal_characters(data: Bytes, offsets: Offsets) -> tuple[Offsets, Places]:
    """Return where each text's normalised characters start, and the code points of all.

    Between two words stands a single space, however they were separated.
    """
    # Even what stands for several has a byte for each: a Hangul syllable three.
    most = int(offsets[-1] - offsets[0])
    first, characters = np.empty_like(offsets), np.empty(most, np.uint32)
    read_characters(data, offsets, *character_table(), first, characters)
    return first, characters[: first[-1]]


def _most_tokens(offsets: Offsets) -> int:
    """Return the tokens that there can be: at most one for two bytes of a text, rounded up.

    The system gives memory only to what is then written.
    """
    return int(offsets[-1] - offsets[0]) // 2 + len(offsets)
