import json
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_assets.corpus import report
from llm_assets.corpus.report import Summary, add_summaries
from llm_assets.corpus.schema import (
    CLEANED,
    DUPLICATES,
    LEDGER,
    RAW,
    TOKENIZED,
    TRAINING_DOCUMENTS,
    Split,
)
from llm_assets.corpus.training.training_parts import PartSize, WrittenParts

RAW_ROWS = [
    {"source": "web", "media_type": "text/html", "payload": b"12345"},
    {"source": "web", "media_type": None, "payload": b"123"},
    {"source": "books", "payload": b"head", "quarantine_reason": "truncated"},
]
CLEANED_ROWS = [
    {"source": "web", "verdict": "keep", "language": "en", "text_bytes": 200, "text_chars": 100},
    {"source": "web", "verdict": "keep", "language": "de", "text_bytes": 9, "text_chars": 5,
     "pii_count": 2, "pii_counts": {"email": 2, "ip": 0}, "script": "Latn",
     "cut_line_count": 3},
    {"source": "books", "verdict": "drop", "reason": "gopher_short_doc", "language": "fr",
     "text_bytes": 7, "text_chars": 7},
    {"source": "web", "verdict": "quarantine", "reason": "binary"},
]  # fmt: skip
DUPLICATE_ROWS = [
    {"doc_id": "a", "source": "web", "title": "A page", "cluster_id": "a", "cluster_size": 3},
    {
        "doc_id": "b",
        "source": "web",
        "cluster_id": "a",
        "cluster_size": 3,
        "duplicate_of": "a",
        "keeper_source": "web",
        "method": "exact",
        "similarity": 1.0,
    },
    {
        "doc_id": "d",
        "source": "books",
        "cluster_id": "a",
        "cluster_size": 3,
        "duplicate_of": "a",
        "keeper_source": "web",
        "method": "near",
        "similarity": 0.85,
    },
    {
        "doc_id": "c",
        "source": "web",
        "rejected": [{"doc_id": "a", "similarity": 0.15}, {"doc_id": "d", "similarity": 0.16}],
    },
]
TOKENIZED_ROWS = [{"token_count": 10}, {"token_count": 25}]
LEDGER_ROWS = [
    {"source": "web", "stage": "training_split", "verdict": "keep", "split": "train",
     "language": "en", "token_count": 5},
    {"source": "web", "stage": "raw", "verdict": "quarantine", "reason": "binary"},
    {"source": "web", "stage": "cleaned_text", "verdict": "quarantine", "reason": "empty"},
    {"source": "web", "stage": "cleaned_text", "verdict": "drop", "reason": "top_2_gram"},
    {"source": "web", "stage": "near_duplicates", "verdict": "drop", "reason": "exact_duplicate",
     "token_count": 8},
    {"source": "web", "stage": "training_split", "verdict": "drop", "reason": "not_sampled"},
]  # fmt: skip

Case = tuple[Callable[[pl.LazyFrame], Summary], pl.Schema, list[dict[str, Any]]]
CASES: list[Case] = [
    (report.summarize_raw, RAW, RAW_ROWS),
    (report.summarize_cleaned, CLEANED, CLEANED_ROWS),
    (report.summarize_duplicates, DUPLICATES, DUPLICATE_ROWS),
    (report.summarize_tokenized, TOKENIZED, TOKENIZED_ROWS),
    (report.summarize_ledger, LEDGER, LEDGER_ROWS),
]


def _histogram(*lengths: int) -> Summary:
    return report._length_histogram(pl.Series(lengths, dtype=pl.Int64))


EXPECTED: list[Summary] = [
    {
        "rows": 3,
        "payload_bytes": 8,
        "documents_by_source": {"web": 2},
        "media_types": {"text/html": 1, "unknown": 1},
        "quarantined": 1,
        "quarantine_reasons": {"truncated": 1},
    },
    {
        "rows": 4,
        "kept_bytes": 209,
        "redactions": 2,
        "redactions_by_kind": {"email": 2},
        "lines_cut": 3,
        "verdicts": {"drop": 1, "keep": 2, "quarantine": 1},
        "documents_by_source": {"books": 1, "web": 3},
        "kept_by_source": {"web": 2},
        "drop_reasons": {"gopher_short_doc": 1},
        "quarantine_reasons": {"binary": 1},
        "languages_kept": {"de": 1, "en": 1},
        "languages_dropped": {"fr": 1},
        "scripts_kept": {"Latn": 1, "unknown": 1},
        "kept_text_length": _histogram(100, 5),
    },
    {
        "rows": 4,
        "documents_in_groups": 3,
        "groups": 1,
        "dropped": 2,
        "dropped_by_method": {"exact": 1, "near": 1},
        "rejected_pairs": 2,
        "pairs_by_similarity": {
            "verified": {"0.85": 1, "1.0": 1},
            "rejected": {"0.15": 2},
        },
        "dropped_by_source_pair": {"books": {"web": 1}, "web": {"web": 1}},
        "largest_duplicate_groups": {"A page (web, a)": 3},
    },
    {"rows": 2, "tokens": 35, "tokens_per_document": _histogram(10, 25)},
    {
        "rows": 6,
        "kept_tokens": 5,
        "verdicts": {"drop": 3, "keep": 1, "quarantine": 2},
        "lost_at": {"cleaned_text": 2, "near_duplicates": 1, "raw": 1, "training_split": 1},
        "lost_because": {
            "binary": 1,
            "empty": 1,
            "exact_duplicate": 1,
            "not_sampled": 1,
            "top_2_gram": 1,
        },
        "kept_by_source": {"web": 1},
        "kept_by_split": {"train": 1},
        "kept_tokens_by_language": {"en": 5},
    },
]


