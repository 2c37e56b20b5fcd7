"""The catalog: which version of each (asset, shard) is current. One small PostgreSQL table.

It replaces listing the store, and makes publication atomic: a file is written completely under a
name of its own, then one statement makes it current, guarded by the revision the run started from.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

import psycopg
from psycopg.rows import DictRow, class_row, dict_row

from llm_assets.io.migrations import migrate
from llm_assets.io.shards import ShardVersion

Connection = psycopg.Connection[DictRow]


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

    url: str
    corpus: str

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """Open a connection; its block is one transaction.

        Raises:
            CatalogUnreachableError: if the server does not answer or refuses the login.
        """
        try:
            connection = psycopg.connect(
                plain_url(self.url), row_factory=dict_row, connect_timeout=10, prepare_threshold=None
            )
        except psycopg.OperationalError as error:
            raise CatalogUnreachableError(
                f"PostgreSQL cannot be reached: {str(error).strip()}. Check "
                "LLM_ASSETS_POSTGRES_URL, or unset it to use the embedded server."
            ) from None
        with connection:
            yield connection

    def prepare(self) -> None:
        """Create or upgrade the tables; safe to call from any number of processes at once."""
        with self.connect() as connection:
            migrate(connection)

    def current(self, asset: str, shards: Iterable[str] | None = None) -> dict[str, ShardVersion]:
        """Return the current version of each shard of `asset`; of all shards if None are named."""
        wanted = None if shards is None else list(shards)
        query = """
            select asset, shard, version, location, recipe_fingerprint, made_from, rows,
                   size_bytes, summary, run_id, published_at, revision
            from llm_assets.shard_versions
            where corpus = %(corpus)s and asset = %(asset)s
              and (%(shards)s::text[] is null or shard = any(%(shards)s))
            order by shard"""
        with self.connect() as connection, connection.cursor(
            row_factory=class_row(ShardVersion)
        ) as cursor:
            cursor.execute(query, {"corpus": self.corpus, "asset": asset, "shards": wanted})
            return {row.shard: row for row in cursor}

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
            "made_from": json.dumps(dict(entry.made_from), sort_keys=True),
            "rows": entry.rows,
            "size_bytes": entry.size_bytes,
            "summary": json.dumps(entry.summary),
            "run_id": entry.run_id,
            "expected": expected_revision,
        }
        row = connection.execute(
            _INSERT if expected_revision == 0 else _UPDATE, values
        ).fetchone()
        if row is None:
            raise PublishConflictError(f"{entry.asset}/{entry.shard} was published by another run")
        return replace(entry, published_at=row["published_at"], revision=row["revision"])

    def file_hashes(self, source: str) -> dict[str, ObservedFile]:
        """Return what is known of a local source's files, by key."""
        query = """select object_key, stat, version from llm_assets.source_files
                   where corpus = %s and source = %s"""
        with self.connect() as connection, connection.cursor(
            row_factory=class_row(ObservedFile)
        ) as cursor:
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
                rows,
            )

    def all_current(self) -> list[ShardVersion]:
        """Return every current version of the corpus, for reports and collection of garbage."""
        query = """select distinct asset from llm_assets.shard_versions where corpus = %s"""
        with self.connect() as connection:
            assets = [row["asset"] for row in connection.execute(query, (self.corpus,))]
        return [entry for asset in sorted(assets) for entry in self.current(asset).values()]


_INSERT = """
    insert into llm_assets.shard_versions
        (corpus, asset, shard, version, location, recipe_fingerprint, made_from, rows, size_bytes,
         summary, run_id, published_at, revision)
    values
        (%(corpus)s, %(asset)s, %(shard)s, %(version)s, %(location)s, %(recipe_fingerprint)s,
         %(made_from)s, %(rows)s, %(size_bytes)s, %(summary)s, %(run_id)s, clock_timestamp(), 1)
    on conflict (corpus, asset, shard) do nothing
    returning published_at, revision"""

_UPDATE = """
    update llm_assets.shard_versions set
        version = %(version)s, location = %(location)s,
        recipe_fingerprint = %(recipe_fingerprint)s, made_from = %(made_from)s, rows = %(rows)s,
        size_bytes = %(size_bytes)s, summary = %(summary)s, run_id = %(run_id)s,
        published_at = clock_timestamp(), revision = revision + 1
    where corpus = %(corpus)s and asset = %(asset)s and shard = %(shard)s
      and revision = %(expected)s
    returning published_at, revision"""


def plain_url(url: str) -> str:
    """Return the URL as libpq wants it, without SQLAlchemy's driver name."""
    scheme, separator, rest = url.partition("://")
    return f"{scheme.partition('+')[0]}{separator}{rest}"


def same_ingredients(entry: ShardVersion | None, made_from: Mapping[str, str], recipe: str) -> bool:
    """Tell whether a shard was made from just this, by just this recipe."""
    return (
        entry is not None
        and entry.recipe_fingerprint == recipe
        and dict(entry.made_from) == dict(made_from)
    )
