"""Reviews, posts and question sets as others publish them."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from llm_assets.formats.record import Record
from llm_assets.recipe import Source
from llm_assets.sources.collect import read_records

SETS: dict[str, tuple[str, dict[str, Any], dict[str, int]]] = {
    "film reviews, JSON": (
        "reviews/nsmc/*.json",
        {"fields": {"text": "review", "id": "review_id", "labels": ["rating"]}},
        {"record": 3835},
    ),
    "film reviews, by their names": ("reviews/nsmc/*.json", {}, {"record": 3835}),
    # The publisher's own rows that a line break has torn apart: they end up without any review.
    "drug reviews, TSV in gzip": (
        "reviews/druglib/*.gz",
        {
            "fields": {
                "text": ["benefitsReview", "sideEffectsReview", "commentsReview"],
                "id": "column 1",
                "labels": {"rating": "rating"},
            }
        },
        {"record": 1036, "empty": 363},
    ),
    "comments, TSV without names": (
        "social/goemotions/dev.tsv",
        {"format": "tsv", "fields": {"text": "[0]", "id": "[2]", "labels": {"mood": "[1]"}}},
        {"record": 5426},
    ),
    "problems, JSONL": ("evalsets/gsm8k/*.jsonl", {}, {"record": 1319}),
    "programs, JSONL in gzip": (
        "evalsets/humaneval/*.gz",
        {"fields": {"text": "{prompt}{canonical_solution}", "id": "task_id"}},
        {"record": 164},
    ),
    "questions, CSV": (
        "evalsets/truthfulqa/*.csv",
        {"fields": {"text": ["Question", "Best Answer"], "labels": ["Category"]}},
        {"record": 813},
    ),
}


@pytest.mark.shared_data
@pytest.mark.parametrize("name", SETS)
def test_every_row_is_a_document_or_has_a_reason(name: str, shared_data: Path) -> None:
    files, settings, expected = SETS[name]
    source = Source.model_validate({"name": "a", "kind": "records", "location": "x", **settings})
    found: Counter[str] = Counter()
    locators = set()
    for path in sorted(shared_data.glob(files)):
        with path.open("rb") as stream:
            for entry in read_records(source, path.name, stream):
                found[("record" if isinstance(entry, Record) else entry.reason)] += 1
                locators.add((path.name, entry.locator))
    assert found == expected
    assert len(locators) >= 0.98 * sum(expected.values())
