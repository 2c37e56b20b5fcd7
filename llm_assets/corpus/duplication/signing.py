"""What the decision on duplicates needs to know of each kept document, its minhashes among it."""

from typing import Final

import polars as pl

from llm_assets.corpus.duplication.profiles import MinHash
from llm_assets.corpus.duplication.signatures import band_columns, measure_bands

TEXT_KEY: Final = "text_key"
"""The column of the leading 64 bits of a text's hash: equal texts share it."""

_MOST_TITLE_CHARS: Final = 80
_BATCH_ROWS: Final = 4_096

_DOCUMENT: Final = {
    "doc_id": pl.String,
    "source": pl.String,
    "group_key": pl.String,
    "title": pl.String,  # else URL, else key; at most 80 characters
    "text_hash": pl.String,
    "text_chars": pl.UInt64,
    "published_at": pl.Datetime("us", "UTC"),
    "quality": pl.Float64,  # the score of its language
    TEXT_KEY: pl.UInt64,  # leading bits of text_hash
    "shingle_count": pl.UInt32,  # 0 for a text that is too short for minhashes
}


def signature_schema(minhash: MinHash | None) -> pl.Schema:
    """Return the columns of a signature table: a row is one kept document.

    Args:
        minhash: whose band keys stand behind the others; None for none.
    """
    bands = {} if minhash is None else band_columns(minhash)
    return pl.Schema({**_DOCUMENT, **bands})  # type: ignore[arg-type]


def bands_of(minhash: MinHash | None) -> list[str]:
    """Return the names of the columns of band keys."""
    return [] if minhash is None else band_columns(minhash).names()


def sign(
    documents: pl.LazyFrame, before: pl.LazyFrame | None, minhash: MinHash | None
) -> pl.DataFrame:
    """Return a row of `signature_schema` for each document, in the order given.

    Only texts that `before` does not know are read.

    Args:
        documents: kept rows of CLEANED.
        before: rows that were signed earlier in the same way.
        minhash: how to sign; None: not at all.
    """
    rows = documents.select(
        "doc_id",
        "source",
        "group_key",
        "text_hash",
        "text_chars",
        "published_at",
        title=pl.coalesce("title", "url", "object_key").str.slice(0, _MOST_TITLE_CHARS),
        quality="language_score",
    ).collect(engine="streaming")
    key = rows["text_hash"].str.slice(0, 16).str.decode("hex")
    rows = rows.with_columns(key.bin.reinterpret(dtype=pl.UInt64, endianness="big").alias(TEXT_KEY))
    schema = signature_schema(minhash)
    if minhash is None:
        return rows.with_columns(shingle_count=pl.lit(0, pl.UInt32)).select(schema.names())
    signed = _signed_texts(documents, rows, before, minhash)
    return rows.join(signed, on="text_hash", how="left", maintain_order="left").select(
        schema.names()
    )


def _signed_texts(
    documents: pl.LazyFrame, rows: pl.DataFrame, before: pl.LazyFrame | None, minhash: MinHash
) -> pl.DataFrame:
    """Return `text_hash`, `shingle_count` and band keys of each distinct text."""
    wanted = rows.select("text_hash").unique()
    columns = ["text_hash", "shingle_count", *bands_of(minhash)]
    parts = [pl.DataFrame(schema=signature_schema(minhash)).select(columns)]
    if before is not None:
        known = before.select(columns).unique("text_hash", keep="any")
        parts.append(known.join(wanted.lazy(), on="text_hash", how="semi").collect())
        wanted = wanted.join(parts[-1], on="text_hash", how="anti")
    if wanted.height:
        # One document of each text: which one does not matter.
        chosen = rows.join(wanted, on="text_hash", how="semi").unique("text_hash", keep="first")
        texts = documents.select("doc_id", "text_hash", "text").join(
            chosen.select("doc_id").lazy(), on="doc_id", how="semi"
        )
        for group in texts.collect_batches(lazy=True):
            for batch in group.iter_slices(_BATCH_ROWS):
                bands = measure_bands(batch["text"], minhash)
                parts.append(batch.select("text_hash").hstack(bands).select(columns))
    return pl.concat(parts)
