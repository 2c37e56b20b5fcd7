"""Where this installation keeps things: the environment variables, with their defaults.

The one place that reads `LLM_ASSETS_*`. Nothing here changes a byte of the corpus.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

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
    postgres_url: str | None
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
    """Read the settings from the environment; `corpus_file` overrides its variable."""
    values = os.environ if environment is None else environment
    corpus = (corpus_file or Path(values.get(CORPUS_VARIABLE) or "corpus.yaml")).absolute()
    home = Path(values.get(HOME_VARIABLE) or corpus.parent / ".llm-assets").absolute()
    return Settings(
        corpus_file=corpus,
        home=home,
        store=values.get(STORE_VARIABLE) or str(home / "store"),
        postgres_url=values.get(POSTGRES_VARIABLE) or None,
        workers=int(values.get(WORKERS_VARIABLE) or os.cpu_count() or 1),
    )
