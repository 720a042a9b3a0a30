"""Patients of the first days who do not answer: found by the clock, put on staff's list once for each rule.

Silence is not safety (docs/check-ins.md). Only those who shared with the care team and who may get messages now are
looked at: whoever stopped or paused is silent by choice.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.staff import notices
from bot.staff.ringing import Place
from bot.staff.tables import staff_notice
from bot.store.tables import answer
from bot.watching import Asked, Finding, findings
from content.loader import Content
from scheduler.store.statements import among
from scheduler.store.tables import address, consent, enrolment, message, recipient, reminder

_MARGIN = timedelta(days=2)
"""The last check-in a rule looks at has its hours, and zones differ by less than a day."""


async def note(conn: AsyncConnection, place: Place, now: datetime) -> int:
    """Put every new silence on staff's list, and tell them; how many. Any number of processes may look."""
    added = 0
    for enrolment_id, one in await new(conn, place.content, now):
        added += await notices.note(conn, place.keys, place.content, one.rule, enrolment_id, now, place.public_url)
    return added


async def new(conn: AsyncConnection, content: Content, now: datetime) -> list[tuple[int, Finding]]:
    """What was never on the list of staff: the enrolment, and what was found."""
    found = await silent(conn, content, now)
    if not found:
        return []
    known = await conn.execute(
        select(staff_notice.c.enrolment_id, staff_notice.c.kind).where(
            among(conn, staff_notice.c.enrolment_id, sorted(found))
        )
    )
    noted = {(row.enrolment_id, row.kind) for row in known}
    every = ((enrolment_id, one) for enrolment_id, some in sorted(found.items()) for one in some)
    return [(enrolment_id, one) for enrolment_id, one in every if (enrolment_id, one.rule) not in noted]


async def silent(conn: AsyncConnection, content: Content, now: datetime) -> dict[int, list[Finding]]:
    """Enrolments whose patients are silent now, and by which rule."""
    days = max((rule.until_day or 0 for rule in content.watching.values() if rule.kind == "silence"), default=None)
    if days is None:
        return {}
    asked = await _asked(conn, now, timedelta(days=days) + _MARGIN)
    found = {enrolment_id: sorted(findings(content, (), some, now), key=_rule) for enrolment_id, some in asked.items()}
    return {enrolment_id: some for enrolment_id, some in found.items() if some}


def _rule(one: Finding) -> str:
    return one.rule


async def _asked(conn: AsyncConnection, now: datetime, span: timedelta) -> dict[int, list[Asked]]:
    """The check-ins that reached the patients of these days, by enrolment."""
    agreed = [
        exists().where(
            consent.c.enrolment_id == enrolment.c.id,
            consent.c.purpose == purpose,
            consent.c.withdrawn_at.is_(None),
        )
        for purpose in ("reminders", "sharing")
    ]
    rows = await conn.execute(
        select(
            enrolment.c.id,
            enrolment.c.surgery_on,
            enrolment.c.zone,
            reminder.c.id.label("reminder_id"),
            message.c.sent_at,
            exists().where(answer.c.reminder_id == reminder.c.id).label("answered"),
        )
        .join(reminder, reminder.c.enrolment_id == enrolment.c.id)
        .join(message, message.c.reminder_id == reminder.c.id)
        .join(recipient, recipient.c.id == message.c.recipient_id)
        .join(address, address.c.id == recipient.c.address_id)
        .where(
            enrolment.c.surgery_on >= (now - span).date(),
            enrolment.c.state == "active",
            reminder.c.topic == "checkin",
            message.c.state == "sent",
            recipient.c.until.is_(None),
            address.c.stopped_at.is_(None),
            *agreed,
        )
    )
    found: dict[int, list[Asked]] = {}
    for row in rows:
        day = (row.sent_at.astimezone(ZoneInfo(row.zone)).date() - row.surgery_on).days
        found.setdefault(row.id, []).append(Asked(row.reminder_id, day, row.sent_at, bool(row.answered)))
    return found
