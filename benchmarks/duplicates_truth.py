"""Every pair of similar documents, found by comparing all with all: the truth that sketches miss.

A document is its set of word 5-grams. Shingles are named by interning, not by hashing, so two are
equal only if their words are, and each pair's common shingles are counted: no sketch, no sample.
"""

import numpy as np
import polars as pl
from numba import njit

LEAST_SIMILARITY = 0.3
NGRAM = 5

_WORD = (
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"
    r"|[^\s\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]+"
)
"""A word, or one character of a script that has no spaces between words."""


def find_pairs(texts: pl.Series) -> tuple[pl.DataFrame, np.ndarray]:
    """Compare all documents with all.

    Args:
        texts: normal forms: what stands between spaces is a word.

    Returns:
        `one` and `other`, places in `texts` with `one` < `other`, and `jaccard`, of every pair from
        LEAST_SIMILARITY on; and how many distinct shingles each document has.
    """
    first, shingles = _shingle_sets(texts)
    pairs = _count(first, shingles, np.argsort(shingles, kind="stable"), LEAST_SIMILARITY)
    names = ("one", "other", "jaccard")
    return pl.DataFrame(dict(zip(names, pairs, strict=True))), np.diff(first)


def _shingle_sets(texts: pl.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return where each document's shingles begin, and their numbers, each once a document."""
    words = texts.str.extract_all(_WORD)
    row = np.repeat(np.arange(len(texts)), words.list.len().to_numpy())
    number = words.explode(empty_as_null=False).rank("dense").to_numpy().astype(np.uint64) - 1
    names = number
    for size in range(1, NGRAM):
        both = names[: len(number) - size] << np.uint64(32) | number[size:]
        names = np.unique(both, return_inverse=True)[1].astype(np.uint64)
    whole = row[: len(names)] == row[NGRAM - 1 :]
    sets = np.unique(row[: len(names)][whole].astype(np.uint64) << np.uint64(32) | names[whole])
    rows = (sets >> np.uint64(32)).astype(np.int64)
    first = np.searchsorted(rows, np.arange(len(texts) + 1))
    return first, (sets & np.uint64((1 << 32) - 1)).astype(np.int64)


@njit(cache=True)
def _count(first, shingles, by_shingle, least):
    """Count common shingles of all pairs, a document at a time, by an inverted index."""
    documents = len(first) - 1
    row = np.empty(len(shingles), np.int64)
    for document in range(documents):
        row[first[document] : first[document + 1]] = document
    listed = np.zeros(shingles.max() + 2, np.int64)
    for shingle in shingles:
        listed[shingle + 1] += 1
    listed = np.cumsum(listed)
    common = np.zeros(documents, np.int64)
    touched = np.empty(documents, np.int64)
    ones, others, similarities = [0], [0], [0.0]
    for one in range(documents):
        count = 0
        for place in range(first[one], first[one + 1]):
            shingle = shingles[place]
            for entry in range(listed[shingle + 1] - 1, listed[shingle] - 1, -1):
                other = row[by_shingle[entry]]
                if other <= one:
                    break
                if common[other] == 0:
                    touched[count] = other
                    count += 1
                common[other] += 1
        size = first[one + 1] - first[one]
        for other in np.sort(touched[:count]):
            shared = common[other]
            common[other] = 0
            jaccard = shared / (size + first[other + 1] - first[other] - shared)
            if jaccard >= least:
                ones.append(one)
                others.append(other)
                similarities.append(jaccard)
    return np.array(ones[1:]), np.array(others[1:]), np.array(similarities[1:])
