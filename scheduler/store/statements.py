"""The few statements that differ between the databases, or are worth saying once."""

from __future__ import annotations

import json
from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Column, ColumnElement, Select, Table, any_, func, insert, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningInsert

_Processor = Callable[[Any], Any]


def insert_new(conn: AsyncConnection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that leaves a row alone which is already there (the same unique values)."""
    if conn.dialect.name == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    return postgresql.insert(table).on_conflict_do_nothing()


async def insert_one(conn: AsyncConnection, table: Table, **values: Any) -> int:
    """Insert one row; its id."""
    added = await conn.execute(_insert_returning_id(table), values)
    return int(added.scalar_one())


@cache
def _insert_returning_id(table: Table) -> ReturningInsert[Any]:
    # The values are given when it is executed: a statement that holds them is taken apart anew each time.
    return insert(table).returning(table.c.id)


async def fetch(conn: AsyncConnection, query: Select[Any], values: Mapping[str, Any] | None = None) -> list[Any]:
    """All rows of `query` as plain named tuples, whose columns cost a tenth to read of those of SQLAlchemy's rows."""
    found = await conn.execute(query, values)
    return list(map(_named(tuple(found.keys())), found))


@cache
def _named(names: tuple[str, ...]) -> Callable[[Iterable[Any]], Any]:
    fetched: Any = namedtuple("Fetched", names)  # type: ignore[misc]  # noqa: PYI024 - known only now
    make: Callable[[Iterable[Any]], Any] = fetched._make
    return make


def among(conn: AsyncConnection, column: Column[int], ids: Sequence[int]) -> ColumnElement[bool]:
    """Whether `column` is one of `ids`: one value to bind, where `in_` makes and binds one each."""
    if conn.dialect.name == "sqlite":
        return column.in_(select(func.json_each(json.dumps(ids)).table_valued("value").c.value))
    return column == any_(literal(ids, postgresql.ARRAY(BigInteger)))


async def update_many(
    conn: AsyncConnection, table: Table, keys: Sequence[str], columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Update many rows, each with its own values: first those of `keys`, which find it, then those of `columns`.

    One statement with arrays on PostgreSQL, one prepared statement on SQLite: thousands of rows in a few milliseconds.
    """
    if rows:
        await _many(conn, table, _update(table.name, tuple(keys), tuple(columns)), (*keys, *columns), rows)


async def insert_many(
    conn: AsyncConnection, table: Table, columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Insert many rows, each with the values of `columns`."""
    if rows:
        await _many(conn, table, _insert(table.name, tuple(columns)), tuple(columns), rows)


async def _many(
    conn: AsyncConnection,
    table: Table,
    statement: tuple[str, str],
    names: tuple[str, ...],
    rows: Sequence[Sequence[Any]],
) -> None:
    on_sqlite, on_postgresql = statement
    processors, types = _columns(table, names, conn.dialect)
    # Column by column: most need no processor, and are not touched one by one.
    arrays = tuple(
        list(map(process, values)) if process else values
        for process, values in zip(processors, zip(*rows, strict=True), strict=True)
    )
    if conn.dialect.name == "sqlite":
        await conn.exec_driver_sql(on_sqlite, list(zip(*arrays, strict=True)))
        return
    unnest = ", ".join(f"${number}::{name}[]" for number, name in enumerate(types, 1))
    await conn.exec_driver_sql(on_postgresql.format(arrays=unnest), arrays)


@cache
def _columns(
    table: Table, names: tuple[str, ...], dialect: Dialect
) -> tuple[tuple[_Processor | None, ...], tuple[str, ...]]:
    """How the driver wants the values of these columns, and what the database calls their types."""
    types = [table.c[name].type.dialect_impl(dialect) for name in names]
    return tuple(t.bind_processor(dialect) for t in types), tuple(t.compile(dialect) for t in types)


# The names come from our own tables and code, never from outside: nothing here can be injected.


@cache
def _update(table: str, keys: tuple[str, ...], columns: tuple[str, ...]) -> tuple[str, str]:
    numbered = {name: f"?{number}" for number, name in enumerate((*keys, *columns), 1)}
    sets = ", ".join(f"{c} = {numbered[c]}" for c in columns)
    found = " AND ".join(f"{k} = {numbered[k]}" for k in keys)
    arrays_set = ", ".join(f"{c} = v.{c}" for c in columns)
    arrays_found = " AND ".join(f"t.{k} = v.{k}" for k in keys)
    names = ", ".join((*keys, *columns))
    return (
        f"UPDATE {table} SET {sets} WHERE {found}",  # noqa: S608 - names of our own tables and columns
        f"UPDATE {table} AS t SET {arrays_set} FROM unnest({{arrays}}) AS v({names}) WHERE {arrays_found}",  # noqa: S608 - names of our own tables and columns
    )


@cache
def _insert(table: str, columns: tuple[str, ...]) -> tuple[str, str]:
    names = ", ".join(columns)
    marks = ", ".join("?" for _ in columns)
    return (
        f"INSERT INTO {table} ({names}) VALUES ({marks})",  # noqa: S608 - names of our own tables and columns
        f"INSERT INTO {table} ({names}) SELECT * FROM unnest({{arrays}})",  # noqa: S608 - names of our own tables and columns
    )
