"""Who stays of documents that may be duplicates: one pass in the order of rank, by Numba.

The best document stays. Each one after it is compared with those that stay and share a list with
it, best first, and is dropped for the first that it is a duplicate of. So a document is only ever
dropped for one that it was compared with itself (the removal is star-shaped), and a chain of
similar documents drops none that is unlike the one that stays.
"""

from typing import Any, Final, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

from llm_assets.corpus.duplication.candidate_kernels import Rows, root_of, unite

Int: TypeAlias = int | np.integer[Any]
Places: TypeAlias = NDArray[np.int64]
Hashes: TypeAlias = NDArray[np.uint64]
Flags: TypeAlias = NDArray[np.bool_]
Similarities: TypeAlias = NDArray[np.float64]
Edges: TypeAlias = tuple[Places, Places, Similarities, NDArray[np.uint8]]
"""Pairs that were compared: the document, the better one, their similarity, the outcome."""

REJECTED: Final = 0
EXACT: Final = 1
NEAR: Final = 2
EXCERPT: Final = 3
PROPOSED: Final = 4
"""Outcomes; proposed: a duplicate because nobody verifies."""

_NONE: Final = -1


@njit(nogil=True, cache=True)
def count_common(hashes: Hashes, one: Int, one_end: Int, other: Int, other_end: Int) -> Int:
    """Count the values that two sorted stretches without repetitions have in common."""
    common = 0
    while one < one_end and other < other_end:
        left, right = hashes[one], hashes[other]
        common += left == right
        one += left <= right
        other += right <= left
    return common


@njit(nogil=True, cache=True)
def _more_room(edges: Edges) -> Edges:
    """Return the same pairs in arrays of twice the size."""
    ones, others, similarities, outcomes = edges
    room = 2 * len(ones)
    new_ones, new_others = np.empty(room, np.int64), np.empty(room, np.int64)
    new_similarities, new_outcomes = np.empty(room, np.float64), np.empty(room, np.uint8)
    new_ones[: len(ones)], new_others[: len(ones)] = ones, others
    new_similarities[: len(ones)], new_outcomes[: len(ones)] = similarities, outcomes
    return new_ones, new_others, new_similarities, new_outcomes


@njit(nogil=True, cache=True)
def _compare(
    one: Int,
    other: Int,
    texts: Places,
    first: Places,
    hashes: Hashes,
    limits: tuple[bool, float, float, float],
) -> tuple[float, Int]:
    """Return the similarity of a document and a better one, and what follows.

    The similarity is -1 where the lengths alone say that it is below every limit.
    """
    verify, similarity, containment, least = limits
    if texts[one] == texts[other]:
        return 1.0, EXACT
    if not verify:
        return np.nan, PROPOSED
    mine = first[texts[one] + 1] - first[texts[one]]
    its = first[texts[other] + 1] - first[texts[other]]
    smaller, larger = min(mine, its), max(mine, its)
    if smaller == 0 or (smaller < least * larger and containment > 1):
        return -1.0, REJECTED
    common = count_common(
        hashes,
        first[texts[one]],
        first[texts[one] + 1],
        first[texts[other]],
        first[texts[other] + 1],
    )
    jaccard = common / (mine + its - common)
    if jaccard >= similarity:
        return jaccard, NEAR
    return jaccard, EXCERPT if common >= containment * mine else REJECTED


@njit(nogil=True, cache=True)
def _may_be_dropped(one: Int, other: Int, scope: Int, sources: Places, protected: Flags) -> bool:
    """Tell whether the recipe lets a document give way to a better one that it duplicates."""
    same = sources[one] == sources[other]
    if protected[one] and not same:
        return False
    return bool(scope == 0 or same == (scope == 1))


@njit(nogil=True, cache=True)
def choose_keepers(
    texts: Places,
    first: Places,
    hashes: Hashes,
    list_first: Places,
    lists: Places,
    list_count: Int,
    sources: Places,
    protected: Flags,
    scope: Int,
    limits: tuple[bool, float, float, float],
    clusters: Rows,
) -> tuple[Places, Edges]:
    """Decide who stays, and what each document that does not is dropped for.

    Args:
        texts: of each document, in the order of rank, the number of its text.
        first: where each text's shingles begin in `hashes`, and the end of the last.
        hashes: each text's shingles, sorted, each once.
        list_first: where each document's lists begin in `lists`, and the end of the last.
        lists: the numbers of the lists that a document is on; those that share one are compared.
        list_count: how many lists there are.
        sources: of each document.
        protected: whether a document gives way to its own source alone.
        scope: place in `policy.SCOPES`.
        limits: whether to verify; least similarity of a near-duplicate; least containment of an
            excerpt, above 1 for none; least similarity that is worth knowing.
        clusters: of each document its place; becomes the best one that duplicates connect it with.

    Returns:
        For each document the place of the one it is dropped for, -1 for one that stays; and the
        pairs that were compared, but those that length alone rejected.
    """
    count = len(texts)
    keepers = np.full(count, _NONE, np.int64)
    seen = np.full(count, _NONE, np.int64)
    owners = np.empty(len(lists), np.int64)
    following = np.full(len(lists), _NONE, np.int64)
    heads, tails = np.full(list_count, _NONE, np.int64), np.full(list_count, _NONE, np.int64)
    edges = (
        np.empty(64, np.int64),
        np.empty(64, np.int64),
        np.empty(64, np.float64),
        np.empty(64, np.uint8),
    )
    edge_count = 0
    for one in range(count):
        best = one
        for place in range(list_first[one], list_first[one + 1]):
            entry = heads[lists[place]]
            # A list holds those that stay in the order of rank.
            while entry != _NONE and owners[entry] < best:
                other = owners[entry]
                entry = following[entry]
                if seen[other] == one:
                    continue
                seen[other] = one
                similarity, outcome = _compare(one, other, texts, first, hashes, limits)
                if similarity == -1.0:
                    continue
                if edge_count == len(edges[0]):
                    edges = _more_room(edges)
                edges[0][edge_count], edges[1][edge_count] = one, other
                edges[2][edge_count], edges[3][edge_count] = similarity, outcome
                edge_count += 1
                if outcome != REJECTED:
                    unite(clusters, one, other)
                    if _may_be_dropped(one, other, scope, sources, protected):
                        best = other
        if best != one:
            keepers[one] = best
            continue
        for place in range(list_first[one], list_first[one + 1]):
            owners[place] = one
            tail = tails[lists[place]]
            if tail == _NONE:
                heads[lists[place]] = place
            else:
                following[tail] = place
            tails[lists[place]] = place
    for one in range(count):
        clusters[one] = root_of(clusters, one)
    return keepers, (
        edges[0][:edge_count],
        edges[1][:edge_count],
        edges[2][:edge_count],
        edges[3][:edge_count],
    )
