"""The catalog and the store -> the manifest of the corpus as it is now."""

from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

import polars as pl

from llm_assets.assets.tokenizer import load_tokenizer
from llm_assets.corpus.identity import digest
from llm_assets.corpus.report import funnel
from llm_assets.corpus.schema import SPLITS, Split
from llm_assets.corpus.tokenization.tokenize import Tokenizer
from llm_assets.corpus.tokenization.tokenizer_file import END_OF_DOCUMENT, FILE_NAMES
from llm_assets.io.catalog import Catalog
from llm_assets.io.object_store import ObjectStore
from llm_assets.io.shards import ShardedTable, ShardVersion
from llm_assets.metadata import total_summary
from llm_assets.partitions import WHOLE
from llm_assets.recipe import Corpus
from llm_assets.releases.file_names import file_role
from llm_assets.releases.manifest import (
    Count,
    Manifest,
    MixtureRow,
    Part,
    ReleaseError,
    ReleaseFile,
    SourceEntry,
    SplitCount,
    StreamCount,
    TokenizerEntry,
    TokenizerFile,
)
from llm_assets.releases.places import ROOT_FROM_RELEASE
from llm_assets.releases.public_settings import without_places

_LIBRARIES: Final = ("llm-assets", "polars", "pyarrow", "tokenizers", "gigatoken", "resiliparse")
_UNSTATED: Final = "not stated"
_MIXTURE_KEYS: Final = ("split", "source", "license", "language")


def build_manifest(
    corpus: Corpus,
    catalog: Catalog,
    store: ObjectStore,
    training_split: ShardedTable,
    *,
    version: str,
    notes: str,
    created_at: str,
) -> Manifest:
    """Describe the current corpus; nothing is written.

    Args:
        corpus: the corpus file.
        catalog: which versions are current.
        store: where they are.
        training_split: the shards to release.
        version: what to call it.
        notes: what people should know about it.
        created_at: ISO 8601, with the time zone.

    Raises:
        ReleaseError: if a file of a part is missing.
    """
    cleaned = ShardedTable("cleaned_text", catalog.current("cleaned_text"), store)
    mixture = _mixture(training_split, cleaned)
    parts = [_part(entry, store) for _, entry in sorted(training_split.versions.items())]
    ledger = total_summary(catalog.current("document_ledger").values())
    return Manifest(
        corpus=corpus.name,
        version=version,
        created_at=created_at,
        notes=notes,
        root=ROOT_FROM_RELEASE,
        recipe=without_places(corpus.recipe.model_dump(mode="json")),
        software=_software(),
        sources=_sources(corpus, catalog, mixture),
        tokenizer=_tokenizer(corpus, catalog, store),
        sequence_length=_sequence_length(corpus),
        formats=sorted({f.format for p in parts for f in p.files if f.format != "documents"}),
        splits=_splits(parts, mixture),
        parts=parts,
        licenses=_counted(mixture, "license"),
        languages=_counted(mixture, "language"),
        mixture=[MixtureRow(**row) for row in mixture.to_dicts()],
        funnel=[step._asdict() for step in funnel(ledger)],
        figures=_figures(corpus, catalog),
    ).sealed()


def _software() -> dict[str, str]:
    found = {}
    for library in _LIBRARIES:
        try:
            found[library.replace("-", "_")] = version(library)
        except PackageNotFoundError:  # run from a checkout, or an engine that is not installed
            continue
    return found


def _sources(corpus: Corpus, catalog: Catalog, mixture: pl.DataFrame) -> list[SourceEntry]:
    raw = [e for kind in corpus.kinds for e in catalog.current(f"raw_{kind}").values()]
    counts = _counted(mixture, "source")
    none = Count(documents=0, tokens=0)
    return [
        SourceEntry(
            name=source.name,
            kind=source.kind,
            location=without_places(source.location),
            license=source.license,
            weight=source.weight,
            manifest=_source_manifest(source.name, raw),
            documents=counts.get(source.name, none).documents,
            tokens=counts.get(source.name, none).tokens,
        )
        for source in corpus.sources
    ]


def _source_manifest(source: str, raw: Iterable[ShardVersion]) -> str:
    """Name the versions of all objects of a source: each shard's listing has a hash of its own."""
    listings = sorted(
        (entry.shard, entry.made_from[name].rpartition(":")[2])
        for entry in raw
        if (name := f"source/{source}") in entry.made_from
    )
    return digest(field for listing in listings for field in listing)


