"""Payloads -> texts, row for row."""

from collections.abc import Sequence

import polars as pl

from llm_assets.corpus.document_text import (
    DocumentText,
    Extractor,
    Kind,
    Payload,
    extract_payloads,
)

EXTRACTED = pl.Schema(
    {
        "doc_id": pl.String,
        "text": pl.String,  # null where there is a failure
        "title": pl.String,
        "author": pl.String,
        "language_hint": pl.String,
        "failure": pl.String,  # a QuarantineReason
        "detail": pl.String,
    }
)
"""One row: one payload's text, or why it has none."""

_FROM_SOURCE = ("title", "author", "language_hint")


def extract_documents(
    frame: pl.DataFrame, extractor: Extractor, kind: Kind = "web"
) -> pl.DataFrame:
    """Make text of every payload in this process; see `document_text.extract_document`.

    Args:
        frame: doc_id, payload, media_type, encoding_hint and, where known, title, author and
            language_hint.
        extractor: `default` or `all-text`.
        kind: `web` or `books`.

    Returns:
        EXTRACTED, one row for each row of `frame`, in its order.
    """
    return extracted_frame(frame, extract_payloads(payloads_of(frame), kind, extractor))


def payloads_of(frame: pl.DataFrame) -> list[Payload]:
    """Return the rows as units of work for `extract_payloads`."""
    return frame.select("payload", "media_type", "encoding_hint").rows()


def extracted_frame(frame: pl.DataFrame, results: Sequence[DocumentText]) -> pl.DataFrame:
    """Put the results beside their rows; what the source says counts before what the page says."""
    found = pl.DataFrame(results, schema=EXTRACTED.names()[1:], orient="row").cast(
        {name: EXTRACTED[name] for name in EXTRACTED.names()[1:]}
    )
    known = [name for name in _FROM_SOURCE if name in frame.columns]
    return pl.concat(
        [frame.select("doc_id", *(pl.col(n).alias(f"known_{n}") for n in known)), found],
        how="horizontal",
    ).select(
        pl.coalesce(f"known_{name}", name).alias(name) if name in known else pl.col(name)
        for name in EXTRACTED
    )
