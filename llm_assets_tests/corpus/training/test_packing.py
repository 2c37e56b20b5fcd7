from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_assets.corpus.training.packing import Pieces, cut_stream, fit_documents, lay_out
from llm_assets.corpus.training.packing_kernels import fit_best

PADDING = 0
LENGTHS = st.lists(st.integers(1, 25), max_size=40)
SIZES = st.integers(1, 12)


def _tokens(lengths: list[int]) -> list[list[int]]:
    """Give every token of every document an id of its own, from 1."""
    ends = np.cumsum([0, *lengths]).tolist()
    return [list(range(a + 1, b + 1)) for a, b in pairwise(ends)]


def _laid_out(lengths: list[int], pieces: Pieces, size: int) -> list[int]:
    flat = np.arange(1, sum(lengths) + 1, dtype=np.uint32)
    out = lay_out(flat, np.array(lengths, np.int64), pieces, size, PADDING)
    assert len(out) == pieces.sequence_count * size
    tokens: list[int] = out.tolist()
    return tokens


def _fit(lengths: list[int], size: int) -> Pieces:
    keys = np.array([hash(("key", n)) % 2**63 for n in range(len(lengths))], np.uint64)
    return fit_documents(np.array(lengths, np.int64), size, keys)


@given(LENGTHS, SIZES)
def test_a_cut_stream_is_the_documents_end_to_end(lengths: list[int], size: int) -> None:
    pieces = cut_stream(np.array(lengths, np.int64), size, to_the_end=True)
    total = sum(lengths)
    padding = -total % size
    assert _laid_out(lengths, pieces, size) == [*range(1, total + 1), *[PADDING] * padding]
    whole = cut_stream(np.array(lengths, np.int64), size, to_the_end=False)
    assert whole.sequence_count == total // size
    assert int(whole.length.sum()) == total // size * size


@given(LENGTHS, SIZES, st.booleans())
def test_pieces_say_whose_tokens_are_where(lengths: list[int], size: int, fitted: bool) -> None:
    documents = np.array(lengths, np.int64)
    pieces = _fit(lengths, size) if fitted else cut_stream(documents, size, to_the_end=True)
    out, tokens = _laid_out(lengths, pieces, size), _tokens(lengths)
    seen: list[int] = []
    columns = (pieces.document, pieces.start, pieces.length, pieces.place)
    for document, start, length, place in zip(*(c.tolist() for c in columns), strict=True):
        piece = tokens[document][start : start + length]
        assert len(piece) == length >= 1
        assert out[place : place + length] == piece
        assert place // size == (place + length - 1) // size, "a piece is in one sequence"
        seen += piece
    # No token is lost or doubled, and everything else is padding.
    assert sorted(seen) == list(range(1, sum(lengths) + 1))
    assert out.count(PADDING) == len(out) - len(seen)
    assert pieces.place.tolist() == sorted(pieces.place.tolist())


@given(LENGTHS, SIZES)
def test_what_fits_is_not_cut(lengths: list[int], size: int) -> None:
    pieces = _fit(lengths, size)
    cuts = np.bincount(pieces.document, minlength=len(lengths)).tolist()
    assert cuts == [-(-length // size) for length in lengths]


@given(LENGTHS, SIZES)
def test_there_is_no_more_padding_than_without_fitting(lengths: list[int], size: int) -> None:
    pieces = _fit(lengths, size)
    assert pieces.sequence_count <= sum(-(-length // size) for length in lengths)
    # First and best fit decreasing need at most 11/9 of the least, plus one.
    assert pieces.sequence_count <= 11 / 9 * -(-sum(lengths) // size) + 1 or any(
        2 * (length % size) > size for length in lengths
    )


@given(st.lists(st.integers(1, 30), max_size=60), st.integers(30, 70))
def test_the_kernel_takes_the_fullest_bin_that_has_room(sizes: list[int], capacity: int) -> None:
    sizes = sorted(sizes, reverse=True)
    bins = fit_best(np.array(sizes, np.int64), capacity).tolist()
    rooms: list[int] = []
    for size, chosen in zip(sizes, bins, strict=True):
        enough = [room for room in rooms if room >= size]
        if enough:
            assert rooms[chosen] == min(enough)
            rooms[chosen] -= size
        else:
            assert chosen == len(rooms)
            rooms.append(capacity - size)


def test_best_fit_fills_the_gaps() -> None:
    pieces = _fit([6, 5, 4, 3, 2], 10)
    assert pieces.sequence_count == 2
    assert int(pieces.length.sum()) == 20


@pytest.mark.parametrize("size", [1, 7, 64])
def test_sequences_are_in_the_order_of_the_keys(size: int) -> None:
    lengths = np.arange(1, 60, dtype=np.int64)
    keys = np.arange(59, dtype=np.uint64)
    forward, backward = (fit_documents(lengths, size, k) for k in (keys, keys[::-1].copy()))
    firsts = [
        order.document[np.searchsorted(order.place // size, np.arange(order.sequence_count))]
        for order in (forward, backward)
    ]
    assert firsts[0].tolist() == sorted(firsts[0])
    assert firsts[1].tolist() == sorted(firsts[1], reverse=True)
