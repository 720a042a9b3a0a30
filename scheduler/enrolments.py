"""Enrolling a patient and changing an enrolment. Each change re-plans in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from content.loader import Content
from scheduler import checking, consents, links, reminders
from scheduler.crypto import KeyRing
from scheduler.errors import KeyMissingError, NotFoundError
from scheduler.plans import Facts, MedicineTimes
from scheduler.standing import NOT_CONNECTED, Standing
from scheduler.store.statements import insert_one
from scheduler.store.tables import enrolment, medicine_time, person, recipient
from scheduler.store.types import AnyRow

CANNOT_RESUME = "the pause is over, but the plan could not be made again"
UNREADABLE = "(cannot be read)"
"""In place of a name that no key opens."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class NewEnrolment:
    """What staff enter. Dates and times are local to `zone`."""

    name: str
    language: str
    journey: str
    surgery_on: date
    phone: str | None = None
    year_of_birth: int | None = None
    surgery_time: time | None = None
    discharge_on: date | None = None
    zone: str = "Asia/Kolkata"
    morning: time | None = None
    evening: time | None = None
    medicine: tuple[MedicineTimes, ...] = ()
    late_choices: Mapping[str, str] = field(default_factory=dict)
    request: str | None = None
    """Names the form it comes from, at most 40 characters: one form never makes two enrolments."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A new enrolment and the link that connects the patient; `token` and `code` are not stored and shown once."""

    enrolment_id: int
    person_id: int
    token: str
    code: str
    expires_at: datetime
    """When the link stops working, UTC."""
    link_id: int


@dataclass(frozen=True, slots=True)
class EnrolmentView:
    """One surgery of one patient, opened."""

    id: int
    person_id: int
    name: str
    year_of_birth: int | None
    journey: str
    surgery_on: date
    surgery_time: time | None
    discharge_on: date | None
    zone: str
    language: str
    morning: time
    evening: time
    state: str
    """invited, active, paused, ended."""
    state_reason: str | None
    paused_until: datetime | None
    joined_at: datetime | None
    readable: bool = True
    """False where name or year of birth cannot be opened; the name then says so."""

    def day(self, now: datetime) -> int:
        """The local day after surgery: 0 on the day itself, negative before."""
        return (now.astimezone(ZoneInfo(self.zone)).date() - self.surgery_on).days


_AS_STORED = tuple(f.name for f in fields(EnrolmentView) if f.name not in ("name", "year_of_birth", "readable"))


async def enrol(
    conn: AsyncConnection, keys: KeyRing, content: Content, request: NewEnrolment, now: datetime
) -> Enrolled:
    """Store a patient with the whole plan (held until they connect and agree), and issue the link.

    Raises BadRequestError with one sentence that says what to correct; then nothing is stored. A `request` that made
    an enrolment before raises IntegrityError, also if both are under way at once: `by_request` finds the first.
    """
    phone = checking.enrolment(content, request, now)
    slots = content.defaults.slots
    person_id = await insert_one(
        conn,
        person,
        name=keys.seal("person.name", request.name.strip()),
        phone=keys.seal("person.phone", phone) if phone else None,
        phone_hash=keys.hash("phone", phone) if phone else None,
        year_of_birth=keys.seal("person.year_of_birth", str(request.year_of_birth)) if request.year_of_birth else None,
        created_at=now,
    )
    enrolment_id = await insert_one(
        conn,
        enrolment,
        person_id=person_id,
        journey=request.journey,
        surgery_on=request.surgery_on,
        surgery_time=request.surgery_time,
        discharge_on=request.discharge_on,
        zone=request.zone,
        language=request.language,
        morning=request.morning or time.fromisoformat(slots.morning),
        evening=request.evening or time.fromisoformat(slots.evening),
        state="invited",
        late_choices=dict(request.late_choices),
        plan_version=1,
        created_at=now,
        request=request.request,
    )
    await _store_medicine(conn, keys, enrolment_id, request.medicine)
    facts = Facts(
        surgery_on=request.surgery_on,
        zone=request.zone,
        surgery_time=request.surgery_time,
        discharge_on=request.discharge_on,
        morning=request.morning,
        evening=request.evening,
        medicine=request.medicine,
        late_choices=request.late_choices,
    )
    case = Standing(request.journey, facts, "held", NOT_CONNECTED, 1)
    await reminders.plan_first(conn, content, enrolment_id, case, now)
    issued = await links.issue_first(conn, keys, enrolment_id, now)
    return Enrolled(enrolment_id, person_id, issued.token, issued.code, issued.expires_at, issued.link_id)


async def connect(
    conn: AsyncConnection, enrolment_id: int, person_id: int, address_id: int, role: str, now: datetime
) -> None:
    """Make an address the recipient. A patient has one: an earlier one is replaced, so nothing ever comes twice."""
    current = recipient.c.enrolment_id == enrolment_id, recipient.c.until.is_(None), recipient.c.role == role
    known = (await conn.execute(select(recipient).where(*current))).all()
    if any(row.address_id == address_id and row.person_id == person_id for row in known):
        return
    if role == "patient":
        await conn.execute(update(recipient).where(*current).values(until=now))
    await conn.execute(
        insert(recipient).values(
            enrolment_id=enrolment_id, person_id=person_id, address_id=address_id, role=role, since=now
        )
    )


