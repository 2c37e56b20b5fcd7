"""Trying a database and an object store of the user's: they answer, and let us do our work.

No message holds a secret.
"""

import re
import uuid
from contextlib import closing
from urllib.parse import urlsplit

import boto3
import psycopg
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    PartialCredentialsError,
)
from psycopg.conninfo import conninfo_to_dict

from llm_assets.services.process import ServiceError

_PASSWORD_IN_FRONT = re.compile(r"(?<=://)([^:@/]*):(.*)@")  # to the last @: it may hold others
_PASSWORD_IN_QUERY = re.compile(r"(?<=[?&]password=)[^&]*")
_POSTGRES_FIXES = {
    "password": "Correct user and password in LLM_ASSETS_POSTGRES_URL.",
    "permission denied": "Let the user create schemas: GRANT CREATE ON DATABASE ... TO ...;",
    "does not exist": "Create the database (CREATE DATABASE ... ENCODING 'UTF8'), or correct its "
    "name and the user in LLM_ASSETS_POSTGRES_URL.",
    "refused": "Start the server, or correct host and port in LLM_ASSETS_POSTGRES_URL.",
    "timeout": "Correct the host in LLM_ASSETS_POSTGRES_URL, or open the firewall to it.",
    "resolve": "Correct the host's name in LLM_ASSETS_POSTGRES_URL.",
}


def probe_postgres(url: str) -> str:
    """Connect, look at version and encoding, and make a table that is rolled back.

    Args:
        url: `postgresql://user:password@host:port/database`.

    Returns:
        What was found, for people.

    Raises:
        ServiceError: if something is not as we need it.
    """
    _check_postgres_url(url)
    name = f"llm_assets_doctor_{uuid.uuid4().hex}"
    try:
        with closing(psycopg.connect(url, connect_timeout=5)) as connection:
            release = connection.info.server_version // 10_000
            encoding = connection.execute("show server_encoding").fetchone()
            connection.execute(f"create schema {name}")  # never committed
            connection.execute(f"create table {name}.probe (value text)")
    except psycopg.Error as error:
        said = str(error).strip()
        fixes = [fix for sign, fix in _POSTGRES_FIXES.items() if sign in said]
        raise ServiceError(said, (fixes or ["Correct LLM_ASSETS_POSTGRES_URL."])[0]) from error
    if release < 14:
        raise ServiceError(f"PostgreSQL {release} is too old", "Use PostgreSQL 14 or newer.")
    if encoding != ("UTF8",):
        raise ServiceError(
            "the database is not in UTF-8",
            "Make another: CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0;",
        )
    return f"PostgreSQL {release}, tables can be made"


def _check_postgres_url(url: str) -> None:
    """Find fault with the URL before PostgreSQL's client does: it would quote parts of it."""
    if not url.startswith("postgresql://"):  # Dagster knows no other spelling
        raise ServiceError(
            "LLM_ASSETS_POSTGRES_URL is no PostgreSQL URL",
            "Write it as postgresql://USER:PASSWORD@HOST:5432/DATABASE.",
        )
    password = _PASSWORD_IN_FRONT.search(url)
    try:
        conninfo_to_dict(url)
        well_formed = password is None or not set("/@?#") & set(password[2])
    except psycopg.ProgrammingError:
        well_formed = False
    if not well_formed:
        raise ServiceError(
            f"{mask_url(url)} is no valid URL",
            "Write special characters of user and password in percent-encoding, such as %40 for @.",
        )


def probe_s3(store: str) -> str:
    """Put, get and delete a small object, with the credentials of the AWS variables.

    Args:
        store: `s3://bucket/prefix`.

    Returns:
        What was found, for people.

    Raises:
        ServiceError: if one of them fails.
    """
    place = urlsplit(store)
    prefix = f"{place.path.strip('/')}/".lstrip("/")
    bucket, key = place.netloc, f"{prefix}.doctor-{uuid.uuid4().hex}"
    config = Config(connect_timeout=5, read_timeout=15, retries={"total_max_attempts": 2})
    try:
        # A session of our own: boto3's default one remembers the credentials it saw first.
        with closing(boto3.Session().client("s3", config=config)) as client:
            client.put_object(Bucket=bucket, Key=key, Body=b"llm-assets doctor\n")
            try:
                client.get_object(Bucket=bucket, Key=key)["Body"].read()
            finally:
                client.delete_object(Bucket=bucket, Key=key)
    except (BotoCoreError, ClientError, ValueError) as error:
        raise ServiceError(f"{store}: {error}", _s3_fix(error, bucket)) from error
    return f"{store}: objects can be written, read and deleted"


def _s3_fix(error: Exception, bucket: str) -> str:
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
    if not isinstance(error, ClientError):
        return "Correct AWS_ENDPOINT_URL, or start the service there."
    fixes = {
        301: "Set AWS_REGION to the region of the bucket.",
        403: "Correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and let their owner put, get "
        f"and delete objects in the bucket '{bucket}'.",
        404: f"Create the bucket '{bucket}', or correct LLM_ASSETS_STORE.",
    }
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return fixes.get(status, "Correct LLM_ASSETS_STORE and the AWS_* variables.")


def mask_url(url: str) -> str:
    """Return a URL that may be shown: `***` stands for its password."""
    return _PASSWORD_IN_QUERY.sub("***", _PASSWORD_IN_FRONT.sub(r"\1:***@", url))
