"""Signatures of texts for finding near-duplicates, and the shingles that pairs are verified by."""

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import polars as pl

from llm_assets.corpus.duplication.datatrove_signatures import (
    hash_word_shingles,
    read_words,
    sign_words,
)
from llm_assets.corpus.duplication.minhash_kernels import (
    Keys,
    Words,
    fold_all,
    sign_texts,
    sort_distinct,
)
from llm_assets.corpus.duplication.profiles import MinHash
from llm_assets.corpus.shingling.ngram_kernels import count_windows, hash_windows
from llm_assets.corpus.shingling.token_kernels import Hashes, Places
from llm_assets.corpus.shingling.tokens import hash_tokens, normal_characters
from llm_assets.corpus.spans import arrow_buffers, text_groups
from llm_assets.corpus.word_kernels import Bytes, Offsets

_SIGNED_TOGETHER: Final = 1 << 13
"""Texts whose whole signatures, of which band keys are then made, are in memory at once."""


@dataclass(frozen=True, slots=True)
class Shingles:
    """The sets of shingles of a batch of texts."""

    first: Offsets
    """The shingles of text r are `first[r]` to `first[r + 1]` of the column below."""
    hashes: Hashes
    """A text's distinct shingles, sorted."""


def band_columns(profile: MinHash) -> pl.Schema:
    """Return the columns of band keys, one a band."""
    return pl.Schema({f"band_{band:03d}": pl.UInt64() for band in range(profile.bands)})


def measure_bands(texts: pl.Series, profile: MinHash) -> pl.DataFrame:
    """Make the band keys of texts.

    Beyond the texts this takes, for each 16 MiB of them or each longer one, 8 bytes a token (4
    bytes a character in profiles of characters; in the families of datatrove the words, and 16
    bytes a word), and 8 bytes a band and text.

    Args:
        texts: strings; null is the empty text.
        profile: the settings.

    Returns:
        One row a text, in order: `shingle_count` (UInt32), the windows of the text whether or not
        they repeat, and the columns of `band_columns`, null where a text has no shingle. Texts are
        candidates where a column is equal.

    Raises:
        ModuleNotFoundError: for a family of datatrove without spaCy (the extra `spacy`).
    """
    data, offsets = arrow_buffers(texts.fill_null(""))
    counts = np.empty(len(offsets) - 1, np.uint32)
    keys: Keys = np.zeros((len(offsets) - 1, profile.bands), np.uint64)
    sign = _sign if profile.family == "native" else _sign_as_datatrove
    row = 0
    for group in text_groups(offsets):
        end = row + len(group) - 1
        counts[row:end] = sign(data, group, profile, keys[row:end])
        row = end
    columns = band_columns(profile)
    bands = pl.DataFrame(keys, schema=columns, orient="row")
    has_shingle = pl.col("shingle_count") > 0
    return (
        pl.DataFrame({"shingle_count": counts})
        .hstack(bands)
        .with_columns(pl.when(has_shingle).then(pl.col(name)).alias(name) for name in columns)
    )


def shingle_sets(texts: pl.Series, profile: MinHash) -> Shingles:
    """Return the distinct shingles of each text, of which the true Jaccard similarity is.

    Args:
        texts: strings; null is the empty text.
        profile: the settings.

    Raises:
        ModuleNotFoundError: for a family of datatrove without spaCy (the extra `spacy`).
    """
    data, offsets = arrow_buffers(texts.fill_null(""))
    if profile.family == "native":
        members_first, members = _members(data, offsets, profile)
        first = count_windows(members_first, profile.shingle)
        hashes = np.empty(first[-1], np.uint64)
        hash_windows(members_first, members, profile.shingle, first, hashes)
    else:
        first, hashes = hash_word_shingles(read_words(data, offsets), profile)
    distinct_first = np.empty_like(first)
    sort_distinct(first, hashes, distinct_first)
    return Shingles(distinct_first, hashes[: distinct_first[-1]])


def _sign(data: Bytes, offsets: Offsets, profile: MinHash, keys: Keys) -> Offsets:
    """Write the band keys of texts, and return how many shingles each has."""
    first, members = _members(data, offsets, profile)
    parameters = _parameters(profile.hashes)
    sign_texts(first, members, profile.shingle, *parameters, profile.rows, keys)
    counts: Offsets = np.diff(count_windows(first, profile.shingle))
    return counts


def _sign_as_datatrove(data: Bytes, offsets: Offsets, profile: MinHash, keys: Keys) -> Offsets:
    """Write the band keys of texts, and return how many shingles each has."""
    words = read_words(data, offsets)
    for row in range(0, len(keys), _SIGNED_TOGETHER):
        end = row + _SIGNED_TOGETHER
        some = words._replace(
            joined_first=words.joined_first[row : end + 1], first=words.first[row : end + 1]
        )
        fold_all(sign_words(some, profile), profile.rows, keys[row:end])
    counts: Offsets = np.diff(count_windows(words.first, profile.shingle))
    return counts


def _members(data: Bytes, offsets: Offsets, profile: MinHash) -> tuple[Offsets, Hashes | Places]:
    """Return what the texts' shingles are made of: hashes of tokens, or characters."""
    if profile.unit == "character":
        return normal_characters(data, offsets)
    return hash_tokens(data, offsets)


@cache
def _parameters(hashes: int) -> tuple[Words, Words]:
    """Return factors and terms of the permutations. They must never change."""
    # SplitMix64 from 0; its first 32 bits are the factor, made odd, the others the term.
    state = np.arange(1, hashes + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    state ^= state >> np.uint64(31)
    factors = (state >> np.uint64(32)).astype(np.uint32) | np.uint32(1)
    return factors, state.astype(np.uint32)
