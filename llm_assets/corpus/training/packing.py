"""Documents' tokens -> sequences of one length, each of one or several pieces of documents.

`cut_stream` cuts the documents, end to end, every so many tokens. `fit_documents` cuts only what is
longer than a sequence, and fits the rest together: best-fit decreasing, after Ding et al. 2024
("Fewer Truncations Improve Language Modeling"). Both say where each piece goes; `lay_out` moves the
tokens.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from llm_assets.corpus.training.packing_kernels import Int64s, Tokens, copy_pieces, fit_best

UInt64s = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Pieces:
    """Pieces of documents, in the order of the sequences they make."""

    document: Int64s
    """Which of the documents given."""
    start: Int64s
    """Which of that document's tokens the piece begins with."""
    length: Int64s
    """In tokens, at least 1."""
    place: Int64s
    """Tokens into the sequences, end to end."""
    sequence_count: int


def cut_stream(lengths: Int64s, sequence_length: int, *, to_the_end: bool) -> Pieces:
    """Cut documents, end to end, every `sequence_length` tokens.

    Args:
        lengths: tokens of each document.
        sequence_length: tokens of each sequence.
        to_the_end: whether the tokens behind the last whole sequence make one too, that is not
            full; else they are in no piece.
    """
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    count = -(-total // sequence_length) if to_the_end else total // sequence_length
    used = min(count * sequence_length, total)
    cuts = np.arange(1, count + 1) * sequence_length
    stops = np.unique(np.concatenate([ends[ends < used], cuts[cuts < used], [used]]))
    stops = stops[stops > 0]
    places = np.concatenate([np.zeros(1, np.int64), stops[:-1]])[: len(stops)]
    document = np.searchsorted(ends, places, side="right")
    begins = (ends - lengths)[document]
    return Pieces(document, places - begins, stops - places, places, count)


def fit_documents(lengths: Int64s, sequence_length: int, keys: UInt64s) -> Pieces:
    """Fit documents together; only those longer than a sequence are cut, every so many tokens.

    Args:
        lengths: tokens of each document, at least 1.
        sequence_length: tokens of each sequence.
        keys: of each document; a sequence is sorted by that of its first piece's document, and by
            where in it the piece begins. Pieces of a sequence are in the documents' order.
    """
    whole = lengths // sequence_length
    document = np.repeat(np.arange(len(lengths)), whole)
    first = np.cumsum(whole) - whole
    start = (np.arange(len(document)) - first[document]) * sequence_length
    full = len(document)
    rest = np.flatnonzero(lengths % sequence_length)
    sizes = (lengths % sequence_length)[rest]
    order = np.argsort(-sizes, kind="stable")
    bins = np.empty(len(rest), np.int64)
    bins[order] = fit_best(sizes[order], sequence_length)

    row = np.concatenate([np.arange(full), full + bins])
    document = np.concatenate([document, rest])
    start = np.concatenate([start, whole[rest] * sequence_length])
    length = np.concatenate([np.full(full, sequence_length), sizes])
    count = full + (int(bins.max()) + 1 if len(bins) else 0)
    return _in_order(row, document, start, length, count, sequence_length, keys)


def _in_order(
    row: Int64s,
    document: Int64s,
    start: Int64s,
    length: Int64s,
    count: int,
    sequence_length: int,
    keys: UInt64s,
) -> Pieces:
    """Number the sequences anew by the keys of their first pieces, and say where pieces go."""
    by_row = np.lexsort((document, row))
    firsts = by_row[np.searchsorted(row[by_row], np.arange(count))]
    ranked = np.lexsort((start[firsts], document[firsts], keys[document[firsts]]))
    rank = np.empty(count, np.int64)
    rank[ranked] = np.arange(count)
    order = np.lexsort((document, rank[row]))
    sequence, length = rank[row][order], length[order]
    ends = np.cumsum(length)
    begins = ends - length
    first_piece = np.searchsorted(sequence, np.arange(count))
    place = sequence * sequence_length + begins - begins[first_piece][sequence]
    return Pieces(document[order], start[order], length, place, count)


def lay_out(
    tokens: Tokens, lengths: Int64s, pieces: Pieces, sequence_length: int, padding_id: int
) -> Tokens:
    """Return the sequences' tokens end to end; what no piece fills is padding.

    Args:
        tokens: of the documents, end to end.
        lengths: tokens of each document.
        pieces: where they go.
        sequence_length: tokens of each sequence.
        padding_id: the token to fill up with.
    """
    target = np.full(pieces.sequence_count * sequence_length, padding_id, np.uint32)
    begins = np.cumsum(lengths) - lengths
    starts = begins[pieces.document] + pieces.start
    copy_pieces(tokens, starts, pieces.length, pieces.place, target)
    return target
