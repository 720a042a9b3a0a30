"""Whom a case is about: patients by enrolment or by chat, opened as far as the keys open them. Reads only."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncConnection

from scheduler.crypto import KeyRing
from scheduler.errors import KeyMissingError
from scheduler.store.tables import enrolment, person, recipient

UNREADABLE = "(cannot be read with the keys that are here)"
"""Stands for a name or text that no key of the ring opens: one bad row must not hide the others."""

HOME_ZONE = "Asia/Kolkata"
"""The zone of somebody of whom no enrolment tells another (design, section 5)."""


@dataclass(frozen=True, slots=True)
class Whom:
    """One patient, as staff are told of them."""

    enrolment_id: int
    name: str
    """In full, or UNREADABLE."""
    phone: str | None
    """In E.164; nothing if staff gave none, or it cannot be read."""
    journey: str
    surgery_on: date
    zone: str
    language: str
    state: str
    """invited, active, paused, ended."""

    def day(self, now: datetime) -> int:
        """The local day after surgery: 0 on the day itself, negative before."""
        return (now.astimezone(ZoneInfo(self.zone)).date() - self.surgery_on).days


async def patients(conn: AsyncConnection, keys: KeyRing, enrolment_ids: Collection[int | None]) -> dict[int, Whom]:
    """The patients of some enrolments, by enrolment; what does not exist is left out."""
    wanted = sorted({one for one in enrolment_ids if one is not None})
    found = await _patients(conn, keys, enrolment.c.id.in_(wanted)) if wanted else []
    return {one.enrolment_id: one for one in found}


async def followed_at(conn: AsyncConnection, keys: KeyRing, address_id: int) -> list[Whom]:
    """The patients whose messages are read in a chat now, but for those whose follow-up has ended; oldest first."""
    here = select(recipient.c.enrolment_id).where(recipient.c.address_id == address_id, recipient.c.until.is_(None))
    return await _patients(conn, keys, enrolment.c.id.in_(here) & (enrolment.c.state != "ended"))


async def living(conn: AsyncConnection, keys: KeyRing) -> list[Whom]:
    """Every patient who is connected and whose follow-up has not ended, oldest first."""
    return await _patients(conn, keys, enrolment.c.state.in_(("active", "paused")))


async def about(conn: AsyncConnection, keys: KeyRing, enrolment_id: int | None, address_id: int) -> list[Whom]:
    """Whom a case may be about: its patient, else everybody followed in its chat; nobody for a stranger."""
    if enrolment_id is not None:
        return list((await patients(conn, keys, [enrolment_id])).values())
    return await followed_at(conn, keys, address_id)


def opened(keys: KeyRing, column: str, blob: bytes | None) -> str | None:
    """A sealed value, or nothing if there is none or no key opens it."""
    if blob is None:
        return None
    try:
        return keys.open(column, blob)
    except KeyMissingError:
        return None


async def _patients(conn: AsyncConnection, keys: KeyRing, which: ColumnElement[bool]) -> list[Whom]:
    rows = await conn.execute(
        select(enrolment, person.c.name, person.c.phone)
        .join(person, person.c.id == enrolment.c.person_id)
        .where(which)
        .order_by(enrolment.c.id)
    )
    return [
        Whom(
            enrolment_id=row.id,
            name=opened(keys, "person.name", row.name) or UNREADABLE,
            phone=opened(keys, "person.phone", row.phone),
            journey=row.journey,
            surgery_on=row.surgery_on,
            zone=row.zone,
            language=row.language,
            state=row.state,
        )
        for row in rows
    ]
