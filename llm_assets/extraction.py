"""Text extraction on a pool of worker processes."""

from collections.abc import Iterator
from functools import partial
from itertools import chain

import polars as pl

from llm_assets.corpus.clean import Extract
from llm_assets.corpus.document_text import DocumentText, Payload, extract_payloads
from llm_assets.corpus.extract import extracted_frame, payloads_of
from llm_assets.recipe import Corpus, Kind
from llm_assets.workers import WorkerPool

_CHUNK_BYTES = 1 << 20
_CHUNK_DOCUMENTS = 32


def extractor(pool: WorkerPool, corpus: Corpus, kind: Kind) -> Extract:
    """Return the function that extracts a frame of documents of one kind on `pool`."""
    work = partial(extract_payloads, kind=kind, extractor=corpus.recipe.cleaning.extractor)

    def extract(frame: pl.DataFrame) -> pl.DataFrame:
        found = chain.from_iterable(pool.map_chunks(work, _chunks(frame), _crashed))
        return extracted_frame(frame, list(found))

    return extract


def _crashed(payload: Payload) -> DocumentText:
    """Stand for a document that killed the process that extracted it."""
    detail = f"the extractor crashed on its {len(payload[0])} bytes"
    return DocumentText(failure="extraction_failed", detail=detail)


def _chunks(frame: pl.DataFrame) -> Iterator[list[Payload]]:
    """Cut the work so that processes finish at about the same time; results do not depend on it."""
    chunk: list[Payload] = []
    size = 0
    for payload in payloads_of(frame):
        chunk.append(payload)
        size += len(payload[0])
        if size >= _CHUNK_BYTES or len(chunk) >= _CHUNK_DOCUMENTS:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk
