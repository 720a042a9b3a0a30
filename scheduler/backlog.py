"""Spreading a backlog: after an outage one patient gets one message now and the next one later, never two at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from content.model import Topic
from scheduler.plans import GAP
from scheduler.store.statements import update_many
from scheduler.store.tables import message, reminder
from scheduler.store.types import AnyRow

BACKLOG = timedelta(minutes=5)
"""Released later than this after its time, a reminder belongs to a backlog, and those of one patient are spread out."""


async def spread(conn: AsyncConnection, due: Sequence[AnyRow], now: datetime) -> set[int]:
    """Ids that wait for another turn: of a backlog one patient gets one message now, the others `GAP` apart.

    They find their times between what is planned anyway. Medicine times never wait.
    """
    at_once = Counter(row.enrolment_id for row in due)
    crowded = {
        row.enrolment_id
        for row in due
        if row.topic != Topic.MEDICINE and (row.due_at < now - BACKLOG or at_once[row.enrolment_id] > 1)
    }
    if not crowded:
        return set()
    busy = await _busy(conn, crowded, now)
    for row in due:
        if row.topic == Topic.MEDICINE and row.enrolment_id in crowded:
            busy[row.enrolment_id].append(now)
    waiting = []
    for row in due:
        if row.topic == Topic.MEDICINE or row.enrolment_id not in crowded:
            continue
        at = now
        while any(abs(at - other) < GAP for other in busy[row.enrolment_id]):
            at += BACKLOG
        busy[row.enrolment_id].append(at)
        if at > now:
            waiting.append((row.id, at))
    await update_many(conn, reminder, ("id",), ("due_at",), waiting)
    return {row_id for row_id, _ in waiting}


async def _busy(conn: AsyncConnection, enrolment_ids: set[int], now: datetime) -> dict[int, list[datetime]]:
    """When these enrolments have just been sent something, or are about to be."""
    busy: dict[int, list[datetime]] = {enrolment_id: [] for enrolment_id in enrolment_ids}
    sent = select(message.c.enrolment_id, message.c.created_at).where(
        message.c.enrolment_id.in_(enrolment_ids),
        message.c.reminder_id.is_not(None),
        message.c.created_at > now - GAP,
        message.c.state.in_(("queued", "sending", "sent", "unknown")),
    )
    coming = select(reminder.c.enrolment_id, reminder.c.due_at).where(
        reminder.c.enrolment_id.in_(enrolment_ids),
        reminder.c.state == "planned",
        reminder.c.due_at > now,
        reminder.c.due_at < now + timedelta(days=1),
    )
    for query in (sent, coming):
        for enrolment_id, at in await conn.execute(query):
            busy[enrolment_id].append(at)
    return busy
