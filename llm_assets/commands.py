"""What the commands do, once their options are read. Each returns its exit code."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from rich.markup import escape

from llm_assets.command_line import CHECKS_FAILED, DONE, FAILED
from llm_assets.corpus.report import funnel
from llm_assets.io.object_store import open_store
from llm_assets.io.shards import ShardedTable
from llm_assets.recipe import ConfigurationError
from llm_assets.retune import retune, with_settings
from llm_assets.runtime import Platform, platform
from llm_assets.story import Example, Ledger, Row
from llm_assets.terminal import (
    LOG,
    OUT,
    TerminalProgress,
    funnel_table,
    print_error,
    print_json,
    reason_table,
    retuning_tables,
    stage_table,
    stage_totals,
    story_lines,
)
from llm_assets.workers import start_early

if TYPE_CHECKING:
    from llm_assets.materialize import RunOutcome


def run_materialize(
    corpus: Path | None, assets: Sequence[str], shards: Sequence[str], as_json: bool
) -> int:
    """Bring assets up to date, with bars while it goes and a summary at the end."""
    with platform(corpus, meanwhile=_get_ready) as running:
        from llm_assets.materialize import materialize

        progress = TerminalProgress(LOG)
        LOG.print(
            f"[bold]{running.corpus.name}[/bold]: {len(running.corpus.sources)} sources, "
            f"{running.corpus.shards} shards, store {escape(running.settings.store)}",
            highlight=False,
        )
        with progress.shown():
            outcomes = list(materialize(running, assets, shards, progress))
        totals = stage_totals(progress.reports)
        succeeded = all(outcome.success for outcome in outcomes)
        has_ledger = any(row["asset"] == "document_ledger" for row in totals)
        figures = _funnel_figures(running) if succeeded and has_ledger else None
        if as_json:
            print_json(
                {
                    "corpus": running.corpus.name,
                    "runs": [asdict(outcome) for outcome in outcomes],
                    "assets": totals,
                    "funnel": figures,
                }
            )
        else:
            _print_summary(totals, figures, succeeded)
        return _exit_code(outcomes)


def _get_ready() -> None:
    """Import what a run needs, and start the process that its workers are forked from."""
    start_early("llm_assets.extraction_ready")
    # What Dagster would import next, after the server has started.
    import dagster_postgres.storage  # noqa: F401

    import llm_assets.definitions
    import llm_assets.materialize  # noqa: F401


def _print_summary(
    totals: list[dict[str, Any]], figures: dict[str, Any] | None, succeeded: bool
) -> None:
    if totals:
        OUT.print(stage_table(totals))
    if succeeded and totals and all(row["shards"] == row["up_to_date"] for row in totals):
        OUT.print("Everything is up to date: nothing was recomputed.")
    if figures is not None:
        _print_funnel(figures)


def _exit_code(outcomes: Sequence["RunOutcome"]) -> int:
    code = DONE
    for outcome in outcomes:
        for check in outcome.failed_checks:
            print_error(f"{check.asset}: {check.check}: {check.description}", "check failed")
            code = CHECKS_FAILED
        if outcome.error is not None:
            print_error(outcome.error)
            LOG.print(f"  run {outcome.run_id}; its events are in the UI: llm-assets dev")
        if not outcome.success and not outcome.failed_checks:
            return FAILED
    return code


def run_why(corpus: Path | None, document: str | None, example: str | None, as_json: bool) -> int:
    """Tell the story of one document, or list the candidates."""
    if (document is None) == (example is None):
        raise ConfigurationError("name a document, or ask for --example KIND")
    with platform(corpus) as running:
        ledger = Ledger(running.catalog, running.corpus)
        rows = _wanted(ledger, document, example)
        if len(rows) == 1:
            story = ledger.story(rows[0])
            if as_json:
                print_json(story)
            else:
                for line in story_lines(story):
                    OUT.print(line, highlight=False, soft_wrap=True)
            return DONE
        return _list_candidates(ledger, rows, document or example or "", as_json)


def _wanted(ledger: Ledger, document: str | None, example: str | None) -> list[Row]:
    if document is not None:
        return ledger.find(document)
    known: tuple[Example, ...] = get_args(Example)
    kind = next((name for name in known if name == example), None)
    if kind is None:
        raise ConfigurationError(f"--example is one of {', '.join(known)}, not '{example}'")
    found = ledger.example(kind)
    return [] if found is None else [found]


def _list_candidates(ledger: Ledger, rows: list[Row], words: str, as_json: bool) -> int:
    if as_json:
        print_json([ledger.story(row) for row in rows])
    elif rows:
        OUT.print(f"{len(rows)} documents fit '{words}'; name one by its id:", highlight=False)
        for row in rows:
            name = row["title"] or row["url"] or row["object_key"]
            OUT.print(
                f"  {row['doc_id']}  {row['verdict']:<10} {name}", highlight=False, markup=False
            )
    if not rows:
        LOG.print(
            f"No document fits '{words}'. Give an id, a URL, a file or words of a title; documents "
            "that are new in a source appear after the next materialize."
        )
        return FAILED
    return DONE


def run_funnel(corpus: Path | None, as_json: bool) -> int:
    """Show the funnel and the reasons."""
    with platform(corpus) as running:
        figures = _funnel_figures(running)
    if as_json:
        print_json(figures)
    else:
        _print_funnel(figures)
    return DONE


def _funnel_figures(running: Platform) -> dict[str, Any]:
    """Return the funnel, the reasons and the tokens, from the ledger and its shards' figures."""
    from llm_assets.metadata import total_summary  # brings Dagster, which no other command needs

    rows = Ledger(running.catalog, running.corpus).losses()
    ledger = total_summary(running.catalog.current("document_ledger").values())
    parts = total_summary(running.catalog.current("training_split").values())
    return {
        "funnel": [(step.stage, step.documents) for step in funnel(ledger)],
        "reasons": [(r["stage"], r["verdict"], r["reason"], r["documents"]) for r in rows],
        "tokens": parts["tokens"],
    }


