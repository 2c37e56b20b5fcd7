"""Connections are kept only where it was asked for, only whole ones, and not for ever."""

import threading

import psycopg
import pytest

from llm_assets.io import kept_connections
from llm_assets.io.catalog import Catalog
from llm_assets.io.kept_connections import connections_kept


def backend(catalog: Catalog) -> int:
    """Return the server's number of the connection that is used now."""
    with catalog.connect() as connection:
        return connection.info.backend_pid


@pytest.fixture
def catalog(database_url: str) -> Catalog:
    return Catalog(database_url, "bench")


def test_without_being_told_each_connection_is_new(catalog: Catalog) -> None:
    assert backend(catalog) != backend(catalog)


def test_the_next_takes_what_was_kept_and_the_end_closes_it(catalog: Catalog) -> None:
    with connections_kept():
        first = backend(catalog)
        assert backend(catalog) == first
        with catalog.connect() as connection, catalog.connect() as other:
            assert connection.info.backend_pid == first != other.info.backend_pid
    assert connection.closed
    assert other.closed
    assert backend(catalog) != first


def test_what_was_done_is_committed_and_after_an_error_nothing_is_kept(catalog: Catalog) -> None:
    with connections_kept():
        with catalog.connect() as connection:
            connection.execute("create table kept (n integer primary key)")
        with pytest.raises(psycopg.errors.UniqueViolation), catalog.connect() as failed:
            failed.execute("insert into kept values (1), (1)")
        assert failed.closed
        with catalog.connect() as connection:
            assert connection.execute("select from kept").fetchall() == []


def test_one_that_the_server_closed_or_that_lay_long_is_not_used(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connections_kept():
        first = backend(catalog)
        with psycopg.connect(catalog.url) as killer:
            killer.execute("select pg_terminate_backend(%s, 5000)", [first])
        second = backend(catalog)
        assert second != first
        monkeypatch.setattr(kept_connections, "_MOST_IDLE_SECONDS", -1.0)
        assert backend(catalog) != second


def test_other_threads_and_other_servers_have_their_own(catalog: Catalog) -> None:
    found: list[int] = []
    with connections_kept():
        first = backend(catalog)
        thread = threading.Thread(target=lambda: found.append(backend(catalog)))
        thread.start()
        thread.join()
        other = Catalog(f"{catalog.url}?application_name=other", "bench")
        assert first not in (*found, backend(other))
