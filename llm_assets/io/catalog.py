"""The catalog: which version of each (asset, shard) is current. One small PostgreSQL table.

It replaces listing the store, and makes publication atomic: a file is written completely under a
name of its own, then one statement makes it current, guarded by the revision the run started from.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import psycopg
from psycopg.rows import class_row, dict_row

from llm_assets.io.kept_connections import Connection, keep_connection, take_connection
from llm_assets.io.migrations import NewerDatabaseError, migrate
from llm_assets.io.postgres_url import plain_url, reason_without_secrets
from llm_assets.io.shards import ShardVersion

_CONNECT_SECONDS = 10
_ESCAPED_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


class CatalogUnreachableError(Exception):
    """PostgreSQL does not answer or refuses us; the message says what to do, without secrets."""


class PublishConflictError(Exception):
    """Another run published this shard since this one looked: look again, then make it again."""


@dataclass(frozen=True)
class ObservedFile:
    """A local file's content hash, and the stat fields under which it was computed."""

    object_key: str
    stat: str
    version: str


@dataclass(frozen=True)
class Catalog:
    """One corpus's entries in the database at `url`."""

    url: str = field(repr=False)  # it may hold a password
    corpus: str

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """Open a connection, or take one that was kept; the block is one transaction.

        Raises:
            CatalogUnreachableError: if the server does not answer, refuses the login, or goes away.
        """
        connection = take_connection(self.url) or self._open()
        with ExitStack() as stack:
            stack.enter_context(connection)  # rolls back after an error, and closes
            try:
                yield connection
                connection.commit()
            except psycopg.OperationalError as error:
                if connection.broken:
                    raise self._unreachable(error) from None
                raise
            if keep_connection(self.url, connection):
                stack.pop_all()

    def prepare(self) -> None:
        """Create or upgrade the tables; safe to call from any number of processes at once.

        Raises:
            CatalogUnreachableError: if the role may not, or the tables are of a later release.
        """
        with self.connect() as connection:
            try:
                migrate(connection)
            except psycopg.errors.InsufficientPrivilege as error:
                raise CatalogUnreachableError(
                    f"PostgreSQL: {str(error).strip()}. Let a role that may create the schema "
                    "llm_assets run 'llm-assets doctor' once, or grant this one what it lacks."
                ) from None
            except NewerDatabaseError:
                raise CatalogUnreachableError(
                    "PostgreSQL: the tables of llm_assets are of a later release: upgrade this one."
                ) from None

    def current(self, asset: str, shards: Iterable[str] | None = None) -> dict[str, ShardVersion]:
        """Return the current version of each shard of `asset`; of all shards if None are named."""
        wanted = None if shards is None else list(shards)
        return {entry.shard: entry for entry in self._entries(asset, wanted)}

    def publish(self, entry: ShardVersion, expected_revision: int) -> ShardVersion:
        """Make `entry` current if the shard still stands at `expected_revision` (0: no entry).

        Raises:
            PublishConflictError: if another run was faster.
        """
        with self.connect() as connection:
            return self.publish_within(connection, entry, expected_revision)

    def publish_within(
        self, connection: Connection, entry: ShardVersion, expected_revision: int
    ) -> ShardVersion:
        """`publish` as part of a transaction that changes other tables as well."""
        values = {
            "corpus": self.corpus,
            "asset": entry.asset,
            "shard": entry.shard,
            "version": entry.version,
            "location": entry.location,
            "recipe_fingerprint": entry.recipe_fingerprint,
            "made_from": _json(dict(entry.made_from)),
            "rows": entry.rows,
            "size_bytes": entry.size_bytes,
            "summary": _json(entry.summary),
            "run_id": entry.run_id,
            "schema_hash": entry.schema_hash,
            "expected": expected_revision,
        }
        row = connection.execute(_INSERT if expected_revision == 0 else _UPDATE, values).fetchone()
        if row is None:
            raise PublishConflictError(f"{entry.asset}/{entry.shard} was published by another run")
        return replace(entry, published_at=row["published_at"], revision=row["revision"])

    def retire_within(
        self, connection: Connection, asset: str, shards: Collection[str]
    ) -> list[str]:
        """Forget every shard of `asset` but `shards`; return those that were forgotten.

        A corpus whose shard count was lowered has no place for the others' rows.
        """
        rows = connection.execute(
            """delete from llm_assets.shard_versions
               where corpus = %s and asset = %s and shard <> all(%s) returning shard""",
            (self.corpus, asset, list(shards)),
        )
        return sorted(row["shard"] for row in rows)

    def file_hashes(self, source: str) -> dict[str, ObservedFile]:
        """Return what is known of a local source's files, by key."""
        query = """select object_key, stat, version from llm_assets.source_files
                   where corpus = %s and source = %s"""
        with (
            self.connect() as connection,
            connection.cursor(row_factory=class_row(ObservedFile)) as cursor,
        ):
            cursor.execute(query, (self.corpus, source))
            return {row.object_key: row for row in cursor}

    def remember_file_hashes(self, source: str, files: Iterable[ObservedFile]) -> None:
        """Store hashes of files that were new or had changed."""
        rows = [(self.corpus, source, f.object_key, f.stat, f.version) for f in files]
        if not rows:
            return
        with self.connect() as connection, connection.cursor() as cursor:
            cursor.executemany(
                """insert into llm_assets.source_files (corpus, source, object_key, stat, version)
                   values (%s, %s, %s, %s, %s)
                   on conflict (corpus, source, object_key)
                   do update set stat = excluded.stat, version = excluded.version""",
                sorted(rows),  # in one order, so that two listings cannot deadlock
            )

    def _entries(self, asset: str | None, shards: list[str] | None) -> list[ShardVersion]:
        query = """
            select asset, shard, version, location, recipe_fingerprint, made_from, rows,
                   size_bytes, summary, run_id, published_at, revision, schema_hash
            from llm_assets.shard_versions
            where corpus = %(corpus)s
              and (%(asset)s::text is null or asset = %(asset)s)
              and (%(shards)s::text[] is null or shard = any(%(shards)s))
            order by asset collate "C", shard collate "C\""""
        with (
            self.connect() as connection,
            connection.cursor(row_factory=class_row(ShardVersion)) as cursor,
        ):
            cursor.execute(query, {"corpus": self.corpus, "asset": asset, "shards": shards})
            return cursor.fetchall()

    def _open(self) -> Connection:
        try:
            return psycopg.connect(
                plain_url(self.url),
                row_factory=dict_row,
                connect_timeout=_CONNECT_SECONDS,
                prepare_threshold=None,
            )
        except psycopg.Error as error:
            raise self._unreachable(error) from None

    def _unreachable(self, error: psycopg.Error) -> CatalogUnreachableError:
        return CatalogUnreachableError(
            f"PostgreSQL cannot be reached: {reason_without_secrets(self.url, error)}. Check "
            "LLM_ASSETS_POSTGRES_URL, or unset it to use the embedded server."
        )


