"""An asset's table in PostgreSQL, partitioned by corpus, and each corpus by shard."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from uuid import uuid4

import polars as pl
import psycopg
from psycopg import sql
from psycopg.rows import DictRow

from llm_assets.corpus.identity import digest

Connection = psycopg.Connection[DictRow]

SCHEMA = "llm_assets"
"""The database schema that holds all tables of ours."""

_TYPES: dict[pl.DataType, str] = {
    pl.String(): "text",
    pl.Int8(): "int8",
    pl.Int16(): "int8",
    pl.Int32(): "int8",
    pl.Int64(): "int8",
    pl.UInt8(): "int8",
    pl.UInt16(): "int8",
    pl.UInt32(): "int8",
    pl.UInt64(): "int8",
    pl.Float32(): "float8",
    pl.Float64(): "float8",
    pl.Boolean(): "bool",
    pl.Binary(): "bytea",
    pl.Date(): "date",
    pl.Datetime("us", "UTC"): "timestamptz",
}
"""Names as PostgreSQL's catalogs spell them."""

INDEXES = {"doc_id": "btree", "url": "hash"}
"""Columns that get an index wherever a table has them. A tree takes no value over 2,704 bytes, and
there are longer URLs."""

# PostgreSQL cuts longer names off, silently: 63 bytes, less an underscore and 16 digits.
_PREFIX_LENGTH = 40


class UnsupportedColumnError(Exception):
    """A column's type has no counterpart in PostgreSQL; the message names it."""


@dataclass(frozen=True)
class PostgresTable:
    """One corpus's rows of the table `llm_assets.<asset>`."""

    asset: str
    corpus: str

    @property
    def name(self) -> str:
        """The table's name in SQL."""
        return f"{SCHEMA}.{self.asset}"

    def replace_shard(self, connection: Connection, shard: str, rows: pl.DataFrame) -> None:
        """Put `rows` in the place of the shard's, within the connection's transaction.

        Columns that the table lacks or has too many are added and dropped. The other shards' rows
        are then incomplete, in every corpus: their catalog entries lose their schema hash, so that
        they are made anew.

        Raises:
            UnsupportedColumnError: if a column has a type that PostgreSQL has no name for.
        """
        columns = {name: _type_of(name, kind) for name, kind in rows.schema.items()}
        fresh = f"{self.asset[:_PREFIX_LENGTH]}_{uuid4().hex[:16]}"
        # What takes long comes first: until the lock is taken, nobody waits for us.
        self._fill(connection, fresh, shard, columns, rows)
        connection.execute("select pg_advisory_xact_lock(hashtext(%s))", (self.name,))
        if self._fit_columns(connection, columns):
            self._distrust_other_shards(connection)
        self.drop_shard(connection, shard)
        self._attach(connection, fresh, shard)

    def drop_shard(self, connection: Connection, shard: str) -> None:
        """Drop a shard's rows within the connection's transaction; no error if there are none."""
        connection.execute(
            sql.SQL("drop table if exists {}").format(_table(self._partition("shard", shard)))
        )

    def _partition(self, *identity: str) -> str:
        return f"{self.asset[:_PREFIX_LENGTH]}_{digest((*identity, self.asset, self.corpus))[:16]}"

    def _fill(
        self,
        connection: Connection,
        fresh: str,
        shard: str,
        columns: dict[str, str],
        rows: pl.DataFrame,
    ) -> None:
        """Make a table with the shard's rows that can become a partition."""
        own = {"corpus": "text not null", "shard": "text not null"}
        definitions = [_definition(*item) for item in (own | columns).items()]
        # The check spares ATTACH a scan of the rows.
        connection.execute(
            sql.SQL("create table {} ({}, check (corpus = {} and shard = {}))").format(
                _table(fresh),
                sql.SQL(", ").join(definitions),
                sql.Literal(self.corpus),
                sql.Literal(shard),
            )
        )
        _copy(connection, fresh, self.corpus, shard, columns, rows)
        _index(connection, fresh, columns)

    def _fit_columns(self, connection: Connection, columns: dict[str, str]) -> bool:
        """Give the table just these columns; tell whether it had others."""
        table = _table(self.asset)
        connection.execute(
            sql.SQL(
                "create table if not exists {} (corpus text not null, shard text not null) "
                "partition by list (corpus)"
            ).format(table)
        )
        found = _columns_of(connection, self.asset)
        added = {name: kind for name, kind in columns.items() if found.get(name) != kind}
        dropped = [name for name, kind in found.items() if columns.get(name) != kind]
        changes = [sql.SQL("drop column {}").format(sql.Identifier(name)) for name in dropped]
        changes += [sql.SQL("add column {}").format(_definition(*item)) for item in added.items()]
        if changes:
            connection.execute(
                sql.SQL("alter table {} {}").format(table, sql.SQL(", ").join(changes))
            )
        _index(connection, self.asset, added)
        return bool(changes) and bool(found)

    def _distrust_other_shards(self, connection: Connection) -> None:
        connection.execute(
            "update llm_assets.shard_versions set schema_hash = '' where asset = %s",
            (self.asset,),
        )

    def _attach(self, connection: Connection, fresh: str, shard: str) -> None:
        of_corpus, of_shard = self._partition("corpus"), self._partition("shard", shard)
        connection.execute(
            sql.SQL(
                "create table if not exists {} partition of {} for values in ({}) "
                "partition by list (shard)"
            ).format(_table(of_corpus), _table(self.asset), sql.Literal(self.corpus))
        )
        connection.execute(
            sql.SQL("alter table {} rename to {}").format(_table(fresh), sql.Identifier(of_shard))
        )
        connection.execute(
            sql.SQL("alter table {} attach partition {} for values in ({})").format(
                _table(of_corpus), _table(of_shard), sql.Literal(shard)
            )
        )


