"""Chosen blocks -> text to read: a kernel compiled by Numba.

Paragraphs are apart by blank lines; an item of a list has a line and its mark, a row of a table a
line, its cells apart by ` | `; code keeps its lines and their indentation.
"""

from typing import Final

import numpy as np
from numba import njit

from llm_assets.corpus.pages.html_scan import (
    AMPERSAND,
    BANG,
    BLANK,
    GT,
    LT,
    NEWLINE,
    SEMICOLON,
    SLASH,
    Bytes,
    Int,
    Keys,
    Values,
    after_declaration,
    after_element,
    after_raw,
    after_tag,
    look_up,
    tag_name,
)
from llm_assets.corpus.pages.page_layout import Layout
from llm_assets.corpus.pages.page_tables import (
    BREAK,
    END,
    FLAGS,
    ITEM,
    LIST,
    LIST_DEPTH,
    NODE,
    OPAQUE,
    ORDINAL,
    PARENT,
    RAW,
    RULE,
    START,
    SUM_BLOCKS,
    TAG,
    Table,
)
from llm_assets.corpus.pages.page_vocabulary import (
    CAPTION,
    CODE,
    H5,
    LI,
    OL,
    PARAGRAPH,
    SUMMARY,
    TD,
    TH,
    TR,
    vocabulary,
)

_MAX_INDENT: Final = 8
_MARK_BYTES: Final = 2 + 2 * (_MAX_INDENT + 1) + 12
"""At most before a block: a blank line, indentation, a bullet or number."""


def blocks_text(layout: Layout, chosen: Values) -> str:
    """Return the text of the chosen blocks, given by their numbers in ascending order."""
    blocks = layout.blocks[chosen]
    size = int((blocks[:, END].astype(np.int64) - blocks[:, START]).sum())
    out = np.empty(size + _MARK_BYTES * len(blocks), np.uint8)
    length = write_blocks(layout.data, layout.nodes, blocks, vocabulary().tags, out)
    return str(out[:length].data, "utf-8", "replace")


@njit(nogil=True, cache=True)
def write_blocks(
    data: Bytes, nodes: Table, blocks: Table, tags: tuple[Keys, Values], out: Bytes
) -> Int:
    """Write the blocks' text into `out` and return how many bytes there are."""
    marked = np.zeros(len(nodes), np.bool_)
    length: Int = np.int64(0)
    before: Int = np.int64(0)
    for i in range(len(blocks)):
        node = np.int64(blocks[i, NODE])
        item = np.int64(nodes[node, ITEM])
        start = length
        if length:
            length = _separate(nodes, before, node, out, length)
        if nodes[item, TAG] == LI and not marked[item]:
            marked[item] = True
            length = _mark_item(nodes, item, out, length)
        text = length
        keeps_lines = nodes[node, FLAGS] & CODE != 0
        length = _write_block(
            data,
            np.int64(blocks[i, START]),
            np.int64(blocks[i, END]),
            keeps_lines,
            tags,
            out,
            length,
        )
        if length == text:  # nothing was to be seen in it
            length = start
        else:
            before = node
    return length


@njit(nogil=True, cache=True)
def _separate(nodes: Table, before: Int, node: Int, out: Bytes, length: Int) -> Int:
    """Write what stands between the blocks of two nodes."""
    cells = _is_cell(nodes, before), _is_cell(nodes, node)
    same_item = nodes[before, ITEM] == nodes[node, ITEM]
    if cells[0] and cells[1] and same_item and before != node:
        out[length], out[length + 1], out[length + 2] = BLANK, 0x7C, BLANK
        return length + 3
    out[length] = NEWLINE
    is_listed = _in_list(nodes, before) and _in_list(nodes, node)
    if is_listed or (cells[0] and cells[1] and nodes[before, LIST] == nodes[node, LIST]):
        return length + 1
    same_list = nodes[before, LIST] == nodes[node, LIST]
    if same_list and not _is_spaced(nodes, before) and not _is_spaced(nodes, node):
        return length + 1
    out[length + 1] = NEWLINE
    return length + 2