_INSERT = """
    insert into llm_assets.shard_versions
        (corpus, asset, shard, version, location, recipe_fingerprint, made_from, rows, size_bytes,
         summary, run_id, schema_hash, published_at, revision)
    values
        (%(corpus)s, %(asset)s, %(shard)s, %(version)s, %(location)s, %(recipe_fingerprint)s,
         %(made_from)s, %(rows)s, %(size_bytes)s, %(summary)s, %(run_id)s, %(schema_hash)s,
         clock_timestamp(), 1)
    on conflict (corpus, asset, shard) do nothing
    returning published_at, revision"""

_UPDATE = """
    update llm_assets.shard_versions set
        version = %(version)s, location = %(location)s,
        recipe_fingerprint = %(recipe_fingerprint)s, made_from = %(made_from)s, rows = %(rows)s,
        size_bytes = %(size_bytes)s, summary = %(summary)s, run_id = %(run_id)s,
        schema_hash = %(schema_hash)s, published_at = clock_timestamp(), revision = revision + 1
    where corpus = %(corpus)s and asset = %(asset)s and shard = %(shard)s
      and revision = %(expected)s
    returning published_at, revision"""


def same_ingredients(
    entry: ShardVersion | None, made_from: Mapping[str, str], recipe: str, schema_hash: str
) -> bool:
    """Tell whether a shard was made from just this, by just this recipe, into these columns."""
    return (
        entry is not None
        and entry.recipe_fingerprint == recipe
        and entry.schema_hash == schema_hash
        and dict(entry.made_from) == dict(made_from)
    )


def _json(value: Any) -> str:
    """Return JSON that PostgreSQL takes: it holds no U+0000, which is shown as U+2400.

    Raises:
        ValueError: for a number that JSON has no words for.
    """
    text = json.dumps(value, allow_nan=False)
    return _ESCAPED_NUL.sub(r"\1\\u2400", text)
