"""What a person at a terminal sees of releases: tables, differences, where a token came from."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import polars as pl
from rich.console import RenderableType
from rich.markup import escape
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Table

from llm_assets.releases.difference import Difference
from llm_assets.terminal import LOG, bytes_shown, new_table, plain_text


@contextmanager
def working_on_bytes(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show a bar while the block runs; what it is given counts bytes."""
    bars = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=LOG,
        transient=True,
    )
    with bars:
        bar = bars.add_task(escape(what), total=total)
        yield lambda count: bars.advance(bar, count)


def release_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    """Draw the releases of a store."""
    table = _table(
        "Releases", "version", "created", "documents", "tokens", "size", "shared", words=["created"]
    )
    for row in rows:
        share = row["shared_bytes"] / row["bytes"] if row["bytes"] else 0.0
        table.add_row(
            row["version"],
            plain_text(row["created_at"]),
            f"{row['documents']:,}",
            f"{row['tokens']:,}",
            bytes_shown(row["bytes"]),
            f"{share:.0%}",
        )
    return table


def count_table(title: str, first: str, counts: Mapping[Any, Any]) -> Table:
    """Draw documents and tokens by name."""
    table = _table(title, first, "documents", "tokens")
    for name, count in counts.items():
        table.add_row(plain_text(str(name)), f"{count.documents:,}", f"{count.tokens:,}")
    return table


def difference_tables(difference: Difference, examples: int) -> Iterator[RenderableType]:
    """Draw what two releases differ in."""
    parts = ", ".join(f"{len(shards):,} {name}" for name, shards in difference.parts.items())
    yield f"Parts: {parts}."
    yield _mixture_table(difference.mixture)
    if difference.recipe:
        sides = ("before", "after")
        table = _table("Settings that differ", "setting", *sides, words=sides)
        for change in difference.recipe:
            table.add_row(change.key, plain_text(str(change.before)), plain_text(str(change.after)))
        yield table
    documents = difference.documents
    if documents.is_empty():
        yield "No document came, went or changed."
        return
    counts = documents.group_by("change", "source").len("documents").sort("change", "source")
    table = _table("Documents that differ", "change", "source", "documents", words=["source"])
    for change, source, count in counts.iter_rows():
        table.add_row(change.replace("_", " "), source, f"{count:,}")
    yield table
    for change, source, doc_id in (
        documents.group_by("change", maintain_order=True).head(examples).iter_rows()
    ):
        yield f"  {doc_id}  {source}  {change.replace('_', ' ')}"


def _mixture_table(mixture: pl.DataFrame) -> Table:
    table = _table(
        "Tokens by split and source",
        *("split", "source", "before", "after", "more"),
        words=["source"],
    )
    for split, source, before, after in mixture.select(
        "split", "source", "tokens_before", "tokens_after"
    ).iter_rows():
        table.add_row(split, source, f"{before:,}", f"{after:,}", f"{after - before:+,}")
    return table


def origin_lines(story: Mapping[str, Any]) -> Iterator[str]:
    """Tell where a token came from, a line a fact."""
    address = f"{story['release']}:{story['split']}:{story['offset']}"
    yield f"[bold]{plain_text(address)}[/bold] is {_KINDS[story['kind']]} (id {story['token_id']})"
    if story["doc_id"] is None:
        yield f"  part       {story['shard']}, token {story['offset_in_part']:,} of its stream"
        return
    if story["characters"]:
        yield from _character_lines(story["characters"])
    if story["middle"]:
        start, end = story["middle"]
        yield f"  rearranged characters {start:,} to {end:,} were moved to the end, to be filled in"
    yield (
        f"  place      token {story['token_in_document']:,} of {story['document_tokens']:,} of the "
        f"document, repeat {story['repeat']}"
    )
    yield f"  document   {story['doc_id']}"
    for label, name in (("title", "title"), ("url", "url"), ("from", "object_uri")):
        if story.get(name):
            yield f"  {label:<10} {plain_text(str(story[name]))}"
    yield f"  source     {story['source']}, licence {plain_text(story['license'] or 'not stated')}"
    yield f"  part       {story['shard']}, token {story['offset_in_part']:,} of its stream"


_KINDS = {
    "text": "text",
    "end of document": "the end of a document",
    "control token": "a control token, which stands for no characters",
    "padding": "padding, which is of no document",
}


def _character_lines(characters: Mapping[str, Any]) -> Iterator[str]:
    before, text, after = (_shown(str(characters[name])) for name in ("before", "text", "after"))
    yield f"  text       [dim]{before}[/dim][reverse]{text}[/reverse][dim]{after}[/dim]"
    note = "; the token holds only a part of a character" if characters["is_part"] else ""
    yield f"  characters {characters['start']:,} to {characters['end']:,}{note}"


def _shown(text: str) -> str:
    """Show spaces for what they are: the token may be nothing else."""
    visible = ("⏎" if c == "\n" else "␣" if c.isspace() and c != " " else c for c in text)
    return plain_text("".join(visible))


def _table(title: str, first: str, *others: str, words: Collection[str] = ()) -> Table:
    """Return a table of numbers, but for columns that hold words."""
    table = new_table(title, first)
    for name in others:
        table.add_column(name, justify="left" if name in words else "right")
    return table
