"""What a page says it is, in JSON-LD and Open Graph: kernels compiled by Numba."""

import numpy as np
from numba import njit

from llm_assets.corpus.pages.html_scan import (
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


@njit(nogil=True, cache=True)
def claimed_type(data: Bytes, at: Int, end: Int, types: tuple[Keys, Values]) -> Int:
    """Return the bits of what a `meta` tag says the page is."""
    if not holds(data, at, end, b'"og:type"'):
        return 0
    while at + 9 < end:
        if holds(data, at, at + 9, b'content="'):
            return _quoted_type(data, at + 9, end, types)
        at += 1
    return 0


@njit(nogil=True, cache=True)
def linked_types(data: Bytes, at: Int, end: Int, types: tuple[Keys, Values]) -> Int:
    """Return the bits of all types that JSON-LD names."""
    found = np.int64(0)
    while at + 7 < end:
        if data[at] == 0x40 and holds(data, at, at + 6, b'@type"'):
            at += 6
            while at < end and data[at] != QUOTE:
                at += 1
            found |= _quoted_type(data, at + 1, end, types)
        at += 1
    return found


@njit(nogil=True, cache=True)
def _quoted_type(data: Bytes, at: Int, end: Int, types: tuple[Keys, Values]) -> Int:
    state = hash_start()
    while at < end and data[at] != QUOTE:
        state = hash_on(state, data[at])
        at += 1
    return look_up(state, types[0], types[1])
