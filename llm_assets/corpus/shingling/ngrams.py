"""Hashes of the n-grams of texts: every window of so many tokens."""

import numpy as np

from llm_assets.corpus.shingling.ngram_kernels import count_windows, hash_windows
from llm_assets.corpus.shingling.token_kernels import Hashes
from llm_assets.corpus.shingling.tokens import Tokens
from llm_assets.corpus.word_kernels import Offsets


def hash_ngrams(tokens: Tokens, size: int) -> tuple[Offsets, Hashes]:
    """Hash every window of so many tokens, in order.

    Window i of a text starts at its token i. The time does not depend on the size.

    Args:
        tokens: the tokens of texts.
        size: tokens of a window, at least 1.

    Returns:
        Where each text's windows start, and the end of the last; and their hashes. A text with
        fewer tokens than a window has none.

    Raises:
        ValueError: where the size is below 1.
    """
    if size < 1:
        raise ValueError(f"a window of {size} tokens")
    first = count_windows(tokens.first, size)
    hashes = np.empty(first[-1], np.uint64)
    hash_windows(tokens.first, tokens.hashes, size, first, hashes)
    return first, hashes
