"""`corpus_release`: the corpus frozen under a version, for training and for ever."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import dagster as dg
import polars as pl
from dagster._core.definitions.unresolved_asset_job_definition import (
    UnresolvedAssetJobDefinition,  # what define_asset_job returns; not exported
)
from pydantic import Field

from llm_assets.assets.names import OWNERS
from llm_assets.metadata import frame_table
from llm_assets.recipe import ConfigurationError, Corpus
from llm_assets.releases.creation import Creation, create_release
from llm_assets.releases.manifest import Count, ReleaseError
from llm_assets.releases.places import manifest_key
from llm_assets.resources import CatalogResource, StoreResource

CORPUS_RELEASE: Final = "corpus_release"
RELEASE_JOB: Final = "release"


class ReleaseConfig(dg.Config):
    """What to call the release; both may stay empty."""

    version: str = Field(default="", description="Its name; the next of v1, v2, ... when empty.")
    notes: str = Field(default="", description="What people should know about it.")


def corpus_release_asset(corpus: Corpus, corpus_file: Path) -> dg.AssetsDefinition:
    """Build the asset that freezes the corpus; only the job `release` and people run it."""

    @dg.asset(
        name=CORPUS_RELEASE,
        group_name="training",
        deps=["training_split", "document_ledger"],
        kinds={"json"},
        owners=OWNERS,
        description=(
            "The corpus as it was, frozen under a version: `releases/<version>/manifest.json` "
            "names every file with its hash, the recipe, the versions of all sources, licences, "
            "languages and token counts. It is made where every part follows from today's "
            "versions and the blocking checks hold, and never changes. Releases share the files "
            "in which they do not differ. Read by trainers, `llm-assets release` and the loader."
        ),
    )
    def corpus_release(
        config: ReleaseConfig, store: StoreResource, catalog: CatalogResource
    ) -> dg.MaterializeResult[None]:
        try:
            creation = create_release(
                corpus,
                corpus_file,
                store,
                catalog,
                now=timestamp,
                version=config.version or None,
                notes=config.notes,
            )
        except (ConfigurationError, ReleaseError) as error:
            raise dg.Failure(str(error), allow_retries=False) from error
        return dg.MaterializeResult(
            metadata=release_metadata(creation),
            data_version=dg.DataVersion(creation.release.manifest.content_hash),
        )

    return corpus_release


def release_job() -> UnresolvedAssetJobDefinition:
    """Return the job that makes a release; its configuration is that of the asset."""
    return dg.define_asset_job(
        RELEASE_JOB,
        selection=dg.AssetSelection.assets(CORPUS_RELEASE),
        description=(
            "Freezes the current corpus as a release, if every part follows from today's versions "
            "and the blocking checks hold. Set version and notes in the launchpad, or leave both "
            "empty. A corpus that did not change since its last release gets no second one."
        ),
    )


def timestamp() -> str:
    """Return the time now, in ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def release_metadata(creation: Creation) -> Mapping[str, Any]:
    """Return what the asset's page shows of a release."""
    manifest, store = creation.release.manifest, creation.release.store
    return {
        "version": manifest.version,
        "is_new": creation.is_new,
        "content_hash": manifest.content_hash,
        "tokens": sum(split.tokens for split in manifest.splits.values()),
        "documents": sum(split.documents for split in manifest.splits.values()),
        "size": dg.MetadataValue.int(manifest.size_bytes),
        "stored_at": dg.MetadataValue.path(store.uri(manifest_key(manifest.version))),
        "tokens_by_split": _table("split", manifest.splits),
        "tokens_by_source": _table(
            "source",
            {s.name: Count(documents=s.documents, tokens=s.tokens) for s in manifest.sources},
        ),
        "tokens_by_license": _table("license", manifest.licenses),
        "tokens_by_language": _table("language", manifest.languages),
        **({"notes": manifest.notes} if manifest.notes else {}),
    }


def _table(name: str, counts: Mapping[Any, Count]) -> dg.MetadataValue[Any]:
    rows = [(str(key), count.documents, count.tokens) for key, count in counts.items()]
    columns = {name: pl.String, "documents": pl.Int64, "tokens": pl.Int64}
    return frame_table(pl.DataFrame(rows, schema=columns, orient="row").sort(-pl.col("tokens")))


def report_release(creation: Creation, instance: dg.DagsterInstance) -> None:
    """Tell the UI of a release that was made outside of a run."""
    instance.report_runless_asset_event(
        dg.AssetMaterialization(
            CORPUS_RELEASE,
            metadata=release_metadata(creation),
            tags={"dagster/data_version": creation.release.manifest.content_hash},
        )
    )
