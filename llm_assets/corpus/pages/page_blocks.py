"""Well-formed HTML -> its blocks of text and the elements around them: one pass over the bytes."""

from typing import Final

import numpy as np
from numba import njit

from llm_assets.corpus.pages.block_counts import note_words, read_text
from llm_assets.corpus.pages.html_scan import (
    BANG,
    LT,
    SLASH,
    Bytes,
    Int,
    Keys,
    Values,
    after_declaration,
    after_element,
    after_raw,
    after_space,
    after_tag,
    after_text,
    holds,
    look_up,
    tag_name,
)
from llm_assets.corpus.pages.page_claims import claimed_type, linked_types
from llm_assets.corpus.pages.page_tables import (
    ANCHOR,
    ATTRIBUTES,
    ATTRIBUTES_END,
    BREAK,
    BREAKS,
    CHARS,
    DEPTH,
    FIRST_BLOCK,
    FLAGS,
    INLINE,
    LINK_CHARS,
    LINKS,
    MARKS,
    META,
    NODE,
    OPAQUE,
    PARENT,
    RULE,
    SCRIPT,
    START,
    SUM_BLOCKS,
    SUM_CHARS,
    SUM_LINK_CHARS,
    SUM_MARKS,
    TAG,
    TITLE,
    Table,
)

_TITLE_SLOTS: Final = 128


@njit(nogil=True, cache=True)
def find_blocks(
    data: Bytes,
    tags: tuple[Keys, Values],
    types: tuple[Keys, Values],
    words: tuple[Keys, Values],
    byte_kinds: Bytes,
    nodes: Table,
    blocks: Table,
) -> tuple[Int, Int, Int]:
    """Find the blocks and nodes of a page.

    Args:
        data: the page as a parser writes it, in UTF-8.
        tags: what the known tags are, by hash of the name.
        types: bits of what a page may say it is, by hash of the name.
        words: how telling a word of the text is, by its hash.
        byte_kinds: what each byte is, as bits.
        nodes: filled; at least one row more than the page has tags.
        blocks: filled; likewise.

    Returns:
        The number of nodes, of blocks, and the bits of what the page says it is.
    """
    size = len(data)
    title = np.zeros(_TITLE_SLOTS, np.uint64)
    at: Int = 0
    node, node_count, block_count, breaks, links = 0, 1, 0, 0, 0
    said = np.int64(0)
    is_open = False
    nodes[0] = 0
    nodes[0, PARENT] = -1
    while at < size:
        if data[at] != LT:
            start = at
            at = after_space(data, at)
            if at < size and data[at] != LT:
                at = after_text(data, at)
                if is_open and breaks > 1:
                    _close(nodes, blocks[block_count - 1])
                    is_open = False
                if not is_open:
                    _open(nodes, node, blocks[block_count], block_count, start)
                    block_count += 1
                    is_open = True
                elif breaks:
                    blocks[block_count - 1, BREAKS] += 1
                breaks = 0
                block = blocks[block_count - 1]
                read_text(data, start, at, links > 0, byte_kinds, title, words, block)
            continue
        if at + 1 < size and data[at + 1] == BANG:
            at = after_declaration(data, at)
            continue
        closing = at + 1 < size and data[at + 1] == SLASH
        name = at + 1 + closing
        key, name_end = tag_name(data, name)
        kind = look_up(key, tags[0], tags[1])
        at = after_tag(data, name_end)
        if kind == INLINE:
            continue
        if kind == ANCHOR:
            links = max(0, links - 1) if closing else links + 1
            if is_open and not closing:
                blocks[block_count - 1, LINKS] += 1
        elif kind == BREAK:
            breaks += 1
        elif kind == META:
            said |= claimed_type(data, name_end, at, types)
        elif kind == OPAQUE:
            if not closing:
                at = after_element(data, name, name_end)
        elif kind < RULE:
            if not closing:
                start = at
                at = after_raw(data, start, name, name_end)
                if kind == TITLE:
                    note_words(data, start, at, byte_kinds, title)
                elif kind == SCRIPT and holds(data, name_end, start, b"ld+json"):
                    said |= linked_types(data, start, at, types)
        else:
            if is_open:
                _close(nodes, blocks[block_count - 1])
                is_open = False
            breaks = 0
            if kind == RULE:
                continue
            if closing:
                node = max(0, nodes[node, PARENT])
            else:
                nodes[node_count] = 0
                nodes[node_count, PARENT] = node
                nodes[node_count, TAG] = kind
                nodes[node_count, ATTRIBUTES] = name_end
                nodes[node_count, ATTRIBUTES_END] = at - 1
                nodes[node_count, DEPTH] = nodes[node, DEPTH] + 1
                nodes[node_count, FLAGS] = 1 if links else 0
                node = node_count
                node_count += 1
    if is_open:
        _close(nodes, blocks[block_count - 1])
    return node_count, block_count, said


@njit(nogil=True, cache=True)
def _open(nodes: Table, node: Int, block: Values, number: Int, start: Int) -> None:
    block[:] = 0
    block[START] = start
    block[NODE] = node
    if nodes[node, SUM_BLOCKS] == 0:
        nodes[node, FIRST_BLOCK] = number


@njit(nogil=True, cache=True)
def _close(nodes: Table, block: Values) -> None:
    """Add a finished block to its node."""
    node = block[NODE]
    nodes[node, SUM_CHARS] += block[CHARS]
    nodes[node, SUM_LINK_CHARS] += block[LINK_CHARS]
    nodes[node, SUM_MARKS] += block[MARKS]
    nodes[node, SUM_BLOCKS] += 1
