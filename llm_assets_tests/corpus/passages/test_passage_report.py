"""Figures of repeated passages add up, and a summary stays small however many sites there are."""

import polars as pl

from llm_assets.corpus.passages.passage_report import (
    MOST_SITES,
    OTHER_SITES,
    describe_shares,
    summarize_passages,
)
from llm_assets.corpus.passages.repeated_passages import REPEATED_PASSAGES
from llm_assets.corpus.report import add_summaries, funnel


def rows(sites: list[str]) -> pl.LazyFrame:
    return pl.LazyFrame(
        [
            {"site": site, "cut_passages": i + 1, "cut_chars": 10, "action": "drop" if i else "cut"}
            for i, site in enumerate(sites)
        ],
        REPEATED_PASSAGES,
    )


def test_passages_are_counted_by_site() -> None:
    one = summarize_passages(rows(["a", "b", "a"]), {"Sign up": 3})
    assert one == {
        "rows": 3,
        "passages_cut": 6,
        "characters_cut": 30,
        "documents_dropped": 2,
        "passages_cut_by_site": {"a": 4, "b": 2},
        "characters_cut_by_site": {"a": 20, "b": 10},
        "documents_of_the_most_repeated": {"Sign up": 3},
    }
    both = add_summaries(one, summarize_passages(rows(["b"]), {}))
    assert both["passages_cut_by_site"] == {"a": 4, "b": 3}


def test_the_sites_with_the_fewest_are_one() -> None:
    summary = summarize_passages(rows([f"site-{i}" for i in range(MOST_SITES + 3)]), {})
    counts = summary["passages_cut_by_site"]
    assert len(counts) == MOST_SITES + 1
    assert counts[OTHER_SITES] == 1 + 2 + 3
    assert sum(counts.values()) == summary["passages_cut"]


def test_nothing_is_cut() -> None:
    summary = summarize_passages(rows([]), {})
    assert summary["passages_cut"] == 0
    assert summary["passages_cut_by_site"] == {}


def test_shares_are_of_all_shards_together() -> None:
    totals = pl.DataFrame(
        {"source": ["a", "b", "a", "c"], "tokens": [10, 10, 30, 0], "repeated": [10, 4, 0, 0]}
    )
    assert describe_shares(totals) == "b 40.00%, a 25.00%, c 0.00%"


def test_the_funnel_tells_of_documents_that_were_little_but_repeated() -> None:
    ledger = {
        "rows": 10,
        "verdicts": {"drop": 3, "keep": 7},
        "lost_at": {"near_duplicates": 2, "repeated_passages": 1},
        "kept_by_split": {"train": 7},
    }
    left = {step.stage: step.documents for step in funnel(ledger)}
    assert list(left.items())[-3:] == [
        ("not a duplicate", 8),
        ("more than repeated", 7),
        ("in the training split", 7),
    ]
