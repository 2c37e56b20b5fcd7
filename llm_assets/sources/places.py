"""From a source's `location` to the place where its objects are."""

from functools import partial
from pathlib import Path

from llm_assets.io.catalog import Catalog
from llm_assets.recipe import Corpus, Source
from llm_assets.sources.folder import FolderPlace
from llm_assets.sources.objects import Place, SourceError


def open_place(source: Source, corpus_file: Path, catalog: Catalog) -> Place:
    """Return the place of a source; a relative location starts at the corpus file.

    Raises:
        SourceError: if the location is of a kind that is not known.
    """
    if source.location.startswith("s3://"):
        # Imported here: boto3 costs 0.2 s, and local sources need none of it.
        from llm_assets.sources.s3 import S3Place

        return S3Place(source.name, source.location)
    if "://" in source.location:
        raise SourceError(
            f"source '{source.name}': {source.location} is neither a path nor s3://bucket/prefix"
        )
    path = Path(source.location)
    return FolderPlace(
        source.name,
        path.expanduser() if path.parts[:1] == ("~",) else corpus_file.parent / path,
        known=partial(catalog.file_hashes, source.name),
        remember=partial(catalog.remember_file_hashes, source.name),
    )


def open_places(corpus: Corpus, corpus_file: Path, catalog: Catalog) -> dict[str, Place]:
    """Return the places of all sources, by the source's name."""
    return {source.name: open_place(source, corpus_file, catalog) for source in corpus.sources}
