"""What staff may do to a patient's follow-up: pause, resume, end, stop, other dates, language or medicine times.

Each runs in the caller's transaction, plans again, and leaves a line in the audit trail.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.conversation.turn import PRESS
from bot.staff import medicines
from bot.staff.accounts import Staff
from bot.staff.trail import actor, note
from bot.store.tables import audit
from bot.store.whom import opened
from content.loader import Content
from scheduler import consents, enrolments, outbox, people, reminders
from scheduler.crypto import KeyRing
from scheduler.errors import BadRequestError, NotFoundError
from scheduler.plans import MedicineTimes
from scheduler.reminders import ReminderView
from scheduler.sender import Body, Button
from scheduler.store.tables import address, enrolment, medicine_time, recipient
from scheduler.store.types import AnyRow

MOST_PAUSE_DAYS = 60
"""A longer pause hides most of a plan; then ending it, and enrolling again, is clearer for everybody."""

END_REASONS: Mapping[str, str] = {
    "recovered": "the plan is no longer needed",
    "elsewhere": "treated elsewhere now",
    "asked": "the patient asked to end it",
    "mistake": "enrolled by mistake",
    "died": "the patient has died",
}
"""Why a follow-up ends early: key of the form -> what the record says."""

ASKED_STAFF = "asked staff to stop"
VIEWED = "patient page seen"
_VIEWED_AGAIN = timedelta(minutes=15)

_OPEN = ("planned", "held")
_SENT = ("sent", "unknown", "sending", "queued", "released")


@dataclass(frozen=True, slots=True)
class Dates:
    """The days a plan hangs on, local to the patient."""

    surgery_on: date
    surgery_time: time | None
    discharge_on: date | None


@dataclass(frozen=True, slots=True)
class Moved:
    """What another date does to a plan, in numbers of messages."""

    moved: int
    """Still to come, on another day or at another time."""
    dropped: int
    """No longer to come: their new day is past, or they are not in the new plan."""
    added: int
    """To come now and not before."""
    same: int
    """Still to come, when they were before."""
    sent: int
    """Sent already; they stay as they are."""
    next_at: datetime | None
    """When the next message would be due, UTC."""


async def pause(
    conn: AsyncConnection, content: Content, enrolment_id: int, staff: Staff, now: datetime, days: int
) -> None:
    """No message for `days` from now. Raises BadRequestError, NotFoundError."""
    if not 1 <= days <= MOST_PAUSE_DAYS:
        raise BadRequestError(f"Enter a number of days from 1 to {MOST_PAUSE_DAYS}.")
    row = await _row(conn, enrolment_id)
    if row.state not in ("active", "paused"):
        raise BadRequestError("Only a follow-up that is running can be paused.")
    await enrolments.pause(conn, content, enrolment_id, now, now + timedelta(days=days))
    await note(conn, actor(staff.id), "paused", now, enrolment_id, days=days)


async def resume(conn: AsyncConnection, content: Content, enrolment_id: int, staff: Staff, now: datetime) -> None:
    """Go on after a pause. Raises BadRequestError if there is none, NotFoundError."""
    row = await _row(conn, enrolment_id)
    if row.state != "paused":
        raise BadRequestError("This follow-up is not paused.")
    await enrolments.resume(conn, content, enrolment_id, now)
    await note(conn, actor(staff.id), "resumed", now, enrolment_id)


async def end(
    conn: AsyncConnection, content: Content, enrolment_id: int, staff: Staff, now: datetime, reason: str
) -> None:
    """The follow-up is over; what was to come is cancelled. `reason`: key of END_REASONS. Raises BadRequestError."""
    if reason not in END_REASONS:
        raise BadRequestError("Choose why the follow-up ends.")
    row = await _row(conn, enrolment_id)
    if row.state == "ended":
        raise BadRequestError("This follow-up has ended already.")
    await enrolments.end(conn, content, enrolment_id, now, END_REASONS[reason])
    await note(conn, actor(staff.id), "ended", now, enrolment_id, reason=reason)


async def preview_dates(
    conn: AsyncConnection, content: Content, enrolment_id: int, now: datetime, dates: Dates
) -> Moved:
    """What these dates would change; nothing is kept. Raises BadRequestError for dates that cannot be."""
    before = await reminders.plan_of(conn, enrolment_id)
    trial = await conn.begin_nested()
    try:
        await enrolments.change(conn, content, enrolment_id, now, **asdict(dates))
        after = await reminders.plan_of(conn, enrolment_id)
    finally:
        await trial.rollback()
    return compare(before, after)


async def move_dates(
    conn: AsyncConnection, content: Content, enrolment_id: int, staff: Staff, now: datetime, dates: Dates
) -> Moved:
    """Move surgery and discharge; what is unsent is planned again. Raises BadRequestError, NotFoundError."""
    row = await _row(conn, enrolment_id)
    before = await reminders.plan_of(conn, enrolment_id)
    changed = {name: value for name, value in asdict(dates).items() if getattr(row, name) != value}
    if not changed:
        raise BadRequestError("These are the dates it has: change one first.")
    await enrolments.change(conn, content, enrolment_id, now, **changed)
    moved = compare(before, await reminders.plan_of(conn, enrolment_id))
    detail = {name: f"{_iso(getattr(row, name))} to {_iso(value)}" for name, value in changed.items()}
    await note(conn, actor(staff.id), "dates moved", now, enrolment_id, **detail, messages=moved.moved + moved.dropped)
    return moved


async def medicine_of(conn: AsyncConnection, keys: KeyRing, enrolment_id: int) -> tuple[MedicineTimes, ...]:
    """The medicine times as staff entered them; a name that no key opens is left out."""
    rows = await conn.execute(
        select(medicine_time)
        .where(medicine_time.c.enrolment_id == enrolment_id)
        .order_by(medicine_time.c.first_on, medicine_time.c.id)
    )
    return tuple(
        MedicineTimes(
            (row.at,), row.first_on, row.days, opened(keys, "medicine_time.label", row.label), at_night=row.at_night
        )
        for row in rows
    )


async def set_medicine(
    conn: AsyncConnection,
    keys: KeyRing,
    content: Content,
    enrolment_id: int,
    staff: Staff,
    now: datetime,
    typed: str,
    *,
    at_night: bool,
) -> None:
    """Replace the medicine times by what was typed, checked as at enrolment; nothing typed ends them.

    Raises BadRequestError, NotFoundError.
    """
    row = await _row(conn, enrolment_id)
    if row.state == "ended":
        raise BadRequestError("This follow-up has ended: enrol the patient again.")
    if len(typed) > medicines.LONGEST:
        raise BadRequestError("This is far too long: shorten it.")
    first = medicines.usual_first_day(row.surgery_on, now.astimezone(ZoneInfo(row.zone)).date())
    wanted = medicines.read(typed, first, at_night=at_night)
    if _doses(wanted) == _doses(await medicine_of(conn, keys, enrolment_id)):
        raise BadRequestError("These are the medicine times it has: change one first.")
    await enrolments.set_medicine(conn, keys, content, enrolment_id, now, wanted)
    times = sum(len(one.at) for one in wanted)
    await note(conn, actor(staff.id), "medicine times changed", now, enrolment_id, times=times)


def _doses(medicine: Sequence[MedicineTimes]) -> set[tuple[object, ...]]:
    return {(at, one.first_on, one.days, one.label, one.at_night) for one in medicine for at in one.at}


async def set_language(
    conn: AsyncConnection, content: Content, enrolment_id: int, staff: Staff, now: datetime, language: str
) -> None:
    """Write to this patient in `language` (en, hi). Raises BadRequestError, NotFoundError.

    The chat follows where the patient reads it alone; a phone that several patients share keeps its own.
    """
    row = await _row(conn, enrolment_id)
    await enrolments.change(conn, content, enrolment_id, now, language=language)
    here = await _patients_chat(conn, enrolment_id)
    if here and here.readers == 1:
        await people.set_chat_language(conn, here.address_id, language)
    await note(conn, actor(staff.id), "language changed", now, enrolment_id, language=f"{row.language} to {language}")


async def stop(
    conn: AsyncConnection, keys: KeyRing, content: Content, enrolment_id: int, staff: Staff, now: datetime
) -> None:
    """STOP, said to staff instead of the chat: nothing more for this patient until START is written in the chat.

    A patient who reads alone is told once, in the words of every STOP. On a phone that several share, only this
    patient's messages end, and the chat stays open for the others. Raises BadRequestError, NotFoundError.
    """
    row = await _row(conn, enrolment_id)
    here = await _patients_chat(conn, enrolment_id)
    if here is None:
        raise BadRequestError("This patient is not connected, so nothing is sent: end the follow-up instead.")
    if here.readers == 1 and here.stopped_at is None:
        await people.stop(conn, content, here.address_id, now, ASKED_STAFF)
        await _acknowledge_stop(conn, keys, content, here, row, now)
    else:
        await enrolments.withdraw(conn, content, enrolment_id, row.person_id, consents.REMINDERS, now, ASKED_STAFF)
    await note(conn, actor(staff.id), "stopped on request", now, enrolment_id)


async def viewed(conn: AsyncConnection, enrolment_id: int, staff: Staff, now: datetime) -> bool:
    """Put into the audit trail who looked at this patient's page, once in a quarter of an hour. Whether it was."""
    lately = await conn.scalar(
        select(audit.c.id)
        .where(
            audit.c.enrolment_id == enrolment_id,
            audit.c.actor == actor(staff.id),
            audit.c.action == VIEWED,
            audit.c.at > now - _VIEWED_AGAIN,
        )
        .limit(1)
    )
    if lately is None:
        await note(conn, actor(staff.id), VIEWED, now, enrolment_id)
    return lately is None


