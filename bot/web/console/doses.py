"""What a patient said about the medicine times that came, a line a day as staff read it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.web import page
from bot.web.page import Fact
from scheduler import doses, reminders
from scheduler.doses import Dose
from scheduler.plans import MEDICINE_STEP

DAYS = 14
"""So many days are shown."""

_WORDS = {"taken": "taken", "later": "later", "skipped": "not taken"}


async def dose_facts(conn: AsyncConnection, enrolment_id: int, zone: str, now: datetime) -> tuple[Fact, ...]:
    """The days of which something can be told, newest first: '08:00 taken 08:04 · 20:00 no answer'."""
    said = await doses.last(conn, enrolment_id)
    today = page.local(now, zone).date()
    came = {
        one.occurrence: said.get((enrolment_id, one.occurrence))
        for one in await reminders.plan_of(conn, enrolment_id)
        if one.step == MEDICINE_STEP and one.state in ("sent", "unknown")
    }
    days: dict[date, list[str]] = {}
    for occurrence in sorted(came):
        day = date.fromisoformat(occurrence[:10])
        if day > today - timedelta(days=DAYS):
            days.setdefault(day, []).append(_line(occurrence, came[occurrence], zone))
    return tuple(Fact(page.day_words(day, today), " · ".join(lines)) for day, lines in reversed(days.items()))


def _line(occurrence: str, dose: Dose | None, zone: str) -> str:
    due = occurrence[11:]
    if dose is None:
        return f"{due} no answer"
    at = page.clock_words(page.local(dose.said_at, zone))
    back = f", again at {page.clock_words(page.local(dose.again_at, zone))}" if dose.again_at else ""
    return f"{due} {_WORDS.get(dose.said, dose.said)} {at}{back}"
