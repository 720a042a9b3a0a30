"""Taking messages out of the queue: claim, check again, render, and note the attempt, in one transaction.

Everything is decided here, a moment before the call: consent, STOP, pause, discharge, lateness, quiet hours, the
channel's law; the text is rendered now, in the language of now, from the content of now. When this transaction is
committed the messages are `sending` under a lease, and each has an attempt row. Only then is a provider called.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Integer, Select, bindparam, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from content.loader import Content
from content.model import Signed, Topic
from scheduler import gate
from scheduler.crypto import KeyRing
from scheduler.drawing import Drawer
from scheduler.errors import KeyMissingError
from scheduler.outbox import open_body, seal_body
from scheduler.plans import MEDICINE_STEPS, MedicineTimes, medicine_names, named_time
from scheduler.policy import POLICIES, in_quiet_hours, local
from scheduler.rendering import Drawn, Reading, again, render
from scheduler.sender import Body, Outgoing, Sender
from scheduler.splitting import captioned
from scheduler.standing import BLOCKED, NO_CONSENT, PAUSED, STOPPED
from scheduler.store.statements import fetch, insert_many, update_many
from scheduler.store.tables import (
    address,
    attempt,
    consent,
    enrolment,
    medicine_time,
    message,
    person,
    recipient,
    reminder,
)
from scheduler.store.types import AnyRow

MAY_HAVE_ARRIVED = "it may have arrived: sent again, saying so"
"""Reason of a queued message whose first attempt had an unknown outcome."""

NOT_SIGNED = "the content is not signed by a clinician"


class Claimed(NamedTuple):
    """A message that may be sent now, by the holder of the lease alone."""

    outgoing: Outgoing
    slot: datetime
    lease: str
    address_id: int
    tries: int
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Claim:
    """What a claim brought: messages to send, how many rows were dealt with, and when to look again if none."""

    messages: tuple[Claimed, ...]
    dealt_with: int
    closed_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """A message that does not leave: its new state and why."""

    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class Rules:
    """What a claim goes by."""

    content: Content
    keys: KeyRing
    require_signed: bool
    lease_for: timedelta
    drawer: Drawer | None = None
    """Who draws the pictures of steps that have one; nobody: they go without."""


async def claim(
    conn: AsyncConnection,
    sender: Sender,
    rules: Rules,
    lease: str,
    wanted: int,
    now: datetime,
    *,
    only_urgent: bool = False,
) -> Claim:
    """Claim up to `wanted` messages of the sender's channel that may leave at `now`, and settle those that may not.

    With `only_urgent`, alerts and replies alone.
    """
    rate, next_look = sender.limits.per_second, None
    slots = await gate.look(conn, sender.channel, rate, wanted, now)
    if isinstance(slots, gate.Closed) and slots.full:
        next_look, only_urgent = slots.until, True
        slots = await gate.look(conn, sender.channel, rate, wanted, now, horizon=gate.FOR_URGENT)
    if isinstance(slots, gate.Closed):
        return Claim((), 0, next_look or slots.until)
    rows = _one_each(await _candidates(conn, sender.channel, slots.count, now, only_urgent=only_urgent))
    if not rows:
        return Claim((), 0, next_look)
    extras = await _extras(conn, rules, rows)
    claimed: list[Claimed] = []
    taken: list[tuple[Any, ...]] = []
    left: list[tuple[Any, ...]] = []
    for row in rows:
        outgoing = _check(row, rules, extras, sender, now)
        if isinstance(outgoing, Verdict):
            left.append((row.id, outgoing.state, outgoing.reason))
            continue
        slot = slots.at(len(claimed))
        claimed.append(Claimed(outgoing, slot, lease, row.address_id, row.tries + 1, row.expires_at))
        until = slot + rules.lease_for
        body = seal_body(rules.keys, outgoing.body) if row.reminder_id or row.reason else row.body
        taken.append((row.id, "sending", lease, until, until, row.tries + 1, None, body, rules.content.version))
    columns = ("state", "lease", "lease_until", "holds_until", "tries", "reason", "body", "content_version")
    await update_many(conn, message, ("id",), columns, taken)
    started = [(row[0], lease, now, "started") for row in taken]
    await insert_many(conn, attempt, ("message_id", "lease", "started_at", "outcome"), started)
    await gate.take(conn, sender.channel, slots, len(taken))
    await update_many(conn, message, ("id",), ("state", "reason"), left)
    return Claim(tuple(claimed), len(rows))


async def _candidates(
    conn: AsyncConnection, channel: str, limit: int, now: datetime, *, only_urgent: bool
) -> Sequence[AnyRow]:
    values = {"channel": channel, "now": now, "limit": limit}
    return await fetch(conn, _queue(only_urgent), values)


@cache
def _queue(only_urgent: bool) -> Select[Any]:
    """The head of a channel's queue, locked, with everything that decides whether it may leave."""
    now = bindparam("now", type_=message.c.ready_at.type)
    overtaking = [policy.priority for policy in POLICIES.values() if policy.overtakes]
    other = message.alias("other")
    busy = exists().where(other.c.address_id == message.c.address_id, other.c.holds_until > now)
    head = (
        select(message)
        .where(message.c.channel == bindparam("channel"), message.c.state == "queued", message.c.ready_at <= now)
        .where(or_(message.c.priority.in_(overtaking), ~busy))
        .order_by(message.c.priority, message.c.ready_at, message.c.id)
        .limit(bindparam("limit", type_=Integer))
        .with_for_update(skip_locked=True)
    )
    if only_urgent:
        head = head.where(message.c.priority.in_([p.priority for p in POLICIES.values() if not p.proactive]))
    # A part of its own, so that PostgreSQL joins these few rows and never plans to sort the whole queue.
    picked = head.cte("picked")
    agreed = (
        select(consent.c.id)
        .where(
            consent.c.enrolment_id == picked.c.enrolment_id,
            consent.c.person_id == recipient.c.person_id,
            consent.c.purpose == "reminders",
            consent.c.withdrawn_at.is_(None),
        )
        .scalar_subquery()
    )
    reader = recipient.alias("reader")
    readers = (
        select(func.count(reader.c.id))
        .where(reader.c.address_id == picked.c.address_id, reader.c.until.is_(None))
        .scalar_subquery()
    )
    riding = reminder.alias("riding")
    carries = exists().where(riding.c.folded_into == picked.c.reminder_id)
    return (
        select(
            picked.c.id, picked.c.address_id, picked.c.enrolment_id, picked.c.reminder_id, picked.c.kind,
            picked.c.expires_at, picked.c.tries, picked.c.body, picked.c.reason,
            address.c.value, address.c.language.label("chat_language"), address.c.blocked_at, address.c.stopped_at,
            address.c.last_inbound_at,
            enrolment.c.journey, enrolment.c.surgery_on, enrolment.c.zone, enrolment.c.language,
            enrolment.c.state.label("enrolment_state"),
            person.c.name, recipient.c.role, recipient.c.until, reminder.c.step, reminder.c.occurrence,
            reminder.c.due_at,
            agreed.label("agreed"), readers.label("readers"), carries.label("carries"),
        )
        .join(address, address.c.id == picked.c.address_id)
        .outerjoin(enrolment, enrolment.c.id == picked.c.enrolment_id)
        .outerjoin(person, person.c.id == enrolment.c.person_id)
        .outerjoin(recipient, recipient.c.id == picked.c.recipient_id)
        .outerjoin(reminder, reminder.c.id == picked.c.reminder_id)
        .order_by(picked.c.priority, picked.c.ready_at, picked.c.id)
    )  # fmt: skip


