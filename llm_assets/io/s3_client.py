"""The S3 client that sources and the store share: credentials, patience, and plain words.

Credentials, region and endpoint come from the usual AWS variables and files.
"""

import os
from typing import TYPE_CHECKING, Any

import boto3
from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    PartialCredentialsError,
)

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

# An endpoint that is not there is given up after 3 x 3 s and two short waits between; one that
# answers slowly has a minute, because completing a large upload takes that long.
_CONFIG = Config(
    connect_timeout=3, read_timeout=60, retries={"mode": "standard", "total_max_attempts": 3}
)
_POLARS_RETRIES = 4  # about 5 s; its default of 8 takes 17 s

S3_ERRORS = (BotoCoreError, ClientError, Boto3Error)
"""All that boto3 raises."""

_CREDENTIALS = "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
_FIXES = {
    "NoSuchBucket": "there is no such bucket: create it, or correct its name",
    "NoSuchKey": "there is no such object",
    "404": "there is no such object or bucket",
    "403": f"access is refused: {_CREDENTIALS}, and what they may do",
    "AccessDenied": f"access is refused: {_CREDENTIALS}, and what they may do",
    "InvalidAccessKeyId": f"the access key is not known there: {_CREDENTIALS}",
    "SignatureDoesNotMatch": f"the secret key is wrong: {_CREDENTIALS}",
    "ExpiredToken": "the credentials have expired: get new ones",
    "RequestTimeTooSkewed": "this machine's clock is wrong: set it",
}


class InvalidEndpointError(BotoCoreError):
    """AWS_ENDPOINT_URL is no address."""

    fmt = "{reason}"


def s3_client() -> "S3Client":
    """Make a client; it may be used by several threads.

    Raises:
        BotoCoreError: if the AWS variables or files make no sense.
    """
    try:
        # A session of its own: the shared one is not safe between threads, and keeps the first
        # credentials for ever.
        return boto3.session.Session().client("s3", config=_CONFIG)
    except ValueError as error:
        raise InvalidEndpointError(reason=str(error)) from None


def error_code(error: Exception) -> str:
    """Return the code that S3 gave, such as `NoSuchKey` or `404`; "" if it did not answer."""
    if not isinstance(error, ClientError):
        return ""
    return error.response.get("Error", {}).get("Code", "")


def s3_reason(error: Exception) -> str:
    """Say in words what is wrong and what to do about it."""
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return "there are no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    if isinstance(error, EndpointConnectionError | ConnectTimeoutError):
        return f"nothing answers there ({error}): check AWS_ENDPOINT_URL and the network"
    if isinstance(error, InvalidEndpointError):
        return f"{error}: correct AWS_ENDPOINT_URL, which is a URL such as https://host:port"
    return _FIXES.get(error_code(error)) or f"{error}; 'llm-assets doctor' looks at the store"


def polars_options() -> dict[str, Any]:
    """Return what Polars, which speaks to S3 by itself, has to be told beside the credentials."""
    options: dict[str, Any] = {"aws_allow_http": "true", "max_retries": _POLARS_RETRIES}
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    return {**options, "aws_endpoint_url": endpoint} if endpoint else options
