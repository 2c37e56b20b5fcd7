"""The jobs a person or a sensor starts."""

from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
from dagster._core.definitions.unresolved_asset_job_definition import (
    UnresolvedAssetJobDefinition,  # what define_asset_job returns; not exported
)
from pydantic import Field

from llm_assets.corpus.retuning import count_reasons
from llm_assets.corpus.verdicts import UnmeasuredError
from llm_assets.io.shards import NotMaterializedError, ShardedTable
from llm_assets.metadata import frame_table, picture
from llm_assets.plots import before_after_chart
from llm_assets.recipe import ConfigurationError, Corpus
from llm_assets.resources import CatalogResource, StoreResource
from llm_assets.retune import Retuning, retune, with_settings

REFRESH = "refresh"
RETUNE = "retune"


def refresh_job() -> UnresolvedAssetJobDefinition:
    """Return the job that brings the chosen shards, and all that depends on them, up to date."""
    return dg.define_asset_job(
        REFRESH,
        # A release is made when people ask for one.
        selection=dg.AssetSelection.all() - dg.AssetSelection.assets("corpus_release"),
        description=(
            "Brings the chosen shards up to date, from the sources to the ledger. Shards and "
            "documents that did not change are skipped, so running it twice costs nothing."
        ),
    )


class RetuneConfig(dg.Config):
    """Settings to try; what is left empty is as the corpus file has it."""

    thresholds: dict[str, float] = Field(
        default={}, description="Limits by reason, such as gopher_short_doc: 30."
    )
    filters: list[str] = Field(default=[], description="Quality profiles for web pages.")
    book_filters: list[str] = Field(default=[], description="Quality profiles for books.")
    record_filters: list[str] = Field(default=[], description="Quality profiles for records.")
    languages: list[str] = Field(default=[], description="Languages to keep (ISO 639).")
    language_score: float | None = Field(default=None, description="Least confidence, 0 to 1.")
    examples: int = Field(default=10, ge=0, description="Documents to show each way.")


def retune_job(corpus: Corpus, corpus_file: Path) -> dg.JobDefinition:
    """Build the job that shows what other rules would keep and drop; it changes nothing."""

    @dg.op(name="show_changes", description="Compares verdicts now and then, by stored signals.")
    def show_changes(
        context: dg.OpExecutionContext,
        config: RetuneConfig,
        store: StoreResource,
        catalog: CatalogResource,
    ) -> None:
        settings = config.model_dump(exclude={"examples"})
        table = ShardedTable("cleaned_text", catalog.open().current("cleaned_text"), store.open())
        try:
            retuning = retune(with_settings(corpus, settings), corpus_file, table)
        except (ConfigurationError, NotMaterializedError, UnmeasuredError) as error:
            raise dg.Failure(str(error), allow_retries=False) from error
        metadata = retuning_metadata(retuning, config.examples)
        context.add_output_metadata(metadata)
        # On the asset's page too, where people look for it.
        context.log_event(dg.AssetObservation("cleaned_text", metadata=metadata))

    @dg.job(
        name=RETUNE,
        description=(
            "Shows what other rules and limits would keep and drop, from the signals that are "
            "stored: counts by source, language and reason, and example documents each way. "
            "Nothing is changed. The result is an observation of cleaned_text."
        ),
    )
    def job() -> None:
        show_changes()

    return job


def retuning_metadata(retuning: Retuning, most_examples: int) -> dict[str, Any]:
    """Return the changes as numbers, tables and a picture."""
    totals = retuning.figures(0)
    counts = ("documents", "kept_now", "kept_then", "newly_kept", "newly_dropped")
    sources = retuning.by("source").select("source", "kept_now", "kept_then")
    pairs = {name: (now, then) for name, now, then in sources.iter_rows()}
    groups = retuning.by("source", "language")
    changed = groups.filter(pl.col("newly_kept") + pl.col("newly_dropped") > 0)
    tables = {
        "by_source_and_language": changed,
        "by_reason": count_reasons(retuning.changes),
        "newly_kept_examples": _examples(retuning, most_examples, kept=True),
        "newly_dropped_examples": _examples(retuning, most_examples, kept=False),
    }
    return {
        **{name: totals[name] for name in counts},
        "text_would_change": totals["text_would_change"],
        "kept_by_source": picture(
            before_after_chart(pairs, "Documents kept"), "documents kept now and then, by source"
        ),
        **{name: frame_table(table) for name, table in tables.items() if table.height},
    }


def _examples(retuning: Retuning, most: int, *, kept: bool) -> pl.DataFrame:
    reason = "reason_now" if kept else "reason_then"
    chosen = retuning.examples(most, kept=kept)
    return chosen.select("name", "source", "language", reason, "measured", "threshold", "doc_id")
