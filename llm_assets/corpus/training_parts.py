"""One shard's documents -> shuffled training parts, and the table of what came from where.

`<split>.bin` with `<split>.idx` (Megatron) and `<split>.parquet` hold the same sequences in the
same order, and the same tokens: `input_ids` too ends with the end-of-document token.
`documents.parquet` names the document of every token range. A split without documents has files
without rows.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from llm_assets.corpus.groups import own_group
from llm_assets.corpus.megatron import MegatronWriter
from llm_assets.corpus.schema import SPLITS, TRAINING_DOCUMENTS, TRAINING_PART, Split
from llm_assets.corpus.split import assign_split, repeats_of, shuffle_key

TrainingFormat = Literal["megatron", "parquet"]

DOCUMENTS_FILE = "documents.parquet"

_FETCH_BYTES = 128 << 20
"""Texts and tokens that are held in memory at once. The shuffled order needs the shard's rows in
random order, so a shard is scanned once for each stretch of this size."""

_GROUP_ROWS = 4_096
"""Rows of a Parquet row group: what a loader that skips about has to read for one row."""


class StaleTokensError(Exception):
    """Kept documents have no tokens: `tokenized_corpus` is older than `cleaned_text`."""


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """What the recipe and the tokenizer say about training parts."""

    train: float
    validation: float
    test: float
    seed: int
    weights: Mapping[str, float]
    """How often each source's documents are repeated; once where it is not named."""
    formats: Sequence[TrainingFormat]
    end_of_document_id: int
    token_dtype: np.dtype[Any]


def select_documents(
    cleaned: pl.LazyFrame, duplicates: pl.LazyFrame | None, tokenized: pl.LazyFrame
) -> pl.LazyFrame:
    """Put together a shard's documents that may be trained on.

    Args:
        cleaned: rows of CLEANED.
        duplicates: rows of DUPLICATES; None where there are no duplicates.
        tokenized: rows of TOKENIZED, made from the same texts.

    Returns:
        `doc_id`, `source`, `text`, `text_hash`, `group_id`, `token_ids` of kept documents that
        are no duplicates; `token_ids` is null where the text's tokens are missing.
    """
    kept = cleaned.filter(pl.col("verdict") == "keep")
    if duplicates is None:
        documents = kept.with_columns(group_id=own_group())
    else:
        verdicts = duplicates.select("doc_id", "duplicate_of", "group_id")
        documents = (
            kept.join(verdicts, on="doc_id", how="left")
            .filter(pl.col("duplicate_of").is_null())
            .with_columns(pl.coalesce("group_id", own_group()).alias("group_id"))
        )
    tokens = tokenized.select("doc_id", "text_hash", "token_ids")
    return documents.select("doc_id", "source", "text", "text_hash", "group_id").join(
        tokens, on=["doc_id", "text_hash"], how="left"
    )


def write_parts(
    folder: Path,
    documents: pl.LazyFrame,
    plan: TrainingPlan,
    advance: Callable[[int], None] = lambda _sequences: None,
) -> pl.DataFrame:
    """Write a shard's training parts into an empty folder.

    Args:
        folder: where to.
        documents: rows of `select_documents`. They are read several times.
        plan: how to deal, repeat, shuffle and write them.
        advance: called with the number of sequences written since the last call.

    Returns:
        Rows of TRAINING_DOCUMENTS, by split and in the order of the parts.

    Raises:
        StaleTokensError: if a document has no tokens.
    """
    order = _plan_sequences(documents, plan)
    with ExitStack() as stack:
        parts = {split: _Part(folder, split, plan, stack) for split in SPLITS}
        for stretch in _stretches(order):
            rows = documents.join(stretch.select("doc_id").unique().lazy(), on="doc_id", how="semi")
            fetched = rows.select("doc_id", "text", "token_ids").collect(engine="streaming")
            for (split,), chosen in stretch.group_by("split", maintain_order=True):
                parts[split].append(chosen, fetched)
            advance(stretch.height)
    table = order.select(TRAINING_DOCUMENTS.names()).match_to_schema(TRAINING_DOCUMENTS)
    pq.write_table(
        _arrow(table),
        folder / DOCUMENTS_FILE,
        compression="zstd",
        compression_level=3,
        row_group_size=_GROUP_ROWS,
    )
    return table


