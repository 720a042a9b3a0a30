"""The only place that changes a reminder's state.

planned -> released (handed to the outbox; from there on the message's state tells) | expired
held (not connected, paused, stopped, blocked) -> planned | expired
skipped, folded (chosen for what was past), cancelled (no longer in the plan)
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import case, exists, func, literal, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from content.loader import Content
from content.model import Topic, WhenLate
from scheduler import backlog, standing
from scheduler.plans import Occurrence, occurrences, settle_late
from scheduler.policy import COPIED_TO_CAREGIVERS, POLICIES
from scheduler.standing import HELD_REASONS, Standing
from scheduler.store.statements import among, fetch, insert_many, insert_new, update_many
from scheduler.store.tables import address, enrolment, message, recipient, reminder
from scheduler.store.types import AnyRow

Key = tuple[str, str]

CHANGING = ("due_at", "expires_at", "state", "reason", "late", "plan_version")
"""What planning again may change of a reminder."""

PAST = "past when the patient joined or the date moved"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ReminderView:
    """A reminder and what became of it."""

    id: int
    step: str
    occurrence: str
    topic: str
    due_at: datetime
    expires_at: datetime
    state: str
    """Its own, or its message's once it was released."""
    reason: str | None
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class SentCheckin:
    """A check-in that was asked in a chat."""

    reminder_id: int
    enrolment_id: int
    step: str
    occurrence: str
    sent_at: datetime
    provider_id: str | None


@dataclass(frozen=True, slots=True)
class Target:
    """What unsent rows should become."""

    state: str
    reason: str | None


async def plan_first(
    conn: AsyncConnection, content: Content, enrolment_id: int, case_: Standing, now: datetime
) -> None:
    """Store the first plan of a new enrolment, which has no rows yet; afterwards `replan` does everything."""
    await _apply(conn, content, enrolment_id, case_, {}, now)


async def replan(conn: AsyncConnection, content: Content, enrolment_id: int, now: datetime) -> None:
    """Make what is unsent equal the plan of now: dates, times, medicine, pause, consent, STOP, discharge.

    Safe to call as often as anybody likes: the same facts change nothing. What has left, or is leaving, is never
    touched, and comes no second time. Raises NotFoundError.
    """
    # Two changes at once would each plan without seeing the other: the second waits here until the first is done.
    await conn.execute(select(enrolment.c.id).where(enrolment.c.id == enrolment_id).with_for_update(key_share=True))
    case_ = await standing.load(conn, enrolment_id)
    # Locked before the outbox is looked at: what is just being released is in it by then.
    rows = await _rows(conn, enrolment_id)
    if await _take_back_queued(conn, enrolment_id):
        rows = await _rows(conn, enrolment_id)
    if case_.state == "cancelled":
        await _cancel(conn, [row.id for row in rows.values() if row.state in ("planned", "held")], case_.reason)
        return
    await _apply(conn, content, enrolment_id, case_, rows, now)


async def _apply(
    conn: AsyncConnection,
    content: Content,
    enrolment_id: int,
    case_: Standing,
    rows: Mapping[Key, AnyRow],
    now: datetime,
) -> None:
    """Bring `rows`, all that the enrolment has, to the plan of now."""
    journey = content.journeys[case_.journey]
    plan = occurrences(journey, content.defaults, case_.facts)
    end = {o.key: o.expires_at for o in plan}
    known = {key for key, row in rows.items() if _settled(row, end.get(key))}
    left = _left(rows)
    if case_.state == "planned":
        plan = settle_late(plan, journey, content.defaults, case_.facts, now, known, left)
    target = Target(case_.state, case_.reason)
    version = case_.plan_version
    changes = []
    for o in plan:
        row = rows.get(o.key)
        if o.key not in left and (values := _change(row, o, target, now, version)):
            changes.append((o, row.id if row else None, values))
    names = ("enrolment_id", "step", "occurrence", "topic", *CHANGING)
    new = [
        (enrolment_id, o.step, o.occurrence, o.topic.value, *values) for o, row_id, values in changes if row_id is None
    ]
    await insert_many(conn, reminder, names, new)
    old = [(row_id, *values) for _, row_id, values in changes if row_id is not None]
    await update_many(conn, reminder, ("id",), CHANGING, old)
    await _point_folded(conn, enrolment_id, [o for o in plan if o.folded_into])
    in_plan = {o.key for o in plan}
    gone = [row.id for key, row in rows.items() if key not in in_plan and row.state in ("planned", "held")]
    await _cancel(conn, gone, "no longer in the plan")


async def replan_each(conn: AsyncConnection, content: Content, enrolment_ids: Iterable[int], now: datetime) -> None:
    """Plan several enrolments again; one that cannot be planned stays as it was, is logged, and stops no other."""
    for enrolment_id in enrolment_ids:
        async with apart(conn, enrolment_id):
            await replan(conn, content, enrolment_id, now)


