"""What a first look at a page makes of the blocks around each one: features of a second look."""

from typing import Final

import numpy as np
from numba import njit

from llm_assets.corpus.pages.block_features import (
    LEVELS,
    NEIGHBOURS,
    WINDOWS,
    Features,
    Sums,
    share,
)
from llm_assets.corpus.pages.html_scan import Int, Values
from llm_assets.corpus.pages.page_tables import (
    CHARS,
    FLAGS,
    LARGE,
    LARGE_SHARES,
    NODE,
    PARENT,
    SUM_CHARS,
    Table,
)
from llm_assets.corpus.pages.page_vocabulary import COMMENT

CONTEXT: Final = (
    "chance",
    *(f"chance_at_{step:+d}" for step in NEIGHBOURS),
    *(f"chance_within_{width}" for width in WINDOWS),
    *(f"chance_up_{level}" for level in range(LEVELS)),
    *(f"chance_over_{share}" for share in LARGE_SHARES),
    *("chance_of_page", "best_chance", "chance_since_heading"),
    *("likely_chars", "likely_before", "likely_comments"),
)
"""Features of a second look: what a first one found around the block."""


@njit(nogil=True, cache=True)
def page_chances(nodes: Table, blocks: Table, chances: Values) -> tuple[Sums, Sums, Sums]:
    """Sum up chances times characters.

    Returns:
        Running sums over the blocks; sums over what each node holds; the best chance of all blocks
        and the sum over the readers' comments.
    """
    best = comments = np.int64(0)
    running = np.zeros(len(blocks) + 1, np.int64)
    held = np.zeros(len(nodes), np.int64)
    for i in range(len(blocks)):
        part = np.int64(chances[i]) * blocks[i, CHARS]
        running[i + 1] = running[i] + part
        held[blocks[i, NODE]] += part
        best = max(best, np.int64(chances[i]))
        if nodes[blocks[i, NODE], FLAGS] & COMMENT:
            comments += part
    for i in range(len(nodes) - 1, 0, -1):
        held[nodes[i, PARENT]] += held[i]
    return running, held, np.array([best, comments])


@njit(nogil=True, cache=True)
def fill_context(
    nodes: Table,
    blocks: Table,
    sums: Sums,
    chances: Values,
    running: Sums,
    held: Sums,
    page: Sums,
    first: Int,
    out: Features,
) -> None:
    """Fill `CONTEXT`, as `fill_features` does its features."""
    count = len(blocks)
    for column in range(out.shape[1]):
        i = first + column
        out[0, column] = chances[i]
        row = 1
        for step in NEIGHBOURS:
            out[row, column] = chances[i + step] if 0 <= i + step < count else -1
            row += 1
        for width in WINDOWS:
            start, end = max(0, i - width), min(count, i + width + 1)
            out[row, column] = share(running[end] - running[start], sums[0, end] - sums[0, start])
            row += 1
        node = np.int64(blocks[i, NODE])
        at = node
        for _ in range(LEVELS):
            out[row, column] = share(held[at], nodes[at, SUM_CHARS])
            row += 1
            at = max(np.int64(0), np.int64(nodes[at, PARENT]))
        for k in range(len(LARGE_SHARES)):
            at = np.int64(nodes[node, LARGE + k])
            out[row, column] = share(held[at], nodes[at, SUM_CHARS])
            row += 1
        out[row, column] = share(running[count], sums[0, count])
        out[row + 1, column] = page[0]
        heading = max(np.int64(0), sums[4, i])
        out[row + 2, column] = share(
            running[i + 1] - running[heading], sums[0, i + 1] - sums[0, heading]
        )
        out[row + 3, column] = running[count] // 1000
        out[row + 4, column] = share(np.int64(running[i]), running[count])
        out[row + 5, column] = share(page[1], running[count])
