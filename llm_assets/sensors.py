"""Sensors: one for each source, and one that follows corpus-wide decisions.

They compare content, not times: what a source holds now, against what the catalog says the raw
shards were made from. So an edit, a deletion and a restored old file are all seen, nothing is seen
twice, and a lost cursor loses nothing.
"""

from collections.abc import Iterator, Mapping

import dagster as dg

from llm_assets.assets.external_sources import source_key
from llm_assets.corpus.identity import digest, shard_names
from llm_assets.io.shards import ShardVersion
from llm_assets.jobs import REFRESH
from llm_assets.partitions import contiguous_ranges, range_tags
from llm_assets.recipe import Corpus, Source
from llm_assets.resources import CatalogResource, SourcesResource
from llm_assets.sources.objects import SourceError
from llm_assets.sources.watch import OBSERVED_TAG, observe_source
from llm_assets.staleness import stale_shards

_SECONDS_BETWEEN_LISTINGS = 30
_UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def source_sensor(corpus: Corpus, source: Source) -> dg.SensorDefinition:
    """Build the sensor that watches one source and asks for the shards whose objects changed."""

    @dg.sensor(
        name=f"watch_{source.name.replace('-', '_')}",
        job_name=REFRESH,
        minimum_interval_seconds=_SECONDS_BETWEEN_LISTINGS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=(
            f"Lists `{source.location}` and asks for a refresh of just the shards in which an "
            "object was added, changed or removed."
        ),
    )
    def watch(
        context: dg.SensorEvaluationContext, sources: SourcesResource, catalog: CatalogResource
    ) -> dg.SensorResult | dg.SkipReason:
        index = catalog.open()
        shards = shard_names(corpus.shards)
        current = index.current(f"raw_{source.kind}")
        if set(current) != set(shards):
            return dg.SkipReason(
                "The corpus is not complete yet: materialize all shards once, and changes are "
                "followed from then on."
            )
        try:
            place = sources.open(corpus, index)[source.name]
            observed = observe_source(source, place, corpus.shards)
        except SourceError as error:
            return dg.SkipReason(str(error))
        stale = observed.stale_shards(source.name, current, shards)
        if not stale:
            return dg.SkipReason(f"Nothing changed in {source.location}.")
        return dg.SensorResult(
            run_requests=list(_requests(source, stale, current)),
            asset_events=[
                dg.AssetObservation(source_key(source), metadata={"changed_shards": len(stale)})
            ],
        )

    return watch


def _requests(
    source: Source, stale: Mapping[str, str], current: Mapping[str, ShardVersion]
) -> Iterator[dg.RunRequest]:
    for shard, manifest in stale.items():
        yield dg.RunRequest(
            # With the revision, so that going back to earlier content is a new request.
            run_key=f"{source.name}/{shard}/{manifest}/{current[shard].revision}",
            partition_key=shard,
            tags={
                OBSERVED_TAG: f"{source.name}/{shard}/{manifest}",
                "llm_assets/source": source.name,
                "llm_assets/shard": shard,
            },
        )


def stale_shards_sensor(corpus: Corpus) -> dg.SensorDefinition:
    """Build the sensor that assembles shards whose upstream versions are newer than they are.

    A refresh of one shard can change the verdict on a document in another: its twin there may now
    be the one to keep; or a site's repeated lines, or the evaluation sets. And a run that failed
    half-way has left its shards behind. The catalog knows which shards that concerns. It is asked
    while nothing runs: in the middle of a run, every shard looks left behind.
    """

    @dg.sensor(
        name="follow_duplicate_verdicts",
        job_name=REFRESH,
        minimum_interval_seconds=_SECONDS_BETWEEN_LISTINGS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=(
            "Asks for a refresh of just those shards that were made from something older than "
            "today's: verdicts on duplicates, passages that documents share, evaluation sets, "
            "lines that sites repeat, or what a run that failed has left behind."
        ),
    )
    def follow(
        context: dg.SensorEvaluationContext, catalog: CatalogResource
    ) -> dg.SensorResult | dg.SkipReason:
        if context.instance.get_runs_count(dg.RunsFilter(statuses=_UNFINISHED)):
            return dg.SkipReason("Runs are under way, which may bring shards up to date.")
        stale = stale_shards(corpus, catalog.open())
        if not stale:
            return dg.SkipReason("All shards are made from today's texts and decisions.")
        return dg.SensorResult(
            run_requests=[
                dg.RunRequest(
                    # A digest, since PostgreSQL takes no keys of any length into its index.
                    run_key=f"{first}/{last}/{digest(_of_range(stale, first, last))}",
                    tags=range_tags(first, last),
                )
                for first, last in contiguous_ranges(stale, corpus)
            ]
        )

    return follow


def _of_range(stale: Mapping[str, str], first: str, last: str) -> Iterator[str]:
    return (stale[shard] for shard in sorted(stale) if first <= shard <= last)