@asynccontextmanager
async def apart(conn: AsyncConnection, enrolment_id: int) -> AsyncIterator[None]:
    """A part of the transaction for one enrolment of several: undone and logged if its data or content is broken.

    Errors of the database itself are raised: they are nobody's own.
    """
    try:
        async with conn.begin_nested():
            yield
    except SQLAlchemyError:
        raise
    except Exception as error:  # noqa: BLE001 - one bad row stops nobody, whatever is wrong with it
        log.error("plan_failed", enrolment_id=enrolment_id, error=type(error).__name__)


async def release_due(conn: AsyncConnection, now: datetime, limit: int) -> int:
    """Hand up to `limit` due reminders to the outbox, a message to each recipient; how many rows were dealt with.

    What is too late is expired here. Of a backlog, one patient gets one message now and the next one later.
    """
    due = await fetch(
        conn,
        select(reminder.c.id, reminder.c.enrolment_id, reminder.c.topic, reminder.c.due_at, reminder.c.expires_at)
        .where(reminder.c.state == "planned", reminder.c.due_at <= now)
        .order_by(reminder.c.due_at, reminder.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True),
    )
    if not due:
        return 0
    late = [row.id for row in due if row.expires_at <= now]
    if late:
        await conn.execute(
            update(reminder)
            .where(reminder.c.id.in_(late))
            .values(state="expired", reason="too late when its turn came")
        )
    waiting = await backlog.spread(conn, [row for row in due if row.expires_at > now], now)
    ready = [row.id for row in due if row.expires_at > now and row.id not in waiting]
    if ready:
        await _to_outbox(conn, ready, now)
    return len(due)


async def release_past(conn: AsyncConnection, now: datetime) -> int:
    """Hand everything whose time has come to the outbox, however late; how many.

    For a database restored from a backup: all of it may have been sent in the time the backup does not know of.
    """
    query = select(reminder.c.id).where(reminder.c.state == "planned", reminder.c.due_at <= now)
    ids = list((await conn.scalars(query.order_by(reminder.c.due_at, reminder.c.id))).all())
    if ids:
        await _to_outbox(conn, ids, now)
    return len(ids)


async def expire_held(conn: AsyncConnection, now: datetime) -> int:
    """Expire what waited (not connected, paused, stopped) until it was too late; the reason it waited stays."""
    done = await conn.execute(
        update(reminder).where(reminder.c.state == "held", reminder.c.expires_at <= now).values(state="expired")
    )
    return done.rowcount


async def next_planned(conn: AsyncConnection) -> datetime | None:
    """When the next planned reminder is due."""
    found: datetime | None = await conn.scalar(select(func.min(reminder.c.due_at)).where(reminder.c.state == "planned"))
    return found


async def plan_of(conn: AsyncConnection, enrolment_id: int) -> list[ReminderView]:
    """Every reminder of an enrolment in order of time, with what became of the patient's own message."""
    messages = await conn.execute(
        select(message.c.reminder_id, message.c.state, message.c.reason, message.c.sent_at)
        .join(recipient, recipient.c.id == message.c.recipient_id)
        .where(
            message.c.enrolment_id == enrolment_id, message.c.reminder_id.is_not(None), recipient.c.role == "patient"
        )
        .order_by(message.c.id)
    )
    newest = {row.reminder_id: row for row in messages}
    rows = await conn.execute(
        select(reminder).where(reminder.c.enrolment_id == enrolment_id).order_by(reminder.c.due_at, reminder.c.id)
    )
    seen_as = [(row, newest.get(row.id, row) if row.state == "released" else row) for row in rows]
    return [
        ReminderView(
            row.id,
            row.step,
            row.occurrence,
            row.topic,
            row.due_at,
            row.expires_at,
            view.state,
            view.reason,
            None if view is row else view.sent_at,
        )
        for row, view in seen_as
    ]


async def sent_checkins(conn: AsyncConnection, address_id: int, since: datetime) -> list[SentCheckin]:
    """The check-ins asked at an address since an instant, newest first; an unknown outcome may have been read."""
    rows = await conn.execute(
        select(reminder, func.coalesce(message.c.sent_at, message.c.ready_at).label("at"), message.c.provider_id)
        .join(message, message.c.reminder_id == reminder.c.id)
        .where(
            message.c.address_id == address_id,
            message.c.kind == Topic.CHECKIN,
            message.c.state.in_(("sending", "sent", "unknown")),
            message.c.created_at >= since,
        )
        .order_by(message.c.id.desc())
    )
    return [SentCheckin(r.id, r.enrolment_id, r.step, r.occurrence, r.at, r.provider_id) for r in rows]


def _left(rows: Mapping[Key, AnyRow]) -> set[Key]:
    """What was handed to the outbox, by itself or as part of another message: it comes no second time."""
    released = {row.id for row in rows.values() if row.state == "released"}
    return {
        key
        for key, row in rows.items()
        if row.state == "released" or (row.state == "folded" and row.folded_into in released)
    }


