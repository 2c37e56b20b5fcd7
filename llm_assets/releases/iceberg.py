"""A release as Apache Iceberg tables: its Parquet files where they are, one table a split.

The catalog is pyiceberg's SQL catalog in the platform's own PostgreSQL, in a schema of its own.
Each release is a snapshot with a tag, so `v1` can be read after `v2` was registered. No data file
is copied, rewritten or deleted: they are the release's, and several releases share them.
"""

import re
import urllib.parse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import psycopg
import pyarrow.parquet as pq
from psycopg import sql

from llm_assets.corpus.schema import SPLITS, Split
from llm_assets.io.object_store import ObjectStore
from llm_assets.io.postgres_url import plain_url
from llm_assets.recipe import ConfigurationError
from llm_assets.releases.manifest import ReleaseError
from llm_assets.releases.places import Release

if TYPE_CHECKING:
    from pyiceberg.catalog import Catalog
    from pyiceberg.table import Table

CATALOG_NAME: Final = "llm_assets"
CATALOG_SCHEMA: Final = "llm_assets_iceberg"
"""The PostgreSQL schema with the catalog's tables."""

WAREHOUSE: Final = "iceberg"
"""Where the tables' metadata is, below the store's root."""

_CONTENT_HASH: Final = "llm-assets.content-hash"
_PROPERTIES: Final = {
    # Expiring a snapshot must not take files of a release with it.
    "gc.enabled": "false",
    "write.metadata.delete-after-commit.enabled": "false",
}
_AWS_PROPERTIES: Final = {
    "s3.endpoint": ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"),
    "s3.access-key-id": ("AWS_ACCESS_KEY_ID",),
    "s3.secret-access-key": ("AWS_SECRET_ACCESS_KEY",),
    "s3.session-token": ("AWS_SESSION_TOKEN",),
    "s3.region": ("AWS_REGION", "AWS_DEFAULT_REGION"),
}


@dataclass(frozen=True)
class Registered:
    """What registering did to one table."""

    table: str
    """Namespace and name."""
    rows: int
    files: int
    is_new: bool
    """False if this release was registered before."""


def open_catalog(
    postgres_url: str, store: ObjectStore, environment: Mapping[str, str]
) -> "Catalog":
    """Open the catalog; its schema and tables are made where they are missing.

    Args:
        postgres_url: the platform's database.
        store: where the releases are; the tables' metadata goes below it.
        environment: credentials and endpoint of S3, by the usual AWS variables.

    Raises:
        ConfigurationError: if pyiceberg is not installed.
    """
    try:
        from pyiceberg.catalog.sql import SqlCatalog
    except ImportError:
        raise ConfigurationError(
            "registering a release needs pyiceberg: pip install 'llm-assets[iceberg]'"
        ) from None
    with psycopg.connect(plain_url(postgres_url), autocommit=True) as connection:
        connection.execute(
            sql.SQL("create schema if not exists {}").format(sql.Identifier(CATALOG_SCHEMA))
        )
    properties = {
        name: value
        for name, variables in _AWS_PROPERTIES.items()
        if (value := next(filter(None, map(environment.get, variables)), None))
    }
    return SqlCatalog(
        CATALOG_NAME,
        uri=catalog_uri(postgres_url),
        warehouse=_address(store, WAREHOUSE),
        **properties,
    )


def catalog_uri(postgres_url: str) -> str:
    """Return SQLAlchemy's form of the address, which looks into the catalog's own schema.

    It holds the password: never to be shown.
    """
    address = re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql+psycopg2://", postgres_url)
    options = urllib.parse.quote(f"-csearch_path={CATALOG_SCHEMA}")
    return f"{address}{'&' if '?' in address else '?'}options={options}"


def register_release(release: Release, catalog: "Catalog") -> list[Registered]:
    """Make the tables of a release's corpus show this release, and tag it there.

    A split that has no rows, and had none before, gets no table.

    Raises:
        ReleaseError: if the release has no Parquet, or its name stands for other content there.
    """
    manifest = release.manifest
    if "parquet" not in manifest.formats:
        raise ReleaseError(
            f"{manifest.version} has no Parquet to register: add parquet to recipe.formats, "
            "materialize, and make a new release"
        )
    namespace = namespace_of(manifest.corpus)
    catalog.create_namespace_if_not_exists(namespace)
    return [done for split in SPLITS if (done := _register(release, catalog, namespace, split))]


def namespace_of(corpus: str) -> str:
    """Return the corpus's name as one that needs no quotes in SQL."""
    return re.sub(r"\W", "_", corpus.lower())


def _register(
    release: Release, catalog: "Catalog", namespace: str, split: Split
) -> Registered | None:
    files = list(_filled_files(release, split))
    name = f"{namespace}.{split}"
    rows = release.manifest.splits[split].sequences
    if catalog.table_exists(name):
        table = catalog.load_table(name)
        if _is_registered(table, release, name):
            return Registered(name, rows, len(files), is_new=False)
    elif files:
        table = catalog.create_table(name, _schema(release, split), properties=dict(_PROPERTIES))
    else:
        return None
    _replace(table, release, split, files)
    return Registered(name, rows, len(files), is_new=True)


def _is_registered(table: "Table", release: Release, name: str) -> bool:
    snapshot = table.snapshot_by_name(release.manifest.version)
    if snapshot is None:
        return False
    summary = snapshot.summary
    known = None if summary is None else summary.additional_properties.get(_CONTENT_HASH)
    if known != release.manifest.content_hash:
        raise ReleaseError(
            f"{name} has a '{release.manifest.version}' of other content: was it made in another "
            "store with the same database?"
        )
    return True


def _replace(table: "Table", release: Release, split: Split, files: list[str]) -> None:
    """Take out the files of the release before, put in those of this one, and tag it."""
    mark = {_CONTENT_HASH: release.manifest.content_hash}
    with table.transaction() as change:
        if files:
            with change.update_schema() as update:
                update.union_by_name(_schema(release, split))
        # Of a table without rows there is nothing to take out, and that would be no snapshot.
        if table.current_snapshot() is not None or not files:
            change.delete("true", snapshot_properties=mark)
        if files:
            # Files that two releases share were taken out just now.
            change.add_files(files, snapshot_properties=mark, check_duplicate_files=False)
    snapshot = table.refresh().current_snapshot()
    if snapshot is not None:
        with table.manage_snapshots() as tags:
            tags.create_tag(snapshot.snapshot_id, release.manifest.version)


def _filled_files(release: Release, split: Split) -> Iterator[str]:
    for part in release.manifest.parts:
        if part.splits[split].sequences:
            for file in part.files:
                if file.format == "parquet" and file.split == split:
                    yield _address(release.store, release.key(part, file.name))


def _schema(release: Release, split: Split) -> Any:
    """Return the columns as the first file with rows has them."""
    for part in release.manifest.parts:
        for file in part.files:
            if file.format == "parquet" and file.split == split and part.splits[split].sequences:
                return pq.read_schema(release.store.open_local(release.key(part, file.name)))
    raise ReleaseError(f"{release.manifest.version} has no rows in {split}")


def _address(store: ObjectStore, key: str) -> str:
    place = store.uri(key)
    return place if "://" in place else Path(place).absolute().as_uri()