def _table(name: str) -> sql.Identifier:
    return sql.Identifier(SCHEMA, name)


def _type_of(name: str, kind: pl.DataType) -> str:
    if kind not in _TYPES:
        raise UnsupportedColumnError(f"column {name}: PostgreSQL tables take no {kind}")
    return _TYPES[kind]


def _definition(name: str, kind: str) -> sql.Composed:
    return sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind))


def _index(connection: Connection, table: str, columns: Collection[str]) -> None:
    for column, method in INDEXES.items():
        if column in columns:
            connection.execute(
                sql.SQL("create index on {} using {} ({})").format(
                    _table(table), sql.Identifier(method), sql.Identifier(column)
                )
            )


def _columns_of(connection: Connection, asset: str) -> dict[str, str]:
    """Return the columns and types that the table has for the asset."""
    rows = connection.execute(
        "select column_name, udt_name from information_schema.columns "
        "where table_schema = %s and table_name = %s and column_name not in ('corpus', 'shard')",
        (SCHEMA, asset),
    )
    return {row["column_name"]: row["udt_name"] for row in rows}


def _copy(
    connection: Connection,
    table: str,
    corpus: str,
    shard: str,
    columns: dict[str, str],
    rows: pl.DataFrame,
) -> None:
    statement = sql.SQL("copy {} ({}) from stdin (format binary)").format(
        _table(table), sql.SQL(", ").join(map(sql.Identifier, ["corpus", "shard", *columns]))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(["text", "text", *columns.values()])
        for row in _without_nul(rows):
            copy.write_row((corpus, shard, *row))


def _without_nul(rows: pl.DataFrame) -> Iterator[tuple[object, ...]]:
    """PostgreSQL's text holds no U+0000; show it as U+2400 (symbol for null)."""
    text = [name for name, kind in rows.schema.items() if kind == pl.String]
    return rows.with_columns(
        pl.col(name).str.replace_all("\x00", "\N{SYMBOL FOR NULL}", literal=True) for name in text
    ).iter_rows()
