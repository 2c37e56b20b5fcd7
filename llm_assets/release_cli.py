"""`llm-assets release`: make, list, compare, check and copy releases from a terminal."""

from pathlib import Path
from typing import Annotated

import typer

from llm_assets.command_line import CorpusOption, JsonOption, told

release_app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="rich",
    help=(
        "Freeze the corpus under a version, and list, compare, check and copy such releases.\n\n"
        "Where a release is named, the folder or s3:// address of an exported one serves as well."
    ),
)

ReleaseArgument = Annotated[
    str, typer.Argument(metavar="RELEASE", help="A version, or where an exported one is.")
]


@release_app.command("create")
def create(
    version: Annotated[
        str | None, typer.Argument(help="Its name; the next of v1, v2, ... by default.")
    ] = None,
    notes: Annotated[str, typer.Option(help="What people should know about it.")] = "",
    corpus: CorpusOption = None,
    as_json: JsonOption = False,
) -> None:
    """Freeze the current corpus, if all of it follows from today's versions and its checks hold.

    A release never changes. If nothing changed since the last one, that one is named again.
    """
    from llm_assets.release_commands import run_create

    with told():
        raise typer.Exit(run_create(corpus, version, notes, as_json))


@release_app.command("list")
def list_all(corpus: CorpusOption = None, as_json: JsonOption = False) -> None:
    """List releases, the oldest first."""
    from llm_assets.release_commands import run_list

    with told():
        raise typer.Exit(run_list(corpus, as_json))


@release_app.command("diff")
def diff(
    before: ReleaseArgument,
    after: ReleaseArgument,
    corpus: CorpusOption = None,
    examples: Annotated[int, typer.Option(help="Documents to show of each kind of change.")] = 5,
    as_json: JsonOption = False,
) -> None:
    """Compare two releases: parts, tokens by source and split, recipe, documents."""
    from llm_assets.release_commands import run_diff

    with told():
        raise typer.Exit(run_diff(corpus, before, after, examples, as_json))


@release_app.command("verify")
def verify(
    release: ReleaseArgument, corpus: CorpusOption = None, as_json: JsonOption = False
) -> None:
    """Read every file of a release and compare bytes, hashes and counts with its manifest."""
    from llm_assets.release_commands import run_verify

    with told():
        raise typer.Exit(run_verify(corpus, release, as_json))


@release_app.command("card")
def card(
    release: ReleaseArgument,
    output: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where to. [default: RELEASE-card.html]"),
    ] = None,
    corpus: CorpusOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the corpus card: one HTML page with the figures, sources, licences and recipe."""
    from llm_assets.release_commands import run_card

    with told():
        raise typer.Exit(run_card(corpus, release, output, as_json))


@release_app.command("register")
def register(
    release: Annotated[str, typer.Argument(metavar="VERSION", help="A release of this corpus.")],
    corpus: CorpusOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a release as Apache Iceberg tables, one a split, for DuckDB, Spark or Trino.

    Its Parquet files stay where they are; each release is a snapshot with its version as tag.
    """
    from llm_assets.release_commands import run_register

    with told():
        raise typer.Exit(run_register(corpus, release, as_json))


@release_app.command("export")
def export(
    release: ReleaseArgument,
    destination: Annotated[
        str, typer.Argument(metavar="DEST", help="An empty folder, or s3://bucket/prefix.")
    ],
    formats: Annotated[
        list[str] | None,
        typer.Option("--format", metavar="FORMAT", help="Only this format; may be repeated."),
    ] = None,
    corpus: CorpusOption = None,
    as_json: JsonOption = False,
) -> None:
    """Copy a release so that trainers read the copy as it is; a broken-off copy goes on."""
    from llm_assets.release_commands import run_export

    with told():
        raise typer.Exit(run_export(corpus, release, destination, formats or [], as_json))
