"""One shard's documents -> shuffled training parts, and the table of what came from where.

`<split>.bin` with `<split>.idx` (Megatron) and `<split>.parquet` hold the same sequences in the
same order, and the same tokens: `input_ids` too ends with the end-of-document token.
`documents.parquet` names the document of every token range, `left_out.parquet` those that are in no
part. A split without documents has files without rows.

A document that stays beside a similar one (`DUPLICATES.twin`) could leak from one split into
another. Neither is moved, as splits are to stand for ever: the one in the larger split is left out.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from llm_assets.corpus.buckets import Buckets, plain_arrow
from llm_assets.corpus.groups import own_group
from llm_assets.corpus.megatron import MegatronWriter
from llm_assets.corpus.schema import (
    DUPLICATES,
    LEFT_OUT,
    SPLITS,
    TRAINING_DOCUMENTS,
    TRAINING_PART,
    Split,
)
from llm_assets.corpus.split import assign_split, repeats_of, shuffle_key

TrainingFormat = Literal["megatron", "parquet"]

DOCUMENTS_FILE = "documents.parquet"
LEFT_OUT_FILE = "left_out.parquet"

NOT_SAMPLED = "not_sampled"
"""The reason of a good document that the mixture leaves out: its source's weight is below 1."""

_BUCKET_BYTES = 64 << 20
"""Texts and tokens of sequences that are put in order at once; it takes up to eight times that."""

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


@dataclass(frozen=True, slots=True)
class TrainableDocuments:
    """The documents of a shard that may be trained on."""

    selected: pl.LazyFrame
    """`doc_id`, `source`, `text_hash`, `group_id`, `twin_split` (null for none); `text_bytes`,
    about (as measured by cleaning, so that the texts need not be read for it); `token_count`, null
    where tokens are missing."""
    texts: pl.LazyFrame
    """`doc_id` and `text`, of others too."""
    tokens: pl.LazyFrame
    """`doc_id` and `token_ids`, of others too."""


def select_documents(
    cleaned: pl.LazyFrame, duplicates: pl.LazyFrame | None, tokenized: pl.LazyFrame
) -> TrainableDocuments:
    """Select the documents of a shard that were kept and are no duplicates.

    Args:
        cleaned: rows of CLEANED.
        duplicates: rows of DUPLICATES; None where there are no duplicates.
        tokenized: rows of TOKENIZED, made from the same texts.
    """
    kept = cleaned.filter(pl.col("verdict") == "keep").select(
        "doc_id", "source", "text_hash", "group_key", pl.col("text_bytes").fill_null(0)
    )
    if duplicates is None:
        duplicates = pl.LazyFrame(schema=DUPLICATES)
    verdicts = duplicates.select("doc_id", "duplicate_of", "twin_split")
    selected = (
        kept.join(verdicts, on="doc_id", how="left")
        .filter(pl.col("duplicate_of").is_null())
        .with_columns(group_id=own_group())
    )
    counts = tokenized.select("doc_id", "text_hash", "token_count")
    return TrainableDocuments(
        selected=selected.select(
            *("doc_id", "source", "text_hash", "group_id", "twin_split", "text_bytes")
        ).join(counts, on=["doc_id", "text_hash"], how="left"),
        texts=cleaned.select("doc_id", "text"),
        tokens=tokenized.select("doc_id", "token_ids"),
    )


