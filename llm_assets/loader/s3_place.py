"""A release in an S3 bucket, read by ranges."""

import posixpath
import threading
import time
from typing import TYPE_CHECKING

import numpy as np
from botocore.exceptions import ClientError, HTTPClientError, IncompleteReadError

from llm_assets.io.s3_client import S3_ERRORS, s3_client, s3_reason
from llm_assets.loader.errors import LoaderError
from llm_assets.loader.places import STORED, Tokens
from llm_assets.loader.range_cache import RangeCache
from llm_assets.loader.release_split import MANIFEST, TokenFile

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import GetObjectRequestTypeDef

_ATTEMPTS = 5
_FIRST_WAIT = 0.2  # seconds; it doubles
# botocore itself retries a request, but not a body that breaks off.
_BROKEN = (HTTPClientError, IncompleteReadError, OSError)


class S3Place:
    """A release in a bucket; credentials and endpoint come from the usual AWS variables."""

    reads_wait = True

    def __init__(self, address: str, cache: RangeCache | None) -> None:
        """Read at `s3://bucket/prefix`; keep what was read in `cache`, if there is one."""
        self._bucket, _, prefix = address.removeprefix("s3://").partition("/")
        if not self._bucket:
            raise LoaderError(f"{address}: names no bucket; write s3://bucket/prefix")
        self._prefix = prefix.strip("/")
        self._cache = cache
        self._client: S3Client | None = None
        self._lock = threading.Lock()

    def __getstate__(self) -> tuple[str, str, RangeCache | None]:
        return self._bucket, self._prefix, self._cache

    def __setstate__(self, state: tuple[str, str, RangeCache | None]) -> None:
        self._bucket, self._prefix, self._cache = state
        self._client = None
        self._lock = threading.Lock()

    def manifest(self) -> bytes:
        """Return the bytes of `manifest.json`."""
        return self._get(MANIFEST, None)[0]

    def check(self, file: TokenFile, *, contents: bool) -> None:
        """Do nothing: the size is compared with every range that is read.

        Raises:
            LoaderError: if the contents are to be checked, for which all would be downloaded.
        """
        if contents:
            raise LoaderError(
                "verify=True reads whole files, for releases in a folder; check one in a bucket"
                " by 'llm-assets release verify'"
            )

    def read(self, file: TokenFile, first: int, count: int) -> Tokens:
        """Return some tokens of a file, from the cache or by one request."""
        item_bytes = (file.size_bytes - file.header_bytes) // file.tokens
        start = file.header_bytes + first * item_bytes
        name = f"{file.hash}-{start}-{count * item_bytes}"
        body = self._cache.get(name, count * item_bytes) if self._cache else None
        if body is None:
            body = self._range(file, start, count * item_bytes)
            if self._cache:
                self._cache.put(name, body)
        return np.frombuffer(body, STORED[item_bytes])

    def _range(self, file: TokenFile, start: int, length: int) -> bytes:
        body, size = self._get(file.path, f"bytes={start}-{start + length - 1}")
        if size != file.size_bytes or len(body) != length:
            raise LoaderError(
                f"{self._address(file.path)}: has {size:,} bytes, by the manifest"
                f" {file.size_bytes:,}; export the release anew"
            )
        return body

    def _get(self, path: str, byte_range: str | None) -> tuple[bytes, int]:
        """Return the bytes of an object or a range of it, and the object's size."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return self._get_once(path, byte_range)
            except _BROKEN as error:
                if attempt == _ATTEMPTS:
                    raise LoaderError(f"{self._address(path)}: {s3_reason(error)}") from None
                time.sleep(_FIRST_WAIT * 2 ** (attempt - 1))
            except S3_ERRORS as error:
                raise LoaderError(f"{self._address(path)}: {s3_reason(error)}") from None
        raise AssertionError("the last attempt returns or raises")

    def _get_once(self, path: str, byte_range: str | None) -> tuple[bytes, int]:
        request: GetObjectRequestTypeDef = {"Bucket": self._bucket, "Key": self._key(path)}
        if byte_range is not None:
            request["Range"] = byte_range
        try:
            answer = self._connected().get_object(**request)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") != "InvalidRange":
                raise
            return b"", 0  # shorter than the range: not the file of the manifest
        with answer["Body"] as body:
            content = body.read()
        size = answer.get("ContentRange", "").rpartition("/")[2]
        return content, int(size) if size.isdigit() else len(content)

    def _connected(self) -> "S3Client":
        with self._lock:
            if self._client is None:
                self._client = s3_client()
            return self._client

    def _key(self, path: str) -> str:
        return posixpath.normpath(f"{self._prefix}/{path}").lstrip("/")

    def _address(self, path: str) -> str:
        return f"s3://{self._bucket}/{self._key(path)}"
