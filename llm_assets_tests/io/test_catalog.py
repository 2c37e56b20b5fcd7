"""The catalog: which version of a shard is current, on a real server."""

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from urllib.parse import quote, urlsplit

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import sql

from llm_assets.io import migrations
from llm_assets.io.catalog import (
    Catalog,
    CatalogUnreachableError,
    ObservedFile,
    PublishConflictError,
    same_ingredients,
)
from llm_assets.io.postgres_url import plain_url, reason_without_secrets
from llm_assets.io.shards import ShardVersion
from llm_assets.services.embedded_postgres import EmbeddedPostgres
from llm_assets_tests.worker_functions import prepare_catalog

ENTRY = ShardVersion(
    asset="cleaned_text",
    shard="shard-0000",
    version="v1",
    location="cleaned_text/shard-0000/v1.parquet",
    recipe_fingerprint="recipe",
    made_from={"raw_web/shard-0000": "r1"},
    rows=3,
    size_bytes=100,
    summary={"rows": 3, "verdicts": {"keep": 2, "drop": 1}},
    run_id="run-1",
    schema_hash="columns",
)


@pytest.fixture
def catalog(database_url: str) -> Catalog:
    catalog = Catalog(database_url, "corpus")
    catalog.prepare()
    return catalog


def test_preparing_twice_changes_nothing(catalog: Catalog) -> None:
    catalog.publish(ENTRY, 0)
    catalog.prepare()
    assert list(catalog.current("cleaned_text")) == ["shard-0000"]


@pytest.mark.parametrize("kind", ["threads", "processes"])
def test_any_number_may_prepare_at_once(database_url: str, kind: str) -> None:
    executor = (
        ThreadPoolExecutor(8)
        if kind == "threads"
        else ProcessPoolExecutor(8, mp_context=multiprocessing.get_context("forkserver"))
    )
    with executor:
        assert len(list(executor.map(prepare_catalog, [database_url] * 16))) == 16
    with Catalog(database_url, "corpus").connect() as connection:
        steps = connection.execute("select step from llm_assets.schema_steps order by 1").fetchall()
    assert [row["step"] for row in steps] == list(range(len(migrations._STEPS)))


def test_an_older_database_is_brought_up_to_date(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        older.setattr(migrations, "_STEPS", migrations._STEPS[:1])
        Catalog(database_url, "corpus").prepare()
    with psycopg.connect(database_url) as connection:
        connection.execute(
            """insert into llm_assets.shard_versions values
               ('corpus', 'a', 's', 'v', 'l', 'f', '{}', 1, 1, '{}', 'r', now(), 7)"""
        )
    catalog = Catalog(database_url, "corpus")
    catalog.prepare()
    entry = catalog.current("a")["s"]
    assert (entry.version, entry.revision, entry.schema_hash) == ("v", 7, "")


def test_a_later_release_s_database_is_refused(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "_STEPS", migrations._STEPS[:1])
    with pytest.raises(CatalogUnreachableError, match="of a later release: upgrade"):
        catalog.prepare()


def test_what_was_published_is_current(catalog: Catalog) -> None:
    published = catalog.publish(ENTRY, 0)
    assert catalog.current("cleaned_text") == {"shard-0000": published}
    assert published.published_at is not None
    assert replace(published, published_at=None, revision=0) == ENTRY


def test_a_later_version_takes_its_place(catalog: Catalog) -> None:
    first = catalog.publish(ENTRY, 0)
    second = catalog.publish(replace(ENTRY, version="v2", rows=4), first.revision)
    assert (first.revision, second.revision) == (1, 2)
    assert catalog.current("cleaned_text")["shard-0000"] == second


def test_current_is_in_the_order_of_shards_and_only_of_those_named(catalog: Catalog) -> None:
    for shard in ("shard-0010", "shard-0002", "shard-0001"):
        catalog.publish(replace(ENTRY, shard=shard), 0)
    everything = catalog.current("cleaned_text")
    assert list(everything) == ["shard-0001", "shard-0002", "shard-0010"]
    assert list(catalog.current("cleaned_text", ["shard-0010", "shard-0001", "none"])) == [
        "shard-0001",
        "shard-0010",
    ]
    assert catalog.current("cleaned_text", []) == {}
    assert catalog.current("other") == {}


def test_corpora_in_one_database_do_not_see_each_other(catalog: Catalog) -> None:
    other = replace(catalog, corpus="the 'other' corpus")
    catalog.publish(ENTRY, 0)
    other.publish(replace(ENTRY, version="o"), 0)
    assert catalog.current("cleaned_text")["shard-0000"].version == "v1"


@pytest.mark.parametrize("stands_at", [0, 1])
def test_of_those_that_race_exactly_one_wins(catalog: Catalog, stands_at: int) -> None:
    if stands_at:
        catalog.publish(ENTRY, 0)
    start = threading.Barrier(8)

    def race(number: int) -> str | None:
        start.wait()
        try:
            return catalog.publish(replace(ENTRY, version=f"v{number}"), stands_at).version
        except PublishConflictError:
            return None

    with ThreadPoolExecutor(8) as executor:
        winners = [version for version in executor.map(race, range(8)) if version]
    assert len(winners) == 1
    current = catalog.current("cleaned_text")["shard-0000"]
    assert (current.version, current.revision) == (winners[0], stands_at + 1)


@pytest.mark.parametrize("expected", [0, 2, 5])
def test_a_shard_that_stands_elsewhere_is_a_conflict(catalog: Catalog, expected: int) -> None:
    catalog.publish(ENTRY, 0)
    with pytest.raises(PublishConflictError, match="cleaned_text/shard-0000"):
        catalog.publish(replace(ENTRY, version="late"), expected)
    assert catalog.current("cleaned_text")["shard-0000"].version == "v1"


def test_a_failed_transaction_publishes_nothing(catalog: Catalog) -> None:
    def publish_and_fail() -> None:
        with catalog.connect() as connection:
            catalog.publish_within(connection, ENTRY, 0)
            raise KeyError

    with pytest.raises(KeyError):
        publish_and_fail()
    assert catalog.current("cleaned_text") == {}


@pytest.fixture(scope="module")
def shared_catalog(postgres_server: EmbeddedPostgres) -> Iterator[Catalog]:
    name = f"shared_{os.urandom(8).hex()}"
    with psycopg.connect(postgres_server.url, autocommit=True) as connection:
        connection.execute(f"create database {name}")
        catalog = Catalog(postgres_server.database_url(name), "corpus")
        catalog.prepare()
        yield catalog
        connection.execute(f"drop database {name} with (force)")


@settings(max_examples=50, deadline=None)
@given(
    st.recursive(
        st.text(st.characters(exclude_categories=["Cs"])) | st.integers(-(2**53), 2**53),
        lambda values: st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"]), max_size=8), values, max_size=4
        ),
        max_leaves=8,
    )
)
def test_any_text_fits_into_a_summary(shared_catalog: Catalog, value: object) -> None:
    def shown(part: object) -> object:
        if isinstance(part, str):
            return part.replace("\0", "\N{SYMBOL FOR NULL}")
        if isinstance(part, dict):
            return {shown(key): shown(inner) for key, inner in part.items()}
        return part

    with shared_catalog.connect() as connection:
        shared_catalog.publish_within(connection, replace(ENTRY, summary={"x": value}), 0)
        row = connection.execute("select summary from llm_assets.shard_versions").fetchone()
        connection.rollback()
    assert row is not None
    assert row["summary"] == {"x": shown(value)}


