"""What a person at a terminal sees: progress bars, tables, stories.

All of it goes to standard error, except what a command was asked for.
"""

import json
import sys
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import polars as pl
from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from llm_assets.corpus.retuning import count_reasons
from llm_assets.io.shards import Advance
from llm_assets.progress import ShardReport
from llm_assets.retune import Retuning

LOG = Console(stderr=True, emoji=False)
OUT = Console(emoji=False)


def print_error(message: str, label: str = "error") -> None:
    """Print what went wrong; brackets in the message style nothing."""
    LOG.print(Text.assemble((label, "red"), " ", message), soft_wrap=True)


def print_json(document: Any) -> None:
    """Print the one JSON document of a command's `--json`."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2, default=str) + "\n")


class TerminalProgress:
    """A bar for every shard that is being made, and a line for every stage that is through."""

    def __init__(self, console: Console) -> None:
        self.reports: list[ShardReport] = []
        self._lock = threading.Lock()
        self._bars = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        )

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Show the bars while the block runs."""
        with self._bars:
            yield

    @contextmanager
    def working(self, asset: str, shard: str, total: int | None) -> Iterator[Advance]:
        """Show a bar; its rate is in the unit that the stage counts."""
        bar = self._bars.add_task(f"{asset:<18} {shard}", total=total, rate="")
        try:
            yield lambda count: self._advance(bar, count)
        finally:
            self._bars.remove_task(bar)

    def finished(self, report: ShardReport) -> None:
        """Keep the report; say so where something was made."""
        with self._lock:
            self.reports.append(report)
        if report.outcome != "up to date":
            self._bars.console.print(
                f"  {report.asset:<18} {report.shard}  {report.outcome:<10} "
                f"{report.rows:>9,} rows  {bytes_shown(report.size_bytes):>9}  "
                f"{report.seconds:6.1f} s",
                highlight=False,
            )

    def _advance(self, bar: TaskID, count: int) -> None:
        self._bars.advance(bar, count)
        speed = self._bars.tasks[self._bars.task_ids.index(bar)].speed
        self._bars.update(bar, rate=f"{speed:,.0f}/s" if speed else "")