def write_parts(
    folder: Path,
    documents: TrainableDocuments,
    plan: TrainingPlan,
    advance: Callable[[int], None] = lambda _sequences: None,
) -> pl.DataFrame:
    """Write a shard's training parts into an empty folder.

    Memory does not grow with the shard's texts: they are shuffled through files in the folder,
    which are gone in the end.

    Args:
        folder: where to.
        documents: what to train on.
        plan: how to deal, repeat, shuffle and write them.
        advance: called with the number of sequences written since the last call.

    Returns:
        Rows of TRAINING_DOCUMENTS, by split and in the order of the parts.

    Raises:
        StaleTokensError: if a document has no tokens.
    """
    order, left_out = _plan_sequences(documents.selected, plan)
    with TemporaryDirectory(dir=folder, prefix=".buckets-") as temporary, ExitStack() as stack:
        buckets = Buckets(Path(temporary))
        # A document's copies may be in several buckets.
        places = order.select("doc_id", "bucket").unique().lazy()
        for name, scan in (("texts", documents.texts), ("tokens", documents.tokens)):
            buckets.deal(name, scan.join(places, on="doc_id").collect_batches(lazy=True))
        parts = {split: _Part(folder, split, plan, stack) for split in SPLITS}
        for sequences in order.partition_by("bucket", maintain_order=True):
            bucket = int(sequences["bucket"][0])
            texts, tokens = buckets.read("texts", bucket), buckets.read("tokens", bucket)
            fetched = texts.join(tokens, on="doc_id")
            for (split,), chosen in sequences.group_by("split", maintain_order=True):
                parts[split].append(chosen, fetched)
            advance(sequences.height)
    table = order.select(TRAINING_DOCUMENTS.names()).match_to_schema(TRAINING_DOCUMENTS)
    for name, rows in ((DOCUMENTS_FILE, table), (LEFT_OUT_FILE, left_out)):
        pq.write_table(
            plain_arrow(rows),
            folder / name,
            compression="zstd",
            compression_level=3,
            row_group_size=_GROUP_ROWS,
        )
    return table


def _plan_sequences(
    selected: pl.LazyFrame, plan: TrainingPlan
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return TRAINING_DOCUMENTS in order, each with the bucket it is read from; and LEFT_OUT."""
    rows = selected.with_columns(token_length=pl.col("token_count") + 1).collect(engine="streaming")
    if missing := rows["token_length"].null_count():
        raise StaleTokensError(
            f"{missing} of {rows.height} kept documents have no tokens: materialize "
            "tokenized_corpus from the current cleaned_text first"
        )
    size = pl.col("text_bytes").cast(pl.Int64) + 4 * pl.col("token_length").cast(pl.Int64)
    dealt = _dealt(rows, plan)
    left_out = dealt.filter(pl.col("reason").is_not_null()).sort("doc_id").select(LEFT_OUT.names())
    order = _in_order(_repeated(dealt.filter(pl.col("reason").is_null())), plan.seed).with_columns(
        token_offset=pl.col("token_length").cast(pl.UInt64).cum_sum().over("split")
        - pl.col("token_length"),
        bucket=(size.cum_sum() - 1) // _BUCKET_BYTES,
    )
    return order, left_out


def _dealt(rows: pl.DataFrame, plan: TrainingPlan) -> pl.DataFrame:
    """Return documents with `split`, `repeats`, and the `reason` of those in no part."""
    weight = rows["source"].replace_strict(
        list(plan.weights), list(plan.weights.values()), default=1.0, return_dtype=pl.Float64
    )
    shares = (plan.train, plan.validation, plan.test)
    leaking = pl.lit("twin_in_") + pl.col("twin_split")
    return rows.with_columns(
        split=assign_split(rows["group_id"], *shares, seed=plan.seed),
        repeats=repeats_of(rows["doc_id"], weight, plan.seed),
    ).with_columns(
        reason=pl.when(pl.col("repeats") == 0).then(pl.lit(NOT_SAMPLED)).otherwise(leaking)
    )


def _repeated(dealt: pl.DataFrame) -> pl.DataFrame:
    """Repeat each document as often as the mixture wants it."""
    return dealt.with_columns(repeat=pl.int_ranges(pl.col("repeats"), dtype=pl.UInt32)).explode(
        "repeat"
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
                    plain_arrow(pl.DataFrame(schema=TRAINING_PART)).schema,
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
            table = plain_arrow(rows.match_to_schema(TRAINING_PART))
            self._parquet.write_table(table, row_group_size=_GROUP_ROWS)
