"""How likely each block of a page is content: two boosted ensembles of small trees.

The second one sees what the first one made of the blocks around. The trees are oblivious: all
questions of a level are the same, so a level is one comparison over all blocks at once, which the
compiler turns into vector instructions. Leaves are integers, so that their sum is the same on any
machine. The file and its figures come from `benchmarks/train_block_model.py`.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

from llm_assets.corpus.pages.block_context import CONTEXT, fill_context, page_chances
from llm_assets.corpus.pages.block_features import (
    FEATURES,
    Features,
    fill_features,
    page_copies,
    page_sums,
    page_traits,
)
from llm_assets.corpus.pages.html_scan import name_hash, open_table
from llm_assets.corpus.pages.page_layout import Layout, WordScores

Ints: TypeAlias = NDArray[np.int32]
Floats: TypeAlias = NDArray[np.float32]

SCORE_ONE: Final = 256
"""What logarithms of odds are counted in: 1/256."""
CHANCE_ONE: Final = 1000
"""What chances are counted in: thousandths."""
_CHUNK: Final = 500
"""Blocks whose features are held at a time: half a megabyte, which caches hold."""


class Trees(NamedTuple):
    """An ensemble: of each tree the questions, feature > border, and what its leaves add."""

    features: Ints
    borders: Floats
    leaves: Ints
    start: int


class Model(NamedTuple):
    """What was learned."""

    words: WordScores
    first: Trees
    second: Trees
    chances: Ints
    """By logarithm of odds, in steps of 1/256, around 0 in the middle."""


@lru_cache(maxsize=1)
def block_model() -> Model:
    """Load the model that comes with the package."""
    with files("llm_assets.corpus.pages").joinpath("block_model.npz").open("rb") as file:
        return model_of(np.load(file))


def model_of(held: Mapping[str, NDArray[Any]]) -> Model:
    """Make a model of the arrays that its file holds."""
    return Model(
        WordScores(*(_word_table(held, kind) for kind in ("name", "text"))),
        _trees(held, "first"),
        _trees(held, "second"),
        held["chances"].astype(np.int32),
    )


def _word_table(held: Mapping[str, NDArray[Any]], kind: str) -> tuple[Any, Any]:
    words, scores = held[f"{kind}_words"].tolist(), held[f"{kind}_scores"].tolist()
    return open_table(dict(zip(map(name_hash, words), scores, strict=True)))


def _trees(held: Mapping[str, NDArray[Any]], look: str) -> Trees:
    return Trees(
        held[f"{look}_features"].astype(np.int32),
        held[f"{look}_borders"].astype(np.float32),
        held[f"{look}_leaves"].astype(np.int32),
        int(held[f"{look}_start"]),
    )


def block_chances(layout: Layout, model: Model) -> Ints:
    """Return how likely each block of a page is content, in thousandths."""
    first = [look_at(rows, model.first, model.chances) for rows in feature_rows(layout)]
    context = np.concatenate(first)
    second = [look_at(rows, model.second, model.chances) for rows in feature_rows(layout, context)]
    return np.concatenate(second)


def feature_rows(layout: Layout, chances: Ints | None = None) -> Iterator[Features]:
    """Yield the features of a page's blocks, some hundred blocks at a time.

    Args:
        layout: the page.
        chances: what a first look found; then the features of a second one follow on the others.
    """
    nodes, blocks = layout.nodes, layout.blocks
    sums, copies = page_sums(nodes, blocks), page_copies(blocks)
    traits = page_traits(nodes, blocks, sums)
    around = None if chances is None else page_chances(nodes, blocks, chances)
    height = len(FEATURES) + (0 if chances is None else len(CONTEXT))
    for start in range(0, len(blocks), _CHUNK):
        rows = np.empty((height, min(_CHUNK, len(blocks) - start)), np.float32)
        fill_features(nodes, blocks, sums, copies, traits, layout.said, start, rows)
        if around is not None and chances is not None:
            fill_context(nodes, blocks, sums, chances, *around, start, rows[len(FEATURES) :])
        yield rows


def look_at(rows: Features, trees: Trees, chances: Ints) -> Ints:
    """Return the chances of the blocks whose features these are, as these trees see them."""
    scores = np.full(rows.shape[1], trees.start, np.int32)
    _add_trees(trees.features, trees.borders, trees.leaves, rows, scores)
    return chances[np.clip(scores + len(chances) // 2, 0, len(chances) - 1)]


@njit(nogil=True, cache=True)
def _add_trees(features: Ints, borders: Floats, leaves: Ints, rows: Features, scores: Ints) -> None:
    leaf = np.empty(rows.shape[1], np.uint8)
    for tree in range(len(features)):
        leaf[:] = 0
        for level in range(features.shape[1]):
            row, border = rows[features[tree, level]], borders[tree, level]
            bit = np.uint8(1 << level)
            for i in range(len(row)):
                leaf[i] |= bit if row[i] > border else np.uint8(0)
        found = leaves[tree]
        for i in range(len(scores)):
            scores[i] += found[leaf[i]]
