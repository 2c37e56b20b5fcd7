"""Windows of token ids: their hashes, which of them are equal, and what they cover."""

from typing import Final, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

from llm_assets.corpus.passages.hash_kernels import Flags, Hashes, mix
from llm_assets.corpus.word_kernels import Int, Names, Offsets

Positions: TypeAlias = NDArray[np.uint64]

_BASE: Final = np.uint64(0x9E3779B97F4A7C15)
_SEVERAL: Final = 2


@njit(nogil=True, cache=True)
def hash_windows(
    tokens: Names, starts: Offsets, ends: Offsets, size: Int, hashes: Hashes, at: Offsets
) -> Int:
    """Hash every window of so many tokens of each stretch; return how many there are.

    The hash is a polynomial in the mixed ids, rolled from window to window, and mixed again. It
    only has to tell most windows apart: equal hashes are verified.

    Args:
        tokens: token ids.
        starts: where each stretch starts.
        ends: where it ends.
        size: tokens of a window.
        hashes: receives the windows' hashes, in order.
        at: receives their first tokens' places in `tokens`.
    """
    leading = np.uint64(1)
    for _ in range(size):
        leading *= _BASE
    found = 0
    for row in range(len(starts)):
        value = np.uint64(0)
        for i in range(starts[row], ends[row]):
            value = value * _BASE + mix(np.uint64(tokens[i]) + _BASE)
            start = i + 1 - size
            if start > starts[row]:
                value -= leading * mix(np.uint64(tokens[start - 1]) + _BASE)
            if start >= starts[row]:
                hashes[found], at[found] = mix(value), start
                found += 1
    return found


@njit(nogil=True, cache=True)
def count_slots(hashes: Hashes, slots: Flags) -> None:
    """Note once, or several times, in a table whose size is a power of two, that a hash occurs."""
    mask = np.uint64(len(slots) - 1)
    for i in range(len(hashes)):
        slot = hashes[i] & mask
        slots[slot] = min(slots[slot] + 1, _SEVERAL)


@njit(nogil=True, cache=True)
def are_equal(tokens: Names, one: Int, other: Int, length: Int) -> bool:
    """Whether the same tokens follow two places."""
    for i in range(length):  # noqa: SIM110 - Numba compiles no generator expressions
        if tokens[one + i] != tokens[other + i]:
            return False
    return True


@njit(nogil=True, cache=True)
def group_windows(
    tokens: Names, size: Int, hashes: Hashes, at: Offsets, firsts: Offsets, copies: Names
) -> None:
    """Tell for each window which is the first that is equal to it, and how many are.

    Args:
        tokens: all token ids.
        size: tokens of a window.
        hashes: of the windows, in order.
        at: places of windows in `tokens`; ascending among equal hashes.
        firsts: receives the place of the first equal window.
        copies: receives the number of equal windows, itself included.
    """
    begin = 0
    while begin < len(hashes):
        end = begin
        while end < len(hashes) and hashes[end] == hashes[begin]:
            copies[end] = 0
            end += 1
        for leader in range(begin, end):
            if copies[leader] > 0:
                continue
            count = 0
            for turn in range(2):
                for i in range(leader, end):
                    if turn == 0 and copies[i] == 0 and are_equal(tokens, at[leader], at[i], size):
                        firsts[i] = at[leader]
                        count += 1
                        copies[i] = np.uint32(0xFFFFFFFF)
                    elif turn == 1 and copies[i] == np.uint32(0xFFFFFFFF):
                        copies[i] = count
        begin = end


@njit(nogil=True, cache=True)
def cover_documents(
    at: Offsets,
    firsts: Offsets,
    size: Int,
    starts: Offsets,
    repeated: Offsets,
    redundant: Offsets,
) -> None:
    """Count each document's tokens that stand in a repeated window.

    Args:
        at: places of repeated windows, ascending.
        firsts: the place of the first window equal to each.
        size: tokens of a window.
        starts: where each document starts, ascending.
        repeated: zeros; receives tokens in any repeated window.
        redundant: zeros; receives tokens in a window that is not the first of its kind.
    """
    row = 0
    until = later_until = np.int64(0)
    for i in range(len(at)):
        while row + 1 < len(starts) and starts[row + 1] <= at[i]:
            row += 1
        end = at[i] + size
        repeated[row] += end - max(until, at[i])
        until = end
        if firsts[i] != at[i]:
            redundant[row] += end - max(later_until, at[i])
            later_until = end


@njit(nogil=True, cache=True)
def join_windows(
    at: Offsets, firsts: Offsets, copies: Names, size: Int, lengths: Offsets, least: Names
) -> Int:
    """Join windows that continue the same earlier text into spans, in place; return how many.

    Args:
        at: places of repeated windows, ascending; receives the spans' places.
        firsts: places of the first equal windows; receives where the spans stand first.
        copies: of each window.
        size: tokens of a window.
        lengths: receives the tokens of each span.
        least: receives the fewest copies of a span's windows: it has no more itself.
    """
    found = 0
    previous_at = previous_first = np.int64(-2)
    for i in range(len(at)):
        here, first, count = at[i], firsts[i], copies[i]
        if first == here:  # the text itself: what continues it is another question
            continue
        if here == previous_at + 1 and first == previous_first + 1:
            lengths[found - 1] += 1
            least[found - 1] = min(least[found - 1], count)
        else:
            at[found], firsts[found] = here, first
            lengths[found], least[found] = size, count
            found += 1
        previous_at, previous_first = here, first
    return found


@njit(nogil=True, cache=True)
def extend_spans(
    tokens: Names, separator: Int, at: Offsets, firsts: Offsets, lengths: Offsets
) -> None:
    """Let spans reach as far as both places have the same tokens, within their documents.

    A span breaks off where a window of it stands still earlier somewhere else; so it is put
    together again.
    """
    for i in range(len(at)):
        one, other, length = firsts[i], at[i], lengths[i]
        while one > 0 and tokens[one - 1] == tokens[other - 1] and tokens[one - 1] != separator:
            one, other, length = one - 1, other - 1, length + 1
        while tokens[one + length] == tokens[other + length] and tokens[one + length] != separator:
            length += 1
        firsts[i], at[i], lengths[i] = one, other, length


@njit(nogil=True, cache=True)
def find_equal(tokens: Names, first: Int, at: Offsets, length: Int, is_equal: Flags) -> None:
    """Tell at which places the same tokens stand as at the first."""
    for i in range(len(at)):
        is_equal[i] = at[i] + length <= len(tokens) and are_equal(tokens, first, at[i], length)
