"""Restoring a backup, so that nothing goes out twice.

Between the backup and its restore hours have passed that the backup does not know of. Whatever could have been sent
in them may have been: it becomes `unknown` with a reason staff can read, and does not leave again. What lies ahead
goes on as planned. Sessions and one-time tokens of staff end, because some of them may have been ended before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Table, false, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import backup, database
from bot.backup import BackupError, Header
from bot.staff.tables import staff_session, staff_token
from bot.store.tables import audit
from scheduler import records, reminders
from scheduler.store.engine import Store
from scheduler.store.statements import update_many
from scheduler.store.tables import metadata

_LOOKS = 5
_BETWEEN_LOOKS = 0.2
"""Seconds. A process that was just stopped is seen a moment longer."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did."""

    made_at: datetime
    """When the backup was made."""
    rows: int
    unknown: int
    """Messages that may have been sent since, and do not leave again."""


async def restore(store: Store, path: Path, now: datetime, *, force: bool = False) -> Restored:
    """Fill the database from the backup at `path`, all or nothing. With `force`, what is in it is deleted first.

    Nobody else may be at work on the database. Raises BackupError or SchemaError with what to do.
    """
    header = backup.read_header(path)
    _refuse_others(header, store)
    await _refuse_company(store)
    if await database.revision(store) is None:
        await database.upgrade(store.engine.url.render_as_string(hide_password=False))
    await database.require_newest(store)
    async with store.write(wake=False) as conn:
        await _empty(conn, force=force)
        rows = await _fill(conn, backup.read_rows(path))
        unknown = await _settle(conn, header, now)
    return Restored(datetime.fromisoformat(header.made_at), rows, unknown)


def _refuse_others(header: Header, store: Store) -> None:
    if header.revision != database.newest():
        raise BackupError(
            f"The backup has schema {header.revision}, and this version of Saathi needs {database.newest()}: "
            f"restore it with Saathi {header.saathi}, which made it, then run saathi db upgrade with this one."
        )
    if not header.opens_with(store.keys):
        raise BackupError("The backup was made with other keys: put the key file of that time back first.")


async def _refuse_company(store: Store) -> None:
    """PostgreSQL knows who else is there; on SQLite the caller holds the folder's lock."""
    if store.dialect != "postgresql":
        return
    others = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )
    for _ in range(_LOOKS):
        async with store.read() as conn:
            if not await conn.scalar(others):
                return
        await asyncio.sleep(_BETWEEN_LOOKS)
    raise BackupError("Somebody else is connected to the database: stop every Saathi process first.")


async def _empty(conn: AsyncConnection, *, force: bool) -> None:
    for table in reversed(metadata.sorted_tables):
        if not await conn.scalar(select(func.count()).select_from(select(table).limit(1).subquery())):
            continue
        if not force:
            raise BackupError("The database is not empty: add --force to delete everything in it first.")
        own = _own_references(table)
        if own:
            await conn.execute(update(table).values(dict.fromkeys(own)))
        await conn.execute(table.delete())


async def _fill(conn: AsyncConnection, every: Iterable[backup.Rows]) -> int:
    count = 0
    pointing: list[tuple[Table, str, list[tuple[int, int]]]] = []
    for rows in every:
        names = [column.name for column in rows.table.columns]
        values = [dict(zip(names, row, strict=True)) for row in rows.values]
        own = _own_references(rows.table)
        pointing += [(rows.table, name, [(row["id"], row[name]) for row in values if row[name]]) for name in own]
        await conn.execute(insert(rows.table), [row | dict.fromkeys(own) for row in values])
        count += len(values)
    # A row may point to one of its own table that comes later: now all are there.
    for table, name, pairs in pointing:
        await update_many(conn, table, ("id",), (name,), pairs)
    if conn.dialect.name == "postgresql":
        await _go_on_numbering(conn)
    return count


async def _go_on_numbering(conn: AsyncConnection) -> None:
    """Let PostgreSQL number new rows after those that were put in with their numbers; SQLite does so by itself."""
    for table in metadata.sorted_tables:
        (key,) = table.primary_key.columns
        sequence = await conn.scalar(select(func.pg_get_serial_sequence(table.name, key.name)))
        if sequence:
            next_ = func.coalesce(select(func.max(key)).scalar_subquery(), 0) + 1
            await conn.execute(select(func.setval(sequence, next_, false())))


async def _settle(conn: AsyncConnection, header: Header, now: datetime) -> int:
    await reminders.release_past(conn, now)
    unknown = await records.doubt_unsent(conn, now)
    await conn.execute(update(staff_session).where(staff_session.c.ended_at.is_(None)).values(ended_at=now))
    await conn.execute(update(staff_token).where(staff_token.c.used_at.is_(None)).values(expires_at=now))
    detail = {"made_at": header.made_at, "unknown": unknown}
    await conn.execute(insert(audit).values(at=now, actor="system", action="restored from a backup", detail=detail))
    return unknown


def _own_references(table: Table) -> list[str]:
    return [key.parent.name for key in table.foreign_keys if key.column.table is table]
