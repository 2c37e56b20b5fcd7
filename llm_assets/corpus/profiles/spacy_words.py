"""Words as spaCy's English tokenizer makes them, at the speed of a compiled kernel.

A chunk between whitespace is cut by `spacy_word_kernels.py` where rules decide, and by spaCy itself
where one of its exceptions may ("Mr.", "don't", ":-)", web addresses): each such chunk of a batch
once, and once in a process while it is remembered.
"""

from collections.abc import Iterable, Iterator
from itertools import accumulate, pairwise
from typing import Final

import numpy as np

from llm_assets.corpus.profiles import spacy_word_kernels as kernels
from llm_assets.corpus.profiles.spacy_rule_kernels import LONGEST_ASKED
from llm_assets.corpus.profiles.spacy_rules import SpacyRules, Tokens, spacy_rules
from llm_assets.corpus.spans import Spans, room_for_spans, trimmed
from llm_assets.corpus.word_kernels import Bytes, Offsets

_SPACE: Final = b" "


def find_spacy_words(data: Bytes, offsets: Offsets) -> Spans:
    """Find the tokens of `spacy.blank("en")` in each text, those of whitespace left out.

    The answer is spaCy's, except for chunks of more than `LONGEST_ASKED` characters, which are cut
    by its rules without its exceptions, whatever stands beside them.

    Args:
        data: the texts' UTF-8 bytes.
        offsets: where each text starts, and the end of the last.

    Raises:
        ModuleNotFoundError: without spaCy (the extra `spacy`).
    """
    rules = spacy_rules()
    words = room_for_spans(offsets)
    odd = np.empty(len(words.starts), np.int64)
    odd_total = kernels.cut_texts(data, offsets, *rules.tables, *words, odd)
    words = trimmed(words)
    return _with_asked(data, offsets, words, odd[:odd_total], rules) if odd_total else words


def _with_asked(
    data: Bytes, offsets: Offsets, words: Spans, odd: Offsets, rules: SpacyRules
) -> Spans:
    """Replace odd chunks by the tokens that spaCy makes of them."""
    rows = np.searchsorted(words.first, odd, side="right") - 1
    begins = offsets[rows] + words.starts[odd]
    lengths = words.lengths[odd].astype(np.int64)
    names, distinct = np.empty(len(odd), np.int64), np.empty(len(odd), np.int64)
    total = kernels.name_odd(data, begins, lengths, names, distinct)
    chunks = [data[begins[i] : begins[i] + lengths[i]].tobytes() for i in distinct[:total].tolist()]
    answers = rules.ask(chunks)
    entries = [answer.tokens for answer in answers]
    ends = odd + 1
    merging = np.array([answer.may_merge for answer in answers])
    where = np.flatnonzero(merging[names])
    runs = list(_runs(data, offsets, words, rows[where], odd[where], rules))
    if runs:
        odd, ends, names = _with_runs(odd, names, runs, len(entries))
        entries += [entry for _, _, entry in runs]
    return _splice(words, odd, ends, names, entries)


def _runs(
    data: Bytes, offsets: Offsets, words: Spans, rows: Offsets, odd: Offsets, rules: SpacyRules
) -> Iterator[tuple[int, int, Tokens]]:
    """Find the chunks that spaCy has to see together, and let it.

    spaCy looks for its exceptions once more in the tokens of the whole text. There it also takes
    ": )" for ":)", leaves that as it is because of the space, but no longer sees what overlaps it.

    Yields:
        The first word of a run of chunks, the last and one, and the tokens instead.
    """
    begins = words.starts[odd].astype(np.int64)
    ends = begins + words.lengths[odd]
    bounds = np.flatnonzero(np.diff(rows, prepend=-1, append=-1)).tolist()
    for first, last in pairwise(bounds):
        row = int(rows[first])
        text = data[offsets[row] : offsets[row + 1]].tobytes()
        chunks = zip(begins[first:last].tolist(), ends[first:last].tolist(), strict=True)
        starts = words.starts[words.first[row] : words.first[row + 1]]
        for begin, end in _run_bounds(text, chunks, rules):
            # Of the type of the starts: of another, they would all be converted each time.
            place, after = np.searchsorted(starts, np.array([begin, end], np.uint32)).tolist()
            shift = int(starts[place]) - begin
            tokens = tuple((at - shift, size) for at, size in rules.cut(text[begin:end]))
            yield int(words.first[row]) + place, int(words.first[row]) + after, tokens


def _run_bounds(
    text: bytes, chunks: Iterable[tuple[int, int]], rules: SpacyRules
) -> list[tuple[int, int]]:
    """Return the runs around these chunks, joined where they meet, but no chunk that is alone."""
    runs: list[tuple[int, int]] = []
    for chunk in chunks:
        if runs and chunk[1] <= runs[-1][1]:
            continue
        begin, end = _widened(text, *chunk, rules)
        longest = max(map(len, text[begin:end].split()))
        if (begin, end) == chunk or longest > LONGEST_ASKED:
            continue
        while runs and begin < runs[-1][1]:
            begin = min(begin, runs.pop()[0])
        runs.append((begin, end))
    return runs


def _widened(text: bytes, begin: int, end: int, rules: SpacyRules) -> tuple[int, int]:
    """Return the run of chunks around one, to where no exception crosses a space."""
    while rules.may_cross(text, begin - 1):
        begin = text.rfind(_SPACE, 0, begin - 1) + 1
    while rules.may_cross(text, end):
        behind = text.find(_SPACE, end + 1)
        end = behind if behind >= 0 else len(text)
    return begin, end


def _with_runs(
    odd: Offsets, names: Offsets, runs: list[tuple[int, int, Tokens]], entries: int
) -> tuple[Offsets, Offsets, Offsets]:
    """Return what to replace, to where, and by which entry, once runs come after the entries."""
    places = np.array([place for place, _, _ in runs], np.int64)
    ends = np.array([end for _, end, _ in runs], np.int64)
    run = np.searchsorted(places, odd, side="right") - 1
    alone = (run < 0) | (odd >= ends[run])
    all_places = np.concatenate([odd[alone], places])
    order = np.argsort(all_places)
    return (
        all_places[order],
        np.concatenate([odd[alone] + 1, ends])[order],
        np.concatenate([names[alone], entries + np.arange(len(runs))])[order],
    )


def _splice(
    words: Spans, places: Offsets, ends: Offsets, names: Offsets, entries: list[Tokens]
) -> Spans:
    first = np.array([0, *accumulate(map(len, entries))], np.int64)
    flat = np.array([token for entry in entries for token in entry], np.uint32).reshape(-1, 2)
    grown = len(words.starts) + int((first[names + 1] - first[names]).sum())
    new = Spans(np.empty_like(words.first), np.empty(grown, np.uint32), np.empty(grown, np.uint32))
    starts, lengths = np.ascontiguousarray(flat[:, 0]), np.ascontiguousarray(flat[:, 1])
    kernels.splice(*words, places, ends, names, first, starts, lengths, *new)
    return trimmed(new)
