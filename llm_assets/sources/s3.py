"""Objects in an S3 bucket, under a prefix."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import IO, TYPE_CHECKING, BinaryIO, cast

from botocore.exceptions import BotoCoreError, ClientError

from llm_assets.io.s3_client import S3_ERRORS, error_code, s3_client, s3_reason
from llm_assets.sources.objects import (
    ObjectUnreadableError,
    SourceChangedError,
    SourceError,
    SourceObject,
)
from llm_assets.sources.patterns import compile_pattern, is_pattern, literal_start

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

_IN_MEMORY_BYTES = 32 << 20
_COPY_BYTES = 1 << 20
_DOWNLOADS = 3
"""Attempts at a download that breaks off; boto3 itself repeats only what fails at its start."""

_OTHER_VERSION = frozenset({"PreconditionFailed", "412", "NoSuchKey", "404"})
_ARCHIVED = "InvalidObjectState"


@dataclass(frozen=True)
class S3Place:
    """All objects under `s3://bucket/folder/`, one object, or a glob, as in a local folder.

    Hidden objects are left out. An object's version is its etag.
    """

    source: str
    location: str

    def objects(self) -> Iterator[SourceObject]:
        """List objects with their etags."""
        try:
            found = False
            for item in self._matching():
                found = True
                yield item
            if not found:
                yield from self._single_object()
        except S3_ERRORS as error:
            raise SourceError(
                f"source '{self.source}': {self.location} cannot be listed: {s3_reason(error)}."
            ) from None

    @contextmanager
    def open(self, item: SourceObject) -> Iterator[BinaryIO]:
        """Download an object of just the listed etag."""
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES) as stream:
            try:
                self._download(item, stream)
            except S3_ERRORS as error:
                raise self._unreadable(item, error) from None
            stream.seek(0)
            yield cast(BinaryIO, stream)

    @cached_property
    def _client(self) -> "S3Client":
        return s3_client()

    @property
    def _bucket(self) -> str:
        return self.location.removeprefix("s3://").partition("/")[0]

    @property
    def _path(self) -> str:
        return self.location.removeprefix("s3://").partition("/")[2]

    @cached_property
    def _base_and_glob(self) -> tuple[str, str]:
        """Split the path into the folder that keys leave out, and the pattern of the keys."""
        names = self._path.split("/")
        fixed = next((i for i, name in enumerate(names) if is_pattern(name)), None)
        if fixed is not None:
            return "".join(f"{name}/" for name in names[:fixed]), "/".join(names[fixed:])
        folder = self._path.rstrip("/")
        return (f"{folder}/" if folder else ""), "**"

    def _matching(self) -> Iterator[SourceObject]:
        base, pattern = self._base_and_glob
        wanted = compile_pattern(pattern)
        pages = self._client.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self._bucket, Prefix=base + literal_start(pattern)):
            for entry in page.get("Contents", []):
                key = entry["Key"].removeprefix(base)
                if wanted.fullmatch(key):
                    yield self._object(key, base, entry["ETag"], entry["Size"])

    def _single_object(self) -> Iterator[SourceObject]:
        """Take the location for the name of one object, if there is nothing below it.

        Raises:
            SourceError: if there is neither: a mistyped prefix must not delete every document.
        """
        base, pattern = self._base_and_glob
        if not base or self._is_there(base):
            return
        if pattern == "**" and not self._path.endswith("/"):
            folder, slash, name = self._path.rpartition("/")
            try:
                head = self._client.head_object(Bucket=self._bucket, Key=self._path)
            except ClientError as error:
                if error_code(error) != "404":
                    raise
            else:
                yield self._object(name, folder + slash, head["ETag"], head["ContentLength"])
                return
        raise SourceError(
            f"source '{self.source}': there is no object under {self.location}. Correct "
            "'location' in the corpus file, or remove the source from it."
        )

    def _is_there(self, folder: str) -> bool:
        listing = self._client.list_objects_v2(Bucket=self._bucket, Prefix=folder, MaxKeys=1)
        return listing["KeyCount"] > 0

    def _object(self, key: str, base: str, etag: str, size: int) -> SourceObject:
        uri = f"s3://{self._bucket}/{base}{key}"
        return SourceObject(self.source, key, uri, etag.strip('"'), size)

    def _download(self, item: SourceObject, stream: IO[bytes]) -> None:
        key = item.uri.removeprefix(f"s3://{self._bucket}/")
        for attempt in range(_DOWNLOADS):
            stream.seek(0)
            stream.truncate()
            answer = self._client.get_object(
                Bucket=self._bucket, Key=key, IfMatch=f'"{item.version}"'
            )
            try:
                shutil.copyfileobj(cast(IO[bytes], answer["Body"]), stream, _COPY_BYTES)
            except BotoCoreError:
                if attempt == _DOWNLOADS - 1:
                    raise
            else:
                return

    def _unreadable(self, item: SourceObject, error: Exception) -> Exception:
        code = error_code(error)
        if code in _OTHER_VERSION:
            return SourceChangedError(f"{item.uri} changed or went since it was listed")
        if code == _ARCHIVED:
            return ObjectUnreadableError("it is archived and must be restored before it is read")
        return SourceError(
            f"source '{self.source}': {item.uri} cannot be read: {s3_reason(error)}."
        )
