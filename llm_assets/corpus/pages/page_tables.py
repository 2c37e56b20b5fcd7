"""The tables that a page is taken apart into: a row a block of text, a row an element around it.

A block is text that stands on its own: what lies between the tags of elements that break lines, or
between two line breaks. An element counts (is a node) if it is of a kind that breaks lines.
"""

from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Table: TypeAlias = NDArray[np.int32]
"""One row a block or a node, by the columns below."""

# Columns of blocks. Characters are counted by their weight: 3 for one of Chinese, Japanese or
# Korean, which is about what it holds of a word, 1 for others.
START, END, NODE, CHARS, LINK_CHARS, WORDS, LOWER_WORDS, UPPER, DIGITS = range(9)
MARKS, COMMAS, LINKS, BREAKS, TITLE_WORDS, MONEY, LAST_BITS, TEXT_HASH, TELLING = range(9, 18)
BLOCK_COLUMNS: Final = 18

# Columns of nodes; the sums are over all blocks within.
PARENT, TAG, FLAGS, ATTRIBUTES, ATTRIBUTES_END, FIRST_BLOCK, DEPTH = range(7)
SUM_CHARS, SUM_LINK_CHARS, SUM_MARKS, SUM_BLOCKS = range(7, 11)
SIGNATURE, TWINS, SCORE, NEAR, LOWEST, HIGHEST, TOTAL = range(11, 18)
LARGE: Final = 18
LARGE_SHARES: Final = (90, 60, 30)
"""From LARGE on: the largest nodes around that hold less than these percents of the page's text."""
LIST, LIST_DEPTH, ITEM, ORDINAL = range(21, 25)
"""The list or table that a node is in, how many lists, its item or row, and which of them it is."""
GROUP_SIZE, GROUP_CHARS, GROUP_LINKS = range(25, 28)
"""Of all nodes of the page with the tag and names of this one: number, mean characters, thousandths
of them in links."""
TWIN: Final = 28
NODE_COLUMNS: Final = 29

# What a tag is to the pass; a node's TAG is its kind, from FIRST_NODE_KIND on.
INLINE, ANCHOR, BREAK, META, OPAQUE, RAW, SCRIPT, TITLE, RULE = range(9)
FIRST_NODE_KIND: Final = 16

# What a byte may be.
SPACE, LOWER, UPPER_CASE, DIGIT, MARK, COMMA, WORD, CURRENCY = (1 << bit for bit in range(8))
