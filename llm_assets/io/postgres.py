"""The IO manager for small tables that people query: one PostgreSQL table an asset."""

from collections.abc import Collection

import polars as pl
from psycopg import sql

from llm_assets.io.kept_connections import Connection
from llm_assets.io.managers import ShardIOManager, new_version
from llm_assets.io.parquet_file import write_table
from llm_assets.io.postgres_table import SCHEMA, PostgresTable
from llm_assets.io.shards import Advance, FrameTask, ShardVersion


class PostgresIOManager(ShardIOManager[FrameTask]):
    """A shard is a partition of the table `llm_assets.<asset>`.

    Rows go into a new table by binary COPY; one transaction puts it in the old partition's place
    and the entry into the catalog, so readers see the old shard or the new one. Content that did
    not change is not written again.
    """

    def _publish(
        self,
        task: FrameTask,
        asset: str,
        current: ShardVersion | None,
        run_id: str,
        advance: Advance,
    ) -> ShardVersion:
        table = PostgresTable(asset, self._catalog.corpus)
        with self._store.scratch() as folder:
            # As a file first: checked, and named by its content as any other shard.
            written = write_table(folder / "rows.parquet", task.schema, task.make(None, advance))
            rows = pl.read_parquet(written.path, glob=False)
        entry = new_version(
            task,
            asset,
            run_id,
            version=written.content_hash,
            location=f"postgresql:{table.name}",
            rows=written.rows,
            size_bytes=written.size_bytes,
            summary=task.describe(rows.lazy()),
        )
        stands = current is not None and (
            (current.version, current.schema_hash) == (entry.version, entry.schema_hash)
        )
        with self._catalog.connect() as connection:
            if not stands:
                table.replace_shard(connection, task.shard, rows)
            return self._catalog.publish_within(
                connection, entry, current.revision if current else 0
            )

    def _retire(self, asset: str, shards: Collection[str]) -> None:
        table = PostgresTable(asset, self._catalog.corpus)
        with self._catalog.connect() as connection:
            for shard in self._catalog.retire_within(connection, asset, shards):
                table.drop_shard(connection, shard)


def read_table(connection: Connection, asset: str, corpus: str, schema: pl.Schema) -> pl.DataFrame:
    """Read the columns of `schema` of all of a corpus's rows, in the order of shard and doc_id."""
    query = sql.SQL("select {} from {} where corpus = {} order by shard, doc_id").format(
        sql.SQL(", ").join(map(sql.Identifier, schema)),
        sql.Identifier(SCHEMA, asset),
        sql.Literal(corpus),
    )
    rows = connection.execute(query).fetchall()
    return pl.DataFrame([tuple(row.values()) for row in rows], schema=schema, orient="row")
