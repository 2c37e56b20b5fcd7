"""Running the asset graph from the terminal: what to run, what came of it, what went wrong."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg

from llm_assets.abandoned import PROCESS_TAG, end_abandoned_runs, this_process
from llm_assets.corpus.identity import shard_names
from llm_assets.jobs import REFRESH
from llm_assets.partitions import contiguous_ranges, range_tags
from llm_assets.progress import Progress
from llm_assets.recipe import ConfigurationError, Corpus
from llm_assets.runtime import Platform

# The event log has every line; a terminal wants only what goes wrong.
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True)
class FailedCheck:
    """An asset check that did not hold."""

    asset: str
    check: str
    blocking: bool
    description: str


@dataclass(frozen=True)
class RunOutcome:
    """How a run ended."""

    run_id: str
    success: bool
    error: str | None
    """What went wrong, in one message; None if nothing did or only checks failed."""
    failed_checks: list[FailedCheck]


def materialize(
    platform: Platform,
    assets: Sequence[str],
    shards: Sequence[str],
    progress: Progress,
) -> Iterator[RunOutcome]:
    """Run the chosen assets over the chosen shards (all where none are named) in this process.

    Yields an outcome for every contiguous range of shards, as it ends.

    Raises:
        ConfigurationError: for an asset or shard that does not exist.
        KeyboardInterrupt: if the run was interrupted; what it published stays.
    """
    from llm_assets.definitions import build_definitions

    definitions = build_definitions(platform.corpus, platform.settings, progress)
    job = definitions.resolve_job_def(REFRESH)
    selection = _selection(job, assets)
    wanted = _known_shards(platform.corpus, shards)
    with dg.DagsterInstance.get() as instance:
        # Dagster's own way to keep connections: else each of a thousand queries logs in anew.
        instance.optimize_for_webserver(statement_timeout=0, pool_recycle=3600, max_overflow=8)
        end_abandoned_runs(instance)
        for first, last in contiguous_ranges(wanted, platform.corpus):
            result = job.execute_in_process(
                instance=instance,
                tags=range_tags(first, last) | {PROCESS_TAG: this_process()},
                run_config=_QUIET,
                asset_selection=selection,
                raise_on_error=False,
            )
            if _interrupted(result):
                raise KeyboardInterrupt
            yield _outcome(result)


def _selection(job: dg.JobDefinition, assets: Sequence[str]) -> list[dg.AssetKey] | None:
    if not assets:
        return None
    known = {key.to_user_string(): key for key in job.asset_layer.executable_asset_keys}
    for name in assets:
        if name not in known:
            raise ConfigurationError(
                f"there is no asset '{name}'; the assets are {', '.join(sorted(known))}"
            )
    return [known[name] for name in assets]


def _known_shards(corpus: Corpus, shards: Sequence[str]) -> list[str]:
    every = shard_names(corpus.shards)
    for name in shards:
        if name not in every:
            raise ConfigurationError(
                f"there is no shard '{name}'; this corpus has {every[0]} to {every[-1]}"
            )
    return list(shards) or every


def _outcome(result: Any) -> RunOutcome:  # dagster does not export ExecuteInProcessResult's base
    failed = [
        FailedCheck(
            asset=evaluation.asset_key.to_user_string(),
            check=evaluation.check_name,
            blocking=evaluation.blocking or False,
            description=evaluation.description or "",
        )
        for evaluation in result.get_asset_check_evaluations()
        if not evaluation.passed and evaluation.severity == dg.AssetCheckSeverity.ERROR
    ]
    error = None
    if not result.success and not failed:
        error = _first_error(result)
    return RunOutcome(result.run_id, result.success, error, failed)


def _interrupted(result: Any) -> bool:
    """Tell whether a step was ended by Ctrl-C, which Dagster reports as the step's failure."""
    return any(
        event.is_step_failure
        and event.step_failure_data.error is not None
        and "DagsterExecutionInterruptedError" in str(event.step_failure_data.error)
        for event in result.all_events
    )


def _first_error(result: Any) -> str:
    """Return the innermost cause of the first step that failed."""
    for event in result.all_events:
        if event.is_step_failure and event.step_failure_data.error is not None:
            error = event.step_failure_data.error
            while error.cause is not None:
                error = error.cause
            description = event.step_failure_data.user_failure_data
            if description is not None and description.description:
                return f"{event.step_key}: {description.description}"
            return f"{event.step_key}: {_plain(error.message)}"
    for event in result.all_events:
        if event.is_failure and event.message:
            return str(event.message)
    return "the run failed; its events are in the Dagster UI"


_OUR_ERROR = re.compile(r"^llm_assets\.[\w.]+: ")


def _plain(message: str) -> str:
    """Drop the class's name where the message was written for people: from our own errors."""
    return _OUR_ERROR.sub("", message.strip())