def test_a_figure_that_json_has_no_words_for_is_refused(catalog: Catalog) -> None:
    with pytest.raises(ValueError, match="JSON"):
        catalog.publish(replace(ENTRY, summary={"x": float("nan")}), 0)


def test_shards_that_the_corpus_no_longer_has_are_forgotten(catalog: Catalog) -> None:
    for shard in ("shard-0000", "shard-0001", "shard-0002"):
        catalog.publish(replace(ENTRY, shard=shard), 0)
        catalog.publish(replace(ENTRY, asset="other", shard=shard), 0)
    with catalog.connect() as connection:
        gone = catalog.retire_within(connection, "cleaned_text", ["shard-0001", "shard-0009"])
    assert gone == ["shard-0000", "shard-0002"]
    assert list(catalog.current("cleaned_text")) == ["shard-0001"]
    assert len(catalog.current("other")) == 3


def test_hashes_of_files_are_remembered_by_source(catalog: Catalog) -> None:
    files = [ObservedFile("a", "1:2:3", "hash-a"), ObservedFile("ü/'b", "4:5:6", "hash-b")]
    catalog.remember_file_hashes("books", files)
    catalog.remember_file_hashes("books", [replace(files[0], version="new")])
    catalog.remember_file_hashes("books", [])
    assert catalog.file_hashes("books") == {
        "a": ObservedFile("a", "1:2:3", "new"),
        "ü/'b": files[1],
    }
    assert catalog.file_hashes("web") == {}
    assert replace(catalog, corpus="other").file_hashes("books") == {}


def test_same_ingredients() -> None:
    made_from = {"raw_web/shard-0000": "r1"}
    assert same_ingredients(ENTRY, made_from, "recipe", "columns")
    assert not same_ingredients(None, made_from, "recipe", "columns")
    assert not same_ingredients(ENTRY, {}, "recipe", "columns")
    assert not same_ingredients(ENTRY, made_from | {"x": "y"}, "recipe", "columns")
    assert not same_ingredients(ENTRY, made_from, "other", "columns")
    assert not same_ingredients(ENTRY, made_from, "recipe", "other")


# --- what goes wrong ---------------------------------------------------------------------------

SECRET = "s3cr3t-Pa55"


