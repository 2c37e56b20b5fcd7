"""Everything a command needs around it: servers started, variables exported, Dagster's home."""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from importlib.resources import as_file, files
from pathlib import Path

from llm_assets import settings as names
from llm_assets.io.catalog import Catalog
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
def platform(corpus_file: Path | None) -> Iterator[Platform]:
    """Load the corpus file, start the embedded PostgreSQL unless a URL is given, export variables.

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
        url = settings.postgres_url
        if url is None:
            from llm_assets.services.embedded_postgres import EmbeddedPostgres

            url = stack.enter_context(EmbeddedPostgres(settings.postgres_data)).url
        Catalog(url, corpus.name).prepare()  # before Dagster, whose own message says less
        os.environ.update(_environment(settings, url))
        yield Platform(corpus, replace(settings, postgres_url=url), url)


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
