"""Connections to PostgreSQL that stay open for the next who asks.

A login costs some 6 ms on both sides together, most of it for the password, and a run looks into
the catalog a hundred times. Only a command that says so keeps connections: in a process that lives
on, such as the daemon's, they would be in the way of a server that is to stop.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field

import psycopg
from psycopg.rows import DictRow

Connection = psycopg.Connection[DictRow]

_MOST_IDLE_SECONDS = 30.0
"""An older one may have been forgotten by a firewall, and would keep us waiting for minutes."""

_MOST_IDLE = 2
"""As many as are open at once: one transaction, and a look at another table meanwhile."""


@dataclass(frozen=True, slots=True)
class _Idle:
    url: str
    connection: Connection
    since: float


@dataclass(frozen=True, slots=True)
class _Shelf:
    idle: list[_Idle] = field(default_factory=list)


# Of a context, not of the process: other threads have their own connections.
_SHELF: ContextVar[_Shelf | None] = ContextVar("kept_connections", default=None)


@contextmanager
def connections_kept() -> Iterator[None]:
    """Keep connections of this thread while the block runs, and close them at its end."""
    shelf = _Shelf()
    token = _SHELF.set(shelf)
    try:
        yield
    finally:
        _SHELF.reset(token)
        for item in shelf.idle:
            item.connection.close()


def take_connection(url: str) -> Connection | None:
    """Return a connection to `url` that was kept and still answers, if there is one."""
    shelf = _SHELF.get()
    if shelf is None:
        return None
    for item in list(shelf.idle):
        if item.url != url:
            continue
        shelf.idle.remove(item)
        if time.monotonic() - item.since < _MOST_IDLE_SECONDS and _answers(item.connection):
            return item.connection
        item.connection.close()
    return None


def keep_connection(url: str, connection: Connection) -> bool:
    """Keep a connection that is in no transaction; False if its owner must close it."""
    shelf = _SHELF.get()
    if shelf is None or connection.closed or len(shelf.idle) >= _MOST_IDLE:
        return False
    shelf.idle.append(_Idle(url, connection, time.monotonic()))
    return True


def _answers(connection: Connection) -> bool:
    with suppress(psycopg.OperationalError):
        connection.execute("select")
        connection.rollback()
        return True
    return False
