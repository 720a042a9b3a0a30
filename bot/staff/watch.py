"""The clock of alerts, unanswered questions, silence and the morning: rows and `now` decide, so any process may tick.

Each alert gets a transaction of its own: what is wrong with one keeps no other waiting.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta

import structlog
from sqlalchemy import update

from bot.staff import confirming, mornings, ringing, silence
from bot.staff.ringing import Place
from bot.store.tables import alert
from bot.store.whom import HOME_ZONE
from content.loader import Content
from scheduler.clock import Clock
from scheduler.listening import listen
from scheduler.store.engine import Store

TICK_EVERY = 10
"""Seconds between two looks at the alerts, should nothing wake us."""

MORNING_EVERY = 60
"""Seconds between two looks at whether the list of the day or the test message is due."""

SILENCE_EVERY = 600
"""Seconds between two looks at whether it is time to look for silent patients."""

_BREATH = 0.5
"""Seconds between two looks, however often we are woken."""

_LISTEN_AGAIN = timedelta(hours=1)

_AFTER_TROUBLE = timedelta(minutes=1)

log = structlog.get_logger(__name__)


class Watch:
    """Looks after alerts nobody has acknowledged. Any process may call any method at any time."""

    def __init__(
        self, store: Store, content: Content, clock: Clock, zone: str = HOME_ZONE, public_url: str = ""
    ) -> None:
        """`zone`: of the rota, the quiet hours and the morning. `public_url`: of the console, for buttons."""
        self._store = store
        self._clock = clock
        self._place = Place(store.keys, content, zone, public_url)
        self._woken = asyncio.Event()
        self._busy = asyncio.Lock()
        self._listened_at: datetime | None = None
        store.on_wake(self._woken.set)

    async def tick(self) -> int:
        """Take every step that is due; at how many alerts, and questions about a sign, something was looked at."""
        async with self._busy:
            now = self._clock.now()
            async with self._store.read() as conn:
                ids = await ringing.due(conn, now)
                unanswered = await confirming.due(conn, now)
            for confirmation_id in unanswered:
                await self._give_up(confirmation_id, now)
            for alert_id in ids:
                await self._advance(alert_id, now)
            return len(ids) + len(unanswered)

    async def morning(self) -> None:
        """Send the list of the day and the test message, once a day each."""
        now = self._clock.now()
        async with self._store.read() as conn:
            due = await mornings.due(conn, self._place, now)
        if due:
            async with self._store.write() as conn:
                # The test message first: the list of the day says whether it arrived.
                await mornings.canary(conn, self._place, now)
                await mornings.digests(conn, self._place, now)

    async def silence(self) -> None:
        """Look for patients who do not answer; at most once an hour, because it takes hours to be silent."""
        now = self._clock.now()
        if self._listened_at is not None and abs(now - self._listened_at) < _LISTEN_AGAIN:
            return
        self._listened_at = now
        async with self._store.read() as conn:
            found = await silence.new(conn, self._place.content, now)
        if found:
            async with self._store.write() as conn:
                await silence.note(conn, self._place, now)

    async def next_due(self) -> datetime | None:
        """When an alert, or a question about a sign, is to be looked at next, UTC; nothing while none is open."""
        async with self._store.read() as conn:
            found = [await ringing.next_due(conn), await confirming.next_due(conn)]
        return min((instant for instant in found if instant is not None), default=None)

    async def run(self, stop: asyncio.Event) -> None:
        """Tick soon after any commit, here or (PostgreSQL) in another process, until `stop` is set."""
        async with listen(self._store, self._woken.set):
            while not stop.is_set():
                self._woken.clear()
                try:
                    await self.tick()
                except Exception as error:  # noqa: BLE001 - a lost database connection must not end the watch
                    log.error("alert_clock_failed", error=type(error).__name__)
                await _either(stop, _BREATH)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), TICK_EVERY)

    async def _give_up(self, confirmation_id: int, now: datetime) -> None:
        try:
            async with self._store.write() as conn:
                await confirming.give_up(conn, self._place, confirmation_id, now)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one question, the others go on
            log.error("unanswered_question_failed", confirmation_id=confirmation_id, error=type(error).__name__)
            async with self._store.write(wake=False) as conn:
                await confirming.put_off(conn, confirmation_id, now + _AFTER_TROUBLE)

    async def _advance(self, alert_id: int, now: datetime) -> None:
        try:
            async with self._store.write() as conn:
                await ringing.advance(conn, self._place, alert_id, now)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one alert, the others go on
            log.error("alert_step_failed", alert_id=alert_id, error=type(error).__name__)
            async with self._store.write(wake=False) as conn:
                await conn.execute(
                    update(alert)
                    .where(alert.c.id == alert_id, alert.c.state == "open")
                    .values(due_at=now + _AFTER_TROUBLE)
                )


async def _either(stop: asyncio.Event, seconds: float) -> None:
    """Wait so long, or until `stop` is set."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
