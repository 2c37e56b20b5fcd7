"""What stands in a PostgreSQL URL, and how to speak of it without giving the password away."""

from urllib.parse import unquote

import psycopg
from psycopg.conninfo import conninfo_to_dict

_FORM = "postgresql://user:password@host:port/database"


def plain_url(url: str) -> str:
    """Return the URL as libpq wants it, without SQLAlchemy's driver name."""
    scheme, separator, rest = url.partition("://")
    return f"{scheme.partition('+')[0]}://{rest}" if separator else url


def reason_without_secrets(url: str, error: psycopg.Error) -> str:
    """Return what the client library says, unless it misread the URL.

    It quotes hosts, ports and names. If the password holds a character that ought to be encoded,
    a part of the password is taken for one of these.
    """
    try:
        read = conninfo_to_dict(plain_url(url)).get("password")
    except psycopg.Error:
        return f"its URL is not of the form {_FORM}, special characters percent-encoded"
    written = _password(url)
    if written is not None and written != read:
        return (
            f"its URL is not of the form {_FORM}: a special character in the password must be "
            "percent-encoded, such as %40 for @"
        )
    return str(error).strip()


def _password(url: str) -> str | None:
    """Return the password as a person reads the URL: all between the first : and the last @."""
    login, at, _ = url.partition("://")[2].rpartition("@")
    _, colon, password = login.partition(":")
    return unquote(password) if at and colon else None
