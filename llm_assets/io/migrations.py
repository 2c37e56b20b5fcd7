"""The database schema, as the sequence of steps that led to it."""

import psycopg
from psycopg.rows import DictRow

_LOCK = 0x6C6C6D61  # "llma": one migration at a time over all processes

_STEPS = (
    """
    create table llm_assets.shard_versions (
        corpus text not null,
        asset text not null,
        shard text not null,
        version text not null,
        location text not null,
        recipe_fingerprint text not null,
        made_from jsonb not null,
        rows bigint not null,
        size_bytes bigint not null,
        summary jsonb not null,
        run_id text not null,
        published_at timestamptz not null,
        revision bigint not null,
        primary key (corpus, asset, shard)
    );
    create table llm_assets.source_files (
        corpus text not null,
        source text not null,
        object_key text not null,
        stat text not null,
        version text not null,
        primary key (corpus, source, object_key)
    );
    """,
    "alter table llm_assets.shard_versions add column schema_hash text not null default ''",
)


class NewerDatabaseError(Exception):
    """The database was made by a later release, whose tables this one does not know."""


def migrate(connection: psycopg.Connection[DictRow]) -> None:
    """Bring the database to the newest schema, in the connection's transaction.

    A role that may only read and write needs no right to create anything once that is done.

    Raises:
        NewerDatabaseError: if the database is ahead of this release.
    """
    done = _steps_done(connection)
    if done > len(_STEPS):
        raise NewerDatabaseError
    if done == len(_STEPS):
        return
    connection.execute("select pg_advisory_xact_lock(%s)", (_LOCK,))
    connection.execute("create schema if not exists llm_assets")
    connection.execute(
        "create table if not exists llm_assets.schema_steps "
        "(step integer primary key, applied_at timestamptz not null default now())"
    )
    done = _steps_done(connection)  # again: another process may have been faster
    for step, statements in enumerate(_STEPS[done:], start=done):
        connection.execute(statements)
        connection.execute("insert into llm_assets.schema_steps (step) values (%s)", (step,))


def _steps_done(connection: psycopg.Connection[DictRow]) -> int:
    found = connection.execute("select to_regclass('llm_assets.schema_steps') as name").fetchone()
    if found is None or found["name"] is None:
        return 0
    row = connection.execute("select count(*) as done from llm_assets.schema_steps").fetchone()
    return int(row["done"]) if row else 0
