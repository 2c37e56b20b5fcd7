"""Where the large files are: a folder or an S3 bucket, with the same keys in both.

Files are written once under a name that holds their content's hash, and never changed. A reader
learns from the catalog which of them are current, so nothing here is ever listed on the hot path.
"""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

import polars as pl

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

_MULTIPART_BYTES = 32 << 20


class StorageError(Exception):
    """The store cannot be read or written; the message names the place and what to do."""


class ObjectStore(Protocol):
    """A flat space of immutable files under keys such as `cleaned_text/shard-0000/<hash>.parquet`."""

    def scratch(self) -> AbstractContextManager[Path]:
        """An empty folder to write in, from which `put` is cheapest; gone afterwards."""

    def put(self, source: Path, key: str) -> None:
        """Publish a complete file under `key`, durably; the source file is used up."""

    def scan_parquet(self, key: str) -> pl.LazyFrame:
        """Scan a Parquet file lazily."""

    def open_local(self, key: str) -> Path:
        """Return a path to the file on this machine, fetched first where it is remote."""

    def exists(self, key: str) -> bool:
        """Tell whether the file is there."""

    def keys(self, prefix: str = "") -> Iterator[tuple[str, int]]:
        """List keys and their sizes in bytes; for collection of garbage, never for reading."""

    def delete(self, key: str) -> None:
        """Remove a file; no error if it is gone already."""

    def uri(self, key: str) -> str:
        """Return the address of a file, for people and other programs."""


@dataclass(frozen=True)
class LocalStore:
    """A folder. A file appears whole, by an fsync and a rename on the same file system."""

    root: Path

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """Yield an empty folder on the store's own file system."""
        with _explained(self.root):
            parent = self.root / ".scratch"
            parent.mkdir(parents=True, exist_ok=True)
            folder = Path(tempfile.mkdtemp(dir=parent))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def put(self, source: Path, key: str) -> None:
        """Rename a complete file into place; it survives a power cut from here on."""
        target = self.root / key
        with _explained(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            _sync(source)
            source.replace(target)
            _sync(target.parent)

    def scan_parquet(self, key: str) -> pl.LazyFrame:
        """Scan a Parquet file lazily."""
        return pl.scan_parquet(self.root / key, glob=False)

    def open_local(self, key: str) -> Path:
        """Return the file's own path."""
        return self.root / key

    def exists(self, key: str) -> bool:
        """Tell whether the file is there."""
        return (self.root / key).is_file()

    def keys(self, prefix: str = "") -> Iterator[tuple[str, int]]:
        """List keys and sizes, in order; scratch space is left out."""
        for folder, folders, names in os.walk(self.root):
            folders[:] = sorted(name for name in folders if name != ".scratch")
            for name in sorted(names):
                path = Path(folder, name)
                key = path.relative_to(self.root).as_posix()
                if key.startswith(prefix):
                    yield key, path.stat().st_size

    def delete(self, key: str) -> None:
        """Remove a file; no error if it is gone already."""
        (self.root / key).unlink(missing_ok=True)

    def uri(self, key: str) -> str:
        """Return the path."""
        return str(self.root / key)


@dataclass(frozen=True)
class S3Store:
    """A bucket, under a prefix. Credentials and endpoint come from the usual AWS variables."""

    bucket: str
    prefix: str
    cache: Path
    """A local folder for downloads and for files on their way up."""

    def _client(self) -> "S3Client":
        import boto3
        from botocore.config import Config

        return boto3.client(
            "s3", config=Config(retries={"mode": "standard", "max_attempts": 8})
        )

    def _full(self, key: str) -> str:
        return f"{self.prefix}{key}"

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """Yield an empty local folder."""
        with _explained(self.cache):
            self.cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.cache, ignore_cleanup_errors=True) as folder:
            yield Path(folder)

    def put(self, source: Path, key: str) -> None:
        """Upload a file; S3 shows it only when it is complete."""
        from boto3.s3.transfer import TransferConfig

        transfer = TransferConfig(
            multipart_threshold=_MULTIPART_BYTES, multipart_chunksize=_MULTIPART_BYTES
        )
        with _explained_s3(self.uri(key)):
            self._client().upload_file(str(source), self.bucket, self._full(key), Config=transfer)
        source.unlink()

    def scan_parquet(self, key: str) -> pl.LazyFrame:
        """Scan a Parquet file lazily, by range requests."""
        options = {"aws_allow_http": "true"}
        endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
        if endpoint:
            options["aws_endpoint_url"] = endpoint
        return pl.scan_parquet(self.uri(key), glob=False, storage_options=options)

    def open_local(self, key: str) -> Path:
        """Download the file once; its name holds its content's hash, so it can never be stale."""
        target = self.cache / "objects" / self.bucket / self._full(key)
        if not target.is_file():
            with _explained_s3(self.uri(key)), self.scratch() as folder:
                partial = folder / "download"
                self._client().download_file(self.bucket, self._full(key), str(partial))
                target.parent.mkdir(parents=True, exist_ok=True)
                partial.replace(target)
        return target

    def exists(self, key: str) -> bool:
        """Tell whether the file is there."""
        from botocore.exceptions import ClientError

        with _explained_s3(self.uri(key)):
            try:
                self._client().head_object(Bucket=self.bucket, Key=self._full(key))
            except ClientError as error:
                if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                    return False
                raise
        return True

    def keys(self, prefix: str = "") -> Iterator[tuple[str, int]]:
        """List keys and sizes, in order."""
        with _explained_s3(self.uri(prefix)):
            pages = self._client().get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self.bucket, Prefix=self._full(prefix)):
                for entry in page.get("Contents", []):
                    yield entry["Key"].removeprefix(self.prefix), entry["Size"]

    def delete(self, key: str) -> None:
        """Remove a file; no error if it is gone already."""
        with _explained_s3(self.uri(key)):
            self._client().delete_object(Bucket=self.bucket, Key=self._full(key))

    def uri(self, key: str) -> str:
        """Return the s3:// address."""
        return f"s3://{self.bucket}/{self._full(key)}"


