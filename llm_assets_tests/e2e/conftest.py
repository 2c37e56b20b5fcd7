"""Corpora for the end-to-end tests."""

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from llm_assets.services.embedded_postgres import EmbeddedPostgres
from llm_assets_tests.e2e.corpora import SmallCorpus, write_small_corpus


@pytest.fixture
def new_corpus(
    postgres_server: EmbeddedPostgres, tmp_path: Path
) -> Iterator[Callable[[], SmallCorpus]]:
    """Return a function that lays out one more equal corpus, in a new database."""
    names: list[str] = []

    def build() -> SmallCorpus:
        names.append(f"e2e_{uuid4().hex}")
        with psycopg.connect(postgres_server.url, autocommit=True) as connection:
            connection.execute(f"create database {names[-1]}")
        return write_small_corpus(tmp_path / names[-1], postgres_server.database_url(names[-1]))

    yield build
    with psycopg.connect(postgres_server.url, autocommit=True) as connection:
        for name in names:
            connection.execute(f"drop database {name} with (force)")


@pytest.fixture(scope="session")
def made_corpus(
    postgres_server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory
) -> SmallCorpus:
    """A corpus that is materialized once; tests only look at it."""
    with psycopg.connect(postgres_server.url, autocommit=True) as connection:
        connection.execute("create database e2e_made")
    folder = tmp_path_factory.mktemp("made") / "corpus"
    corpus = write_small_corpus(folder, postgres_server.database_url("e2e_made"))
    corpus.materialize()
    return corpus


@pytest.fixture
def corpus(new_corpus: Callable[[], SmallCorpus]) -> SmallCorpus:
    """One small corpus."""
    return new_corpus()
