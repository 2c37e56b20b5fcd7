"""The main content of a page: those of its blocks that are likely to be it, as text.

Which blocks to take follows from their chances alone: those that make the expected F1 of words
highest. Where the model is sure, that is about what it takes for content; where it is not, on
listings and shops, the bar is lower, since half a page found is better than none.
"""

import numpy as np

from llm_assets.corpus.pages.block_model import CHANCE_ONE, Ints, block_chances, block_model
from llm_assets.corpus.pages.block_text import blocks_text
from llm_assets.corpus.pages.page_layout import page_layout
from llm_assets.corpus.pages.page_tables import WORDS


def main_content(html: bytes) -> str:
    """Return the main content of a page that is given as a parser writes it back, in UTF-8."""
    model = block_model()
    layout = page_layout(html, model.words)
    if not len(layout.blocks):
        return ""
    words = np.maximum(layout.blocks[:, WORDS], 1)
    return blocks_text(layout, likely_blocks(block_chances(layout, model), words))


def likely_blocks(chances: Ints, words: Ints) -> Ints:
    """Return the numbers of the blocks that make the expected F1 of words highest.

    With chances p and lengths w, a choice of blocks has an expected F1 of about
    2 * sum(p * w over the choice) / (sum(w over the choice) + sum(p * w over all)),
    and no choice is better than the likeliest blocks, as many as it takes.
    """
    expected = chances.astype(np.int64) * words
    likeliest = np.argsort(-chances, kind="stable")
    taken = words[likeliest].astype(np.int64).cumsum()
    scores = expected[likeliest].cumsum() / (CHANCE_ONE * taken + expected.sum())
    return np.sort(likeliest[: int(scores.argmax()) + 1])
