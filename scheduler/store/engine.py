"""Transactions on SQLite and PostgreSQL behind one door."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from time import monotonic
from typing import Any, Literal, cast

from sqlalchemy import event, text
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from scheduler.crypto import KeyRing
from scheduler.store import sqlite

WAKE_CHANNEL = "saathi_outbox"
"""PostgreSQL notifies here when something was put into the outbox or the plan."""

_RESTED = 1.0
"""Seconds after which a connection to PostgreSQL is asked whether it still stands before it is used again."""

_RESTS_SINCE = "rests since"

_SQLITE_PRAGMAS = (
    "journal_mode=WAL",
    # FULL: with NORMAL a power cut could lose the record of a message that had left, which would send it again.
    "synchronous=FULL",
    "busy_timeout=30000",
    "foreign_keys=ON",
    "temp_store=MEMORY",
    "cache_size=-16000",
)


class Store:
    """The database and the key ring. `write()` and `read()` open transactions; only use cases call them."""

    def __init__(self, engine: AsyncEngine, keys: KeyRing) -> None:
        """Use `engine` as it is; `Store.open` builds one."""
        self.engine = engine
        self.keys = keys
        self.dialect = cast("Literal['sqlite', 'postgresql']", engine.dialect.name)
        # SQLite has one writer at a time. Waiting for it here costs nothing; waiting inside SQLite polls.
        self._writer = asyncio.Lock() if self.dialect == "sqlite" else None
        self._listeners: list[Callable[[], None]] = []

    @classmethod
    def open(cls, url: str, keys: KeyRing, *, pool_size: int = 10) -> Store:
        """A store on `url` (`sqlite+aiosqlite:///file` or `postgresql+asyncpg://...`). Nothing is connected yet.

        Values of statements stay out of error messages: they may be about a patient.
        """
        if make_url(url).get_backend_name() == "sqlite":
            ours = {"async_creator_fn": sqlite.connect}
            engine = create_async_engine(url, pool_size=pool_size, hide_parameters=True, connect_args=ours)
            event.listen(engine.sync_engine, "connect", _set_up_sqlite)
            event.listen(engine.sync_engine, "begin", _begin_sqlite)
        else:
            # Compiling a plan to machine code costs a hundred times what our short statements take.
            off = {"server_settings": {"jit": "off"}}
            engine = create_async_engine(
                url, pool_size=pool_size, max_overflow=10, hide_parameters=True, connect_args=off
            )
            event.listen(engine.sync_engine, "checkin", _note_rest)
            event.listen(engine.sync_engine, "checkout", partial(_wake_up, engine.dialect))
        return cls(engine, keys)

    @asynccontextmanager
    async def write(self, *, wake: bool = True) -> AsyncIterator[AsyncConnection]:
        """One writing transaction: committed at the end, rolled back on an exception, then the dispatcher is woken.

        On SQLite it begins immediate: a reader that turns writer half-way fails at once, whatever the busy timeout.
        """
        if self._writer:
            async with self._writer, self.engine.connect() as conn:
                await conn.execution_options(immediate=True)
                async with conn.begin():
                    yield conn
        else:
            async with self.engine.begin() as conn:
                yield conn
                if wake:
                    await conn.execute(text(f"NOTIFY {WAKE_CHANNEL}"))
        if wake:
            self.wake()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """One reading transaction: a steady picture, nothing kept."""
        async with self.engine.connect() as conn:
            yield conn

    def on_wake(self, listener: Callable[[], None]) -> None:
        """Call `listener` after each committed write of this process."""
        self._listeners.append(listener)

    def wake(self) -> None:
        """Tell this process that something may have become due."""
        for listener in self._listeners:
            listener()

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


def _note_rest(_connection: Any, record: Any) -> None:
    record.info[_RESTS_SINCE] = monotonic()


def _wake_up(dialect: Dialect, connection: Any, record: Any, _proxy: Any) -> None:
    """See whether a connection that rested is still alive; the pool takes another one if not.

    As `pool_pre_ping` does, which however asks before each transaction: a third of the ways to the server.
    """
    if monotonic() - record.info.get(_RESTS_SINCE, monotonic()) < _RESTED:
        return
    try:
        dialect.do_ping(connection)
    except Exception as error:
        raise DisconnectionError("the connection broke while it rested") from error


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own BEGIN comes late and deferred; isolation_level None leaves it to _begin_sqlite.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _SQLITE_PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    immediate = connection.get_execution_options().get("immediate")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
