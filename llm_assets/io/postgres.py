"""The IO manager for small tables that people query: one PostgreSQL table an asset."""

import hashlib
from collections.abc import Iterator

import polars as pl
from psycopg import sql

from llm_assets.corpus.identity import digest
from llm_assets.io.catalog import Connection
from llm_assets.io.managers import ShardIOManager
from llm_assets.io.parquet_file import SchemaMismatchError
from llm_assets.io.shards import Advance, FrameTask, ShardVersion

_SCHEMA = "llm_assets"

_TYPES: dict[pl.DataType, str] = {
    pl.String(): "text",
    pl.Int64(): "int8",
    pl.UInt32(): "int8",
    pl.UInt64(): "int8",
    pl.Float64(): "float8",
    pl.Boolean(): "bool",
    pl.Binary(): "bytea",
    pl.Datetime("us", "UTC"): "timestamptz",
}

INDEXED_COLUMNS = ("doc_id", "url")
"""Columns that get an index wherever a table has them."""


class PostgresIOManager(ShardIOManager[FrameTask]):
    """A shard is a partition of the table `llm_assets.<asset>`.

    Rows go into a new table by binary COPY; the same transaction puts it in the old partition's
    place and the entry into the catalog, so readers see the old shard or the new one.
    """

    def _publish(
        self,
        task: FrameTask,
        asset: str,
        current: ShardVersion | None,
        run_id: str,
        advance: Advance,
    ) -> ShardVersion:
        del advance  # the frames of such a task come at once
        frames = list(task.make(None, lambda _count: None))
        table = pl.concat(frames) if frames else pl.DataFrame(schema=task.schema)
        if table.schema != task.schema:
            raise SchemaMismatchError(f"{asset}: {table.schema} is not {task.schema}")
        entry = ShardVersion(
            asset=asset,
            shard=task.shard,
            version=_content_hash(table),
            location=f"postgresql:{_SCHEMA}.{asset}",
            recipe_fingerprint=task.recipe_fingerprint,
            made_from=task.made_from,
            rows=table.height,
            size_bytes=int(table.estimated_size()),
            summary=task.describe(table.lazy()),
            run_id=run_id,
        )
        with self._catalog.connect() as connection:
            if current is None or current.version != entry.version:
                _prepare_table(connection, asset, task.schema)
                _swap_partition(connection, asset, self._catalog.corpus, task.shard, table)
            return self._catalog.publish_within(
                connection, entry, current.revision if current else 0
            )


def _content_hash(table: pl.DataFrame) -> str:
    hasher = hashlib.sha256()
    for batch in table.rechunk().iter_slices(10_000):
        hasher.update(batch.write_ndjson().encode())
    return hasher.hexdigest()[:32]


def _type_of(kind: pl.DataType) -> sql.SQL:
    return sql.SQL(_TYPES[kind])


def _prepare_table(connection: Connection, asset: str, schema: pl.Schema) -> None:
    """Create the partitioned table, or give it the columns that the schema has now."""
    table = sql.Identifier(_SCHEMA, asset)
    connection.execute("select pg_advisory_xact_lock(hashtext(%s))", (f"{_SCHEMA}.{asset}",))
    connection.execute(
        sql.SQL(
            "create table if not exists {} (corpus text not null, shard text not null) "
            "partition by list (corpus)"
        ).format(table)
    )
    found = {
        row["column_name"]
        for row in connection.execute(
            "select column_name from information_schema.columns "
            "where table_schema = %s and table_name = %s",
            (_SCHEMA, asset),
        )
    }
    for name in found - {"corpus", "shard", *schema}:
        connection.execute(sql.SQL("alter table {} drop column {}").format(table, sql.Identifier(name)))
    for name, kind in schema.items():
        if name not in found:
            connection.execute(
                sql.SQL("alter table {} add column {} {}").format(
                    table, sql.Identifier(name), _type_of(kind)
                )
            )
    for name in INDEXED_COLUMNS:
        if name in schema:
            connection.execute(
                sql.SQL("create index if not exists {} on {} ({})").format(
                    sql.Identifier(f"{asset}_{name}"), table, sql.Identifier(name)
                )
            )


def _swap_partition(
    connection: Connection, asset: str, corpus: str, shard: str, rows: pl.DataFrame
) -> None:
    """Replace a shard's rows within the transaction.

    The table is partitioned by corpus, and each corpus by shard.
    """
    table = sql.Identifier(_SCHEMA, asset)
    of_corpus = sql.Identifier(_SCHEMA, f"{asset}_{digest(('corpus', corpus))[:16]}")
    name = f"{asset}_{digest(('shard', corpus, shard))[:16]}"
    of_shard, fresh = sql.Identifier(_SCHEMA, name), sql.Identifier(_SCHEMA, f"{name}_new")
    connection.execute(
        sql.SQL(
            "create table if not exists {} partition of {} for values in ({}) "
            "partition by list (shard)"
        ).format(of_corpus, table, sql.Literal(corpus))
    )
    # The check constraint spares ATTACH a scan of the rows.
    connection.execute(
        sql.SQL(
            "create table {} (like {} including defaults including constraints, "
            "check (corpus = {} and shard = {}))"
        ).format(fresh, table, sql.Literal(corpus), sql.Literal(shard))
    )
    _copy(connection, fresh, corpus, shard, rows)
    connection.execute(sql.SQL("drop table if exists {}").format(of_shard))
    connection.execute(
        sql.SQL("alter table {} rename to {}").format(fresh, sql.Identifier(name))
    )
    connection.execute(
        sql.SQL("alter table {} attach partition {} for values in ({})").format(
            of_corpus, of_shard, sql.Literal(shard)
        )
    )


def _copy(
    connection: Connection, target: sql.Identifier, corpus: str, shard: str, rows: pl.DataFrame
) -> None:
    columns = ["corpus", "shard", *rows.columns]
    statement = sql.SQL("copy {} ({}) from stdin (format binary)").format(
        target, sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(["text", "text", *(_TYPES[kind] for kind in rows.dtypes)])
        for row in _without_nul(rows):
            copy.write_row((corpus, shard, *row))


def _without_nul(rows: pl.DataFrame) -> Iterator[tuple[object, ...]]:
    """PostgreSQL's text holds no U+0000; show it as U+2400 (symbol for null)."""
    text = [name for name, kind in rows.schema.items() if kind == pl.String]
    return rows.with_columns(
        pl.col(text).str.replace_all("\x00", "\N{SYMBOL FOR NULL}", literal=True)
    ).iter_rows()


def read_table(connection: Connection, asset: str, corpus: str, schema: pl.Schema) -> pl.DataFrame:
    """Read all of a corpus's rows of an asset's table, in shard order."""
    columns = sql.SQL(", ").join(map(sql.Identifier, schema))
    query = sql.SQL("select {} from {} where corpus = {} order by shard, doc_id").format(
        columns, sql.Identifier(_SCHEMA, asset), sql.Literal(corpus)
    )
    rows = connection.execute(query).fetchall()
    return pl.DataFrame([tuple(row.values()) for row in rows], schema=schema, orient="row")