@njit(nogil=True, cache=True)
def _is_cell(nodes: Table, node: Int) -> bool:
    """Tell whether a block of this node is alone in a table's cell."""
    while nodes[node, SUM_BLOCKS] == 1:
        if nodes[node, TAG] == TD or nodes[node, TAG] == TH:
            return True
        node = np.int64(nodes[node, PARENT])
    return False


@njit(nogil=True, cache=True)
def _in_list(nodes: Table, node: Int) -> bool:
    item = nodes[node, ITEM]
    return bool(item > 0 and nodes[item, TAG] != TR)


@njit(nogil=True, cache=True)
def _is_spaced(nodes: Table, node: Int) -> bool:
    """Tell whether authors expect blank lines around this node."""
    tag = nodes[node, TAG]
    return PARAGRAPH <= tag <= H5 or tag in (CAPTION, SUMMARY)


@njit(nogil=True, cache=True)
def _mark_item(nodes: Table, item: Int, out: Bytes, length: Int) -> Int:
    """Write the bullet or the number of a list's item."""
    for _ in range(min(_MAX_INDENT, nodes[item, LIST_DEPTH])):
        out[length], out[length + 1] = BLANK, BLANK
        length += 2
    if nodes[nodes[item, PARENT], TAG] == OL:
        number = np.int64(nodes[item, ORDINAL])
        power = np.int64(1)
        while power * 10 <= number:
            power *= 10
        while power:
            out[length] = 0x30 + number // power % 10
            power //= 10
            length += 1
        out[length] = 0x2E
        length += 1
    else:
        out[length], out[length + 1], out[length + 2] = 0xE2, 0x80, 0xA2
        length += 3
    out[length] = BLANK
    return length + 1


@njit(nogil=True, cache=True)
def _write_block(
    data: Bytes,
    at: Int,
    end: Int,
    keeps_lines: bool,
    tags: tuple[Keys, Values],
    out: Bytes,
    length: Int,
) -> Int:
    """Write a block's text; white space is one space, but for line breaks and in code."""
    start = length
    while at < end:
        byte = data[at]
        if byte == LT:
            at, is_break = _after_markup(data, at, tags)
            if not is_break:
                continue
            while length > start and out[length - 1] == BLANK:
                length -= 1
            byte = np.uint8(NEWLINE)
        elif byte == AMPERSAND:
            byte = _entity(data, at)
            while at < end and data[at] != SEMICOLON:
                at += 1
            at += 1
        else:
            at += 1
            if 0x09 <= byte <= 0x0D and not keeps_lines:
                byte = np.uint8(BLANK)
        after_space = length == start or out[length - 1] == BLANK or out[length - 1] == NEWLINE
        if byte == BLANK and after_space and not keeps_lines:
            continue
        if byte == NEWLINE and length == start:
            continue
        out[length] = byte
        length += 1
    while length > start and (out[length - 1] == BLANK or 0x09 <= out[length - 1] <= 0x0D):
        length -= 1
    return length


@njit(nogil=True, cache=True)
def _after_markup(data: Bytes, at: Int, tags: tuple[Keys, Values]) -> tuple[Int, bool]:
    """Return where the tag, comment or element without text ends, and whether it is a break."""
    if at + 1 < len(data) and data[at + 1] == BANG:
        return after_declaration(data, at), False
    closing = at + 1 < len(data) and data[at + 1] == SLASH
    name = at + 1 + closing
    key, name_end = tag_name(data, name)
    kind = look_up(key, tags[0], tags[1])
    if kind == OPAQUE and not closing:
        return after_element(data, name, name_end), False
    after = after_tag(data, name_end)
    if RAW <= kind < RULE and not closing:
        return after_raw(data, after, name, name_end), False
    return after, kind == BREAK


@njit(nogil=True, cache=True)
def _entity(data: Bytes, at: Int) -> Int:
    """Return the ASCII character that an entity stands for: & < > or, for &nbsp;, a space."""
    letter = data[at + 1] if at + 1 < len(data) else np.uint8(0)
    if letter == 0x6C:
        return np.uint8(LT)
    if letter == 0x67:
        return np.uint8(GT)
    return np.uint8(BLANK) if letter == 0x6E else np.uint8(AMPERSAND)
