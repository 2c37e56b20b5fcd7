"""Tiny documents to make training parts of."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from llm_assets.corpus.identity import digest
from llm_assets.corpus.schema import TRAINING_DOCUMENTS
from llm_assets.corpus.split import Dealing
from llm_assets.corpus.training.training_order import OrderPlan
from llm_assets.corpus.training.training_parts import TrainingPlan, WrittenParts, write_parts
from llm_assets.corpus.training.training_selection import TrainableDocuments

END_ID = 9
ALL_TRAIN = Dealing(train=1.0, validation=0.0, test=0.0)
DEALT = Dealing(train=0.6, validation=0.2, test=0.2)
_TYPES: dict[str, Any] = {
    "doc_id": pl.String,
    "source": pl.String,
    "text": pl.String,
    "text_hash": pl.String,
    "group_id": pl.String,
    "token_ids": pl.List(pl.UInt16),
    "twin_split": pl.String,
}


def plan(
    dealing: Dealing = DEALT,
    weights: Mapping[str, float] | None = None,
    budgeted: Sequence[str] = (),
    **changes: Any,
) -> TrainingPlan:
    usual: dict[str, Any] = {
        "order": OrderPlan(dealing, weights or {}, budgeted),
        "formats": ("megatron", "parquet"),
        "end_of_document_id": END_ID,
        "token_dtype": np.dtype(np.uint16),
    }
    return TrainingPlan(**usual | changes)


def documents(tokens: Sequence[Sequence[int]], source: str = "web") -> pl.DataFrame:
    """Make a document of each list of ids; its text has a letter for each."""
    ids = [digest([str(place)]) for place in range(len(tokens))]
    texts = ["".join(chr(97 + id_) for id_ in row) for row in tokens]
    hashes = [f"hash of {text}" for text in texts]
    columns = [ids, [source] * len(ids), texts, hashes, ids, tokens, [None] * len(ids)]
    return pl.DataFrame(dict(zip(_TYPES, columns, strict=True)), _TYPES)


def letters(texts: pl.Series) -> pl.Series:
    """Tokenize as `documents` does: an id for each letter, from 0."""
    ids = [[ord(letter) - 97 for letter in text] for text in texts]
    return pl.Series(texts.name, ids, dtype=pl.List(pl.UInt16))


FIFTY = documents([[place % 7, place % 5] * (place % 4) for place in range(50)])


def trainable(rows: pl.LazyFrame) -> TrainableDocuments:
    budgeted = "repeats" if "repeats" in rows.collect_schema() else pl.lit(None, pl.UInt32)
    return TrainableDocuments(
        selected=rows.select(
            *("doc_id", "source", "text_hash", "group_id", "twin_split"),
            text_bytes=pl.col("text").str.len_bytes(),
            token_count=pl.col("token_ids").list.len().cast(pl.UInt32),
            budgeted_repeats=budgeted,
        ),
        texts=rows.select("doc_id", "text"),
        tokens=rows.select("doc_id", "token_ids"),
    )


def write(folder: Path, rows: pl.DataFrame, how: TrainingPlan) -> WrittenParts:
    folder.mkdir(exist_ok=True)
    written = write_parts(folder, trainable(rows.lazy()), how)
    assert written.documents.schema == TRAINING_DOCUMENTS
    assert pl.read_parquet(folder / "documents.parquet").equals(written.documents)
    return written


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
