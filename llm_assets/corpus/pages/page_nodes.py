"""What the elements around a page's text say of it: kernels compiled by Numba.

Authors name the parts of their pages, by elements (`nav`), roles and words in classes and ids
(`sidebar`). What a word is worth was counted on pages whose main text is known: the logarithm of
the odds that text below such a name is content, in thousandths.
"""

from typing import Final

import numpy as np
from numba import njit

from llm_assets.corpus.pages.html_scan import (
    EQUALS,
    QUOTE,
    Bytes,
    Int,
    Keys,
    Values,
    hash_on,
    hash_start,
    holds,
    look_up,
)
from llm_assets.corpus.pages.page_tables import (
    ATTRIBUTES,
    ATTRIBUTES_END,
    FIRST_BLOCK,
    FLAGS,
    GROUP_CHARS,
    GROUP_LINKS,
    GROUP_SIZE,
    HIGHEST,
    ITEM,
    LARGE,
    LARGE_SHARES,
    LIST,
    LIST_DEPTH,
    LOWEST,
    NEAR,
    ORDINAL,
    PARENT,
    SCORE,
    SIGNATURE,
    SUM_BLOCKS,
    SUM_CHARS,
    SUM_LINK_CHARS,
    SUM_MARKS,
    TAG,
    TOTAL,
    TWIN,
    TWINS,
    Table,
)
from llm_assets.corpus.pages.page_vocabulary import (
    ARIA_HIDDEN,
    DD,
    DL,
    DT,
    HIDDEN,
    HIDDEN_ATTRIBUTE,
    LI,
    NAMES,
    OL,
    ROLE,
    STYLE,
    TABLE_TAG,
    TR,
    UL,
)

_MAX_SCORE: Final = 10_000


@njit(nogil=True, cache=True)
def measure_nodes(
    data: Bytes,
    nodes: Table,
    attributes: tuple[Keys, Values],
    roles: tuple[Keys, Values],
    parts: tuple[Keys, Values],
    words: tuple[Keys, Values],
    tag_flags: Values,
) -> None:
    """Fill what nodes inherit, what they hold in all, and how many siblings are like them.

    Args:
        data: the page's bytes.
        nodes: of the page, as `find_blocks` left them.
        attributes: which attributes count, by hash of the name.
        roles: flags, by hash of a role or property.
        parts: flags, by hash of a word in a name.
        words: scores, by hash of a word.
        tag_flags: flags, by kind of tag.
    """
    for i in range(len(nodes) - 1, 0, -1):
        if nodes[i, SUM_BLOCKS]:
            parent = nodes[nodes[i, PARENT]]
            if parent[SUM_BLOCKS] == 0 or nodes[i, FIRST_BLOCK] < parent[FIRST_BLOCK]:
                parent[FIRST_BLOCK] = nodes[i, FIRST_BLOCK]
            for column in (SUM_CHARS, SUM_LINK_CHARS, SUM_MARKS, SUM_BLOCKS):
                parent[column] += nodes[i, column]
    for i in range(1, len(nodes)):
        node, parent = nodes[i], nodes[nodes[i, PARENT]]
        if node[SUM_BLOCKS] == 0:
            continue
        node[FLAGS] |= parent[FLAGS] | tag_flags[node[TAG]]
        _read_attributes(data, node, attributes, roles, parts, words)
        node[NEAR] = node[SCORE] if node[SCORE] else parent[NEAR]
        node[LOWEST] = min(parent[LOWEST], node[SCORE])
        node[HIGHEST] = max(parent[HIGHEST], node[SCORE])
        node[TOTAL] = parent[TOTAL] + node[SCORE]
        for k, percent in enumerate(LARGE_SHARES):
            limit = percent * np.int64(nodes[0, SUM_CHARS])
            is_within = nodes[i, PARENT] and 100 * np.int64(parent[SUM_CHARS]) < limit
            node[LARGE + k] = parent[LARGE + k] if is_within else i
    _compare_nodes(nodes)
    _find_lists(nodes)


@njit(nogil=True, cache=True)
def _read_attributes(
    data: Bytes,
    node: Values,
    attributes: tuple[Keys, Values],
    roles: tuple[Keys, Values],
    parts: tuple[Keys, Values],
    words: tuple[Keys, Values],
) -> None:
    at, end = np.int64(node[ATTRIBUTES]), np.int64(node[ATTRIBUTES_END])
    signature = hash_on(hash_start(), node[TAG])
    score = np.int64(0)
    while at < end:
        state = hash_start()
        at += 1  # a space
        first = True
        while at < end and (first or data[at] != EQUALS):
            state = hash_on(state, data[at])
            at += 1
            first = False
        at = at + 2  # ="
        start: Int = at
        while at < end and data[at] != QUOTE:
            at += 1
        kind = look_up(state, attributes[0], attributes[1])
        if kind == NAMES:
            for i in range(start, at):
                signature = hash_on(signature, data[i])
            while start < at:
                state, start = _next_word(data, start, at)
                score += look_up(state, words[0], words[1])
                node[FLAGS] |= look_up(state, parts[0], parts[1])
        elif kind == ROLE:
            node[FLAGS] |= look_up(_hash(data, start, at), roles[0], roles[1])
        elif kind == STYLE:
            if holds(data, start, at, b"display:none") or holds(data, start, at, b"display: none"):
                node[FLAGS] |= HIDDEN
        elif kind == HIDDEN_ATTRIBUTE or (kind == ARIA_HIDDEN and holds(data, start, at, b"true")):
            node[FLAGS] |= HIDDEN
        at += 1
    node[SIGNATURE] = np.int32(signature & np.uint64(0x7FFFFFFF))
    highest = _MAX_SCORE if score > _MAX_SCORE else score
    node[SCORE] = np.int32(-_MAX_SCORE if highest < -_MAX_SCORE else highest)


