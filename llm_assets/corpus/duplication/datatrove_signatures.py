"""MinHash signatures as datatrove 0.10 makes them, bit for bit (pipeline/dedup/minhash.py).

Texts are simplified, cut into the words of spaCy's English tokenizer, and hashed in windows of
words, by xxh64 or by SHA-1.
"""

from functools import cache
from typing import Final, NamedTuple

import numpy as np
import polars as pl

from llm_assets.corpus.duplication.datatrove_kernels import (
    Parameters,
    hash_joined,
    join_words,
    sign_joined,
)
from llm_assets.corpus.duplication.datatrove_text import simplify_texts
from llm_assets.corpus.duplication.profiles import MinHash
from llm_assets.corpus.profiles.spacy_words import find_spacy_words
from llm_assets.corpus.shingling.ngram_kernels import count_windows
from llm_assets.corpus.shingling.token_kernels import Hashes
from llm_assets.corpus.spans import arrow_buffers, text_groups
from llm_assets.corpus.word_kernels import Bytes, Names, Offsets

NO_SHINGLE: Final = np.uint64(0xFFFFFFFFFFFFFFFF)
"""Minhashes of a text without shingles; others are below 2^61 - 1."""

_SEED: Final = 1
_PRIME: Final = np.uint64((1 << 61) - 1)


class JoinedWords(NamedTuple):
    """The words of a batch of texts, as shingles are made of them."""

    joined: Bytes
    """The words with a space behind each."""
    joined_first: Offsets
    """Where each text's start there, and the end of the last."""
    first: Offsets
    """Where each text's words start in the columns below, and the end of the last."""
    starts: Names
    """From the start of the text's joined words."""
    lengths: Names


def full_signatures(texts: pl.Series, profile: MinHash) -> Hashes:
    """Make the signatures of texts.

    Args:
        texts: strings; null is the empty text.
        profile: settings of a datatrove family.

    Returns:
        A row a text: the minhashes of the first band, then those of the others; `NO_SHINGLE` for a
        text of fewer words than a shingle.

    Raises:
        ModuleNotFoundError: without spaCy (the extra `spacy`).
    """
    data, offsets = arrow_buffers(texts.fill_null(""))
    groups = [sign_words(read_words(data, group), profile) for group in text_groups(offsets)]
    nothing: Hashes = np.empty((0, profile.hashes), np.uint64)
    return np.vstack([nothing, *groups])


def read_words(data: Bytes, offsets: Offsets) -> JoinedWords:
    """Simplify texts and find their words."""
    simplified, ends = simplify_texts(data, offsets)
    words = find_spacy_words(simplified, ends)
    starts, lengths = words.starts.copy(), words.lengths
    joined = np.empty(int(lengths.sum(dtype=np.int64)) + len(lengths), np.uint8)
    joined_first = join_words(simplified, ends, words.first, starts, lengths, joined)
    return JoinedWords(joined, joined_first, words.first, starts, lengths)


def sign_words(words: JoinedWords, profile: MinHash) -> Hashes:
    """Make the signatures of texts whose words are found; see `full_signatures`."""
    signatures: Hashes = np.full((len(words.first) - 1, profile.hashes), NO_SHINGLE)
    with_sha1 = profile.family == "datatrove-sha1"
    sign_joined(*words, profile.shingle, with_sha1, *_parameters(profile.hashes), signatures)
    return signatures


def hash_word_shingles(words: JoinedWords, profile: MinHash) -> tuple[Offsets, Hashes]:
    """Return where each text's shingles start, and the hashes of all, in order."""
    first = count_windows(words.first, profile.shingle)
    hashes = np.empty(first[-1], np.uint64)
    with_sha1 = profile.family == "datatrove-sha1"
    hash_joined(*words, profile.shingle, with_sha1, first, hashes)
    return first, hashes


@cache
def _parameters(hashes: int) -> tuple[Parameters, Parameters]:
    """Return factors and terms of the permutations, as the original draws them."""
    draw = np.random.RandomState(_SEED).randint
    factors = draw(1, _PRIME, dtype=np.uint64, size=hashes)
    return factors, draw(0, _PRIME, dtype=np.uint64, size=hashes)
