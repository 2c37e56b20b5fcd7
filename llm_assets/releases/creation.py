"""Freezing the corpus under a version: once, whole, and never again under that name."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from llm_assets.io.object_store import ObjectStore
from llm_assets.io.shards import ShardedTable
from llm_assets.recipe import Corpus
from llm_assets.releases.build import build_manifest
from llm_assets.releases.card.card_page import card_page
from llm_assets.releases.manifest import Manifest, ReleaseError
from llm_assets.releases.places import (
    Release,
    card_key,
    check_version_name,
    manifest_key,
    stored_releases,
)
from llm_assets.releases.readiness import require_checks, require_ready
from llm_assets.resources import CatalogResource, StoreResource

_NUMBERED = re.compile(r"v([1-9][0-9]*)")
_ATTEMPTS = 100


@dataclass(frozen=True)
class Creation:
    """What came of asking for a release."""

    release: Release
    is_new: bool
    """False if a release has this very content already."""
    checks: list[str]
    """The checks that were evaluated, and hold."""


def create_release(
    corpus: Corpus,
    corpus_file: Path,
    store_resource: StoreResource,
    catalog_resource: CatalogResource,
    *,
    now: Callable[[], str],
    version: str | None = None,
    notes: str = "",
) -> Creation:
    """Freeze the current corpus.

    The manifest is the release: it is written last, at once, and only where there is none. So a
    process that is killed leaves no release or all of it.

    Args:
        corpus: the corpus file, read.
        corpus_file: where it is.
        store_resource: the store.
        catalog_resource: the catalog.
        now: returns the time, in ISO 8601 with the time zone.
        version: what to call it; the next of v1, v2, ... if None.
        notes: what people should know about it.

    Raises:
        ReleaseError: if the corpus is not of one piece, a check fails, or the name is taken.
    """
    if version is not None:
        check_version_name(version)
    store, catalog = store_resource.open(), catalog_resource.open()
    training_split = require_ready(corpus, corpus_file, catalog, store)
    known = stored_releases(store)
    name = version or next_version(release.manifest.version for release in known)
    manifest = build_manifest(
        corpus,
        catalog,
        store,
        training_split,
        version=name,
        notes=notes,
        created_at=now(),
    )
    same = _same_content(known, manifest, version)
    if same is not None:
        _draw(same, store)
        return Creation(same, is_new=False, checks=[])
    checks = require_checks(corpus, store_resource, catalog_resource)
    again = require_ready(corpus, corpus_file, catalog, store)
    if _versions(again) != _versions(training_split):
        raise ReleaseError("a run changed the corpus meanwhile, so nothing was released: try again")
    for _ in range(_ATTEMPTS):
        if store.create(manifest_key(manifest.version), manifest.to_json()):
            release = Release(manifest, store)
            _draw(release, store)
            return Creation(release, is_new=True, checks=checks)
        if version is not None:
            raise _taken(version)
        # Another process took the number since.
        known = stored_releases(store)
        if (same := _same_content(known, manifest, None)) is not None:
            return Creation(same, is_new=False, checks=checks)
        name = next_version(release.manifest.version for release in known)
        manifest = manifest.model_copy(update={"version": name})
    raise ReleaseError("other processes keep making releases: try again")


def _draw(release: Release, store: ObjectStore) -> None:
    """Write the card beside the manifest, unless it is there; after a crash it may not be."""
    manifest = release.manifest
    store.create(card_key(manifest.version), card_page(manifest).encode())


def _versions(training_split: ShardedTable) -> dict[str, str]:
    return {shard: entry.version for shard, entry in training_split.versions.items()}


def next_version(names: Iterable[str]) -> str:
    """Return the first free name of v1, v2, ... after all that are taken."""
    numbers = [int(match[1]) for name in names if (match := _NUMBERED.fullmatch(name))]
    return f"v{max(numbers, default=0) + 1}"


def _same_content(known: list[Release], manifest: Manifest, asked: str | None) -> Release | None:
    """Return the release that makes a new one needless.

    Raises:
        ReleaseError: if a name was asked for that has other content.
    """
    for release in reversed(known):
        same = release.manifest.content_hash == manifest.content_hash
        if asked is None and same:
            return release
        if asked == release.manifest.version:
            if same:
                return release
            raise _taken(asked)
    return None


def _taken(version: str) -> ReleaseError:
    return ReleaseError(
        f"there is a release '{version}' of other content, and a release never changes: choose "
        "another name, or none to get the next of v1, v2, ..."
    )
