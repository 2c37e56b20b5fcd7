"""Sensors: one for each source, and one that follows corpus-wide decisions.

They compare content, not times: what a source holds now, against what the catalog says the raw
shards were made from. So an edit, a deletion and a restored old file are all seen, nothing is seen
twice, and a lost cursor loses nothing.
"""

from collections.abc import Iterator, Mapping

import dagster as dg

from llm_assets.assets.contamination import CONTAMINATION_TABLE
from llm_assets.assets.evaluation_ngrams import EVALUATION_NGRAMS_TABLE
from llm_assets.assets.external_sources import source_key
from llm_assets.assets.repeated_passages import REPEATED_PASSAGES_TABLE
from llm_assets.assets.site_boilerplate import SITE_BOILERPLATE, wants_site_lines
from llm_assets.corpus.identity import shard_names
from llm_assets.io.catalog import Catalog
from llm_assets.io.shards import ShardVersion
from llm_assets.jobs import REFRESH
from llm_assets.partitions import WHOLE, contiguous_ranges, range_tags
from llm_assets.recipe import Corpus, Source
from llm_assets.resources import CatalogResource, SourcesResource
from llm_assets.sources.objects import SourceError
from llm_assets.sources.watch import OBSERVED_TAG, observe_source

_SECONDS_BETWEEN_LISTINGS = 30


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
    be the one to keep; or a site's repeated lines, or the evaluation sets. The catalog knows which
    shards that concerns.
    """

    @dg.sensor(
        name="follow_duplicate_verdicts",
        job_name=REFRESH,
        minimum_interval_seconds=_SECONDS_BETWEEN_LISTINGS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=(
            "Asks for a refresh of just those shards that were made from older decisions about "
            "the whole corpus than today's: verdicts on duplicates, passages that documents share, "
            "evaluation sets, or lines that sites repeat."
        ),
    )
    def follow(
        context: dg.SensorEvaluationContext, catalog: CatalogResource
    ) -> dg.SensorResult | dg.SkipReason:
        index = catalog.open()
        stale = _behind(index, "near_duplicates", "training_split")
        if corpus.recipe.passages is not None:
            stale |= _behind(index, REPEATED_PASSAGES_TABLE, "training_split")
        if corpus.recipe.decontaminate is not None:
            stale |= _behind(index, CONTAMINATION_TABLE, "training_split")
            stale |= _behind(index, EVALUATION_NGRAMS_TABLE, CONTAMINATION_TABLE, WHOLE)
        if wants_site_lines(corpus):
            stale |= _behind(index, SITE_BOILERPLATE, "cleaned_text")
        if not stale:
            return dg.SkipReason("All shards follow today's decisions about the whole corpus.")
        return dg.SensorResult(
            run_requests=[
                dg.RunRequest(
                    run_key="/".join([first, last, *(stale[s] for s in sorted(stale))]),
                    tags=range_tags(first, last),
                )
                for first, last in contiguous_ranges(stale, corpus)
            ]
        )

    return follow


def _behind(
    catalog: Catalog, decision: str, follower: str, whole: str | None = None
) -> dict[str, str]:
    """Return the follower's shards that were made from an older decision; a name for each case.

    The decision has the shards of its follower, or one for them all that is called `whole`.
    """
    decided = catalog.current(decision)
    followers = catalog.current(follower).items()
    pairs = [(shard, entry, whole or shard) for shard, entry in followers]
    return {
        shard: f"{decided[by].version}:{entry.revision}"
        for shard, entry, by in pairs
        if by in decided and entry.made_from.get(f"{decision}/{by}") != decided[by].version
    }
