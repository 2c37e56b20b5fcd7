"""Real servers for all tests: a PostgreSQL and an S3 a session, an empty place in them a test."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import boto3
import psycopg
import pytest
from hypothesis import settings

from llm_assets.services.embedded_postgres import EmbeddedPostgres
from llm_assets.services.local_s3 import LocalS3

# A busy machine, or a kernel that is compiled in the first example, is no mistake of the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

_FOREIGN_VARIABLES = ("LLM_ASSETS_", "AWS_", "DAGSTER_", "PG")
_NO_AWS_ACCOUNT = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name bytes by their number: gzip puts the time into its header, and workers that collect
    the tests at different seconds would not find the same ones."""
    return f"{len(val)}-bytes" if isinstance(val, bytes) else None


@pytest.fixture(scope="session", autouse=True)
def own_environment() -> Iterator[None]:
    """No test sees the developer's own database, buckets or Dagster."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(_FOREIGN_VARIABLES):
                patch.delenv(name)
        for name, value in _NO_AWS_ACCOUNT.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="session")
def postgres_server(
    own_environment: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EmbeddedPostgres]:
    """A server for the session, which need not survive a crash of the machine."""
    with EmbeddedPostgres(tmp_path_factory.mktemp("server") / "postgres", durable=False) as server:
        yield server


@pytest.fixture
def database_url(postgres_server: EmbeddedPostgres) -> Iterator[str]:
    """An empty database of the test's own."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(postgres_server.url, autocommit=True) as connection:
        connection.execute(f"create database {name}")
        yield postgres_server.database_url(name)
        connection.execute(f"drop database {name} with (force)")


@pytest.fixture(scope="session")
def s3_server(own_environment: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalS3]:
    """An S3 server for the session."""
    with LocalS3(tmp_path_factory.mktemp("server") / "s3") as server:
        yield server


@pytest.fixture
def s3_prefix(s3_server: LocalS3, monkeypatch: pytest.MonkeyPatch) -> str:
    """`s3://bucket/<the test's own>/`, with the AWS variables that lead there."""
    for name, value in s3_server.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # it remembers credentials
    return f"s3://{s3_server.bucket}/{uuid.uuid4().hex}/"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The larger data set beside the checkout; tests over it carry the marker `shared_data`."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("there is no shared data beside the checkout")
    return folder
