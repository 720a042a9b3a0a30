"""SQLite behind asyncio: one visit to the connection's thread for each statement.

aiosqlite visits it four times (make a cursor, execute, fetch, close), and each visit wakes two threads, which costs
more than most of our statements. Making and closing a cursor touch no data, and who executes a query wants its rows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from functools import partial
from typing import Any, Self

import aiosqlite

_ROWS_AT_ONCE = 64


def connect(database: str, **options: Any) -> Connection:
    """A connection to the file `database`, to be awaited; `options` are those of `sqlite3.connect`."""
    # A cursor is made by one thread and used by another, never by two at once.
    return Connection(partial(sqlite3.connect, database, **options | {"check_same_thread": False}))


class Cursor(aiosqlite.Cursor):
    """Fetches the rows of a statement together with executing it."""

    _fetched: Iterable[Any] = ()

    async def execute(self, sql: str, parameters: Iterable[Any] | None = None) -> Self:
        """Execute `sql`; its rows, if it has any, wait for `fetchall`."""
        self._fetched = await self._execute(self._run, sql, parameters or ())  # type: ignore[no-untyped-call]
        return self

    def _run(self, sql: str, parameters: Any) -> list[Any]:
        self._cursor.execute(sql, parameters)
        return self._cursor.fetchall() if self._cursor.description else []

    async def fetchall(self) -> Iterable[Any]:
        """All rows of the statement."""
        return self._fetched

    async def close(self) -> None:
        """Let go of the statement."""
        self._cursor.close()


class Connection(aiosqlite.Connection):
    """Makes such cursors, and rolls back only what was begun."""

    def __init__(self, connector: partial[sqlite3.Connection]) -> None:
        """Take what opens the connection, in the connection's own thread."""
        super().__init__(connector, _ROWS_AT_ONCE)
        # Like SQLAlchemy's own connections: a process that ends waits for nobody.
        self._thread.daemon = True

    def cursor(self) -> Cursor:  # type: ignore[override]
        """A cursor, at once."""
        return Cursor(self, self._conn.cursor())

    async def rollback(self) -> None:
        """Undo the transaction, if one was begun."""
        if self.in_transaction:
            await super().rollback()
