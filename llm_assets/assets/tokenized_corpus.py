"""`tokenized_corpus`: every kept document's token ids."""

from collections.abc import Callable, Iterator
from functools import cache, partial

import dagster as dg
import polars as pl

from llm_assets.assets.final_text import FinalText, final_text_tables
from llm_assets.assets.names import OWNERS, column_schema
from llm_assets.assets.tokenizer import load_tokenizer, tokenized_schema_of
from llm_assets.corpus.ahead import map_ahead
from llm_assets.corpus.report import summarize_tokenized
from llm_assets.corpus.reuse import reuse_rows
from llm_assets.corpus.schema import TOKENIZED
from llm_assets.corpus.tokenization.tokenize import InexactEngineError, tokenize_frame
from llm_assets.io.shards import (
    Advance,
    FrameTask,
    Previous,
    RowsWithdrawnError,
    ShardedTable,
)
from llm_assets.partitions import WHOLE, one_run, shard_partitions
from llm_assets.recipe import Corpus, fingerprint

TOKENIZATION_VERSION = "1"

_PIECE_BYTES = 8 << 20
PIECES_AHEAD = 8
"""Text that is tokenized at a time, and how often that is done while rows are written: as much as
fills about one of the file's row groups."""


def tokenized_corpus_asset(corpus: Corpus) -> dg.AssetsDefinition:
    """Build the asset that tokenizes kept documents."""

    @dg.asset(
        name="tokenized_corpus",
        group_name="tokens",
        partitions_def=shard_partitions(corpus),
        backfill_policy=one_run(),
        io_manager_key="parquet",
        ins={name: dg.AssetIn() for name in final_text_tables(corpus)},
        kinds={"polars", "parquet"},
        owners=OWNERS,
        code_version=tokenization_fingerprint(),
        metadata=column_schema(TOKENIZED),
        description=(
            "One row: one kept document's token ids, without an end-of-document token, of its text "
            "as it is trained on. Documents whose text and tokenizer did not change keep their "
            "row. Read by `training_split`."
        ),
    )
    def tokenized_corpus(
        context: dg.AssetExecutionContext, tokenizer: ShardedTable, **tables: ShardedTable
    ) -> list[FrameTask]:
        texts = FinalText(tables)
        encode = _Encoder(corpus, tokenizer)
        schema = tokenized_schema_of(tokenizer)
        return [
            FrameTask(
                shard=shard,
                made_from=texts.ingredient(shard) | tokenizer.ingredient(WHOLE),
                recipe_fingerprint=tokenization_fingerprint(),
                schema=schema,
                make=partial(_tokenize, texts, tokenizer, shard, encode),
                describe=summarize_tokenized,
                total=texts.rows(shard),
            )
            for shard in sorted(context.partition_keys)
        ]

    return tokenized_corpus


class _Encoder:
    """Tokenizes frames; loads the vocabulary when the first one comes.

    An engine that was once caught with a wrong id is not used again: not in this shard, which is
    begun anew, and not in those that follow. Then the reference does all.
    """

    def __init__(self, corpus: Corpus, tokenizer: ShardedTable) -> None:
        self._load = cache(partial(load_tokenizer, corpus, tokenizer))
        self._reference_only = False

    def __call__(self, texts: pl.DataFrame) -> pl.DataFrame:
        try:
            return tokenize_frame(texts, self._load(reference_only=self._reference_only))
        except InexactEngineError as error:
            self._reference_only = True
            raise RowsWithdrawnError from error


def tokenization_fingerprint() -> str:
    """Name how texts become token ids; the tokenizer itself is an ingredient."""
    return fingerprint("tokenization", TOKENIZATION_VERSION)


def _tokenize(
    texts: FinalText,
    tokenizer: ShardedTable,
    shard: str,
    encode: Callable[[pl.DataFrame], pl.DataFrame],
    previous: Previous | None,
    advance: Advance,
) -> Iterator[pl.DataFrame]:
    same_ids = (
        previous is not None
        and previous.version.recipe_fingerprint == tokenization_fingerprint()
        and previous.version.made_from.items() >= tokenizer.ingredient(WHOLE).items()
    )
    rows = texts.scan(shard)
    if rows is None:
        return
    before = previous.scan().collect() if previous is not None and same_ids else None
    columns = ["doc_id", "text_hash", "text", "verdict"]

    def pieces() -> Iterator[pl.DataFrame]:
        for batch in rows.select(columns).collect_batches(maintain_order=True, lazy=True):
            kept = batch.filter(pl.col("verdict") == "keep").drop("verdict")
            # Looking rows up among those there were costs the same for few and for many.
            yield from text_pieces(kept) if before is None else [kept]
            advance(batch.height)

    def tokenize(piece: pl.DataFrame) -> pl.DataFrame:
        return reuse_rows(piece, before, on=["doc_id", "text_hash"], make=encode)

    # The writer compresses rows while the next are tokenized.
    yield from map_ahead(tokenize, pieces(), PIECES_AHEAD if before is None else 1)


def text_pieces(texts: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Cut a frame into some of about _PIECE_BYTES of text."""
    blocks = texts["text"].str.len_bytes().cast(pl.Int64).cum_sum() // _PIECE_BYTES
    ends = [*(blocks.diff().fill_null(0) > 0).arg_true(), texts.height]
    start = 0
    for end in ends:
        if end > start:
            yield texts[start:end]
        start = end
