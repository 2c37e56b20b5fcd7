"""Buckets as sources, on a real S3 server."""

import socket
import time
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, IncompleteReadError

from llm_assets.recipe import Source
from llm_assets.sources.objects import (
    ObjectUnreadableError,
    SourceChangedError,
    SourceError,
    SourceObject,
)
from llm_assets.sources.places import open_place
from llm_assets.sources.s3 import S3Place


class Bucket:
    """A test's own corner of the bucket."""

    def __init__(self, prefix: str) -> None:
        self.uri = prefix.rstrip("/")
        self.name, _, self.folder = self.uri.removeprefix("s3://").partition("/")
        self.client = boto3.session.Session().client("s3")

    def put(self, *keys: str, body: bytes = b"content") -> None:
        for key in keys:
            self.client.put_object(Bucket=self.name, Key=f"{self.folder}/{key}", Body=body)

    def delete(self, key: str) -> None:
        self.client.delete_object(Bucket=self.name, Key=f"{self.folder}/{key}")

    def place(self, path: str) -> S3Place:
        return S3Place("pages", f"{self.uri}/{path}")


@pytest.fixture
def bucket(s3_prefix: str) -> Bucket:
    return Bucket(s3_prefix)


def keys(place: S3Place) -> list[str]:
    return sorted(item.key for item in place.objects())


def only(place: S3Place) -> SourceObject:
    (item,) = place.objects()
    return item


def read(place: S3Place, item: SourceObject) -> bytes:
    with place.open(item) as stream:
        return stream.read()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("pages/", ["a.html", "b.txt", "x/c.html", "x/y/d.html"]),
        ("pages", ["a.html", "b.txt", "x/c.html", "x/y/d.html"]),
        ("pages/*", ["a.html", "b.txt"]),
        ("pages/*.html", ["a.html"]),
        ("pages/**/*.html", ["a.html", "x/c.html", "x/y/d.html"]),
        ("pages/x/**", ["c.html", "y/d.html"]),
        ("pages/a*", ["a.html"]),
        ("pages/a.html", ["a.html"]),
        ("pages/[ab].*", ["a.html", "b.txt"]),
        ("pages/*/c.html", ["x/c.html"]),
        ("pages/.hidden/*", ["e.html"]),
        ("pages/none-*", []),
    ],
)
def test_which_objects_a_location_names(bucket: Bucket, path: str, expected: list[str]) -> None:
    """Just the files that it would name in a folder."""
    bucket.put("pages/a.html", "pages/b.txt", "pages/x/c.html", "pages/x/y/d.html")
    bucket.put("pages/.hidden/e.html", "pages/x/.f.html", "pages-old/g.html", "pages.html")
    assert keys(bucket.place(path)) == expected


def test_an_object_is_named_by_its_place_and_etag(bucket: Bucket) -> None:
    bucket.put("pages/x/a.html")
    item = only(bucket.place("pages/"))
    assert (item.source, item.key, item.size) == ("pages", "x/a.html", 7)
    assert item.uri == f"{bucket.uri}/pages/x/a.html"
    assert item.version == "9a0364b9e99bb480dd25e1f0284c8555", "the MD5 of the content"


