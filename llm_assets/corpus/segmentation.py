"""Words in scripts that are written without spaces: Chinese, Japanese, Thai, Lao, Khmer, Burmese.

The segmenter is ICU's (its root word rules with the dictionaries for these scripts), which
Chromium, Android and macOS cut words with. It reads texts of any mix of scripts in one call, at 13
to 38 MB/s. In number its words are those of the usual segmenter of each language within 10 %
(jieba, Sudachi, khmercut, LaoNLP, pyidaungsu); of Thai it finds a sixth to a quarter more than
PyThaiNLP, whose lexicon holds phrases as words. `docs/quality.md` has the figures.

A new release of ICU may cut differently: the lock file pins it.
"""

from itertools import pairwise
from operator import itemgetter
from typing import Final

import numpy as np
from icu4py.breakers import WordBreaker

from llm_assets.corpus.segmentation_kernels import find_runs, join_runs, place_cuts
from llm_assets.corpus.word_kernels import Bytes, Counts, Int, Offsets

DICTIONARY_SCRIPTS: Final = (
    r"\p{Han}\p{Hiragana}\p{Katakana}\p{Bopomofo}ー\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
)
"""The scripts, as the inside of a regular expression's class."""

_LANGUAGE: Final = "und"
"""None: ICU chooses the dictionary by the script, so that no wrong guess of the language counts."""

_LONGEST_RUN: Final = 1 << 14
"""Bytes. ICU keeps about 50 for each character of a run: a longer one, which no prose has, is cut
into pieces of this length."""

_LEAST_PIECE: Final = _LONGEST_RUN - 3
"""Bytes of a piece of a longer run: what is left of the length before a character's first byte."""

_BATCH_BYTES: Final = 1 << 20
"""Segmented in one call, so that many short runs cost no call each and memory stays small."""
_BATCH_RUNS: Final = 1 << 17
"""Looked for at a time."""


def find_cuts(data: Bytes, offsets: Offsets, classes: Bytes, runs: Counts) -> Offsets:
    """Find where to cut what stands between separators into words.

    Args:
        data: the texts' bytes, valid UTF-8.
        offsets: where each text starts, and the end of the last.
        classes: the class bits of each code point, as in `word_kernels`.
        runs: of each text, how many stretches between separators have a letter to cut by.

    Returns:
        Bytes of `data`, ascending: before each of them a word starts that no separator precedes.
    """
    longest = int(np.diff(offsets).max(initial=0))
    room = _BATCH_RUNS + longest // _LEAST_PIECE + 1
    starts, ends = np.empty(room, np.int64), np.empty(room, np.int64)
    is_rest = np.empty(room, np.uint8)
    # The system gives memory only to what is written.
    cuts = np.empty(int(offsets[-1] - offsets[0]), np.int64)
    total = 0
    row: Int = 0
    at: Int = 0
    while row < len(runs):
        found, row, at = find_runs(
            *(data, offsets, classes, runs, _LONGEST_RUN, _BATCH_RUNS),
            *(row, at, starts, ends, is_rest),
        )
        for batch in _batches(starts[:found], ends[:found]):
            pieces = starts[batch], ends[batch], is_rest[batch]
            total = _place_cuts(data, *pieces, classes, cuts, total)
    return cuts[:total]


def _batches(starts: Offsets, ends: Offsets) -> list[slice]:
    """Return ranges of runs that start in the same `_BATCH_BYTES` of what they are together."""
    blocks = np.cumsum(ends - starts) // _BATCH_BYTES
    bounds = [0, *(np.flatnonzero(np.diff(blocks)) + 1).tolist(), len(starts)]
    return [slice(first, last) for first, last in pairwise(bounds)]


def _place_cuts(
    data: Bytes,
    starts: Offsets,
    ends: Offsets,
    is_rest: Bytes,
    classes: Bytes,
    cuts: Offsets,
    total: int,
) -> int:
    """Cut runs as ICU does, behind so many cuts; return how many there are then."""
    joined = np.empty(int((ends - starts + 1).sum()), np.uint8)
    join_runs(data, starts, ends, joined)
    breaker = WordBreaker(joined.tobytes().decode(), _LANGUAGE)
    # The iterators are in C: no bytecode runs for a segment.
    segment_ends = np.fromiter(map(itemgetter(1), breaker.segments()), np.uint32)
    return int(place_cuts(data, starts, ends, is_rest, classes, segment_ends, cuts, total))