def _tokenizer(corpus: Corpus, catalog: Catalog, store: ObjectStore) -> TokenizerEntry:
    table = ShardedTable("tokenizer", catalog.current("tokenizer"), store)
    entry = table.versions[WHOLE]
    loaded: Tokenizer = load_tokenizer(corpus, table, reference_only=True)
    hashes: dict[str, str] = entry.summary["files"]
    sizes = {name: table.file(WHOLE, name).stat().st_size for name in hashes}
    return TokenizerEntry(
        location=entry.location,
        file=FILE_NAMES[loaded.kind],
        kind=loaded.kind,
        vocabulary_size=loaded.vocabulary_size,
        end_of_document=corpus.recipe.tokenizer.end_of_document or END_OF_DOCUMENT[loaded.kind],
        end_of_document_id=loaded.end_of_document_id,
        dtype="uint16" if loaded.token_dtype.itemsize == 2 else "int32",
        files=[
            TokenizerFile(name=name, bytes=sizes[name], hash=value)
            for name, value in sorted(hashes.items())
        ],
    )


def _sequence_length(corpus: Corpus) -> int | None:
    packing = corpus.recipe.packing
    return None if packing is None else packing.sequence_length


def _part(entry: ShardVersion, store: ObjectStore) -> Part:
    hashes: dict[str, str] = entry.summary["files"]
    sizes = {key.removeprefix(entry.location): size for key, size in store.keys(entry.location)}
    if missing := sorted(hashes.keys() - sizes.keys()):
        raise ReleaseError(
            f"{store.uri(entry.location)} lacks {', '.join(missing)}: 'llm-assets doctor' looks at "
            "the store"
        )
    files = []
    for name, value in sorted(hashes.items()):
        kind, split = file_role(name)
        file = ReleaseFile(name=name, bytes=sizes[name], hash=value, format=kind, split=split)
        files.append(file)
    return Part(
        shard=entry.shard,
        version=entry.version,
        location=entry.location,
        splits={
            split: StreamCount(
                tokens=entry.summary["tokens_by_split"][split],
                sequences=entry.summary["sequences_by_split"][split],
            )
            for split in SPLITS
        },
        files=files,
    )


def _mixture(training_split: ShardedTable, cleaned: ShardedTable) -> pl.DataFrame:
    """Count documents and tokens by split, source, licence and language, one shard at a time."""
    counted = []
    for shard in training_split.shards:
        path = training_split.file(shard, "documents.parquet")
        facts = cleaned.scan(shard)
        if facts is None:
            continue
        columns = ("doc_id", "source", "split", "token_length")
        counted.append(
            pl.scan_parquet(path, glob=False)
            .select(columns)
            .join(facts.select("doc_id", "license", "language"), on="doc_id", how="left")
            .with_columns(pl.col("license", "language").fill_null(_UNSTATED))
            .group_by(_MIXTURE_KEYS)
            .agg(
                documents=pl.col("doc_id").n_unique(),
                tokens=pl.col("token_length").cast(pl.Int64).sum(),
            )
            .collect(engine="streaming")
        )
    # A document is in one shard, so that counts of different documents add up.
    return pl.concat(counted).group_by(_MIXTURE_KEYS).sum().sort(_MIXTURE_KEYS)


def _counted(mixture: pl.DataFrame, name: str) -> dict[str, Count]:
    rows = mixture.group_by(name).agg(pl.col("documents", "tokens").sum()).sort(name)
    return {key: Count(documents=docs, tokens=tokens) for key, docs, tokens in rows.iter_rows()}


def _splits(parts: Iterable[Part], mixture: pl.DataFrame) -> dict[Split, SplitCount]:
    documents = _counted(mixture, "split")
    return {
        split: SplitCount(
            tokens=sum(part.splits[split].tokens for part in parts),
            sequences=sum(part.splits[split].sequences for part in parts),
            documents=documents[split].documents if split in documents else 0,
        )
        for split in SPLITS
    }


_NOT_PUBLISHED: Final = frozenset({"files", "ngrams_in_examples"})
"""Figures that a manifest leaves out: what it lists anyway, and passages of evaluation sets, which
a published manifest would let others train on."""


def _figures(corpus: Corpus, catalog: Catalog) -> dict[str, dict[str, Any]]:
    """Return the figures of every stage, for the corpus card."""
    stages = [f"raw_{kind}" for kind in corpus.kinds]
    stages += ["cleaned_text", "contamination", "near_duplicates", "repeated_passages"]
    stages += ["tokenizer", "tokenized_corpus", "training_split", "document_ledger"]
    figures = {}
    for stage in stages:
        summary = total_summary(catalog.current(stage).values())
        if summary:
            figures[stage] = {k: v for k, v in summary.items() if k not in _NOT_PUBLISHED}
    return figures
