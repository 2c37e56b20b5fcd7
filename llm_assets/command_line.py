"""What every command of `llm-assets` shares: exit codes, options, and how errors are told."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from llm_assets.recipe import ConfigurationError

DONE, FAILED, WRONG_USE, CHECKS_FAILED, INTERRUPTED = 0, 1, 2, 3, 130

CorpusOption = Annotated[
    Path | None,
    typer.Option(
        "--corpus",
        metavar="FILE",
        help="The corpus file. [default: $LLM_ASSETS_CORPUS or ./corpus.yaml]",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document instead.")]


@contextmanager
def told() -> Iterator[None]:
    """Turn errors that a person can mend into one clear message and the right exit code."""
    from llm_assets.corpus.verdicts import UnmeasuredError
    from llm_assets.io.catalog import CatalogUnreachableError
    from llm_assets.io.migrations import NewerDatabaseError
    from llm_assets.io.object_store import StorageError
    from llm_assets.io.shards import NotMaterializedError
    from llm_assets.releases.manifest import ChecksFailedError, ReleaseError
    from llm_assets.services.process import ServiceError
    from llm_assets.sources.objects import SourceChangedError, SourceError
    from llm_assets.story import NoLedgerError
    from llm_assets.terminal import LOG, print_error

    try:
        yield
    except ConfigurationError as error:
        print_error(str(error))
        raise typer.Exit(WRONG_USE) from None
    except ChecksFailedError as error:
        print_error(str(error), "check failed")
        raise typer.Exit(CHECKS_FAILED) from None
    except (
        CatalogUnreachableError,
        NewerDatabaseError,
        StorageError,
        ServiceError,
        SourceError,
        SourceChangedError,
        NoLedgerError,
        NotMaterializedError,
        ReleaseError,
        UnmeasuredError,
    ) as error:
        print_error(str(error))
        raise typer.Exit(FAILED) from None
    except KeyboardInterrupt:
        LOG.print("Stopped. What is published stays; run it again to go on from there.")
        raise typer.Exit(INTERRUPTED) from None