def _one_each(rows: Sequence[AnyRow]) -> list[AnyRow]:
    """One message to an address at a time, in order; urgent ones overtake."""
    seen: set[int] = set()
    first = []
    for row in rows:
        if row.address_id in seen and not (row.kind in POLICIES and POLICIES[row.kind].overtakes):
            continue
        seen.add(row.address_id)
        first.append(row)
    return first


@dataclass(frozen=True, slots=True)
class _Extras:
    folded: Mapping[int, list[str]]
    medicine: Mapping[int, Sequence[MedicineTimes]]
    """By enrolment: the times for which staff typed names."""
    pictures: Mapping[int, Drawn]
    """By enrolment."""


async def _extras(conn: AsyncConnection, rules: Rules, rows: Sequence[AnyRow]) -> _Extras:
    """What some reminders need besides their row: steps that ride along, names of medicines, pictures."""
    folded: dict[int, list[str]] = {}
    ids = [row.reminder_id for row in rows if row.carries]
    if ids:
        found = await conn.execute(
            select(reminder.c.folded_into, reminder.c.step)
            .where(reminder.c.folded_into.in_(ids), reminder.c.state == "folded")
            .order_by(reminder.c.due_at, reminder.c.step, reminder.c.occurrence)
        )
        for into, step in found:
            folded.setdefault(into, []).append(step)
    medicine: dict[int, list[MedicineTimes]] = {}
    enrolments = {row.enrolment_id for row in rows if row.kind == Topic.MEDICINE}
    if enrolments:
        times = await conn.execute(
            select(medicine_time)
            .where(medicine_time.c.enrolment_id.in_(enrolments), medicine_time.c.label.is_not(None))
            .order_by(medicine_time.c.id)
        )
        for row in times:
            try:
                label = rules.keys.open("medicine_time.label", row.label)
            except KeyMissingError:
                # Without the names the reminder still says "as written on your prescription".
                continue
            medicine.setdefault(row.enrolment_id, []).append(MedicineTimes((row.at,), row.first_on, row.days, label))
    return _Extras(folded, medicine, await _pictures(conn, rules, rows))


