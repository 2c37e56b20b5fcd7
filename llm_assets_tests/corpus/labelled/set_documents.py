"""Documents with labels, as cleaning leaves them."""

import json
from collections.abc import Iterable
from typing import Any

import polars as pl

from llm_assets.corpus.identity import digest, text_hash
from llm_assets.corpus.schema import CLEANED, DUPLICATES

_COLUMNS = (
    "doc_id",
    "source",
    "object_key",
    "title",
    "author",
    "license",
    "labels",
    "group_key",
    "text",
    "text_hash",
    "language",
    "text_bytes",
    "verdict",
)


def doc_id(name: str) -> str:
    return digest(("document", name))


def document(name: str, rating: Any = None, **given: Any) -> dict[str, Any]:
    """Return a kept document of the source `reviews`; without a label unless a rating is given."""
    text = given.get("text", f"What {name} says.")
    return {
        **dict.fromkeys(_COLUMNS),
        "doc_id": doc_id(name),
        "source": "reviews",
        "object_key": f"reviews/{name}.json",
        "labels": json.dumps({"rating": rating}),
        "text": text,
        "text_hash": None if text is None else text_hash(text),
        "language": "en",
        "text_bytes": len((text or "").encode()),
        "verdict": "keep",
        **given,
    }


def cleaned(documents: Iterable[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(list(documents), pl.Schema({name: CLEANED[name] for name in _COLUMNS}))


def duplicates(*rows: dict[str, Any]) -> pl.DataFrame:
    """Return rows of DUPLICATES; documents are told by their names."""
    named = [
        {
            key: doc_id(value) if key in ("doc_id", "twin", "duplicate_of") else value
            for key, value in row.items()
        }
        for row in rows
    ]
    blank = dict.fromkeys(DUPLICATES.names())
    return pl.DataFrame([{**blank, **row} for row in named], DUPLICATES)
