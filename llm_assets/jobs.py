"""The jobs a person or a sensor starts."""

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import (
    UnresolvedAssetJobDefinition,  # what define_asset_job returns; not exported
)

REFRESH = "refresh"


def refresh_job() -> UnresolvedAssetJobDefinition:
    """Return the job that brings the chosen shards, and all that depends on them, up to date."""
    return dg.define_asset_job(
        REFRESH,
        selection=dg.AssetSelection.all(),
        description=(
            "Brings the chosen shards up to date, from the sources to the ledger. Shards and "
            "documents that did not change are skipped, so running it twice costs nothing."
        ),
    )