def _plan_sequences(documents: pl.LazyFrame, plan: TrainingPlan) -> pl.DataFrame:
    """Return TRAINING_DOCUMENTS in order, with the bytes that each sequence takes in memory."""
    rows = documents.select(
        "doc_id",
        "source",
        "text_hash",
        "group_id",
        token_length=pl.col("token_ids").list.len().cast(pl.UInt32) + 1,
        text_bytes=pl.col("text").str.len_bytes().cast(pl.Int64),
    ).collect(engine="streaming")
    if missing := rows["token_length"].null_count():
        raise StaleTokensError(
            f"{missing} of {rows.height} kept documents have no tokens: materialize "
            "tokenized_corpus from the current cleaned_text first"
        )
    return _in_order(_repeated(rows, plan), plan.seed).with_columns(
        token_offset=pl.col("token_length").cast(pl.UInt64).cum_sum().over("split")
        - pl.col("token_length"),
        size=pl.col("text_bytes") + pl.col("token_length").cast(pl.Int64) * 4,
    )


def _repeated(rows: pl.DataFrame, plan: TrainingPlan) -> pl.DataFrame:
    """Deal the documents to splits and repeat each as often as the mixture wants it."""
    shares = (plan.train, plan.validation, plan.test)
    weight = rows["source"].replace_strict(
        list(plan.weights), list(plan.weights.values()), default=1.0, return_dtype=pl.Float64
    )
    return (
        rows.with_columns(
            split=assign_split(rows["group_id"], *shares, seed=plan.seed),
            repeat=repeats_of(rows["doc_id"], weight, plan.seed),
        )
        .filter(pl.col("repeat") > 0)
        .with_columns(repeat=pl.int_ranges(pl.col("repeat"), dtype=pl.UInt32))
        .explode("repeat")
    )


def _in_order(rows: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Sort by split, then in an order drawn by the seed."""
    return (
        rows.with_columns(
            pl.col("split").cast(pl.Enum(SPLITS)),
            key=shuffle_key(rows["doc_id"], rows["repeat"], seed),
        )
        .sort("split", "key", "doc_id", "repeat")
        .with_columns(pl.col("split").cast(pl.String))
    )


def _stretches(order: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Cut the order into stretches of about _FETCH_BYTES."""
    ends = order["size"].cum_sum()
    places = order.with_columns(stretch=(ends - 1) // _FETCH_BYTES)
    yield from places.partition_by("stretch", maintain_order=True)


class _Part:
    """The files of one split."""

    def __init__(self, folder: Path, split: Split, plan: TrainingPlan, stack: ExitStack) -> None:
        self._end = np.uint32(plan.end_of_document_id)
        self._megatron = self._parquet = None
        if "megatron" in plan.formats:
            writer = MegatronWriter(folder / split, plan.token_dtype)
            self._megatron = stack.enter_context(writer)
        if "parquet" in plan.formats:
            self._parquet = stack.enter_context(
                pq.ParquetWriter(
                    folder / f"{split}.parquet",
                    _arrow(pl.DataFrame(schema=TRAINING_PART)).schema,
                    compression="zstd",
                    compression_level=3,
                    use_dictionary=["source"],
                )
            )

    def append(self, sequences: pl.DataFrame, fetched: pl.DataFrame) -> None:
        """Write sequences in their order; their texts and tokens are among those fetched."""
        end = pl.lit(self._end, pl.UInt32)
        rows = (
            sequences.select("doc_id", "source")
            .join(fetched, on="doc_id", how="left", maintain_order="left")
            .select("doc_id", "source", "text", input_ids=pl.concat_list("token_ids", end))
        )
        if self._megatron is not None:
            ids = rows["input_ids"]
            values = ids.explode().to_numpy()
            self._megatron.append(values, ids.list.len().cast(pl.Int64).to_numpy())
        if self._parquet is not None:
            table = _arrow(rows.match_to_schema(TRAINING_PART))
            self._parquet.write_table(table, row_group_size=_GROUP_ROWS)


def _arrow(frame: pl.DataFrame) -> pa.Table:
    """Return plain Arrow strings and lists: readers of Parquet need not know Polars' views."""
    return frame.to_arrow(compat_level=pl.CompatLevel.oldest())
