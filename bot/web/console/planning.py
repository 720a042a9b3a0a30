"""The plan of one patient as staff read it: past, today and coming, each message with its text, state and reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.whom import UNREADABLE
from bot.web import page
from content.loader import Content
from scheduler import outbox, previews, reminders
from scheduler.crypto import KeyRing
from scheduler.errors import KeyMissingError
from scheduler.plans import named_time
from scheduler.reminders import ReminderView
from scheduler.rendering import Reading, render
from scheduler.sender import Body
from scheduler.store.tables import message, recipient
from scheduler.store.types import AnyRow


@dataclass(frozen=True, slots=True)
class Planned:
    """One message of the plan."""

    key: str
    at: datetime
    """Local: when it was sent, else when it is due."""
    topic: str
    gist: str
    text: str
    """As it was sent, else as it would be sent now."""
    above: str
    """Over the text: whether it is the one that left, and what comes, or came, with it."""
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class PlanDay:
    """The messages of one local day."""

    key: str
    label: str
    number: int
    """Days after surgery."""
    rows: tuple[Planned, ...]


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan, split at today."""

    earlier: tuple[PlanDay, ...]
    earlier_words: str
    today: PlanDay | None
    coming: tuple[PlanDay, ...]
    coming_words: str


async def plan(
    conn: AsyncConnection, keys: KeyRing, content: Content, row: AnyRow, name: str, now: datetime, *, shared: bool
) -> PlanView:
    """The plan of the enrolment `row`; `shared`: several patients are followed in its chat."""
    sent = await _sent_bodies(conn, keys, row.id)
    rows = [_planned(content, row, name, one, sent, shared=shared) for one in await reminders.plan_of(conn, row.id)]
    today = page.local(now, row.zone).date()
    days = _days(rows, row.surgery_on, today)
    mark = today.isoformat()
    earlier = tuple(day for day in days if day.key < mark)
    coming = tuple(day for day in days if day.key > mark)
    return PlanView(
        earlier=earlier,
        earlier_words=_count(earlier),
        today=next((day for day in days if day.key == mark), None),
        coming=coming,
        coming_words=_count(coming),
    )


async def _sent_bodies(conn: AsyncConnection, keys: KeyRing, enrolment_id: int) -> dict[int, Body]:
    """What left, by reminder, to the patient themselves."""
    rows = await conn.execute(
        select(message.c.reminder_id, message.c.body)
        .join(recipient, recipient.c.id == message.c.recipient_id)
        .where(
            message.c.enrolment_id == enrolment_id,
            message.c.reminder_id.is_not(None),
            message.c.body.is_not(None),
            message.c.state.in_(("sent", "unknown", "sending")),
            recipient.c.role == "patient",
        )
    )
    return {row.reminder_id: _body(keys, row.body) for row in rows}


def _body(keys: KeyRing, blob: bytes) -> Body:
    try:
        return outbox.open_body(keys, blob)
    except (KeyMissingError, ValueError):
        return Body(UNREADABLE)


def _planned(
    content: Content, row: AnyRow, name: str, one: ReminderView, sent: Mapping[int, Body], *, shared: bool
) -> Planned:
    at = one.sent_at or one.due_at
    left = sent.get(one.id)
    text = left.text if left is not None else None
    if text is None:
        would = Reading(
            reminder_id=one.id,
            journey=row.journey,
            step=one.step,
            language=row.language,
            name=name,
            surgery_on=row.surgery_on,
            due_at=named_time(one.step, one.occurrence, one.due_at, row.zone),
            now=at,
            zone=row.zone,
            shared=shared,
        )
        try:
            text = render(content, would).text
        except KeyError:
            text = f"{one.step} (no longer in the content)"
    return Planned(
        key=str(one.id),
        at=page.local(at, row.zone),
        topic=one.topic,
        gist=page.gist(text),
        text=text,
        above=_above(content, row, one, left),
        state=one.state,
        reason=one.reason or "",
    )


def _above(content: Content, row: AnyRow, one: ReminderView, left: Body | None) -> str:
    if left is not None:
        return "Sent" if left.picture is None else "Sent, with a picture of the patient's answers"
    step = content.steps.get((row.journey, one.step))
    return f"Text as of now, {previews.PICTURED}" if step and step.picture else "Text as of now"


def _days(rows: Sequence[Planned], surgery_on: date, today: date) -> list[PlanDay]:
    ordered = sorted(rows, key=lambda row: (row.at, int(row.key)))
    return [
        PlanDay(day.isoformat(), page.day_words(day, today), (day - surgery_on).days, tuple(found))
        for day, found in groupby(ordered, key=lambda row: row.at.date())
    ]


def _count(days: Sequence[PlanDay]) -> str:
    """How many messages are in which state: '9 sent · 1 too late, not sent'."""
    counts: dict[str, int] = {}
    for row in (row for day in days for row in day.rows):
        word = page.state_words(row.state).lower()
        counts[word] = counts.get(word, 0) + 1
    return " · ".join(f"{n} {word}" for word, n in sorted(counts.items(), key=lambda item: -item[1]))
