"""Every token of a repeated span is found, and every span that is told is one."""

import tempfile
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from llm_assets.corpus.passages import repeated_substrings
from llm_assets.corpus.passages.largest_spans import MOST_PLACES
from llm_assets.corpus.passages.passage_report import describe_shares, summarize_substrings
from llm_assets.corpus.passages.repeated_substrings import (
    REPEATED_SUBSTRINGS,
    SubstringReport,
)

Document = tuple[str, str, list[int] | None]
"""Its id, its source and its tokens."""


def frame(documents: Sequence[Document]) -> pl.DataFrame:
    schema = {"doc_id": pl.String, "source": pl.String, "token_ids": pl.List(pl.UInt32)}
    return pl.DataFrame(documents, schema, orient="row")


def decode(token_ids: pl.Series) -> pl.Series:
    return pl.Series([" ".join(map(str, ids)) for ids in token_ids], dtype=pl.String)


def report(
    shards: Sequence[Sequence[Document]], size: int, *, ranges: int = 1, batch: int = 2
) -> tuple[pl.DataFrame, pl.DataFrame]:
    with tempfile.TemporaryDirectory() as folder:
        made = SubstringReport(size, Path(folder), ranges)
        for documents in shards:
            made.read(frame(documents).iter_slices(batch))
        parts = made.finish(decode)
    for (rows, _), documents in zip(parts, shards, strict=True):
        assert set(rows["doc_id"]) <= {doc_id for doc_id, _, _ in documents}
    totals = pl.concat([totals for _, totals in parts])
    return (
        pl.concat([rows for rows, _ in parts]),
        totals.group_by("source").agg(pl.all().sum()).sort("source"),
    )


def windows(tokens: Sequence[int], size: int) -> list[tuple[int, ...]]:
    return [tuple(tokens[i : i + size]) for i in range(len(tokens) - size + 1)]


TOKENS = st.lists(st.integers(0, 2), max_size=24) | st.lists(st.integers(0, 60_000), max_size=12)


@st.composite
def corpora(draw: st.DrawFn) -> list[Document]:
    texts = draw(st.lists(st.none() | TOKENS, max_size=6))
    if draw(st.booleans()):
        texts += texts[:2]
    return [(f"doc-{i}", draw(st.sampled_from("st")), tokens) for i, tokens in enumerate(texts)]


@given(corpora(), st.integers(2, 6))
@settings(max_examples=50, deadline=None)
def test_repeated_tokens_are_those_in_windows_that_stand_twice(
    documents: list[Document], size: int
) -> None:
    _, totals = report([documents], size)
    counts = Counter(window for _, _, ids in documents for window in windows(ids or [], size))
    seen: set[tuple[int, ...]] = set()
    expected: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for _, source, ids in documents:
        covered, later = set(), set()
        for start, window in enumerate(windows(ids or [], size)):
            if counts[window] > 1:
                covered |= set(range(start, start + size))
                later |= set(range(start, start + size)) if window in seen else set()
            seen.add(window)
        for i, figure in enumerate((len(ids or []), len(covered), len(later))):
            expected[source][i] += figure
    assert {source: figures for source, *figures in totals.iter_rows()} == expected


@given(corpora(), st.integers(2, 6))
@settings(max_examples=50, deadline=None)
def test_every_span_stands_where_it_is_told_and_nowhere_else(
    documents: list[Document], size: int
) -> None:
    rows, totals = report([documents], size)
    tokens = {doc_id: ids or [] for doc_id, _, ids in documents}
    sizes = []
    for (_, copies, length), places in rows.group_by("span", "copies", "token_length"):
        spans = {
            tuple(tokens[doc_id][at : at + length])
            for doc_id, at in places.select("doc_id", "token_offset").iter_rows()
        }
        assert len(spans) == 1
        (span,) = spans
        assert len(span) == length >= size
        everywhere = [w for ids in tokens.values() for w in windows(ids, length) if w == span]
        assert len(everywhere) == copies > 1
        assert places.height == min(copies, MOST_PLACES)
        assert places["is_first"].sum() == 1
        assert places["excerpt"].unique().to_list() == [" ".join(map(str, span[:40]))[:120]]
        sizes.append((places["span"][0], copies * length))
    assert [rank for rank, _ in sorted(sizes)] == list(range(1, len(sizes) + 1))
    ranked = [figure for _, figure in sorted(sizes)]
    assert ranked == sorted(ranked, reverse=True)
    assert rows.is_empty() == (totals["repeated"].sum() == 0)


@given(corpora(), st.integers(2, 6), st.data())
@settings(max_examples=30, deadline=None)
def test_batches_shards_and_ranges_do_not_matter(
    documents: list[Document], size: int, data: st.DataObject
) -> None:
    expected, expected_totals = report([documents], size, batch=100)
    at = data.draw(st.integers(0, len(documents)))
    ranges, batch = data.draw(st.integers(1, 5)), data.draw(st.integers(1, 4))
    rows, totals = report([documents[:at], documents[at:]], size, ranges=ranges, batch=batch)
    key = ["span", "doc_id", "token_offset"]
    assert_frame_equal(rows.sort(key), expected.sort(key))
    assert_frame_equal(totals, expected_totals)


def test_a_span_is_told_whole_though_a_part_of_it_stands_elsewhere_before() -> None:
    long = list(range(100, 140))
    documents = [("a", "s", long[10:20]), ("b", "s", [1, *long, 2]), ("c", "t", [3, *long, 4])]
    rows, _ = report([documents], 5)
    largest = rows.filter(span=1).sort("doc_id")
    assert largest["token_length"].to_list() == [40, 40]
    assert largest["token_offset"].to_list() == [1, 1]
    assert largest["doc_id"].to_list() == ["b", "c"]
    # What stands three times is told too: it is no more than a half of the other.
    assert rows.filter(token_length=10)["copies"].to_list() == [3, 3, 3]


def test_long_documents_are_hashed_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = [i * i % 101 % 7 for i in range(500)]
    documents = [("a", "s", tokens), ("b", "s", tokens[3:200]), ("c", "t", [])]
    expected = report([documents], 6)
    monkeypatch.setattr(repeated_substrings, "_BLOCK_TOKENS", 9)
    rows, totals = report([documents], 6)
    assert_frame_equal(rows, expected[0])
    assert_frame_equal(totals, expected[1])


def test_figures_add_up_and_shares_are_of_the_whole_corpus() -> None:
    documents = [("a", "s", list(range(10))), ("b", "t", list(range(20)))]
    rows, totals = report([documents], 5)
    summary = summarize_substrings(rows.lazy(), totals, describe_shares(totals))
    assert summary["tokens"] == 30
    assert summary["tokens_in_repeated_spans_by_source"] == {"s": 10, "t": 10}
    assert summary["tokens_in_later_copies_by_source"] == {"s": 0, "t": 10}
    assert summary["share_of_tokens_in_repeated_spans"] == "s 100.00%, t 50.00%"
    excerpt = " ".join(map(str, range(10)))
    assert summary["tokens_of_the_largest_spans"] == {f"2 x 10: {excerpt} (span 1)": 20}


def test_nothing_to_read() -> None:
    rows, totals = report([[], []], 50)
    assert rows.schema == REPEATED_SUBSTRINGS
    assert rows.is_empty()
    assert totals.is_empty()
    assert report([[("a", "s", None), ("b", "s", [])]], 50)[1].rows() == [("s", 0, 0, 0)]
