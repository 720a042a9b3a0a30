"""Hands due reminders to the outbox, and runs a lane for each channel, so that a slow channel holds up no other."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import func, select

from content.loader import Content
from scheduler import enrolments, records, reminders
from scheduler.clock import Clock
from scheduler.drawing import Drawer
from scheduler.lane import TICK, Lane
from scheduler.listening import listen
from scheduler.sender import Sender
from scheduler.store.engine import Store
from scheduler.store.tables import enrolment, message

FIRST_RELEASE = 100
"""Reminders handed to the outbox in the first transaction of several: the first message leaves without waiting for
the thousands behind it. Each next transaction takes twice as many."""

RELEASE = 1000
"""Reminders handed to the outbox in one transaction at most."""

_NOW_OR_LATER = timedelta(seconds=1)

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Drained:
    """What a drain did."""

    released: int = 0
    """Reminders handed to the outbox, or expired."""
    sent: int = 0
    """Attempts made and recorded."""


class Dispatcher:
    """Hands due reminders to the outbox and runs a lane for each channel."""

    def __init__(
        self,
        store: Store,
        content: Content,
        clock: Clock,
        senders: Sequence[Sender],
        *,
        require_signed: bool = False,
        drawer: Drawer | None = None,
    ) -> None:
        """Send through `senders`. With `require_signed`, reminders from unsigned content are refused.

        Without a `drawer` no message has a picture.
        """
        self._store = store
        self._content = content
        self._clock = clock
        self._lanes = [
            Lane(store, content, clock, sender, require_signed=require_signed, drawer=drawer) for sender in senders
        ]
        self._woken = asyncio.Event()
        store.on_wake(self.wake)

    def wake(self) -> None:
        """Look at the plan and the queue now."""
        self._woken.set()
        for lane in self._lanes:
            lane.wake()

    async def drain(self) -> Drained:
        """Do everything that is due now, until nothing is."""
        total = Drained()
        before = sum(lane.sent for lane in self._lanes)
        limit = FIRST_RELEASE
        while True:
            released = await self._release(limit)
            total.released += released
            await self._drain_lanes()
            if not released:
                break
            limit = min(2 * limit, RELEASE)
        total.sent = sum(lane.sent for lane in self._lanes) - before
        return total

    async def run(self, stop: asyncio.Event) -> None:
        """Keep going until `stop` is set, woken by this process's writes, other workers' (PostgreSQL) and the clock."""
        async with listen(self._store, self.wake), asyncio.TaskGroup() as group:
            group.create_task(self._release_all(stop))
            for lane in self._lanes:
                group.create_task(lane.run(stop))
            await stop.wait()
            self._woken.set()
            for lane in self._lanes:
                lane.finish()

    async def reap(self) -> None:
        """End lost leases, expire what waited too long, resume what was paused until now. Safe at any time."""
        now = self._clock.now()
        async with self._store.write() as conn:
            abandoned = await records.reap(conn, now)
            expired = await records.expire_queued(conn, now) + await reminders.expire_held(conn, now)
            resumed = await enrolments.resume_due(conn, self._content, now)
        if abandoned or expired or resumed:
            log.info("reaped", abandoned=abandoned, expired=expired, resumed=resumed)

    async def next_due(self) -> datetime | None:
        """When something is due next: a reminder, a message, the end of a lease or a pause. Never in the past."""
        async with self._store.read() as conn:
            found = [
                await reminders.next_planned(conn),
                await conn.scalar(select(func.min(message.c.ready_at)).where(message.c.state == "queued")),
                await conn.scalar(select(func.min(message.c.lease_until)).where(message.c.state == "sending")),
                await conn.scalar(select(func.min(enrolment.c.paused_until))),
            ]
        times = [instant for instant in found if instant is not None]
        return max(min(times), self._clock.now() + _NOW_OR_LATER) if times else None

    async def _drain_lanes(self) -> None:
        for lane in self._lanes:
            await lane.drain()

    async def _release(self, limit: int = RELEASE) -> int:
        async with self._store.write(wake=False) as conn:
            return await reminders.release_due(conn, self._clock.now(), limit)

    async def _release_all(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            self._woken.clear()
            wait = TICK
            try:
                limit = FIRST_RELEASE
                while await self._release(limit):
                    for lane in self._lanes:
                        lane.wake()
                    limit = min(2 * limit, RELEASE)
                wait = await self._until_next()
            except Exception as error:  # noqa: BLE001 - a lost database connection must not end the dispatcher
                log.error("release_failed", error=type(error).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), wait)

    async def _until_next(self) -> float:
        """Seconds to the next planned reminder, at most a tick: another process may plan one sooner."""
        async with self._store.read() as conn:
            due = await reminders.next_planned(conn)
        return min(max((due - self._clock.now()).total_seconds(), 0.0), TICK) if due else TICK