def compare(before: Sequence[ReminderView], after: Sequence[ReminderView]) -> Moved:
    """The difference between two plans of one enrolment."""
    old = {one.id: one for one in before if one.state in _OPEN}
    new = {one.id: one for one in after if one.state in _OPEN}
    both = old.keys() & new.keys()
    moved = sum(old[key].due_at != new[key].due_at for key in both)
    return Moved(
        moved=moved,
        dropped=len(old.keys() - new.keys()),
        added=len(new.keys() - old.keys()),
        same=len(both) - moved,
        sent=sum(one.state in _SENT for one in after),
        next_at=min((one.due_at for one in new.values()), default=None),
    )


async def _acknowledge_stop(
    conn: AsyncConnection, keys: KeyRing, content: Content, here: _Chat, row: AnyRow, now: datetime
) -> None:
    language = here.language or row.language
    reply = content.replies["stopped"]
    buttons = tuple(Button(content.buttons[name].label[language], PRESS + name) for name in reply.buttons)
    body = Body(content.fill(reply.text[language]), buttons)
    await outbox.put(
        conn,
        keys,
        address_id=here.address_id,
        channel=here.channel,
        kind="reply",
        body=body,
        now=now,
        enrolment_id=row.id,
        content_version=content.version,
    )


@dataclass(frozen=True, slots=True)
class _Chat:
    """Where a patient reads, and how many plans are read there."""

    address_id: int
    channel: str
    language: str | None
    stopped_at: datetime | None
    readers: int


async def _patients_chat(conn: AsyncConnection, enrolment_id: int) -> _Chat | None:
    row = (
        await conn.execute(
            select(address.c.id, address.c.channel, address.c.language, address.c.stopped_at)
            .join(recipient, recipient.c.address_id == address.c.id)
            .where(recipient.c.enrolment_id == enrolment_id, recipient.c.role == "patient", recipient.c.until.is_(None))
        )
    ).one_or_none()
    if row is None:
        return None
    living = await conn.execute(
        select(recipient.c.enrolment_id)
        .join(enrolment, enrolment.c.id == recipient.c.enrolment_id)
        .where(recipient.c.address_id == row.id, recipient.c.until.is_(None), enrolment.c.state != "ended")
    )
    others = {one.enrolment_id for one in living} - {enrolment_id}
    return _Chat(row.id, row.channel, row.language, row.stopped_at, 1 + len(others))


async def _row(conn: AsyncConnection, enrolment_id: int) -> AnyRow:
    row = (await conn.execute(select(enrolment).where(enrolment.c.id == enrolment_id))).one_or_none()
    if row is None:
        raise NotFoundError("There is no such patient.")
    return row


def _iso(value: date | time | None) -> str:
    return value.isoformat() if value is not None else "none"
