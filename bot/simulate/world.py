"""The simulated world: one database, one clock that stands still between events, and a process that may die."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random

from bot import driver
from bot.answering import Answering
from bot.bootstrap import App, build
from bot.channels.inbound import Inbound
from bot.channels.simulator import Phone
from bot.faq.kept import Keeper
from bot.settings import Settings, cache_folder
from bot.simulate.ledger import Delivery, Ledger
from bot.simulate.network import Faults, Network
from bot.simulate.people import Somebody
from bot.simulate.transcript import Transcript
from content.loader import Content
from scheduler.clock import SettableClock
from scheduler.store.engine import Store

START = datetime(2026, 2, 16, 3, 30, tzinfo=UTC)
"""A Monday, 9:00 in India; three weeks later clocks change in some of the zones patients live in."""

_HANDED_IN_TWICE = 0.03
_HANDED_IN_LATER = 0.01
_DIES_BEFORE_ANSWERING = 0.002

Act = Callable[[], Awaitable[None]]


class World:
    """Where acts happen at their time. The system in it is rebuilt on the same database when its process ends."""

    def __init__(self, settings: Settings, content: Content, seed: int, faults: Faults, transcript: Transcript) -> None:
        """Nothing runs before `open`."""
        self.content = content
        self.clock = SettableClock(START, frozen=True)
        self.ledger = Ledger()
        self.network = Network(seed, self.clock, self.ledger, faults)
        self.transcript = transcript
        self.restarts = 0
        self.events_in = 0
        self.on_arrival: Callable[[Delivery], None] = lambda _: None
        self.blocked: set[str] = set()
        self.stopped: set[str] = set()
        self.network.blocked_by = self.blocked
        self.network.stopped_by = self.stopped
        self._settings = settings
        self._answering = Answering(content, Keeper(cache_folder()).learn)
        self._luck = Random(f"{seed}:world")
        self._acts: list[tuple[datetime, int, Act]] = []
        self._order = count()
        self._event_number = count()
        self._app: App | None = None

    @property
    def app(self) -> App:
        """The system as it runs now. Raises RuntimeError while it does not."""
        if self._app is None:
            raise RuntimeError("the world is not open")
        return self._app

    @property
    def store(self) -> Store:
        """Its database."""
        return self.app.store

    @property
    def now(self) -> datetime:
        """The world's time, UTC."""
        return self.clock.now()

    async def open(self) -> None:
        """Start the process."""
        self._app = await build(
            self._settings,
            clock=self.clock,
            senders=[self.network],
            content=self.content,
            answering=self._answering,
        )

    async def close(self) -> None:
        """End the process."""
        if self._app is not None:
            app, self._app = self._app, None
            await app.close()

    async def restart(self) -> None:
        """End the process and start it again on the same database."""
        await self.close()
        await self.open()
        self.restarts += 1

    def at(self, when: datetime, act: Act) -> None:
        """Let `act` happen at `when`, on a whole minute."""
        minute = max(when, self.now).replace(second=0, microsecond=0) + timedelta(minutes=1)
        heapq.heappush(self._acts, (minute, next(self._order), act))

    def forget_acts(self) -> None:
        """Nobody does anything of their own any more; what the system has to do goes on."""
        self._acts.clear()
        self.on_arrival = lambda _: None

    def phone(self, somebody: Somebody) -> Phone:
        """Somebody's phone, in reach of the process that runs now."""
        name = f"{somebody.address}-"
        return Phone(somebody.address, self.app.inbox, self.clock, lambda: name + str(next(self._event_number)))

    async def hand_in(self, event: Inbound) -> None:
        """Give an event to the system, as a channel does: sometimes twice, sometimes again much later."""
        await self.app.inbox.receive(event)
        self.events_in += 1
        chance = self._luck.random()
        if chance < _DIES_BEFORE_ANSWERING:
            # Stored, but the provider was never told: it hands the event in again.
            await self.restart()
            await self.app.inbox.receive(event)
        elif chance < _HANDED_IN_TWICE:
            await self.app.inbox.receive(event)
        elif chance < _HANDED_IN_TWICE + _HANDED_IN_LATER:
            self.at(self.now + timedelta(minutes=self._luck.randrange(1, 60)), lambda: self._again(event))

    async def _again(self, event: Inbound) -> None:
        await self.app.inbox.receive(event)

    async def live(self, until: datetime) -> None:
        """Go from instant to instant until `until`: acts, then whatever the system has to send, then reactions."""
        while True:
            await self._act()
            await self._settle()
            for delivery in self.ledger.unseen():
                self.transcript.out(delivery.address, delivery.at, delivery.outgoing.body)
                self.on_arrival(delivery)
            if self.now >= until:
                return
            due = await self.app.dispatcher.next_due()
            coming = [until, *([driver.whole_second(due)] if due else []), *([self._acts[0][0]] if self._acts else [])]
            self.clock.set(min(coming))

    async def _act(self) -> None:
        while self._acts and self._acts[0][0] <= self.now:
            await heapq.heappop(self._acts)[2]()

    async def _settle(self) -> None:
        task = asyncio.create_task(driver.settle(self.app))
        power_failed = False

        def cut_power() -> None:
            nonlocal power_failed
            power_failed = True
            task.cancel()

        self.network.cut_power = cut_power
        try:
            await task
        except asyncio.CancelledError:
            if not power_failed:
                raise
            # What arrived since was not recorded any more: to the next process its outcome is unknown.
            self.ledger.unanswered.update(one.outgoing.message_id for one in self.ledger.fresh)
            await self.restart()
