"""Draws the trend of each patient from the stored answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.pictures.trend import SERIES, Value, drawn
from bot.store.tables import answer
from scheduler.policy import local
from scheduler.rendering import Drawn
from scheduler.store.statements import among
from scheduler.store.tables import enrolment, reminder

LEGEND = "trend"
"""Reply above the legend; of a question it is `trend-<question>`."""

log = structlog.get_logger(__name__)


class Trends:
    """A `Drawer` of pain and walking."""

    async def draw(self, conn: AsyncConnection, enrolment_ids: Collection[int]) -> Mapping[int, Drawn]:
        """The pictures of those who answered a question on two days or more.

        An answer counts for the day of its check-in, however late it came.
        """
        rows = await conn.execute(
            select(
                answer.c.enrolment_id,
                answer.c.question,
                answer.c.value,
                reminder.c.due_at,
                enrolment.c.surgery_on,
                enrolment.c.zone,
            )
            .join(reminder, reminder.c.id == answer.c.reminder_id)
            .join(enrolment, enrolment.c.id == answer.c.enrolment_id)
            .where(among(conn, answer.c.enrolment_id, sorted(enrolment_ids)), answer.c.question.in_(SERIES))
            .order_by(reminder.c.due_at, answer.c.id)
        )
        answers: dict[int, dict[str, list[Value]]] = {}
        for row in rows:
            if row.value.isascii() and row.value.isdigit():
                day = (local(row.due_at, row.zone).date() - row.surgery_on).days
                mine = answers.setdefault(row.enrolment_id, {})
                mine.setdefault(row.question, []).append(Value(day, int(row.value)))
        pictures = {number: _picture(number, mine) for number, mine in answers.items()}
        return {number: picture for number, picture in pictures.items() if picture is not None}


def _picture(enrolment_id: int, answers: Mapping[str, list[Value]]) -> Drawn | None:
    try:
        found = drawn(answers)
    except Exception as error:  # noqa: BLE001 - the message says everything without its picture
        log.error("trend_not_drawn", enrolment_id=enrolment_id, error=type(error).__name__)
        return None
    if found is None:
        return None
    png, questions = found
    return Drawn(png, (LEGEND, *(f"{LEGEND}-{question}" for question in questions)))