async def _pictures(conn: AsyncConnection, rules: Rules, rows: Sequence[AnyRow]) -> Mapping[int, Drawn]:
    """The pictures of the patients for whose own chat a step with one is due; what they answered is for them alone."""
    steps = rules.content.steps
    wanted = {
        row.enrolment_id
        for row in rows
        if row.role == "patient" and (step := steps.get((row.journey, row.step))) is not None and step.picture
    }
    return await rules.drawer.draw(conn, wanted) if wanted and rules.drawer is not None else {}


def _check(row: AnyRow, rules: Rules, extras: _Extras, sender: Sender, now: datetime) -> Outgoing | Verdict:
    """What leaves, or why it does not. A row that cannot be read or rendered harms nobody but itself."""
    try:
        refusal = _refusal(row, rules, now)
        if refusal:
            return refusal
        outgoing = Outgoing(
            row.id,
            rules.keys.open("address.value", row.value),
            _body(row, rules, extras, now),
            row.kind,
            row.last_inbound_at,
        )
        why_not = sender.law(outgoing, now)
    except Exception as error:  # noqa: BLE001 - one bad row stops nobody: whatever is wrong with it, it is set aside
        return Verdict("failed", f"set aside: it could not be made ({type(error).__name__})")
    return Verdict("failed", f"not allowed by the channel: {why_not}"[:120]) if why_not else outgoing


def _refusal(row: AnyRow, rules: Rules, now: datetime) -> Verdict | None:
    if row.expires_at is not None and row.expires_at <= now:
        return Verdict("expired", "too late when its turn came")
    if row.blocked_at is not None:
        return Verdict("cancelled", BLOCKED)
    if not POLICIES[row.kind].proactive:
        return None
    reason = _held_back(row)
    if reason:
        return Verdict("cancelled", reason)
    slots = rules.content.defaults.slots
    # A medicine time that lies inside the quiet hours exists only where the patient agreed to it (enrolments).
    at_night = row.step in MEDICINE_STEPS and in_quiet_hours(row.due_at, row.zone, slots)
    if not at_night and in_quiet_hours(now, row.zone, slots):
        return Verdict("expired", "the quiet hours had begun")
    if rules.require_signed and not _signed(rules.content, row, now):
        return Verdict("failed", NOT_SIGNED)
    return None


def _held_back(row: AnyRow) -> str | None:
    if row.stopped_at is not None:
        return STOPPED
    if row.enrolment_state != "active":
        return PAUSED if row.enrolment_state == "paused" else "the follow-up has ended"
    if row.until is not None:
        return "this chat is no longer the patient's"
    return NO_CONSENT if row.agreed is None else None


def _body(row: AnyRow, rules: Rules, extras: _Extras, now: datetime) -> Body:
    if row.reminder_id is None:
        body = open_body(rules.keys, row.body)
    else:
        typed = extras.medicine.get(row.enrolment_id, ()) if row.step in MEDICINE_STEPS else ()
        body = render(
            rules.content,
            Reading(
                reminder_id=row.reminder_id,
                journey=row.journey,
                step=row.step,
                language=row.language if row.role == "patient" else row.chat_language or row.language,
                name=rules.keys.open("person.name", row.name),
                surgery_on=row.surgery_on,
                due_at=named_time(row.step, row.occurrence, row.due_at, row.zone),
                now=now,
                zone=row.zone,
                folded=extras.folded.get(row.reminder_id, ()),
                medicine=medicine_names(typed, row.occurrence) if typed else None,
                shared=row.readers > 1 or row.role != "patient",
                picture=_picture(row, rules, extras),
            ),
        )
    if row.reason == MAY_HAVE_ARRIVED:
        body = again(rules.content, body, row.chat_language or row.language or "en")
    return captioned(body)


def _picture(row: AnyRow, rules: Rules, extras: _Extras) -> Drawn | None:
    step = rules.content.steps.get((row.journey, row.step))
    return extras.pictures.get(row.enrolment_id) if step and step.picture and row.role == "patient" else None


def _signed(content: Content, row: AnyRow, now: datetime) -> bool:
    review = content.defaults.review if row.kind == Topic.MEDICINE else content.journeys[row.journey].review
    return isinstance(review, Signed) and review.expires > local(now, row.zone).date()
