"""`source/<name>`: one external asset for every source in the corpus file."""

import dagster as dg

from llm_assets.recipe import Corpus, Source


def source_key(source: Source) -> dg.AssetKey:
    """Return the asset key of a source."""
    return dg.AssetKey(["source", source.name])


def external_sources(corpus: Corpus) -> list[dg.AssetSpec]:
    """Return the sources as assets that someone else changes and sensors observe."""
    return [
        dg.AssetSpec(
            key=source_key(source),
            group_name="sources",
            description=(
                f"{source.kind} at `{source.location}`"
                + (f", licence {source.license}" if source.license else "")
                + ". Changed by its owner; a sensor lists it and asks for the shards that changed."
            ),
            kinds={"s3" if source.location.startswith("s3://") else "file", source.kind},
            metadata={
                "location": source.location,
                "license": source.license or "not stated",
                "weight": source.weight,
            },
        )
        for source in corpus.sources
    ]