async def agree(
    conn: AsyncConnection,
    content: Content,
    enrolment_id: int,
    person_id: int,
    purpose: str,
    language: str,
    now: datetime,
) -> None:
    """A yes to one purpose. The first yes to reminders starts the plan: `joined_at` is now, what is past is settled."""
    await consents.give(conn, content, enrolment_id, person_id, purpose, language, now)
    if purpose != consents.REMINDERS:
        return
    await conn.execute(
        update(enrolment).where(enrolment.c.id == enrolment_id, enrolment.c.joined_at.is_(None)).values(joined_at=now)
    )
    await conn.execute(
        update(enrolment).where(enrolment.c.id == enrolment_id, enrolment.c.state == "invited").values(state="active")
    )
    await reminders.replan(conn, content, enrolment_id, now)


async def withdraw(
    conn: AsyncConnection, content: Content, enrolment_id: int, person_id: int, purpose: str, now: datetime, how: str
) -> None:
    """Take a yes back; without one to reminders nothing proactive leaves."""
    await consents.end(conn, enrolment_id, person_id, purpose, now, how)
    await reminders.replan(conn, content, enrolment_id, now)


async def change(conn: AsyncConnection, content: Content, enrolment_id: int, now: datetime, **values: Any) -> None:
    """Change what is given of the enrolment, and re-plan.

    That is surgery_on, surgery_time, discharge_on, language, morning, evening, late_choices.
    Raises BadRequestError for a date or time that cannot be, NotFoundError.
    """
    unknown = set(values) - {
        "surgery_on", "surgery_time", "discharge_on", "language", "morning", "evening", "late_choices"
    }  # fmt: skip
    if unknown:
        raise TypeError(f"cannot change {', '.join(sorted(unknown))}")
    row = await _row(conn, enrolment_id)
    checking.dates(
        values.get("surgery_on", row.surgery_on), values.get("discharge_on", row.discharge_on), row.zone, now
    )
    for name in ("morning", "evening"):
        if values.get(name):
            checking.awake(content, values[name])
    if "language" in values:
        checking.language(values["language"])
    checking.late_choices(values.get("late_choices", {}))
    await conn.execute(
        update(enrolment)
        .where(enrolment.c.id == enrolment_id)
        .values(plan_version=enrolment.c.plan_version + 1, **values)
    )
    await reminders.replan(conn, content, enrolment_id, now)


async def set_medicine(
    conn: AsyncConnection,
    keys: KeyRing,
    content: Content,
    enrolment_id: int,
    now: datetime,
    medicine: Sequence[MedicineTimes],
) -> None:
    """Replace the medicine times with what staff copied from the prescription now. Raises BadRequestError."""
    today = now.astimezone(ZoneInfo((await _row(conn, enrolment_id)).zone)).date()
    for times in medicine:
        checking.medicine(content, times, today)
    await conn.execute(medicine_time.delete().where(medicine_time.c.enrolment_id == enrolment_id))
    await _store_medicine(conn, keys, enrolment_id, medicine)
    await reminders.replan(conn, content, enrolment_id, now)


async def pause(
    conn: AsyncConnection, content: Content, enrolment_id: int, now: datetime, until: datetime | None
) -> None:
    """Nothing proactive until `until` (UTC), or until resumed. A second pause takes the place of the first."""
    await _set_state(conn, content, enrolment_id, now, ("active", "paused"), state="paused", paused_until=until)


async def resume(conn: AsyncConnection, content: Content, enrolment_id: int, now: datetime) -> None:
    """Go on after a pause; what passed meanwhile is settled like any late step."""
    values = {"state": "active", "state_reason": None, "paused_until": None}
    await _set_state(conn, content, enrolment_id, now, ("paused",), **values)


async def end(conn: AsyncConnection, content: Content, enrolment_id: int, now: datetime, reason: str) -> None:
    """The follow-up is over (`reason`: a few words for staff); what is unsent is cancelled."""
    states = ("invited", "active", "paused")
    await _set_state(conn, content, enrolment_id, now, states, state="ended", state_reason=reason, paused_until=None)


async def resume_due(conn: AsyncConnection, content: Content, now: datetime) -> int:
    """Resume every pause that is over; how many."""
    # Parked first: one that cannot be planned stays paused, with the reason, instead of being tried for ever.
    over = (
        await conn.scalars(
            update(enrolment)
            .where(enrolment.c.paused_until <= now)
            .values(paused_until=None, state_reason=CANNOT_RESUME)
            .returning(enrolment.c.id)
        )
    ).all()
    for enrolment_id in sorted(over):
        async with reminders.apart(conn, enrolment_id):
            await resume(conn, content, enrolment_id, now)
    return len(over)


