"""Text extraction on a pool of worker processes."""

from collections.abc import Iterator
from functools import partial
from itertools import chain

import polars as pl

from llm_assets.corpus.clean import Extract
from llm_assets.corpus.document_text import DocumentText, Payload, extract_payloads
from llm_assets.recipe import Corpus, Kind
from llm_assets.workers import WorkerPool

_CHUNK_BYTES = 1 << 20
_CHUNK_DOCUMENTS = 32

_SAID_OF_ITSELF = ("title", "author", "language_hint")


def extractor(pool: WorkerPool, corpus: Corpus, kind: Kind) -> Extract:
    """Return the function that extracts a frame of documents of one kind on `pool`."""
    work = partial(extract_payloads, kind=kind, extractor=corpus.recipe.cleaning.extractor)

    def extract(frame: pl.DataFrame) -> pl.DataFrame:
        found = chain.from_iterable(pool.map_chunks(work, _chunks(frame), _crashed))
        return _completed(frame, list(found))

    return extract


def _crashed(payload: Payload) -> DocumentText:
    """Stand for a document that killed the process that extracted it."""
    detail = f"the extractor crashed on its {len(payload[0])} bytes"
    return DocumentText(failure="extraction_failed", detail=detail)


def _chunks(frame: pl.DataFrame) -> Iterator[list[Payload]]:
    """Cut the work so that processes finish at about the same time; results do not depend on it."""
    chunk: list[Payload] = []
    size = 0
    for payload in frame.select("payload", "media_type", "encoding_hint").iter_rows():
        chunk.append(payload)
        size += len(payload[0])
        if size >= _CHUNK_BYTES or len(chunk) >= _CHUNK_DOCUMENTS:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _completed(frame: pl.DataFrame, found: list[DocumentText]) -> pl.DataFrame:
    """Put results beside their documents; what the container says counts more than the page."""
    names = DocumentText._fields
    columns = {name: [getattr(result, name) for result in found] for name in names}
    said = pl.DataFrame(columns, schema=dict.fromkeys(names, pl.String))
    return said.with_columns(
        frame["doc_id"],
        *(pl.coalesce(frame[name], said[name]).alias(name) for name in _SAID_OF_ITSELF),
    )
