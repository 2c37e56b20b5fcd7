"""The object store in an S3 bucket."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
from boto3.exceptions import S3UploadFailedError
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from llm_assets.io.object_store import (
    STREAMED_BYTES,
    StorageError,
    explained,
    scratch_in,
    sync,
)
from llm_assets.io.s3_client import (
    S3_ERRORS,
    error_code,
    polars_options,
    s3_client,
    s3_reason,
)

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

_PART_BYTES = 32 << 20
_BEYOND_THE_END = frozenset({"InvalidRange", "416"})
_TAKEN = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412", "409"})
_TRANSFER = TransferConfig(multipart_threshold=_PART_BYTES, multipart_chunksize=_PART_BYTES)


@dataclass(frozen=True)
class S3Store:
    """A bucket, under a prefix that is empty or ends in a slash."""

    bucket: str
    prefix: str
    cache: Path
    """A local folder for downloads and for files on their way up."""

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """Yield an empty local folder."""
        with scratch_in(self.cache / "scratch") as folder:
            yield folder

    def put(self, source: Path, key: str) -> None:
        """Upload a file; S3 shows it only when it is complete."""
        with _explained("write", self.uri(key)):
            self._client.upload_file(str(source), self.bucket, self._full(key), Config=_TRANSFER)
        source.unlink()

    def scan_parquet(self, key: str) -> pl.LazyFrame:
        """Scan a Parquet file lazily, by range requests."""
        return pl.scan_parquet(self.uri(key), glob=False, storage_options=polars_options())

    def open_local(self, key: str) -> Path:
        """Download the file once; its name holds its content's hash, so it is never stale."""
        target = self.cache / "objects" / self.bucket / self._full(key)
        if not target.is_file():
            with self.scratch() as folder:
                partial = folder / "download"
                with _explained("read", self.uri(key)):
                    self._client.download_file(
                        self.bucket, self._full(key), str(partial), Config=_TRANSFER
                    )
                with explained("write", target):
                    target.parent.mkdir(parents=True, exist_ok=True)
                    sync(partial)  # else a power cut could leave a name without its bytes
                    partial.replace(target)
        return target

    def read_bytes(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        """Read a range of a file, by one request."""
        if length == 0:
            return b""
        end = "" if length is None else str(start + length - 1)
        with _explained("read", self.uri(key)):
            try:
                answer = self._client.get_object(
                    Bucket=self.bucket, Key=self._full(key), Range=f"bytes={start}-{end}"
                )
                return answer["Body"].read()
            except ClientError as error:
                if error_code(error) in _BEYOND_THE_END:
                    return b""
                raise

    def stream(self, key: str) -> Iterator[bytes]:
        """Read a file piece by piece, by one request."""
        with _explained("read", self.uri(key)):
            answer = self._client.get_object(Bucket=self.bucket, Key=self._full(key))
            yield from answer["Body"].iter_chunks(STREAMED_BYTES)

    def create(self, key: str, content: bytes) -> bool:
        """Upload a file by a conditional PUT, which fails where there is one."""
        if self.exists(key):  # some servers do not know the condition
            return False
        with _explained("write", self.uri(key)):
            try:
                self._client.put_object(
                    Bucket=self.bucket, Key=self._full(key), Body=content, IfNoneMatch="*"
                )
            except ClientError as error:
                if error_code(error) in _TAKEN:
                    return False
                raise
        return True

    def exists(self, key: str) -> bool:
        """Tell whether the file is there."""
        with _explained("read", self.uri(key)):
            try:
                self._client.head_object(Bucket=self.bucket, Key=self._full(key))
            except ClientError as error:
                if error_code(error) == "404":
                    return False
                raise
        return True

    def keys(self, prefix: str = "") -> Iterator[tuple[str, int]]:
        """List keys and sizes, in order."""
        with _explained("list", self.uri(prefix)):
            pages = self._client.get_paginator("list_objects_v2")
            found = [
                (entry["Key"].removeprefix(self.prefix), entry["Size"])
                for page in pages.paginate(Bucket=self.bucket, Prefix=self._full(prefix))
                for entry in page.get("Contents", [])
            ]
        yield from sorted(found)  # some servers list folders before files

    def delete(self, key: str) -> None:
        """Remove a file; no error if it is gone already."""
        with _explained("delete", self.uri(key)):
            self._client.delete_object(Bucket=self.bucket, Key=self._full(key))

    def uri(self, key: str) -> str:
        """Return the s3:// address."""
        return f"s3://{self.bucket}/{self._full(key)}"

    @cached_property
    def _client(self) -> "S3Client":
        return s3_client()

    def _full(self, key: str) -> str:
        return f"{self.prefix}{key}"


@contextmanager
def _explained(doing: str, place: str) -> Iterator[None]:
    """Turn what boto3 raises into one error that says what to do."""
    try:
        yield
    except S3_ERRORS as error:
        # A failed upload is wrapped, and tells its cause in words only.
        cause = error.__context__ if isinstance(error, S3UploadFailedError) else None
        reason = s3_reason(cause if isinstance(cause, Exception) else error)
        published = " Nothing was published." if doing == "write" else ""
        raise StorageError(f"cannot {doing} {place}: {reason}.{published}") from None
