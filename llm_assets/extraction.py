"""Text extraction on a pool of worker processes."""

from collections.abc import Iterator
from functools import partial
from itertools import chain

import polars as pl

from llm_assets.corpus.clean import Extract
from llm_assets.corpus.document_text import DocumentText, Payload, crashed, document_texts
from llm_assets.recipe import Corpus, Kind
from llm_assets.workers import WorkerPool

_CHUNK_BYTES = 1 << 20
_CHUNK_DOCUMENTS = 32

_FIELDS = ("payload", "media_type", "encoding_hint", "title", "author", "language_hint")
_RESULTS = ("text", "title", "author", "language_hint", "failure", "detail")


def extractor(pool: WorkerPool, corpus: Corpus, kind: Kind) -> Extract:
    """Return the function that extracts a frame of documents of one kind on `pool`."""
    work = partial(document_texts, kind=kind, extractor=corpus.recipe.cleaning.extractor)

    def extract(frame: pl.DataFrame) -> pl.DataFrame:
        found = chain.from_iterable(pool.map_chunks(work, _chunks(frame), crashed))
        return _frame(frame["doc_id"], list(found))

    return extract


def _chunks(frame: pl.DataFrame) -> Iterator[list[Payload]]:
    """Cut the work so that processes finish at about the same time; results do not depend on it."""
    chunk: list[Payload] = []
    size = 0
    for row in frame.select(_FIELDS).iter_rows():
        chunk.append(Payload(*row))
        size += len(row[0])
        if size >= _CHUNK_BYTES or len(chunk) >= _CHUNK_DOCUMENTS:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _frame(doc_ids: pl.Series, found: list[DocumentText]) -> pl.DataFrame:
    columns = {name: [getattr(result, name) for result in found] for name in _RESULTS}
    schema = dict.fromkeys(_RESULTS, pl.String)
    return pl.DataFrame(columns, schema=schema).insert_column(0, doc_ids)
