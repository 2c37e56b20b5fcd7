"""Small corpora, signed and decided about."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from llm_assets.corpus.duplication.decision import SignedCorpus, decide_duplicates
from llm_assets.corpus.duplication.policy import DuplicatePolicy
from llm_assets.corpus.duplication.profiles import MinHash
from llm_assets.corpus.duplication.signing import sign
from llm_assets.corpus.identity import digest
from llm_assets.corpus.schema import DUPLICATES

MINHASH = MinHash(bands=8, rows=2, shingle=2)
"""Bands that propose even what is little alike, so that it is verification that decides."""

_TYPES: Mapping[str, Any] = {
    "doc_id": pl.String,
    "shard": pl.String,
    "source": pl.String,
    "group_key": pl.String,
    "title": pl.String,
    "url": pl.String,
    "object_key": pl.String,
    "text": pl.String,
    "text_hash": pl.String,
    "text_chars": pl.UInt64,
    "published_at": pl.Datetime("us", "UTC"),
    "language_score": pl.Float64,
    "source_priority": pl.Int64,
    "protected": pl.Boolean,
}


def document(doc_id: str, text: str, **values: Any) -> dict[str, Any]:
    """Return a document as cleaning leaves it, with the standing of its source."""
    usual = {
        "shard": "shard-0000",
        "source": "web",
        "object_key": f"{doc_id}.html",
        "source_priority": 0,
        "protected": False,
    }
    made = {"text_hash": digest([text]), "text_chars": len(text), "text": text}
    return dict.fromkeys(_TYPES) | usual | made | {"doc_id": doc_id} | values


def table(documents: Sequence[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(documents, _TYPES)


def signed(
    documents: pl.DataFrame, minhash: MinHash | None, before: pl.DataFrame | None = None
) -> pl.DataFrame:
    return sign(documents.lazy(), None if before is None else before.lazy(), minhash)


def decide_about(
    documents: pl.DataFrame,
    policy: DuplicatePolicy,
    *,
    signatures: pl.DataFrame | None = None,
    before: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Return rows of DUPLICATES with `shard`, by `doc_id`."""
    found = signed(documents, policy.minhash) if signatures is None else signatures
    standing = documents.select("doc_id", "shard", "source_priority", "protected")
    corpus = SignedCorpus(
        signatures=found.join(standing, on="doc_id", maintain_order="left").lazy(),
        texts=lambda shards: documents.lazy().filter(pl.col("shard").is_in(list(shards))),
        before=None if before is None else before.drop("shard").lazy(),
    )
    with TemporaryDirectory() as folder:
        frames = list(decide_duplicates(corpus, policy, Path(folder)))
    schema = {**DUPLICATES, "shard": pl.String}
    for frame in frames:
        assert frame.schema == schema
    return pl.concat([pl.DataFrame(schema=schema), *frames]).sort("doc_id")


def verdicts(rows: pl.DataFrame) -> dict[str, str | None]:
    """Return whose duplicate each document is, of those in a group."""
    return dict(rows.drop_nulls("cluster_id").select("doc_id", "duplicate_of").iter_rows())