def test_more_objects_than_one_page_of_a_listing(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = bucket.place("pages/")
    bucket.put(*(f"pages/{number}" for number in range(7)))
    paginator = place._client.get_paginator("list_objects_v2")
    original = paginator.paginate

    def small_pages(**options: Any) -> Any:
        return original(**options, PaginationConfig={"PageSize": 3})

    monkeypatch.setattr(paginator, "paginate", small_pages)
    monkeypatch.setattr(place._client, "get_paginator", lambda _: paginator)
    assert keys(place) == [str(number) for number in range(7)]


@pytest.mark.parametrize("key", ["a b.html", "ü=1.html", "%25.html", "x+y.html", "q?r#s.html"])
def test_odd_keys_are_listed_and_read(bucket: Bucket, key: str) -> None:
    bucket.put(f"pages/{key}", body=key.encode())
    place = bucket.place("pages/")
    assert only(place).key == key
    assert read(place, only(place)) == key.encode()


def test_a_single_object_is_named_by_its_last_name(bucket: Bucket) -> None:
    bucket.put("pages/a.html")
    place = bucket.place("pages/a.html")
    item = only(place)
    assert item.key == "a.html"
    assert item.uri == f"{bucket.uri}/pages/a.html"
    assert read(place, item) == b"content"


def test_the_whole_bucket(s3_prefix: str, bucket: Bucket) -> None:
    bucket.put("a.html")
    place = S3Place("pages", f"s3://{bucket.name}")
    assert f"{bucket.folder}/a.html" in keys(place)
    assert read(place, next(item for item in place.objects() if item.key.endswith("a.html")))


def test_changed_content_is_another_version(bucket: Bucket) -> None:
    bucket.put("pages/a")
    first = only(bucket.place("pages/"))
    bucket.put("pages/a")
    assert only(bucket.place("pages/")) == first
    bucket.put("pages/a", body=b"CONTENT")
    assert only(bucket.place("pages/")).version != first.version


@pytest.mark.parametrize("change", ["rewritten", "removed"])
def test_an_object_that_changed_since_it_was_listed_is_not_read(
    bucket: Bucket, change: str
) -> None:
    bucket.put("pages/a")
    place = bucket.place("pages/")
    item = only(place)
    if change == "rewritten":
        bucket.put("pages/a", body=b"CONTENT")
    else:
        bucket.delete("pages/a")
    with pytest.raises(SourceChangedError, match="changed or went since it was listed"):
        read(place, item)


def test_a_prefix_without_objects_is_an_error_and_not_empty(bucket: Bucket) -> None:
    bucket.put("pages-old/a")
    for path in ("pages/", "pages", "pages/*.html", "pages/**"):
        with pytest.raises(SourceError, match="source 'pages': there is no object under"):
            keys(bucket.place(path))


def test_a_folder_with_a_marker_may_be_empty(bucket: Bucket) -> None:
    bucket.put("pages/", body=b"")
    assert keys(bucket.place("pages/")) == []


def test_a_missing_bucket_is_explained(s3_prefix: str) -> None:
    with pytest.raises(SourceError, match=r"no-such-bucket/x cannot be listed: there is no such"):
        keys(S3Place("pages", "s3://no-such-bucket/x"))


def test_wrong_credentials_are_explained(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket.put("pages/a")
    item = only(bucket.place("pages/"))
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong-secret")
    with pytest.raises(SourceError, match="AWS_SECRET_ACCESS_KEY") as listing:
        keys(bucket.place("pages/"))
    with pytest.raises(SourceError, match=r"source 'pages': .*/a cannot be read: ") as reading:
        read(bucket.place("pages/"), item)
    assert "wrong-secret" not in f"{listing.value}{reading.value}"


def test_an_endpoint_that_is_down_is_given_up_soon(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{taken.getsockname()[1]}")
    started = time.monotonic()
    with pytest.raises(SourceError, match="nothing answers there"):
        keys(bucket.place("pages/"))
    assert time.monotonic() - started < 12


class Breaking:
    """A download that breaks off."""

    def read(self, _size: int = -1) -> bytes:
        raise IncompleteReadError(actual_bytes=1, expected_bytes=7)


@pytest.mark.parametrize("breaks", [2, 3])
def test_a_download_that_breaks_off_is_repeated(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, breaks: int
) -> None:
    bucket.put("pages/a")
    place = bucket.place("pages/")
    item = only(place)
    original = place._client.get_object
    calls: list[int] = []

    def get_object(**options: Any) -> Any:
        calls.append(1)
        answer = original(**options)
        return {**answer, "Body": Breaking()} if len(calls) <= breaks else answer

    monkeypatch.setattr(place._client, "get_object", get_object)
    if breaks == 3:
        with pytest.raises(SourceError, match="cannot be read"):
            read(place, item)
    else:
        assert read(place, item) == b"content"
    assert len(calls) == 3


def test_an_archived_object_is_unreadable_alone(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.put("pages/a")
    place = bucket.place("pages/")
    item = only(place)

    def archived(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "InvalidObjectState", "Message": ""}}, "GetObject")

    monkeypatch.setattr(place._client, "get_object", archived)
    with pytest.raises(ObjectUnreadableError, match="must be restored"):
        read(place, item)


def test_a_bucket_is_opened_for_an_s3_location(bucket: Bucket) -> None:
    bucket.put("pages/a.html")
    source = Source(name="pages", kind="web", location=f"{bucket.uri}/pages/")
    place = open_place(source, None, None)  # type: ignore[arg-type]  # of no use to a bucket
    assert [item.key for item in place.objects()] == ["a.html"]
