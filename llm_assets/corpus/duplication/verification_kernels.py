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
Numbers: TypeAlias = NDArray[np.uint8]

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
    if smaller == 0 or (smaller / larger < least and containment > 1):
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
    return jaccard, EXCERPT if common / mine >= containment else REJECTED


@njit(nogil=True, cache=True)
def _may_be_dropped(one: Int, other: Int, scope: Int, sources: Places, protected: Flags) -> bool:
    """Tell whether the recipe lets a document give way to a better one that it duplicates."""
    same = sources[one] == sources[other]
    if protected[one] and not same:
        return False
    return bool(scope == 0 or same == (scope == 1))


@njit(nogil=True, cache=True)
def _keep_most_similar(
    others: Places, similarities: Similarities, count: Int, into: Places, values: Similarities
) -> Int:
    """Write the most similar documents, as many as there is room for, in descending order.

    Returns:
        How many there are.
    """
    kept = 0
    for at in range(count):
        place = min(kept, len(into) - 1)
        if kept == len(into) and similarities[at] <= values[place]:
            continue
        # Of equal ones the better document stays in front.
        while place > 0 and similarities[at] > values[place - 1]:
            into[place], values[place] = into[place - 1], values[place - 1]
            place -= 1
        into[place], values[place] = others[at], similarities[at]
        kept = min(kept + 1, len(into))
    return kept


@njit(nogil=True, cache=True)
def _note_closest(closest: Places, held_out: Numbers, one: Int, other: Int) -> None:
    """Note of a document that stays the similar one in the split most apart from its own."""
    if held_out[other] <= held_out[one]:
        return
    before = closest[one]
    if (
        before == _NONE
        or held_out[other] > held_out[before]
        or (held_out[other] == held_out[before] and other < before)
    ):
        closest[one] = other


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
    held_out: Numbers,
    scope: Int,
    limits: tuple[bool, float, float, float],
    clusters: Rows,
    rejected: Places,
    rejected_similarities: Similarities,
) -> tuple[Places, Similarities, Numbers, Places]:
    """Decide who stays, and what each document that does not is dropped for.

    Memory is a few numbers a document, however many pairs are compared.

    Args:
        texts: of each document, in the order of rank, the number of its text.
        first: where each text's shingles begin in `hashes`, and the end of the last.
        hashes: each text's shingles, sorted, each once.
        list_first: where each document's lists begin in `lists`, and the end of the last.
        lists: the numbers of the lists that a document is on; those that share one are compared.
        list_count: how many lists there are.
        sources: of each document.
        protected: whether a document gives way to its own source alone.
        held_out: of each document, how much its split is to be kept apart.
        scope: place in `policy.SCOPES`.
        limits: whether to verify; least similarity of a near-duplicate; least containment of an
            excerpt, above 1 for none; least similarity of documents that are not to be parted.
        clusters: of each document its place; becomes the best one that duplicates connect it with.
        rejected: a row a document, for the most similar ones that it is no duplicate of; -1 behind
            the last.
        rejected_similarities: the same, how similar they are.

    Returns:
        For each document the place of the one it is dropped for, -1 for one that stays; their
        similarity; the outcome; and, of one that stays, the place of a similar one that stays in a
        split more apart than its own, -1 if there is none.
    """
    count = len(texts)
    keepers, closest = np.full(count, _NONE, np.int64), np.full(count, _NONE, np.int64)
    similarities = np.full(count, np.nan, np.float64)
    outcomes = np.zeros(count, np.uint8)
    seen = np.full(count, _NONE, np.int64)
    owners = np.empty(len(lists), np.int64)
    following = np.full(len(lists), _NONE, np.int64)
    heads, tails = np.full(list_count, _NONE, np.int64), np.full(list_count, _NONE, np.int64)
    unlike, unlike_values = np.empty(count, np.int64), np.empty(count, np.float64)
    alike = np.empty(count, np.int64)
    for one in range(count):
        best, unlike_count, alike_count = one, 0, 0
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
                if outcome == REJECTED:
                    unlike[unlike_count], unlike_values[unlike_count] = other, similarity
                    unlike_count += 1
                else:
                    unite(clusters, one, other)
                    if _may_be_dropped(one, other, scope, sources, protected):
                        best = other
                        similarities[one], outcomes[one] = similarity, outcome
                if outcome != REJECTED or similarity >= limits[3]:
                    alike[alike_count] = other
                    alike_count += 1
        kept = _keep_most_similar(
            unlike, unlike_values, unlike_count, rejected[one], rejected_similarities[one]
        )
        rejected[one, kept:] = _NONE
        if best != one:
            keepers[one] = best
            continue
        for at in range(alike_count):
            _note_closest(closest, held_out, one, alike[at])
            _note_closest(closest, held_out, alike[at], one)
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
    return keepers, similarities, outcomes, closest
