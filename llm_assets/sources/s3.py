"""Objects in an S3 bucket, under a prefix."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, BinaryIO, cast
from urllib.parse import urlsplit

from llm_assets.sources.objects import SourceChangedError, SourceError, SourceObject

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

_IN_MEMORY_BYTES = 32 << 20
_COPY_BYTES = 1 << 20


@dataclass(frozen=True)
class S3Place:
    """All objects under `s3://bucket/prefix`; a `*` in it makes it a glob (`*` crosses `/`)."""

    source: str
    location: str

    def _client(self) -> "S3Client":
        import boto3
        from botocore.config import Config

        return boto3.client(
            "s3", config=Config(retries={"mode": "standard", "max_attempts": 8})
        )

    @property
    def _bucket(self) -> str:
        return urlsplit(self.location).netloc

    @property
    def _pattern(self) -> str:
        return self.location.removeprefix(f"s3://{self._bucket}").lstrip("/")

    @property
    def _prefix(self) -> str:
        """The part of the pattern that every key starts with."""
        return self._pattern.partition("*")[0]

    @property
    def _base(self) -> str:
        """The part that keys of documents leave out: whole folders only."""
        folder, slash, _ = self._prefix.rpartition("/")
        return folder + slash

    def objects(self) -> Iterator[SourceObject]:
        """List objects with their etags."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            pages = self._client().get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._bucket, Prefix=self._prefix):
                for entry in page.get("Contents", []):
                    key = entry["Key"]
                    if key.endswith("/") or not self._wanted(key):
                        continue
                    yield SourceObject(
                        self.source,
                        key.removeprefix(self._base),
                        f"s3://{self._bucket}/{key}",
                        entry["ETag"].strip('"'),
                        entry["Size"],
                    )
        except (BotoCoreError, ClientError) as error:
            raise SourceError(
                f"source '{self.source}': {self.location} cannot be listed: {error}. Check the "
                "bucket's name, AWS_ENDPOINT_URL and the AWS credentials."
            ) from error

    def _wanted(self, key: str) -> bool:
        return "*" not in self._pattern or fnmatchcase(key, self._pattern)

    @contextmanager
    def open(self, item: SourceObject) -> Iterator[BinaryIO]:
        """Download an object of just the listed etag."""
        from botocore.exceptions import ClientError

        key = item.uri.removeprefix(f"s3://{self._bucket}/")
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES) as stream:
            try:
                answer = self._client().get_object(
                    Bucket=self._bucket, Key=key, IfMatch=f'"{item.version}"'
                )
            except ClientError as error:
                raise SourceChangedError(f"{item.uri} is not the listed version: {error}") from error
            shutil.copyfileobj(cast(BinaryIO, answer["Body"]), stream, _COPY_BYTES)
            stream.seek(0)
            yield cast(BinaryIO, stream)
