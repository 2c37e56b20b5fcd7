"""Everything a command needs around it: servers started, variables exported, Dagster's home."""

import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from importlib.resources import as_file, files
from pathlib import Path

from llm_assets import settings as names
from llm_assets.io.catalog import Catalog
from llm_assets.io.kept_connections import connections_kept
from llm_assets.recipe import Corpus, load_corpus
from llm_assets.settings import Settings, load_settings


@dataclass(frozen=True)
class Platform:
    """A corpus with its database reachable and the environment set for Dagster."""

    corpus: Corpus
    settings: Settings
    postgres_url: str

    @property
    def catalog(self) -> Catalog:
        """The corpus's catalog."""
        return Catalog(self.postgres_url, self.corpus.name)


@contextmanager
def platform(
    corpus_file: Path | None, meanwhile: Callable[[], object] | None = None
) -> Iterator[Platform]:
    """Load the corpus file, start the embedded PostgreSQL unless a URL is given, export variables.

    Args:
        corpus_file: the corpus file; None: where the settings say.
        meanwhile: what to do while the server starts, such as slow imports.

    Raises:
        ConfigurationError: if the corpus file is missing or wrong; before anything is started.
        ServiceError: if the embedded server cannot run.
        CatalogUnreachableError: if the given server does not answer.
    """
    settings = load_settings(corpus_file=corpus_file)
    corpus = load_corpus(settings.corpus_file)
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    _prepare_dagster_home(settings.dagster_home)
    with ExitStack() as stack:
        with ThreadPoolExecutor(1) as thread:
            started = thread.submit(_database_url, settings, stack)
            if meanwhile is not None:
                meanwhile()
            url = started.result()
        stack.enter_context(connections_kept())
        Catalog(url, corpus.name).prepare()  # before Dagster, whose own message says less
        os.environ.update(_environment(settings, url))
        yield Platform(corpus, replace(settings, postgres_url=url), url)


def _database_url(settings: Settings, stack: ExitStack) -> str:
    """Return the given URL; without one, that of the embedded server, which lives as the stack."""
    if settings.postgres_url is not None:
        return settings.postgres_url
    from llm_assets.services.embedded_postgres import EmbeddedPostgres

    return stack.enter_context(EmbeddedPostgres(settings.postgres_data)).url


def _environment(settings: Settings, postgres_url: str) -> dict[str, str]:
    """Return the variables that code locations, runs and Dagster itself read."""
    return {
        names.CORPUS_VARIABLE: str(settings.corpus_file),
        names.HOME_VARIABLE: str(settings.home),
        names.STORE_VARIABLE: settings.store,
        names.POSTGRES_VARIABLE: postgres_url,
        "DAGSTER_HOME": str(settings.dagster_home),
        "DAGSTER_DISABLE_TELEMETRY": "1",
    }


def _prepare_dagster_home(home: Path) -> None:
    """Give Dagster a home with the project's dagster.yaml, unless the user put one there."""
    home.mkdir(parents=True, exist_ok=True)
    target = home / "dagster.yaml"
    if target.is_symlink() or not target.exists():
        target.unlink(missing_ok=True)
    with as_file(files("llm_assets.services") / "dagster.yaml") as shipped:
        marker = home / ".dagster.yaml.shipped"
        untouched = not target.exists() or (
            marker.exists() and target.read_bytes() == marker.read_bytes()
        )
        if untouched:
            shutil.copyfile(shipped, target)
            shutil.copyfile(shipped, marker)