@pytest.mark.parametrize(("case", "expected"), list(zip(CASES, EXPECTED, strict=True)))
def test_figures(case: Case, expected: Summary) -> None:
    summarize, schema, rows = case
    summary = summarize(pl.LazyFrame(rows, schema))
    assert summary == expected
    assert json.loads(json.dumps(summary, allow_nan=False)) == summary


def test_figures_of_training_parts() -> None:
    rows = [
        {"source": "web", "split": "train", "repeat": 0, "first_token": 0, "token_length": 3},
        {"source": "web", "split": "train", "repeat": 0, "first_token": 3, "token_length": 2},
        {"source": "web", "split": "train", "repeat": 1, "first_token": 0, "token_length": 5},
        {"source": "books", "split": "test", "repeat": 0, "first_token": 0, "token_length": 7},
    ]
    sizes: dict[Split, PartSize] = {
        "train": PartSize(sequences=3, tokens=12, padding=2),
        "validation": PartSize(0, 0, 0),
        "test": PartSize(sequences=2, tokens=8, padding=1),
    }
    assert report.summarize_training(
        WrittenParts(pl.DataFrame(rows, TRAINING_DOCUMENTS), sizes)
    ) == {
        "rows": 4,
        "documents": 2,
        "tokens": 20,
        "padding_tokens": 3,
        "sequences_by_split": {"train": 3, "validation": 0, "test": 2},
        "tokens_by_split": {"train": 12, "validation": 0, "test": 8},
        "padding_by_split": {"train": 2, "validation": 0, "test": 1},
        "documents_by_split": {"train": 2, "validation": 0, "test": 1},
        "tokens_by_source": {"books": 7, "web": 10},
    }


@pytest.mark.parametrize("case", CASES)
def test_figures_of_parts_add_up_to_those_of_the_whole(case: Case) -> None:
    summarize, schema, rows = case
    whole = summarize(pl.LazyFrame(rows, schema))
    for cut in range(len(rows) + 1):
        first, second = (summarize(pl.LazyFrame(part, schema)) for part in (rows[:cut], rows[cut:]))
        assert add_summaries(first, second) == whole
        assert add_summaries(second, first) == whole


_SUMMARIES = st.fixed_dictionaries(
    {},
    optional={
        "rows": st.integers(0, 9),
        "engine": st.sampled_from(["gigatoken", "tokenizers"]),
        "reasons": st.dictionaries(st.sampled_from(["edges", "counts", "c"]), st.integers(0, 9)),
        "length": st.lists(st.integers(0, 9), min_size=2, max_size=2).map(
            lambda counts: {"edges": [1, 10, 100], "counts": counts}
        ),
    },
)


@settings(deadline=None)
@given(_SUMMARIES, _SUMMARIES, _SUMMARIES)
def test_addition_has_no_order(first: Summary, second: Summary, third: Summary) -> None:
    assert add_summaries(first, {}) == first
    assert add_summaries(first, second) == add_summaries(second, first)
    assert add_summaries(add_summaries(first, second), third) == add_summaries(
        first, add_summaries(second, third)
    )


def test_texts_that_differ_are_not_passed_off_as_one() -> None:
    assert add_summaries({"engine": "a"}, {"engine": "a"}) == {"engine": "a"}
    assert add_summaries({"engine": "a"}, {"engine": "b"}) == {"engine": "(several)"}


def test_histograms_with_other_edges_do_not_add_up() -> None:
    with pytest.raises(ValueError, match="different edges"):
        add_summaries(
            {"length": {"edges": [1, 2], "counts": [0]}},
            {"length": {"edges": [1, 3], "counts": [0]}},
        )


def test_lengths_beyond_the_edges_are_in_the_outer_bins() -> None:
    counts = _histogram(0, 1, 10, 10**8, 10**9)["counts"]
    assert (counts[0], counts[-1], sum(counts)) == (3, 2, 5)


def test_bins_are_four_a_decade() -> None:
    assert report.LENGTH_EDGES[:5] == (10, 18, 32, 56, 100)
    assert report.LENGTH_EDGES[-1] == 10**8


def test_the_funnel_goes_down_to_what_is_trained_on() -> None:
    steps = report.funnel(report.summarize_ledger(pl.LazyFrame(LEDGER_ROWS, LEDGER)))
    assert [(stage, documents) for stage, documents, _ in steps] == [
        ("seen", 6),
        ("readable", 4),
        ("passed cleaning", 3),
        ("not a duplicate", 2),
        ("in the training split", 1),
    ]
    assert [round(share, 3) for _, _, share in steps] == [1.0, 0.667, 0.5, 0.333, 0.167]


def test_the_funnel_of_an_empty_corpus() -> None:
    steps = report.funnel(report.summarize_ledger(pl.LazyFrame(schema=LEDGER)))
    assert {(documents, share) for _, documents, share in steps} == {(0, 0.0)}