async def correct(
    conn: AsyncConnection,
    keys: KeyRing,
    enrolment_id: int,
    name: str | None = None,
    year_of_birth: int | None = None,
) -> None:
    """Put the spelling of a name, or the year of birth, right; what is not given stays. Raises NotFoundError."""
    values: dict[str, bytes] = {}
    if name:
        values["name"] = keys.seal("person.name", name)
    if year_of_birth:
        values["year_of_birth"] = keys.seal("person.year_of_birth", str(year_of_birth))
    person_id = (await _row(conn, enrolment_id)).person_id
    if values:
        await conn.execute(update(person).where(person.c.id == person_id).values(values))


async def by_request(conn: AsyncConnection, request: str) -> int | None:
    """The enrolment that this form made, if it did."""
    found: int | None = await conn.scalar(select(enrolment.c.id).where(enrolment.c.request == request))
    return found


async def view(conn: AsyncConnection, keys: KeyRing, enrolment_id: int) -> EnrolmentView:
    """One enrolment, opened. Raises NotFoundError; KeyMissingError if it cannot be opened."""
    rows = await _rows(conn, enrolment.c.id == enrolment_id)
    if not rows:
        raise NotFoundError(f"There is no enrolment {enrolment_id}.")
    return _open(keys, rows[0])


async def at_address(conn: AsyncConnection, keys: KeyRing, address_id: int) -> tuple[EnrolmentView, ...]:
    """The enrolments whose messages are read at this address now, oldest first.

    One that cannot be opened is left out and logged: nobody may be called by a wrong name, and the rest goes on.
    """
    here = select(recipient.c.enrolment_id).where(recipient.c.address_id == address_id, recipient.c.until.is_(None))
    found = [_open_or_say_so(keys, row) for row in await _rows(conn, enrolment.c.id.in_(here))]
    return tuple(view for view in found if view.readable)


async def with_phone(conn: AsyncConnection, keys: KeyRing, phone: str) -> tuple[EnrolmentView, ...]:
    """The enrolments of patients with this phone (E.164), oldest first: a family may share one."""
    return tuple(
        _open_or_say_so(keys, row) for row in await _rows(conn, person.c.phone_hash == keys.hash("phone", phone))
    )


async def everybody(conn: AsyncConnection, keys: KeyRing) -> tuple[EnrolmentView, ...]:
    """Every enrolment, oldest first; one that cannot be opened is there too, marked as unreadable."""
    return tuple(_open_or_say_so(keys, row) for row in await _rows(conn, enrolment.c.id.is_not(None)))


async def _rows(conn: AsyncConnection, which: Any) -> Sequence[AnyRow]:
    return (
        await conn.execute(
            select(enrolment, person.c.name, person.c.year_of_birth)
            .join(person, person.c.id == enrolment.c.person_id)
            .where(which)
            .order_by(enrolment.c.id)
        )
    ).all()


def _open(keys: KeyRing, row: AnyRow) -> EnrolmentView:
    year = int(keys.open("person.year_of_birth", row.year_of_birth)) if row.year_of_birth else None
    return _view(row, keys.open("person.name", row.name), year)


def _open_or_say_so(keys: KeyRing, row: AnyRow) -> EnrolmentView:
    try:
        return _open(keys, row)
    except (KeyMissingError, ValueError) as error:
        log.error("enrolment_unreadable", enrolment_id=row.id, error=type(error).__name__)
        return _view(row, UNREADABLE, None, readable=False)


def _view(row: AnyRow, name: str, year_of_birth: int | None, *, readable: bool = True) -> EnrolmentView:
    as_stored = {f: getattr(row, f) for f in _AS_STORED}
    return EnrolmentView(name=name, year_of_birth=year_of_birth, readable=readable, **as_stored)


async def _row(conn: AsyncConnection, enrolment_id: int) -> AnyRow:
    row = (await conn.execute(select(enrolment).where(enrolment.c.id == enrolment_id))).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no enrolment {enrolment_id}.")
    return row


async def _set_state(
    conn: AsyncConnection, content: Content, enrolment_id: int, now: datetime, states: Sequence[str], **values: Any
) -> None:
    done = await conn.execute(
        update(enrolment)
        .where(enrolment.c.id == enrolment_id, enrolment.c.state.in_(states))
        .values(plan_version=enrolment.c.plan_version + 1, **values)
    )
    if done.rowcount:
        await reminders.replan(conn, content, enrolment_id, now)


async def _store_medicine(
    conn: AsyncConnection, keys: KeyRing, enrolment_id: int, medicine: Sequence[MedicineTimes]
) -> None:
    rows = [
        {
            "enrolment_id": enrolment_id,
            "at": at,
            "first_on": times.first_on,
            "days": times.days,
            "label": keys.seal("medicine_time.label", times.label) if times.label else None,
            "at_night": times.at_night,
        }
        for times in medicine
        for at in times.at
    ]
    if rows:
        await conn.execute(insert(medicine_time), rows)
