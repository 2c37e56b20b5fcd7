"""Where this installation keeps things: the environment variables, with their defaults.

The one place that reads `LLM_ASSETS_*`. Nothing here changes a byte of the corpus.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from llm_assets.recipe import ConfigurationError

CORPUS_VARIABLE = "LLM_ASSETS_CORPUS"
HOME_VARIABLE = "LLM_ASSETS_HOME"
STORE_VARIABLE = "LLM_ASSETS_STORE"
POSTGRES_VARIABLE = "LLM_ASSETS_POSTGRES_URL"
WORKERS_VARIABLE = "LLM_ASSETS_WORKERS"


@dataclass(frozen=True)
class Settings:
    """Paths and places of one corpus on this machine."""

    corpus_file: Path
    home: Path
    """Local state: the embedded server's data, Dagster's home, scratch space."""
    store: str
    """A folder or `s3://bucket/prefix`."""
    postgres_url: str | None = field(repr=False)  # it may hold a password
    """None: the embedded server."""
    workers: int
    """Processes that extract text."""

    @property
    def dagster_home(self) -> Path:
        """Where Dagster finds its dagster.yaml."""
        return self.home / "dagster"

    @property
    def postgres_data(self) -> Path:
        """Data directory of the embedded server."""
        return self.home / "postgres"


def load_settings(
    environment: Mapping[str, str] | None = None, corpus_file: Path | None = None
) -> Settings:
    """Read the settings from the environment; `corpus_file` overrides its variable.

    Relative paths start at the working directory of the process that reads them first: what it
    hands on to others is absolute.

    Raises:
        ConfigurationError: if a variable has a value that it cannot have.
    """
    values = os.environ if environment is None else environment
    corpus = _absolute(corpus_file or Path(values.get(CORPUS_VARIABLE) or "corpus.yaml"))
    home = _absolute(Path(values.get(HOME_VARIABLE) or corpus.parent / ".llm-assets"))
    store = values.get(STORE_VARIABLE) or str(home / "store")
    return Settings(
        corpus_file=corpus,
        home=home,
        store=store if "://" in store else str(_absolute(Path(store))),
        postgres_url=values.get(POSTGRES_VARIABLE) or None,
        workers=_workers(values.get(WORKERS_VARIABLE) or ""),
    )


def _absolute(path: Path) -> Path:
    """Spell out `~`, which no shell does in a variable's file, and the working directory."""
    return (path.expanduser() if path.parts[:1] == ("~",) else path).absolute()


def _workers(given: str) -> int:
    """Return how many processes to use: by default as many as this one may run on."""
    if not given:
        return _processors()
    if not given.strip().isdecimal() or int(given) < 1:
        raise ConfigurationError(
            f"{WORKERS_VARIABLE}: must be a whole number from 1, not {given!r}; unset it to use "
            "every processor"
        )
    return int(given)


def _processors() -> int:
    """Count the processors that this process may run on, where the system tells."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS
        return os.cpu_count() or 1
