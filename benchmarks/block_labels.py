"""Which blocks of a page are in its known main text: labels to learn from."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Blocks of fewer words are found in a text by chance, so they need more evidence.
_TELLING_WORDS = 4
_NEIGHBOURHOOD = 6


def text_words(text: str) -> list[str]:
    """Return a text's words as WCXB's evaluation counts them."""
    return re.findall(r"\w+", text.lower())


def block_labels(blocks: Sequence[Sequence[str]], text: str) -> Floats:
    """Tell how much of each block is in the main text.

    Of a block of four words or more it is the share of its words that are part of four words in a
    row that the text has too. A shorter one counts if the text has it as a line, as often as the
    text does and first where the blocks around are in the text; or, being within a line, if nearly
    all that is around it is in the text.

    Args:
        blocks: the words of each block.
        text: the main text.

    Returns:
        A number from 0 to 1 a block.
    """
    found = text_words(text)
    sequences = [
        {tuple(found[i : i + size]) for i in range(len(found) - size + 1)}
        for size in range(_TELLING_WORDS + 1)
    ]
    lines = Counter(tuple(text_words(line)) for line in text.splitlines())
    labels = np.array([_covered(words, sequences[-1]) for words in blocks])
    around = _around(labels, blocks)
    same: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for i, words in enumerate(blocks):
        if 0 < len(words) < _TELLING_WORDS:
            if tuple(words) in lines:
                same[tuple(words)].append(i)
            elif tuple(words) in sequences[len(words)]:
                labels[i] = around[i] > 0.6
    for words, places in same.items():
        places.sort(key=lambda i: -around[i])
        for rank, i in enumerate(places):
            labels[i] = rank < lines[words] or around[i] > 0.8
    return labels


def _covered(words: Sequence[str], sequences: set[tuple[str, ...]]) -> float:
    if len(words) < _TELLING_WORDS:
        return 0.0
    covered = np.zeros(len(words), bool)
    for i in range(len(words) - _TELLING_WORDS + 1):
        if tuple(words[i : i + _TELLING_WORDS]) in sequences:
            covered[i : i + _TELLING_WORDS] = True
    return float(covered.mean())


def _around(labels: Floats, blocks: Sequence[Sequence[str]]) -> Floats:
    """Return the share of the text, in telling blocks near each one, that is in the main text."""
    sizes = np.array([len(words) if len(words) >= _TELLING_WORDS else 0 for words in blocks])
    sums = np.vstack([np.cumsum(np.append(0, part)) for part in (labels * sizes, sizes)])
    places = np.arange(len(blocks))
    first = np.maximum(0, places - _NEIGHBOURHOOD)
    last = np.minimum(len(blocks), places + _NEIGHBOURHOOD + 1)
    inside, all_of_it = sums[:, last] - sums[:, first]
    return inside / np.maximum(1, all_of_it)