def _settled(row: AnyRow, expires_at: datetime | None) -> bool:
    """Whether it was decided before what happens to this occurrence if it is past."""
    if row.state == "held" or (row.state == "expired" and row.reason in HELD_REASONS) or row.state == "cancelled":
        return False
    if row.state == "planned" and row.late is None:
        # Still planned for its own time: decided. Planned for another time: it was moved into the past just now.
        # (Its end tells, because one that waits behind others of a backlog is due later than planned.)
        return bool(row.expires_at == expires_at)
    return True


def _change(row: AnyRow | None, o: Occurrence, target: Target, now: datetime, version: int) -> tuple[Any, ...] | None:
    """The new values of a row in the order of `CHANGING`, or nothing if it stays as it is."""
    past = o.expires_at <= now
    due, expires, late = o.due_at, o.expires_at, o.late.value if o.late else None
    state, reason = target.state, target.reason
    if o.late in (WhenLate.SKIP, WhenLate.FOLD):
        state, reason = ("skipped" if o.late is WhenLate.SKIP else "folded"), PAST
    elif past and row:
        if row.state not in ("planned", "held"):
            return None
        # Chosen to be sent late, or about to be found too late: it keeps the time it was given.
        due, expires, late = row.due_at, row.expires_at, row.late
    elif row and row.state in ("skipped", "folded") and o.due_at <= now and row.expires_at == expires:
        return None  # chosen for this very time, though it is not over yet: nothing had room before its end
    elif row and row.state == "planned" and o.due_at <= now and row.expires_at == expires:
        # Its turn has come, or was put off behind other messages: it keeps that.
        due = row.due_at
    elif past:
        state, reason = "expired", target.reason or PAST
    if row and (row.due_at, row.expires_at, row.state, row.reason, row.late) == (due, expires, state, reason, late):
        return None
    return due, expires, state, reason, late, version


async def _rows(conn: AsyncConnection, enrolment_id: int) -> dict[Key, AnyRow]:
    rows = await conn.execute(
        select(reminder).where(reminder.c.enrolment_id == enrolment_id).with_for_update(key_share=True)
    )
    return {(row.step, row.occurrence): row for row in rows}


async def _take_back_queued(conn: AsyncConnection, enrolment_id: int) -> int:
    """Messages of this plan that wait in the outbox go back to the plan; those being sent are left alone. How many."""
    taken = await conn.execute(
        update(message)
        .where(message.c.enrolment_id == enrolment_id, message.c.reminder_id.is_not(None), message.c.state == "queued")
        .values(state="cancelled", reason="planned again")
        .returning(message.c.reminder_id)
    )
    ids = [row.reminder_id for row in taken]
    if ids:
        # One that also went to somebody else has left, and stays released.
        left = exists().where(message.c.reminder_id == reminder.c.id, message.c.state != "cancelled")
        await conn.execute(update(reminder).where(reminder.c.id.in_(ids), ~left).values(state="planned"))
    return len(ids)


async def _cancel(conn: AsyncConnection, ids: Sequence[int], reason: str | None) -> None:
    if ids:
        await conn.execute(update(reminder).where(reminder.c.id.in_(ids)).values(state="cancelled", reason=reason))


async def _point_folded(conn: AsyncConnection, enrolment_id: int, folded: Sequence[Occurrence]) -> None:
    if not folded:
        return
    ids: Mapping[Key, int] = {key: row.id for key, row in (await _rows(conn, enrolment_id)).items()}
    rows = [(ids[o.key], ids[o.folded_into]) for o in folded if o.folded_into]
    await update_many(conn, reminder, ("id",), ("folded_into",), rows)


async def _to_outbox(conn: AsyncConnection, ids: Sequence[int], now: datetime) -> None:
    columns = (
        "channel", "address_id", "enrolment_id", "recipient_id", "reminder_id", "kind", "priority", "ready_at",
        "expires_at", "state", "tries", "created_at",
    )  # fmt: skip
    priorities = {topic.value: POLICIES[topic].priority for topic in Topic}
    source = (
        select(
            address.c.channel,
            address.c.id,
            reminder.c.enrolment_id,
            recipient.c.id,
            reminder.c.id,
            reminder.c.topic,
            case(priorities, value=reminder.c.topic),
            reminder.c.due_at,
            reminder.c.expires_at,
            literal("queued"),
            literal(0),
            literal(now, message.c.created_at.type),
        )
        .join(recipient, recipient.c.enrolment_id == reminder.c.enrolment_id)
        .join(address, address.c.id == recipient.c.address_id)
        .where(
            among(conn, reminder.c.id, ids),
            recipient.c.until.is_(None),
            or_(recipient.c.role == "patient", reminder.c.topic.in_(COPIED_TO_CAREGIVERS)),
        )
    )
    # One that is there already is left as it is, so that no single row can stop the others.
    await conn.execute(insert_new(conn, message).from_select(columns, source))
    # Nothing of these is cancelled yet; saying so lets both databases use the partial index.
    sent_on = exists().where(message.c.reminder_id == reminder.c.id, message.c.state != "cancelled")
    await conn.execute(
        update(reminder)
        .where(among(conn, reminder.c.id, ids))
        .values(
            state=case((sent_on, "released"), else_="expired"),
            reason=case((sent_on, None), else_="nobody to send it to"),
        )
    )
