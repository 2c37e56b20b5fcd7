"""Payloads -> texts, row for row."""

from collections.abc import Sequence
from typing import Final

import polars as pl

from llm_assets.corpus.document_text import (
    DocumentText,
    Extractor,
    Kind,
    Payload,
    extract_payloads,
)
from llm_assets.corpus.schema import EXTRACTED

_FROM_SOURCE: Final = {
    "title": "title",
    "author": "author",
    "published_at": "published_at",
    "declared_language": "language_hint",
}
"""What a source may know of its documents counts before what the page says."""


def extract_documents(
    frame: pl.DataFrame, extractor: Extractor, kind: Kind = "web"
) -> pl.DataFrame:
    """Make text of every payload in this process; see `document_text.extract_document`.

    Args:
        frame: payload, media_type, encoding_hint, url and, where known, title, author,
            published_at and language_hint.
        extractor: how the text of web pages is found.
        kind: `web`, `books` or `records`.

    Returns:
        EXTRACTED, one row for each row of `frame`, in its order.
    """
    return extracted_frame(frame, extract_payloads(payloads_of(frame), kind, extractor))


def payloads_of(frame: pl.DataFrame) -> list[Payload]:
    """Return the rows as units of work for `extract_payloads`."""
    return frame.select("payload", "media_type", "encoding_hint", "url").rows()


def extracted_frame(frame: pl.DataFrame, results: Sequence[DocumentText]) -> pl.DataFrame:
    """Put what was found beside what the sources know."""
    found = pl.DataFrame(
        {name: [getattr(result, name) for result in results] for name in EXTRACTED},
        schema=EXTRACTED,
    )
    known = {name: frame[column] for name, column in _FROM_SOURCE.items() if column in frame}
    return found.with_columns(
        pl.coalesce(pl.lit(values), pl.col(name)).alias(name) for name, values in known.items()
    )
