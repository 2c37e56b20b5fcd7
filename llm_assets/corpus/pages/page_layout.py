"""A page taken apart: its bytes, the elements that hold text, and the blocks of text."""

from typing import NamedTuple

import numpy as np

from llm_assets.corpus.pages.html_scan import Bytes, Keys, Values
from llm_assets.corpus.pages.page_blocks import find_blocks
from llm_assets.corpus.pages.page_nodes import measure_nodes
from llm_assets.corpus.pages.page_tables import BLOCK_COLUMNS, NODE_COLUMNS, Table
from llm_assets.corpus.pages.page_vocabulary import vocabulary


class WordScores(NamedTuple):
    """How telling words are, by hash: the logarithm of odds of being content, in thousandths."""

    names: tuple[Keys, Values]
    texts: tuple[Keys, Values]


class Layout(NamedTuple):
    """A page taken apart; see `page_tables` for the columns."""

    data: Bytes
    nodes: Table
    blocks: Table
    said: int
    """Bits of what the page says it is; see `page_vocabulary`."""


def page_layout(html: bytes, words: WordScores) -> Layout:
    """Take a page apart.

    Args:
        html: the page as a parser writes it back, in UTF-8.
        words: what words in its names and its text are worth.
    """
    data = np.frombuffer(html, np.uint8)
    tables = vocabulary()
    tags = html.count(b"<") + 2
    nodes = np.empty((tags, NODE_COLUMNS), np.int32)
    blocks = np.empty((tags, BLOCK_COLUMNS), np.int32)
    node_count, block_count, said = find_blocks(
        data, tables.tags, tables.types, words.texts, tables.byte_kinds, nodes, blocks
    )
    nodes, blocks = nodes[:node_count], blocks[:block_count]
    measure_nodes(
        data, nodes, tables.attributes, tables.roles, tables.parts, words.names, tables.tag_flags
    )
    return Layout(data, nodes, blocks, int(said))