@njit(nogil=True, cache=True)
def _hash(data: Bytes, at: Int, end: Int) -> Int:
    state = hash_start()
    for i in range(at, end):
        state = hash_on(state, data[i])
    return state


@njit(nogil=True, cache=True)
def _next_word(data: Bytes, at: Int, end: Int) -> tuple[Int, Int]:
    """Return the hash of the next word of a name and where it ends; 0 if there is none.

    `mainContent_2 side-bar` has the words main, content, side and bar.
    """
    while at < end and not _is_letter(data[at]):
        at += 1
    if at >= end:
        return np.uint64(0), end
    state = hash_start()
    was_small = False
    while at < end and _is_letter(data[at]) and not (was_small and data[at] < 0x60):
        was_small = data[at] >= 0x60
        state = hash_on(state, data[at] | 0x20)
        at += 1
    return state, at


@njit(nogil=True, cache=True)
def _is_letter(byte: Int) -> bool:
    return bool(0x61 <= byte | 0x20 <= 0x7A)


@njit(nogil=True, cache=True)
def _slot(table: Values, key: Int) -> Int:
    """Return where a search for a key starts in a table whose size is a power of two."""
    mixed = (np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(32)
    return np.int64(mixed & np.uint64(len(table) - 1))


@njit(nogil=True, cache=True)
def _new_table(keys: Int) -> Values:
    size = 16
    while size < 2 * keys:
        size *= 2
    return np.full(size, -1, np.int32)


@njit(nogil=True, cache=True)
def _compare_nodes(nodes: Table) -> None:
    """Fill how many nodes are like each one, among its siblings and on the page."""
    twins, groups = _new_table(len(nodes)), _new_table(len(nodes))
    first = np.zeros(len(nodes), np.int32)
    sums = np.zeros((len(nodes), 3), np.int64)
    for i in range(1, len(nodes)):
        if nodes[i, SUM_BLOCKS] == 0:
            continue
        parent, signature = np.int64(nodes[i, PARENT]), np.int64(nodes[i, SIGNATURE])
        slot = _slot(groups, signature)
        while groups[slot] >= 0 and nodes[groups[slot], SIGNATURE] != signature:
            slot = (slot + 1) & (len(groups) - 1)
        if groups[slot] < 0:
            groups[slot] = i
        first[i] = groups[slot]
        sums[first[i], 0] += 1
        sums[first[i], 1] += nodes[i, SUM_CHARS]
        sums[first[i], 2] += nodes[i, SUM_LINK_CHARS]
        slot = _slot(twins, (parent << 31) ^ signature)
        while twins[slot] >= 0 and not (
            nodes[twins[slot], PARENT] == parent and nodes[twins[slot], SIGNATURE] == signature
        ):
            slot = (slot + 1) & (len(twins) - 1)
        if twins[slot] < 0:
            twins[slot] = i
        nodes[twins[slot], TWINS] += 1
        nodes[i, TWIN] = twins[slot]
    for i in range(1, len(nodes)):
        if nodes[i, SUM_BLOCKS]:
            nodes[i, TWINS] = nodes[nodes[i, TWIN], TWINS]
            size, chars, links = sums[first[i]]
            nodes[i, GROUP_SIZE] = size
            nodes[i, GROUP_CHARS] = chars // size
            nodes[i, GROUP_LINKS] = 1000 * links // max(1, chars)


@njit(nogil=True, cache=True)
def _find_lists(nodes: Table) -> None:
    """Fill which list or table and which item of it each node is in."""
    items = np.zeros(len(nodes), np.int32)
    for i in range(1, len(nodes)):
        node, parent = nodes[i], nodes[nodes[i, PARENT]]
        tag = node[TAG]
        is_list = tag in (UL, OL)
        is_item = tag in (LI, DD, DT, TR)
        node[LIST] = i if is_list or tag in (DL, TABLE_TAG) else parent[LIST]
        node[LIST_DEPTH] = parent[LIST_DEPTH] + is_list
        node[ITEM] = i if is_item else parent[ITEM]
        if is_item:
            items[node[PARENT]] += 1
            node[ORDINAL] = items[node[PARENT]]
