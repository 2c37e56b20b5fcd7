"""What is known of each block of a page, as numbers that trees of decisions can split.

All are counts or quotients of two counts: no logarithm, whose last bit may differ by machine, so a
page is judged alike everywhere.
"""

from typing import Final, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

from llm_assets.corpus.pages.html_scan import Int, Values
from llm_assets.corpus.pages.page_tables import (
    BREAKS,
    CHARS,
    COMMAS,
    DEPTH,
    DIGITS,
    FIRST_BLOCK,
    FLAGS,
    GROUP_CHARS,
    GROUP_LINKS,
    GROUP_SIZE,
    HIGHEST,
    LARGE,
    LARGE_SHARES,
    LAST_BITS,
    LINK_CHARS,
    LINKS,
    LOWER_WORDS,
    LOWEST,
    MARK,
    MARKS,
    MONEY,
    NEAR,
    NODE,
    PARENT,
    SCORE,
    SUM_BLOCKS,
    SUM_CHARS,
    SUM_LINK_CHARS,
    SUM_MARKS,
    TAG,
    TELLING,
    TEXT_HASH,
    TITLE_WORDS,
    TOTAL,
    TWINS,
    UPPER,
    WORDS,
    Table,
)
from llm_assets.corpus.pages.page_vocabulary import (
    ARTICLE_TAG,
    COMMENT,
    CONTENT,
    FLAG_COUNT,
    H1,
    H5,
    LI,
    PARAGRAPH,
    RELATED,
    TD,
    TYPE_COUNT,
)

Features: TypeAlias = NDArray[np.float32]
"""One row a feature, one column a block."""
Sums: TypeAlias = NDArray[np.int64]

NEIGHBOURS: Final = (-3, -2, -1, 1, 2, 3)
WINDOWS: Final = (3, 8, 20)
LEVELS: Final = 4

_OF_BLOCK: Final = (
    *("chars", "words", "link_share", "mark_share", "comma_share", "upper_share", "digit_share"),
    *("word_chars", "lower_share", "links", "breaks", "title_share", "money", "ends_in_mark"),
    *("copies", "tag", "node_blocks", "telling", "telling_mean"),
)
_OF_PATH: Final = ("depth", "score", "near", "lowest", "highest", "total")
_OF_PLACE: Final = (
    *("blocks_before", "blocks_after", "blocks_share", "chars_before", "chars_after"),
    *("chars_share", "since_h1", "since_heading", "heading_tag", "heading_telling"),
)
_OF_PAGE: Final = (
    *("page_chars", "page_links", "page_blocks", "page_block_chars", "page_marks", "longest"),
    *("paragraphs", "items", "cells", "headings", "articles"),
    *("comments", "related", "contents"),
    *("comment_share", "related_share", "content_share"),
)
_OF_NEIGHBOUR: Final = ("chars", "link_share", "marks", "tag", "score", "telling")
_OF_WINDOW: Final = ("chars", "link_share", "mark_share")
_OF_CONTAINER: Final = (
    "chars",
    "link_share",
    "mark_share",
    "blocks",
    "share",
    "twins",
    "score",
    "place",
)
_OF_GROUP: Final = ("group_size", "group_chars", "group_links")

FEATURES: Final = (
    *_OF_BLOCK,
    *(f"flag_{bit}" for bit in range(FLAG_COUNT)),
    *_OF_PATH,
    *_OF_PLACE,
    *_OF_PAGE,
    *(f"type_{bit}" for bit in range(TYPE_COUNT)),
    *(f"{name}_at_{step:+d}" for step in NEIGHBOURS for name in _OF_NEIGHBOUR),
    *(f"{name}_within_{width}" for width in WINDOWS for name in _OF_WINDOW),
    *(f"{name}_up_{level}" for level in range(LEVELS) for name in _OF_CONTAINER),
    *(f"{name}_over_{share}" for share in LARGE_SHARES for name in _OF_CONTAINER),
    *(f"{name}_up_{level}" for level in range(LEVELS) for name in _OF_GROUP),
)
"""The names of the features, in their order."""


@njit(nogil=True, cache=True)
def page_sums(nodes: Table, blocks: Table) -> Sums:
    """Return what was before each block: characters, those in links, marks, the last headings."""
    sums = np.zeros((5, len(blocks) + 1), np.int64)
    last_h1: Int = np.int64(-1)
    last_heading: Int = np.int64(-1)
    for i in range(len(blocks)):
        tag = nodes[blocks[i, NODE], TAG]
        if H1 <= tag <= H5:
            last_heading = i
            last_h1 = i if tag == H1 else last_h1
        sums[3, i], sums[4, i] = last_h1, last_heading
        sums[0, i + 1] = sums[0, i] + blocks[i, CHARS]
        sums[1, i + 1] = sums[1, i] + blocks[i, LINK_CHARS]
        sums[2, i + 1] = sums[2, i] + blocks[i, MARKS]
    return sums