def open_store(place: str, cache: Path) -> ObjectStore:
    """Open the store at `place`: a folder, or `s3://bucket/prefix`.

    Raises:
        StorageError: if `place` is an address of another kind.
    """
    if place.startswith("s3://"):
        parts = urlsplit(place)
        if not parts.netloc:
            raise StorageError(f"{place}: names no bucket; write s3://bucket/prefix")
        prefix = parts.path.strip("/")
        return S3Store(parts.netloc, f"{prefix}/" if prefix else "", cache)
    if "://" in place:
        raise StorageError(f"{place}: a store is a folder or s3://bucket/prefix")
    return LocalStore(Path(place).absolute())


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _explained(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        fixes = {
            errno.ENOSPC: "the disk is full: free some space, then run again",
            errno.EDQUOT: "the disk quota is used up: free some space, then run again",
            errno.EACCES: "this user may not write there: change its owner or LLM_ASSETS_STORE",
            errno.EROFS: "it is on a read-only file system: change LLM_ASSETS_STORE",
        }
        fix = fixes.get(error.errno or 0, str(error))
        raise StorageError(f"cannot write {place}: {fix}. Nothing was published.") from error


@contextmanager
def _explained_s3(place: str) -> Iterator[None]:
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

    try:
        yield
    except NoCredentialsError as error:
        raise StorageError(
            f"no credentials for {place}: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        ) from error
    except (BotoCoreError, ClientError, Boto3Error) as error:
        raise StorageError(
            f"cannot reach {place}: {error}. Check the bucket, the AWS_* variables and "
            "AWS_ENDPOINT_URL with 'llm-assets doctor'."
        ) from error