def bytes_shown(count: float) -> str:
    """Write a size in the unit that fits."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def stage_totals(reports: Iterable[ShardReport]) -> list[dict[str, Any]]:
    """Add up the shards of each asset, in the order in which they ran."""
    groups: dict[str, list[ShardReport]] = defaultdict(list)
    for report in reports:
        groups[report.asset].append(report)
    return [
        {
            "asset": asset,
            "shards": len(group),
            "up_to_date": sum(r.outcome == "up to date" for r in group),
            "unchanged": sum(r.outcome == "unchanged" for r in group),
            "published": sum(r.outcome == "published" for r in group),
            "rows": sum(r.rows for r in group),
            "bytes": sum(r.size_bytes for r in group),
            "seconds": round(sum(r.seconds for r in group), 3),
        }
        for asset, group in groups.items()
    ]


def stage_table(totals: Sequence[Mapping[str, Any]]) -> Table:
    """Draw the summary at the end of a run."""
    table = new_table("What this run did", "asset")
    for name in ("made", "rows", "stored", "seconds", "rows/s"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in totals:
        made = row["unchanged"] + row["published"]
        table.add_row(
            row["asset"],
            f"{made:,} of {row['shards']:,}",
            f"{row['rows']:,}",
            bytes_shown(row["bytes"]),
            f"{row['seconds']:.1f}" if made else "-",
            f"{row['rows'] / row['seconds']:,.0f}" if made and row["seconds"] else "-",
        )
    return table


def new_table(title: str, first: str) -> Table:
    """Return a table that looks like all others, with its first column."""
    table = Table(
        title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False
    )
    table.add_column(first, no_wrap=True)
    return table


def funnel_table(funnel: Sequence[tuple[str, int]]) -> Table:
    """Draw the funnel: how many documents each step left."""
    table = new_table("The funnel", "step")
    table.add_column("documents", justify="right")
    table.add_column("share", justify="right")
    table.add_column("")
    most = max((count for _, count in funnel), default=0)
    for step, count in funnel:
        share = count / most if most else 0.0
        table.add_row(step, f"{count:,}", f"{share:.1%}", Text("█" * round(30 * share), "cyan"))
    return table


def reason_table(rows: Sequence[tuple[str, str, str, int]]) -> Table:
    """Draw why documents did not make it."""
    table = new_table("Why documents are out", "stage")
    for name in ("verdict", "reason"):
        table.add_column(name)
    table.add_column("documents", justify="right")
    for stage, verdict, reason, count in rows:
        table.add_row(stage, verdict, reason, f"{count:,}")
    return table


def retuning_tables(retuning: Retuning, most_examples: int) -> Iterator[RenderableType]:
    """Draw what other rules would keep and drop."""
    totals = retuning.figures(0)
    yield (
        f"{totals['kept_now']:,} of {totals['documents']:,} documents are kept now, "
        f"{totals['kept_then']:,} then: {totals['newly_kept']:,} more, "
        f"{totals['newly_dropped']:,} no longer."
    )
    groups = retuning.by("source", "language")
    changed = groups.filter(pl.col("newly_kept") + pl.col("newly_dropped") > 0)
    if changed.height:
        yield _frame_table("By source and language, where something changes", changed)
    yield _frame_table("Why documents are dropped", count_reasons(retuning.changes))
    for kept, title in ((True, "Dropped now, kept then"), (False, "Kept now, dropped then")):
        chosen = retuning.examples(most_examples, kept=kept)
        if chosen.height:
            yield f"[bold]{title}, for example[/bold]"
        for row in chosen.iter_rows(named=True):
            reason = row["reason_now"] if kept else row["reason_then"]
            measured = "" if row["measured"] is None else f" {row['measured']:.6g}"
            limit = "" if row["threshold"] is None else f" against {row['threshold']:.6g}"
            decided = f"{reason}{measured}{limit}"
            yield f"  {row['doc_id']}  {row['source']}, {row['language']}: {decided}"
            yield f"    {plain_text(row['name'])}"
    if retuning.text_would_change:
        yield (
            "The recipe also changes how text and signals are made; what that does shows only "
            "after the next materialize."
        )


def _frame_table(title: str, frame: pl.DataFrame) -> Table:
    table = new_table(title, frame.columns[0])
    for name, kind in list(frame.schema.items())[1:]:
        table.add_column(
            name, justify="right" if kind.is_numeric() else "left", overflow="ellipsis"
        )
    for row in frame.iter_rows():
        table.add_row(*(_cell(value) for value in row))
    return table


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    return f"{value:,}" if isinstance(value, int) else plain_text(str(value))


def story_lines(story: Mapping[str, Any]) -> Iterator[str]:
    """Tell a document's story, a line a fact."""
    yield f"[bold]{plain_text(story['title'] or story['url'] or story['object_uri'])}[/bold]"
    yield f"  document   {story['doc_id']}"
    where = f" ({story['locator']})" if story["locator"] else ""
    yield f"  from       {plain_text(story['object_uri'] + where)}"
    if story["url"]:
        yield f"  url        {plain_text(story['url'])}"
    yield f"  source     {story['source']}, licence {plain_text(story['license'] or 'not stated')}"
    if story["language"]:
        yield f"  language   {story['language']}"
    if story["redactions"]:
        yield f"  redacted   {story['redactions']:,} values of personal data"
    for stage in story["stages"]:
        yield f"  {_stage_mark(stage)} {stage['stage']:<17} {_stage_text(stage)}"
    if story["duplicate_of"]:
        yield f"  the same text is kept as {story['duplicate_of']}"
    for part in story["tokens"]:
        yield (
            f"  tokens     {part['length']:,} in {story['split']}, "
            f"from {part['offset']:,} in {part['file']}"
        )


def _stage_mark(stage: Mapping[str, Any]) -> str:
    marks = {"keep": "[green]✓[/green]", "drop": "[red]✗[/red]"}
    return marks.get(stage["verdict"], "[yellow]![/yellow]")


def _stage_text(stage: Mapping[str, Any]) -> str:
    text = str(stage["verdict"])
    if stage["reason"]:
        text += f": {stage['reason']}"
    if stage["measured"] is not None:
        text += f", measured {stage['measured']:.6g}"
    if stage["threshold"] is not None:
        text += f" against {stage['threshold']:.6g}"
    if stage.get("detail"):
        text += f" ({plain_text(stage['detail'])})"
    return text + (f"  [dim]run {stage['run_id'][:8]}[/dim]" if stage["run_id"] else "")


def plain_text(text: str) -> str:
    """Keep a document's own brackets and control characters from styling the terminal."""
    from rich.markup import escape

    return escape("".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text))
