"""The sending slots of a channel, shared by all workers through one row.

Each message gets a slot of its own, a little more than 1/rate seconds after the one before, so no second ever holds
more than the rate, and none is wasted while there is something to send. When the provider says "wait", the gate closes
for everybody. Whoever claims messages holds the row's lock until the claim is committed, which also keeps two workers
from claiming two messages of one address.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from scheduler.store.statements import insert_new
from scheduler.store.tables import channel_gate

HORIZON = timedelta(milliseconds=250)
"""How far ahead one claim takes slots: longer wastes them when a worker dies, and delays STOP; shorter costs claims."""

FOR_URGENT = HORIZON * 2
"""How far ahead slots are taken for alerts and replies: reminders never keep all slots from them."""

PACE = 0.975
"""Slots are handed out at this share of the rate: a call comes some milliseconds after its slot, now more, now less,
and the provider counts calls."""

TOLERANCE = timedelta(milliseconds=15)
"""So late a call may come after its slot. A second holds 1/`PACE` seconds of slots, so calls that are up to 25 ms late
at the provider still keep to the rate: 15 here, the rest on the way there."""


@dataclass(frozen=True, slots=True)
class Slots:
    """The free slots a claim may take."""

    first: datetime
    step: timedelta
    count: int

    def at(self, number: int) -> datetime:
        """The instant of slot `number`, from 0."""
        return self.first + self.step * number


@dataclass(frozen=True, slots=True)
class Closed:
    """No slot before `until`."""

    until: datetime
    full: bool = False
    """Only because the next slots are taken, not because the provider asked us to wait."""


async def look(
    conn: AsyncConnection,
    channel: str,
    per_second: float | None,
    wanted: int,
    now: datetime,
    *,
    horizon: timedelta = HORIZON,
) -> Slots | Closed:
    """Lock the channel's gate and see what is free: at most `wanted` slots, none beyond `horizon`."""
    row = await _locked(conn, channel)
    if row is None:
        await conn.execute(insert_new(conn, channel_gate).values(channel=channel, next_slot_at=now))
        row = await _locked(conn, channel)
    next_slot_at, closed_until = _there(row)
    if closed_until is not None and closed_until > now:
        return Closed(closed_until)
    if per_second is None:
        return Slots(now, timedelta(0), wanted)
    step = _step(per_second)
    first = max(next_slot_at, now)
    count = min(wanted, int((now + horizon - first) / step) + 1) if first <= now + horizon else 0
    return Slots(first, step, count) if count else Closed(next_slot_at - horizon, full=True)


async def take(conn: AsyncConnection, channel: str, slots: Slots, used: int) -> None:
    """Take the first `used` of the slots."""
    if slots.step and used:
        await conn.execute(
            update(channel_gate).where(channel_gate.c.channel == channel).values(next_slot_at=slots.at(used))
        )


async def another(conn: AsyncConnection, channel: str, per_second: float, earliest: datetime) -> datetime | None:
    """Take one slot at `earliest` or later, in place of one that was missed; nothing while the gate is closed."""
    next_slot_at, closed_until = _there(await _locked(conn, channel))
    if closed_until is not None and closed_until > earliest:
        return None
    slots = Slots(max(next_slot_at, earliest), _step(per_second), 1)
    await take(conn, channel, slots, 1)
    return slots.first


async def close(conn: AsyncConnection, channel: str, until: datetime, reason: str) -> None:
    """Keep everybody from sending until `until`; an earlier instant never shortens a wait."""
    await conn.execute(
        update(channel_gate)
        .where(
            channel_gate.c.channel == channel,
            func.coalesce(channel_gate.c.closed_until, channel_gate.c.next_slot_at) < until,
        )
        .values(closed_until=until, reason=reason)
    )


def _step(per_second: float) -> timedelta:
    return timedelta(seconds=1 / (per_second * PACE))


def _there(row: tuple[datetime, datetime | None] | None) -> tuple[datetime, datetime | None]:
    assert row is not None  # noqa: S101 - it was there, or it was inserted
    return row


async def _locked(conn: AsyncConnection, channel: str) -> tuple[datetime, datetime | None] | None:
    row = (
        await conn.execute(
            select(channel_gate.c.next_slot_at, channel_gate.c.closed_until)
            .where(channel_gate.c.channel == channel)
            .with_for_update()
        )
    ).one_or_none()
    return None if row is None else (row.next_slot_at, row.closed_until)
