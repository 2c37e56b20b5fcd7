"""What would change is counted right, and shown by example."""

import polars as pl

from llm_assets.corpus.retuning import (
    CHANGE,
    compare_verdicts,
    count_changes,
    count_reasons,
    examples,
)
from llm_assets.corpus.schema import CLEANED
from llm_assets.corpus.verdicts import Judging

ROWS = [
    ("a", "one", "en", "keep", None, 300),
    ("b", "one", "en", "drop", "gopher_short_doc", 40),
    ("c", "one", "de", "keep", None, 60),
    ("d", "two", "en", "drop", "gopher_short_doc", 10),
    ("e", "two", None, "quarantine", "malformed", None),
    ("f", "two", None, "drop", "domain", None),
]


def changes(judging: Judging) -> pl.DataFrame:
    rows = [
        {
            "doc_id": doc_id,
            "source": source,
            "object_key": f"{doc_id}.html",
            "language": language,
            "language_score": 0.9,
            "text_chars": 100,
            "mean_word_chars": 5.0,
            "word_count": words,
            "verdict": verdict,
            "reason": reason,
            "measured": words,
            "threshold": 50.0,
        }
        for doc_id, source, language, verdict, reason, words in ROWS
    ]
    frame = pl.LazyFrame(rows, CLEANED, strict=False)
    return compare_verdicts(frame, ["one", "two"], judging)


def test_the_comparison() -> None:
    judging = Judging(profiles=("gopher@paper",), thresholds={"gopher_short_doc": 30})
    found = changes(judging)
    assert found.schema == CHANGE
    assert found.select("doc_id", "kept_now", "kept_then", "reason_then").rows() == [
        ("a", True, True, None),
        ("b", False, True, None),
        ("c", True, True, None),
        ("d", False, False, "gopher_short_doc"),
    ]
    # What decided now, where it is kept then; what decides then, where it is not.
    assert found.filter(doc_id="b").select("measured", "threshold").row(0) == (40, 50)
    assert found.filter(doc_id="d").select("measured", "threshold").row(0) == (10, 30)
    assert found["name"].to_list() == ["a.html", "b.html", "c.html", "d.html"]


def test_counts_and_examples() -> None:
    found = changes(Judging(languages=("en",), language_score=0.5))
    assert count_changes(found, ["source", "language"]).rows() == [
        ("one", "en", 2, 1, 2, 1, 0),
        ("one", "de", 1, 1, 0, 0, 1),
        ("two", "en", 1, 0, 1, 1, 0),
    ]
    assert count_reasons(found).rows() == [
        ("gopher_short_doc", 2, 0),
        ("language_not_wanted", 0, 1),
    ]
    assert examples(found, kept_then=True, most=1)["doc_id"].to_list() == ["b"]
    assert examples(found, kept_then=False, most=9)["doc_id"].to_list() == ["c"]
