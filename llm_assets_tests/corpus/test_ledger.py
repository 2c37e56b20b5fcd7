import json
from typing import Any

import polars as pl
import pytest

from llm_assets.corpus.ledger import build_ledger
from llm_assets.corpus.passages.repeated_passages import REPEATED_PASSAGES
from llm_assets.corpus.schema import (
    CLEANED,
    DUPLICATES,
    LEDGER,
    LEFT_OUT,
    TOKENIZED,
    TRAINING_DOCUMENTS,
)


def _cleaned(doc_id: str, verdict: str = "keep", **values: Any) -> dict[str, Any]:
    return {"doc_id": doc_id, "source": "web", "verdict": verdict, "text_hash": doc_id, **values}


CLEANED_ROWS = [
    _cleaned("kept", title="A title", language="en", language_score=0.9, text_chars=12),
    _cleaned("twin"),
    _cleaned("like"),
    _cleaned("sampled-out"),
    _cleaned("leak"),
    _cleaned("bad", "drop", reason="gopher_short_doc", measured=3.0, threshold=50.0),
    _cleaned("torn", "quarantine", reason="truncated", detail="no end", offset=0),
    _cleaned("knot", "quarantine", reason="extraction_failed", detail="too deep"),
]
DUPLICATE_ROWS = [
    {"doc_id": "kept", "cluster_id": "kept"},
    {"doc_id": "twin", "duplicate_of": "kept", "method": "exact", "similarity": 1.0},
    {
        "doc_id": "like",
        "duplicate_of": "kept",
        "method": "near",
        "similarity": 0.9,
        "threshold": 0.75,
    },
    {"doc_id": "sampled-out", "twin": "z", "twin_split": "test"},
]
LEFT_OUT_ROWS = [("sampled-out", "not_sampled"), ("leak", "twin_in_test")]
KEPT = ("kept", "twin", "like", "sampled-out", "leak")
TOKENIZED_ROWS = [(name, name, [1, 2], 2) for name in KEPT]
TRAINING_ROWS = [
    ("kept", "web", "kept", "kept", "train", 1, 0, 3, 0, None, None),
    ("kept", "web", "kept", "kept", "train", 0, 40, 1, 3, None, None),
    ("kept", "web", "kept", "kept", "train", 0, 30, 2, 0, None, None),
    ("kept", "web", "kept", "kept", "train", 0, 32, 1, 2, None, None),
]


def _ledger(
    *, stages: int = 3, location: str = "training_split/s/v/", file_suffix: str | None = ".bin"
) -> dict[str, dict[str, Any]]:
    given = [
        pl.LazyFrame(DUPLICATE_ROWS, DUPLICATES),
        pl.LazyFrame(TOKENIZED_ROWS, TOKENIZED, orient="row"),
        pl.LazyFrame(TRAINING_ROWS, TRAINING_DOCUMENTS, orient="row"),
    ]
    duplicates, tokenized, training = [*given[:stages], None, None, None][:3]
    left_out = None if training is None else pl.LazyFrame(LEFT_OUT_ROWS, LEFT_OUT, orient="row")
    cleaned = pl.LazyFrame(CLEANED_ROWS, CLEANED)
    ledger = build_ledger(
        cleaned,
        duplicates,
        tokenized,
        training,
        left_out,
        location,
        file_suffix=file_suffix,
    )
    assert ledger.schema == LEDGER
    assert ledger["doc_id"].to_list() == sorted(row["doc_id"] for row in CLEANED_ROWS)
    return {row["doc_id"]: row for row in ledger.iter_rows(named=True)}


def _outcome(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("stage", "verdict", "reason", "measured", "threshold"))


@pytest.mark.parametrize(
    ("doc_id", "outcome"),
    [
        ("kept", ("training_split", "keep", None, None, None)),
        ("twin", ("near_duplicates", "drop", "exact_duplicate", 1.0, None)),
        ("like", ("near_duplicates", "drop", "near_duplicate", 0.9, 0.75)),
        ("leak", ("training_split", "drop", "twin_in_test", None, None)),
        ("sampled-out", ("training_split", "drop", "not_sampled", None, None)),
        ("bad", ("cleaned_text", "drop", "gopher_short_doc", 3.0, 50.0)),
        ("torn", ("raw", "quarantine", "truncated", None, None)),
        ("knot", ("cleaned_text", "quarantine", "extraction_failed", None, None)),
    ],
)
def test_every_record_has_its_outcome(doc_id: str, outcome: tuple[Any, ...]) -> None:
    assert _outcome(_ledger()[doc_id]) == outcome


