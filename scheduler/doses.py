"""What was said about medicine times: taken, later, skipped. Rows are only added; the last one counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from scheduler.plans import AGAIN_STEP, MEDICINE_STEPS
from scheduler.store.statements import insert_one
from scheduler.store.tables import dose, message, reminder

SAID = ("taken", "later", "skipped")
LATER = "later"


@dataclass(frozen=True, slots=True)
class Dose:
    """What was said last about one medicine time."""

    enrolment_id: int
    occurrence: str
    """The medicine time: its local minute, `2026-03-02 08:00`."""
    said: str
    """One of SAID."""
    said_at: datetime
    again_at: datetime | None
    """Of 'later': when the reminder comes back."""


@dataclass(frozen=True, slots=True)
class SentDose:
    """A reminder of a medicine time that left for a chat."""

    reminder_id: int
    enrolment_id: int
    occurrence: str
    again: bool
    """It is the one that came back."""
    sent_at: datetime
    expires_at: datetime
    """From then on no reminder of this medicine time may leave."""


async def say(
    conn: AsyncConnection, enrolment_id: int, occurrence: str, said: str, now: datetime, again_at: datetime | None
) -> None:
    """Note what was said. Afterwards the enrolment has to be planned again: `reminders.replan`."""
    await insert_one(
        conn, dose, enrolment_id=enrolment_id, occurrence=occurrence, said=said, said_at=now, again_at=again_at
    )


async def last(conn: AsyncConnection, *enrolment_ids: int) -> dict[tuple[int, str], Dose]:
    """What counts now, by enrolment and medicine time."""
    rows = await conn.execute(select(dose).where(dose.c.enrolment_id.in_(enrolment_ids)).order_by(dose.c.id))
    return {
        (row.enrolment_id, row.occurrence): Dose(row.enrolment_id, row.occurrence, row.said, row.said_at, row.again_at)
        for row in rows
    }


async def coming_back(conn: AsyncConnection, enrolment_id: int) -> Mapping[str, datetime]:
    """Medicine time -> when its reminder comes back, where 'later' was said last."""
    said = await last(conn, enrolment_id)
    return {one.occurrence: one.again_at for one in said.values() if one.said == LATER and one.again_at is not None}


async def sent(conn: AsyncConnection, address_id: int, since: datetime) -> list[SentDose]:
    """The reminders of medicine times that left for an address since an instant, newest first."""
    rows = await conn.execute(
        select(reminder, func.coalesce(message.c.sent_at, message.c.ready_at).label("at"))
        .join(message, message.c.reminder_id == reminder.c.id)
        .where(
            message.c.address_id == address_id,
            message.c.kind == "medicine",
            message.c.state.in_(("sending", "sent", "unknown")),
            message.c.created_at >= since,
            reminder.c.step.in_(MEDICINE_STEPS),
        )
        .order_by(message.c.id.desc())
    )
    return [SentDose(r.id, r.enrolment_id, r.occurrence, r.step == AGAIN_STEP, r.at, r.expires_at) for r in rows]