def _print_funnel(figures: dict[str, Any]) -> None:
    OUT.print(funnel_table(figures["funnel"]))
    if figures["reasons"]:
        OUT.print(reason_table(figures["reasons"]))
    OUT.print(f"{figures['tokens']:,} tokens in the training split.", highlight=False)


def run_retune(
    corpus: Path | None, settings: Mapping[str, Any], most_examples: int, as_json: bool
) -> int:
    """Show what other rules would keep and drop."""
    with platform(corpus) as running:
        tried = with_settings(running.corpus, _limits_as_numbers(settings))
        store = open_store(running.settings.store, running.settings.home / "cache")
        table = ShardedTable("cleaned_text", running.catalog.current("cleaned_text"), store)
        retuning = retune(tried, running.settings.corpus_file, table)
    if as_json:
        print_json(retuning.figures(most_examples))
    else:
        for part in retuning_tables(retuning, most_examples):
            OUT.print(part, highlight=False)
    return DONE


def _limits_as_numbers(settings: Mapping[str, Any]) -> dict[str, Any]:
    limits = {}
    for reason, text in settings["thresholds"].items():
        try:
            limits[reason] = float(text)
        except ValueError:
            raise ConfigurationError(f"--set {reason}={text}: the limit must be a number") from None
    return {**settings, "thresholds": limits}


def run_doctor(corpus: Path | None, as_json: bool) -> int:
    """Check the installation; exit 1 if something needs mending."""
    from llm_assets.doctor import run_checks
    from llm_assets.settings import load_settings

    settings = load_settings(corpus_file=corpus)
    findings = run_checks(
        settings.corpus_file, settings.home, settings.store, settings.postgres_url
    )
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            mark = "[green]✓[/green]" if finding.ok else "[red]✗[/red]"
            OUT.print(f"{mark} {finding.name:<14} {escape(finding.detail)}", highlight=False)
            if not finding.ok and finding.fix:
                OUT.print(f"  [bold]fix[/bold]: {escape(finding.fix)}", highlight=False)
    return DONE if all(finding.ok for finding in findings) else FAILED
