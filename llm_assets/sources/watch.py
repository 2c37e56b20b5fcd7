"""Listing sources, and telling which shards their present state differs from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from llm_assets.io.shards import ShardVersion
from llm_assets.recipe import Corpus, Kind, Source, fingerprint
from llm_assets.sources.objects import (
    Place,
    SourceChangedError,
    SourceObject,
    by_shard,
    manifest_hash,
)

OBSERVED_TAG = "llm_assets/observed"
"""Run tag `<source>/<shard>/<manifest>`: what the sensor saw and asks for."""


@dataclass(frozen=True)
class ObservedSources:
    """What the sources of one kind hold at one moment, shard by shard."""

    listings: Mapping[str, Mapping[str, list[SourceObject]]]
    """Source -> shard -> objects."""
    settings: Mapping[str, str]
    """Source -> name of the settings that it is read with."""

    def objects(self, shard: str) -> list[SourceObject]:
        """Return a shard's objects, sorted by source and key."""
        return sorted(item for listing in self.listings.values() for item in listing.get(shard, []))

    def ingredients(self, shard: str) -> dict[str, str]:
        """Return what a raw shard is made from: `source/<name>` -> `<settings>:<manifest>`."""
        return {
            f"source/{name}": f"{self.settings[name]}:{manifest_hash(listing[shard])}"
            for name, listing in sorted(self.listings.items())
            if shard in listing
        }

    def require(self, tags: Mapping[str, str]) -> None:
        """Make sure that the sources still are what the sensor saw when it asked for this run.

        Raises:
            SourceChangedError: if one is not; its sensor will ask for the newer version.
        """
        if OBSERVED_TAG not in tags:
            return
        name, shard, manifest = tags[OBSERVED_TAG].split("/")
        listing = self.listings.get(name)
        if listing is not None and manifest_hash(listing.get(shard, [])) != manifest:
            raise SourceChangedError(
                f"source '{name}' changed again since this run was asked for; its sensor asks for "
                "the newer version"
            )

    def stale_shards(
        self, source: str, current: Mapping[str, ShardVersion], shards: Iterable[str]
    ) -> dict[str, str]:
        """Return the shards whose raw version differs from the source, with today's manifest."""
        stale = {}
        for shard in shards:
            objects = self.listings[source].get(shard, [])
            manifest = manifest_hash(objects)
            ingredient = f"{self.settings[source]}:{manifest}" if objects else None
            version = current.get(shard)
            if version is None or version.made_from.get(f"source/{source}") != ingredient:
                stale[shard] = manifest
        return stale


def observe_source(source: Source, place: Place, shards: int) -> ObservedSources:
    """List one source."""
    listing = by_shard(place.objects(), shards)
    return ObservedSources({source.name: listing}, {source.name: settings_of(source)})


def observe_sources(corpus: Corpus, kind: Kind, places: Mapping[str, Place]) -> ObservedSources:
    """List all sources of one kind."""
    observed = [
        observe_source(source, places[source.name], corpus.shards)
        for source in corpus.sources_of(kind)
    ]
    return ObservedSources(
        {name: listing for each in observed for name, listing in each.listings.items()},
        {name: value for each in observed for name, value in each.settings.items()},
    )


def settings_of(source: Source) -> str:
    """Name the settings of a source that shape its raw rows."""
    # Of records only, so that what is said of these is no other setting of pages and books.
    of_records = [source.fields, source.text_format] if source.kind == "records" else []
    return fingerprint(source.kind, source.format, source.license, source.language, *of_records)