def failure(action: Callable[[], object]) -> CatalogUnreachableError:
    with pytest.raises(CatalogUnreachableError, match="PostgreSQL") as caught:
        action()
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__, "the client's own error may hold the password"
    return caught.value


def test_a_server_that_is_down_is_explained() -> None:
    error = failure(Catalog(f"postgresql://corpus:{SECRET}@127.0.0.1:1/x", "c").prepare)
    assert "Connection refused" in str(error)
    assert "LLM_ASSETS_POSTGRES_URL" in str(error)
    assert SECRET not in str(error)


def test_a_wrong_password_is_explained_and_not_shown(database_url: str) -> None:
    right = urlsplit(database_url).password
    assert right
    error = failure(Catalog(database_url.replace(right, SECRET), "c").prepare)
    assert "password authentication failed" in str(error)
    assert SECRET not in str(error)


def test_a_missing_database_is_explained(database_url: str) -> None:
    error = failure(Catalog(database_url + "_none", "c").prepare)
    assert "does not exist" in str(error)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://corpus:{}@127.0.0.1:1/x",
        "postgresql+psycopg2://corpus:{}@127.0.0.1:1/x",
        "postgresql://corpus@127.0.0.1:1/x?password={}",
        "postgres//corpus:{}@127.0.0.1:1/x",
        "corpus:{}@127.0.0.1:1/x",
        "host=127.0.0.1 port=1 password={}",
        "host=127.0.0.1 port=1 passwort={}",
        "postgresql://corpus:{}@no.such.host.invalid/x",
        "postgresql://corpus:{}@127.0.0.1:nonsense/x",
    ],
)
@pytest.mark.parametrize(
    "password",
    [SECRET, f"{SECRET}@{SECRET}", f"{SECRET}/{SECRET}", f"{SECRET}#{SECRET}", f"a:{SECRET}",
     f"{SECRET}?{SECRET}", f"@{SECRET}", f"%{SECRET}", f"{SECRET} {SECRET}", f"[{SECRET}]"],
)  # fmt: skip
def test_no_message_shows_a_part_of_a_password(url: str, password: str) -> None:
    for spelling in (password, quote(password, safe="")):
        catalog = Catalog(url.format(spelling), "c")
        error = failure(catalog.prepare)
        assert SECRET not in str(error)
        assert SECRET not in repr(catalog)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12))
def test_an_encoded_password_hides_no_reason(password: str) -> None:
    url = f"postgresql://corpus:{quote(password, safe='')}@127.0.0.1:1/x"
    error = psycopg.OperationalError("the reason")
    assert reason_without_secrets(url, error) == "the reason"


def test_urls_of_sqlalchemy_are_understood(database_url: str) -> None:
    url = database_url.replace("postgresql://", "postgresql+psycopg2://")
    Catalog(url, "corpus").prepare()
    assert plain_url(url) == database_url
    assert plain_url("host=h password=a+b") == "host=h password=a+b"


def test_a_server_that_goes_away_is_explained(catalog: Catalog, database_url: str) -> None:
    def work() -> None:
        with catalog.connect() as connection, psycopg.connect(database_url) as other:
            other.execute("select pg_terminate_backend(%s)", (connection.info.backend_pid,))
            connection.execute("select 1")

    assert "terminating connection" in str(failure(work))


def test_other_errors_of_the_database_stay_what_they_are(catalog: Catalog) -> None:
    with catalog.connect() as connection, pytest.raises(psycopg.errors.UndefinedTable):
        connection.execute("select 1 from nothing")


@pytest.fixture
def humble_url(database_url: str) -> str:
    """A role that may connect and no more."""
    name = f"humble_{os.urandom(4).hex()}"
    with psycopg.connect(database_url) as connection:
        connection.execute(
            sql.SQL("create role {} login password {}").format(sql.Identifier(name), SECRET)
        )
    parts = urlsplit(database_url)
    return parts._replace(netloc=f"{name}:{SECRET}@{parts.hostname}:{parts.port}").geturl()


def test_a_role_that_may_not_create_tables_is_told(humble_url: str) -> None:
    error = failure(Catalog(humble_url, "c").prepare)
    assert "permission denied" in str(error)
    assert "grant" in str(error)
    assert SECRET not in str(error)


def test_a_role_without_rights_to_create_works_once_the_tables_are_there(
    catalog: Catalog, humble_url: str
) -> None:
    name = urlsplit(humble_url).username
    assert name
    with catalog.connect() as connection:
        for right in (
            "usage on schema llm_assets",
            "select, insert, update, delete on all tables in schema llm_assets",
        ):
            connection.execute(f"grant {right} to {name}")
    humble = replace(catalog, url=humble_url)
    humble.prepare()
    humble.publish(ENTRY, 0)
    assert list(humble.current("cleaned_text")) == ["shard-0000"]
    humble.remember_file_hashes("books", [ObservedFile("a", "1", "h")])