def test_token_ranges_are_json_in_the_order_of_copies_and_pieces() -> None:
    kept = _ledger(location='odd "place"/')["kept"]
    file = 'odd "place"/train.bin'
    assert json.loads(kept["tokens"]) == [
        {"file": file, "offset": 30, "length": 3},
        {"file": file, "offset": 40, "length": 1},
        {"file": file, "offset": 0, "length": 3},
    ]
    assert (kept["split"], kept["token_count"]) == ("train", 2)


@pytest.mark.parametrize("suffix", [".npy", ".mds/", None])
def test_token_ranges_are_in_the_file_that_has_tokens(suffix: str | None) -> None:
    kept = _ledger(location="part/", file_suffix=suffix)["kept"]
    files = {each["file"] for each in json.loads(kept["tokens"] or "[]")}
    assert files == (set() if suffix is None else {f"part/train{suffix}"})
    assert (kept["stage"], kept["verdict"], kept["split"]) == ("training_split", "keep", "train")


def test_provenance_and_details_are_carried() -> None:
    ledger = _ledger()
    kept = ledger["kept"]
    assert (kept["title"], kept["language"], kept["text_chars"]) == ("A title", "en", 12)
    assert ledger["torn"]["detail"] == "no end"
    assert ledger["twin"]["duplicate_of"] == "kept"
    assert kept["duplicate_of"] is None
    assert ledger["twin"]["tokens"] is None


@pytest.mark.parametrize(
    ("stages", "last"), [(0, "cleaned_text"), (1, "near_duplicates"), (2, "tokenized_corpus")]
)
def test_the_books_can_be_kept_before_all_stages_are_made(stages: int, last: str) -> None:
    ledger = _ledger(stages=stages)
    assert _outcome(ledger["kept"]) == (last, "keep", None, None, None)
    assert ledger["bad"]["stage"] == "cleaned_text"
    assert (ledger["twin"]["verdict"] == "drop") is (stages > 0)
    assert all(row["split"] is None and row["tokens"] is None for row in ledger.values())


def test_tokens_of_another_text_do_not_count() -> None:
    cleaned = pl.LazyFrame([_cleaned("a", text_hash="new")], CLEANED)
    tokenized = pl.LazyFrame([("a", "old", [1], 1)], TOKENIZED, orient="row")
    ledger = build_ledger(cleaned, None, tokenized, None, None, "")
    assert ledger["token_count"].to_list() == [None]
    assert ledger["stage"].to_list() == ["cleaned_text"]


def test_a_document_of_which_too_little_is_left_is_lost_behind_the_duplicates() -> None:
    cleaned = pl.LazyFrame([_cleaned("a"), _cleaned("b"), _cleaned("twin")], CLEANED)
    rows = [
        {
            "doc_id": name,
            "action": action,
            "reason": "few_words_left" if action == "drop" else None,
            "measured": 3.0,
            "threshold": 50.0,
        }
        for name, action in (("a", "drop"), ("b", "cut"), ("twin", "drop"))
    ]
    duplicates = pl.LazyFrame(DUPLICATE_ROWS, DUPLICATES)
    passages = pl.LazyFrame(rows, REPEATED_PASSAGES)
    ledger = build_ledger(cleaned, duplicates, None, None, None, "", passages=passages)
    assert [_outcome(row) for row in ledger.iter_rows(named=True)] == [
        ("repeated_passages", "drop", "few_words_left", 3.0, 50.0),
        ("repeated_passages", "keep", None, None, None),
        ("near_duplicates", "drop", "exact_duplicate", 1.0, None),
    ]


def test_no_records_make_empty_books() -> None:
    assert build_ledger(pl.LazyFrame(schema=CLEANED), None, None, None, None, "").schema == LEDGER