@njit(nogil=True, cache=True)
def page_copies(blocks: Table) -> Values:
    """Count, for each block, the blocks of the page with the same letters."""
    size = 16
    while size < 2 * len(blocks):
        size *= 2
    table = np.full(size, -1, np.int32)
    first = np.empty(len(blocks), np.int32)
    copies = np.zeros(len(blocks), np.int32)
    for i in range(len(blocks)):
        key = np.uint64(np.uint32(blocks[i, TEXT_HASH]))
        slot = (key * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(32) & np.uint64(size - 1)
        while table[slot] >= 0 and blocks[table[slot], TEXT_HASH] != blocks[i, TEXT_HASH]:
            slot = (slot + np.uint64(1)) & np.uint64(size - 1)
        if table[slot] < 0:
            table[slot] = i
        first[i] = table[slot]
        copies[table[slot]] += 1
    for i in range(len(blocks) - 1, -1, -1):
        copies[i] = copies[first[i]]
    return copies


@njit(nogil=True, cache=True)
def page_traits(nodes: Table, blocks: Table, sums: Sums) -> Features:
    """Return the features that all blocks of a page share, `_OF_PAGE`."""
    traits = np.zeros(len(_OF_PAGE), np.float32)
    count = len(blocks)
    chars = sums[0, count]
    traits[0] = chars
    traits[1] = share(sums[1, count], chars)
    traits[2] = count
    traits[3] = share(chars, count)
    traits[4] = share(sums[2, count], chars)
    longest = paragraphs = items = cells = headings = comments = related = contents = 0
    for i in range(count):
        tag, flags = nodes[blocks[i, NODE], TAG], nodes[blocks[i, NODE], FLAGS]
        held = blocks[i, CHARS]
        longest = max(longest, held)
        paragraphs += held if tag == PARAGRAPH else 0
        items += held if tag == LI else 0
        cells += held if tag == TD else 0
        headings += 1 if H1 <= tag <= H5 else 0
        comments += held if flags & COMMENT else 0
        related += held if flags & RELATED else 0
        contents += held if flags & CONTENT else 0
    traits[5] = longest
    traits[6] = share(paragraphs, chars)
    traits[7] = share(items, chars)
    traits[8] = share(cells, chars)
    traits[9] = headings
    articles = 0
    for i in range(len(nodes)):
        articles += nodes[i, TAG] == ARTICLE_TAG and nodes[i, SUM_BLOCKS] > 0
    traits[10] = articles
    traits[11] = share(comments, chars)
    traits[12] = share(related, chars)
    traits[13] = share(contents, chars)
    return traits


@njit(nogil=True, cache=True)
def share(part: Int, whole: Int) -> np.float32:
    """Return a part of a whole; 0 of nothing."""
    return np.float32(part) / np.float32(whole) if whole else np.float32(0)


@njit(nogil=True, cache=True)
def fill_features(
    nodes: Table,
    blocks: Table,
    sums: Sums,
    copies: Values,
    traits: Features,
    said: Int,
    first: Int,
    out: Features,
) -> None:
    """Fill the features of as many blocks as `out` has columns, from block `first` on."""
    for column in range(out.shape[1]):
        i = first + column
        row = _fill_block(nodes, blocks, copies, i, column, out)
        row = _fill_place(nodes, blocks, sums, i, row, column, out)
        for trait in traits:
            out[row, column] = trait
            row += 1
        for bit in range(TYPE_COUNT):
            out[row, column] = said >> bit & 1
            row += 1
        row = _fill_neighbours(nodes, blocks, sums, i, row, column, out)
        _fill_containers(nodes, blocks[i, NODE], i, row, column, out)


@njit(nogil=True, cache=True)
def _fill_block(
    nodes: Table, blocks: Table, copies: Values, i: Int, column: Int, out: Features
) -> Int:
    block, node = blocks[i], nodes[blocks[i, NODE]]
    chars = block[CHARS]
    out[0, column] = chars
    out[1, column] = block[WORDS]
    out[2, column] = share(block[LINK_CHARS], chars)
    out[3, column] = share(block[MARKS], chars)
    out[4, column] = share(block[COMMAS], chars)
    out[5, column] = share(block[UPPER], chars)
    out[6, column] = share(block[DIGITS], chars)
    out[7, column] = share(chars, block[WORDS])
    out[8, column] = share(block[LOWER_WORDS], block[WORDS])
    out[9, column] = block[LINKS]
    out[10, column] = block[BREAKS]
    out[11, column] = share(block[TITLE_WORDS], block[WORDS])
    out[12, column] = block[MONEY]
    out[13, column] = 1 if block[LAST_BITS] & MARK else 0
    out[14, column] = copies[i]
    out[15, column] = node[TAG]
    out[16, column] = node[SUM_BLOCKS]
    out[17, column] = block[TELLING]
    out[18, column] = share(block[TELLING], block[WORDS])
    row = len(_OF_BLOCK)
    for bit in range(FLAG_COUNT):
        out[row, column] = node[FLAGS] >> bit & 1
        row += 1
    out[row, column] = node[DEPTH]
    out[row + 1, column] = node[SCORE]
    out[row + 2, column] = node[NEAR]
    out[row + 3, column] = node[LOWEST]
    out[row + 4, column] = node[HIGHEST]
    out[row + 5, column] = node[TOTAL]
    return row + 6


@njit(nogil=True, cache=True)
def _fill_place(
    nodes: Table, blocks: Table, sums: Sums, i: Int, row: Int, column: Int, out: Features
) -> Int:
    count, last_h1, last_heading = len(blocks), sums[3, i], sums[4, i]
    out[row, column] = i
    out[row + 1, column] = count - 1 - i
    out[row + 2, column] = share(i, count)
    out[row + 3, column] = sums[0, i]
    out[row + 4, column] = sums[0, count] - sums[0, i + 1]
    out[row + 5, column] = share(sums[0, i], sums[0, count])
    out[row + 6, column] = i - last_h1 if last_h1 >= 0 else -1
    out[row + 7, column] = i - last_heading if last_heading >= 0 else -1
    out[row + 8, column] = nodes[blocks[last_heading, NODE], TAG] if last_heading >= 0 else 0
    out[row + 9, column] = blocks[last_heading, TELLING] if last_heading >= 0 else 0
    return row + 10


@njit(nogil=True, cache=True)
def _fill_neighbours(
    nodes: Table, blocks: Table, sums: Sums, i: Int, row: Int, column: Int, out: Features
) -> Int:
    count = len(blocks)
    for step in NEIGHBOURS:
        other = i + step
        if 0 <= other < count:
            node = nodes[blocks[other, NODE]]
            out[row, column] = blocks[other, CHARS]
            out[row + 1, column] = share(blocks[other, LINK_CHARS], blocks[other, CHARS])
            out[row + 2, column] = blocks[other, MARKS]
            out[row + 3, column] = node[TAG]
            out[row + 4, column] = node[NEAR]
            out[row + 5, column] = share(blocks[other, TELLING], blocks[other, WORDS])
        else:
            for k in range(len(_OF_NEIGHBOUR)):
                out[row + k, column] = -1
        row += len(_OF_NEIGHBOUR)
    for width in WINDOWS:
        start, end = max(0, i - width), min(count, i + width + 1)
        chars = sums[0, end] - sums[0, start]
        out[row, column] = chars
        out[row + 1, column] = share(sums[1, end] - sums[1, start], chars)
        out[row + 2, column] = share(sums[2, end] - sums[2, start], chars)
        row += 3
    return row


@njit(nogil=True, cache=True)
def _fill_containers(nodes: Table, node: Int, i: Int, row: Int, column: Int, out: Features) -> None:
    at = np.int64(node)
    for _ in range(LEVELS):
        row = _fill_container(nodes, at, i, row, column, out)
        at = max(np.int64(0), np.int64(nodes[at, PARENT]))
    for k in range(len(LARGE_SHARES)):
        row = _fill_container(nodes, np.int64(nodes[node, LARGE + k]), i, row, column, out)
    at = np.int64(node)
    for _ in range(LEVELS):
        out[row, column] = nodes[at, GROUP_SIZE]
        out[row + 1, column] = nodes[at, GROUP_CHARS]
        out[row + 2, column] = nodes[at, GROUP_LINKS]
        row += 3
        at = max(np.int64(0), np.int64(nodes[at, PARENT]))


@njit(nogil=True, cache=True)
def _fill_container(nodes: Table, at: Int, i: Int, row: Int, column: Int, out: Features) -> Int:
    node = nodes[at]
    chars = node[SUM_CHARS]
    out[row, column] = chars
    out[row + 1, column] = share(node[SUM_LINK_CHARS], chars)
    out[row + 2, column] = share(node[SUM_MARKS], chars)
    out[row + 3, column] = node[SUM_BLOCKS]
    out[row + 4, column] = share(chars, nodes[0, SUM_CHARS])
    out[row + 5, column] = node[TWINS]
    out[row + 6, column] = node[SCORE]
    out[row + 7, column] = i - node[FIRST_BLOCK]
    return row + 8
