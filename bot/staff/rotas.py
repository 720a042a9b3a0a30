"""The rota as it is stored: read, and changed by administrators. Each change leaves a line in the audit trail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Table, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.staff import trail
from bot.staff.access import ROLES, Permission, may
from bot.staff.accounts import Staff
from bot.staff.rota import DAYS, Change, Rota, Shift
from bot.staff.tables import rota_change, rota_shift, staff_member
from scheduler.errors import BadRequestError, NotFoundError
from scheduler.store.statements import insert_new, insert_one

MOST_PLACES = 5
LONGEST_CHANGE = 366
"""Days of one change."""

_ROLES = [role for role in ROLES if may(role, Permission.ACT_ON_ALERTS)]


@dataclass(frozen=True, slots=True)
class StoredShift:
    """Weekly hours with their id."""

    id: int
    shift: Shift


@dataclass(frozen=True, slots=True)
class StoredChange:
    """Days that are otherwise, with their id."""

    id: int
    change: Change


async def load(conn: AsyncConnection) -> Rota:
    """The whole rota; members who are disabled, or may no longer act on alerts, are not in it."""
    return Rota(
        tuple(one.shift for one in await shifts(conn)), tuple(one.change for one in await changes(conn, date.min))
    )


async def shifts(conn: AsyncConnection) -> list[StoredShift]:
    """Weekly hours, by day and hour."""
    rows = await conn.execute(
        select(rota_shift)
        .join(staff_member, staff_member.c.id == rota_shift.c.staff_id)
        .where(staff_member.c.disabled_at.is_(None), staff_member.c.role.in_(_ROLES))
        .order_by(rota_shift.c.weekday, rota_shift.c.starts, rota_shift.c.place, rota_shift.c.id)
    )
    return [StoredShift(row.id, Shift(row.staff_id, row.weekday, row.starts, row.ends, row.place)) for row in rows]


async def changes(conn: AsyncConnection, since: date) -> list[StoredChange]:
    """Days that are otherwise, but for those over before `since`; the newest entry of two for the same day first."""
    instead = staff_member.alias("instead")
    able = instead.c.disabled_at.is_(None) & instead.c.role.in_(_ROLES)
    rows = await conn.execute(
        select(rota_change, instead.c.id.label("able_id"))
        .outerjoin(instead, (instead.c.id == rota_change.c.instead_id) & able)
        .where(rota_change.c.last_on >= since)
        .order_by(rota_change.c.id.desc())
    )
    return [StoredChange(row.id, Change(row.first_on, row.last_on, row.away_id, row.able_id)) for row in rows]


async def add_shift(conn: AsyncConnection, by: Staff | None, shift: Shift, now: datetime) -> None:
    """Put somebody on call each week; the same hours twice change nothing. Raises BadRequestError."""
    if not 0 <= shift.weekday < len(DAYS):
        raise BadRequestError("Choose a day of the week.")
    if not 1 <= shift.place <= MOST_PLACES:
        raise BadRequestError(f"Choose a place from 1 (told first) to {MOST_PLACES}.")
    await _check(conn, shift.staff_id)
    added = await conn.scalar(
        insert_new(conn, rota_shift)
        .values(
            staff_id=shift.staff_id,
            weekday=shift.weekday,
            starts=shift.starts,
            ends=shift.ends,
            place=shift.place,
            created_at=now,
        )
        .returning(rota_shift.c.id)
    )
    if added is not None:
        await _note(conn, by, "rota hours added", now, shift.staff_id)


async def add_change(conn: AsyncConnection, by: Staff | None, change: Change, now: datetime) -> None:
    """Say who is away, or which days are a holiday, and who stands in. Raises BadRequestError."""
    if change.last_on < change.first_on:
        raise BadRequestError("The last day is before the first.")
    if (change.last_on - change.first_on).days >= LONGEST_CHANGE:
        raise BadRequestError("Enter at most a year at once.")
    if change.away_id is None and change.instead_id is None:
        raise BadRequestError("Choose who is away, or who is on call on the holiday.")
    if change.away_id == change.instead_id:
        raise BadRequestError("Who is away cannot stand in.")
    for staff_id in (change.away_id, change.instead_id):
        if staff_id is not None:
            await _check(conn, staff_id)
    await insert_one(
        conn,
        rota_change,
        first_on=change.first_on,
        last_on=change.last_on,
        away_id=change.away_id,
        instead_id=change.instead_id,
        created_at=now,
    )
    await _note(conn, by, "rota days added", now, change.away_id or change.instead_id or 0)


async def remove_shift(conn: AsyncConnection, by: Staff | None, shift_id: int, now: datetime) -> None:
    """Take weekly hours off the rota. Raises NotFoundError."""
    await _remove(conn, rota_shift, shift_id)
    await _note(conn, by, "rota hours removed", now, 0)


async def remove_change(conn: AsyncConnection, by: Staff | None, change_id: int, now: datetime) -> None:
    """Let the weekly hours hold again. Raises NotFoundError."""
    await _remove(conn, rota_change, change_id)
    await _note(conn, by, "rota days removed", now, 0)


async def set_canary(conn: AsyncConnection, by: Staff | None, staff_id: int | None, now: datetime) -> None:
    """The daily test message goes to this member's chat; nothing: to nobody's. Raises BadRequestError."""
    if staff_id is not None:
        await _check(conn, staff_id)
    await conn.execute(update(staff_member).where(staff_member.c.canary).values(canary=False))
    if staff_id is not None:
        await conn.execute(update(staff_member).where(staff_member.c.id == staff_id).values(canary=True))
    await _note(conn, by, "test message chosen", now, staff_id or 0)


async def members(conn: AsyncConnection) -> list[int]:
    """Who may be on call: not disabled, and allowed to act on alerts; oldest first."""
    able = staff_member.c.disabled_at.is_(None), staff_member.c.role.in_(_ROLES)
    return list(await conn.scalars(select(staff_member.c.id).where(*able).order_by(staff_member.c.id)))


async def canary(conn: AsyncConnection) -> int | None:
    """Whose chat gets the daily test message: of a member who is not disabled."""
    chosen = select(staff_member.c.id).where(staff_member.c.canary, staff_member.c.disabled_at.is_(None))
    return await conn.scalar(chosen.order_by(staff_member.c.id).limit(1))


async def _check(conn: AsyncConnection, staff_id: int) -> None:
    if staff_id not in await members(conn):
        raise BadRequestError("Choose somebody who works here and may act on alerts.")


async def _remove(conn: AsyncConnection, table: Table, row_id: int) -> None:
    gone = await conn.execute(delete(table).where(table.c.id == row_id))
    if not gone.rowcount:
        raise NotFoundError("This line is not on the rota any more.")


async def _note(conn: AsyncConnection, by: Staff | None, action: str, now: datetime, staff_id: int) -> None:
    who = trail.actor(by.id) if by else trail.SYSTEM
    detail = {"staff": staff_id} if staff_id else {}
    await trail.note(conn, who, action, now, **detail)
