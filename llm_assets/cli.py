"""`llm-assets`: the platform from a terminal."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from llm_assets.command_line import FAILED, CorpusOption, JsonOption, told
from llm_assets.recipe import ConfigurationError
from llm_assets.release_cli import release_app

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help=(
        "Build a training corpus from web pages and books, keep it true as they change, and ask "
        "any document for its story.\n\n"
        "Start with [bold]llm-assets init[/bold], look over corpus.yaml, then "
        "[bold]llm-assets materialize[/bold], and [bold]llm-assets dev[/bold] for the UI.\n\n"
        "Exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 3 checks failed."
    ),
)

app.add_typer(release_app, name="release")


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="Where to write it.")] = Path(),
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
) -> None:
    """Write a commented corpus.yaml, and its JSON Schema for your editor."""
    from llm_assets.starter import write_starter
    from llm_assets.terminal import LOG

    with told():
        for path in write_starter(folder, replace=force):
            LOG.print(f"wrote {path}")
        LOG.print(
            "Next: name your sources in it, then run [bold]llm-assets doctor[/bold] and "
            "[bold]llm-assets materialize[/bold]."
        )


@app.command()
def dev(
    corpus: CorpusOption = None,
    port: Annotated[int, typer.Option(help="Port of the UI.")] = 3000,
    host: Annotated[str, typer.Option(help="Address to listen on; the UI has no login.")] = (
        "127.0.0.1"
    ),
) -> None:
    """Run the Dagster UI with its daemon and sensors; Ctrl-C stops everything.

    Starts an embedded PostgreSQL unless LLM_ASSETS_POSTGRES_URL names a server.
    """
    from llm_assets.development import serve
    from llm_assets.runtime import platform

    with told(), platform(corpus) as running:
        raise typer.Exit(serve(running, host, port))


@app.command()
def materialize(
    corpus: CorpusOption = None,
    select: Annotated[
        list[str] | None,
        typer.Option("--select", "-s", metavar="ASSET", help="Only this asset; may be repeated."),
    ] = None,
    shard: Annotated[
        list[str] | None,
        typer.Option("--shard", "-k", metavar="SHARD", help="Only this shard; may be repeated."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Bring the corpus up to date: make what changed, skip the rest, check the result.

    Finished shards are published one by one, so an interrupted run loses only the shard it was at.
    """
    from llm_assets.commands import run_materialize

    with told():
        raise typer.Exit(run_materialize(corpus, select or [], shard or [], as_json))


@app.command()
def why(
    document: Annotated[
        str | None, typer.Argument(help="A document id, a URL, a file, or words of the title.")
    ] = None,
    corpus: CorpusOption = None,
    example: Annotated[
        str | None,
        typer.Option(help="Show one that is kept, dropped, duplicate or quarantined instead."),
    ] = None,
    token: Annotated[
        str | None,
        typer.Option(
            metavar="RELEASE:SPLIT:OFFSET",
            help="Tell of one token of a release instead; RELEASE is a version, or the folder or "
            "s3:// address of an exported one.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Tell where a document came from, what happened to it at each stage, and why."""
    from llm_assets.commands import run_why

    with told():
        if token is not None:
            from llm_assets.release_commands import run_why_token

            if document is not None or example is not None:
                raise ConfigurationError("name a document or a token, not both")
            raise typer.Exit(run_why_token(corpus, token, as_json))
        raise typer.Exit(run_why(corpus, document, example, as_json))


@app.command()
def funnel(corpus: CorpusOption = None, as_json: JsonOption = False) -> None:
    """Show how many documents each stage left, and why the others are out."""
    from llm_assets.commands import run_funnel

    with told():
        raise typer.Exit(run_funnel(corpus, as_json))


@app.command()
def retune(
    corpus: CorpusOption = None,
    limit: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="REASON=LIMIT", help="Try another limit of a rule; may be repeated."
        ),
    ] = None,
    filters: Annotated[
        list[str] | None,
        typer.Option("--filter", metavar="PROFILE", help="Try these profiles for web pages."),
    ] = None,
    book_filters: Annotated[
        list[str] | None,
        typer.Option("--book-filter", metavar="PROFILE", help="Try these profiles for books."),
    ] = None,
    record_filters: Annotated[
        list[str] | None,
        typer.Option("--record-filter", metavar="PROFILE", help="Try these profiles for records."),
    ] = None,
    languages: Annotated[
        list[str] | None,
        typer.Option("--language", metavar="CODE", help="Try keeping these languages only."),
    ] = None,
    language_score: Annotated[
        float | None, typer.Option(metavar="SCORE", help="Try another least confidence.")
    ] = None,
    rule: Annotated[
        list[str] | None,
        typer.Option(
            "--rule", metavar="REASON=CONDITION", help="Try a rule: 'tiny=word_count < 20'."
        ),
    ] = None,
    examples: Annotated[int, typer.Option(help="Documents to show each way.")] = 5,
    as_json: JsonOption = False,
) -> None:
    """Show what other rules would keep and drop, from stored signals; nothing is changed.

    Without options: what the corpus file, as it is now, would change in the corpus as it was
    cleaned last. So edit the recipe, look, and only then materialize.
    """
    from llm_assets.commands import run_retune

    settings = {
        "thresholds": dict(_pair("--set", text) for text in limit or []),
        "filters": filters,
        "book_filters": book_filters,
        "record_filters": record_filters,
        "languages": languages,
        "language_score": language_score,
        "rules": [
            dict(zip(("reason", "drop_if"), _pair("--rule", text), strict=True))
            for text in rule or []
        ],
    }
    with told():
        raise typer.Exit(run_retune(corpus, settings, examples, as_json))


def _pair(option: str, text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not (sign and name.strip() and value.strip()):
        raise typer.BadParameter(f"{text!r} is no REASON=VALUE", param_hint=option)
    return name.strip(), value.strip()


@app.command()
def doctor(corpus: CorpusOption = None, as_json: JsonOption = False) -> None:
    """Check versions, database, object store, permissions and disk; say what to fix."""
    from llm_assets.commands import run_doctor

    with told():
        raise typer.Exit(run_doctor(corpus, as_json))


@app.command()
def schema() -> None:
    """Print the JSON Schema of corpus.yaml, for editors."""
    from llm_assets.recipe import corpus_json_schema
    from llm_assets.terminal import print_json

    print_json(corpus_json_schema())


def main() -> None:
    """Run the command line; a closed pipe (`| head`) is no error."""
    try:
        app()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED)
