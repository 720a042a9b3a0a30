"""One channel's way out: claim what may leave, send side by side, record what has landed."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import uuid
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from content.loader import Content
from scheduler import gate, records
from scheduler.claims import Claim, Claimed, Rules, claim
from scheduler.clock import Clock
from scheduler.drawing import Drawer
from scheduler.policy import POLICIES
from scheduler.records import Landed
from scheduler.sender import NotSent, Outcome, Sender, Unknown
from scheduler.store.engine import Store

BATCH = 500
"""Messages claimed in one transaction at most."""

RESERVED = 2
"""Calls kept free for alerts and replies, so that a provider that hangs on reminders does not hold those up."""

TICK = 1.0
"""Seconds after which the queue is looked at even if nothing woke us."""

GATHER = 0.05
"""Seconds between two looks at a channel with a rate while it is sending: what has landed is recorded together, and
slots are claimed several at a time. Two transactions for each message would keep the calls from their slots."""

FIRST_LEAD = timedelta(milliseconds=20)
"""How far ahead a slot lies that replaces a missed one; twice as far each time that one is missed as well."""

_SECOND = 1.0 + gate.TOLERANCE.total_seconds()
"""As a provider may count it. Slots are further apart than this allows, so it holds nothing up in normal running."""

LEASE_MARGIN = timedelta(seconds=30)
"""A lease outlives the longest call by this, so that only a dead worker loses one."""

log = structlog.get_logger(__name__)


class Lane:
    """Sends one channel's messages."""

    def __init__(
        self,
        store: Store,
        content: Content,
        clock: Clock,
        sender: Sender,
        *,
        require_signed: bool,
        drawer: Drawer | None = None,
    ) -> None:
        """Send through `sender`, under leases that outlive its timeout."""
        self._store = store
        self._clock = clock
        self._sender = sender
        self._rules = Rules(
            content, store.keys, require_signed, timedelta(seconds=sender.limits.timeout) + LEASE_MARGIN, drawer
        )
        self._claimed: list[tuple[int, int, Claimed]] = []
        """A heap by priority, then by when it was claimed: what waits for a call."""
        self._numbers = itertools.count()
        self._slots: deque[datetime] = deque()
        """One for each message that waits, in order of time. Whatever is most urgent when a slot comes takes it, so a
        reply does not stand behind the reminders that were claimed before it."""
        self._paced = sender.limits.per_second is not None
        self._begun: deque[float] = deque(maxlen=max(int(sender.limits.per_second or 0), 1))
        """When the calls of the last second began, by the machine's steady clock: the provider's watch does not follow
        ours when that is set."""
        self._flying = 0
        """Messages claimed and not landed yet."""
        self._runners: set[asyncio.Task[None]] = set()
        self._runner_is_coming = False
        self._landed: list[Landed] = []
        self._recording = 0
        """Landed, and being written down by this or another `drain` that runs beside it."""
        self._stirred = asyncio.Event()
        self._stopping = False
        self.sent = 0
        """Attempts recorded since the start, whatever their outcome."""

    def wake(self) -> None:
        """Something may be ready: look now."""
        self._stirred.set()

    async def drain(self) -> None:
        """Send whatever is ready, until nothing is ready or on its way."""
        while True:
            self._stirred.clear()
            batch = await self._record_and_claim()
            self._take_in(batch.messages)
            self._call_a_runner()
            if batch.dealt_with:
                continue
            wait = self._seconds_until(batch.closed_until)
            if self._flying or self._landed or self._recording:
                await self._stir(GATHER if self._paced else wait)
            elif wait < TICK and not self._stopping:
                # The next slot is near: the rate is kept by waiting for it, not by going round.
                before = self._clock.now()
                await self._stir(wait)
                if self._clock.now() <= before:
                    return  # A clock that stands still brings no slot: it has to be set first.
            else:
                return

    async def run(self, stop: asyncio.Event) -> None:
        """Drain whenever woken, and each tick, until told to stop; what is in hand is finished and recorded first."""
        while not stop.is_set():
            try:
                await self.drain()
            except Exception as error:  # noqa: BLE001 - a lost database connection must not end the lane
                log.error("lane_failed", channel=self._sender.channel, error=type(error).__name__)
                await asyncio.sleep(TICK)
            if not stop.is_set():
                await self._stir(TICK)
        self._stopping = True
        await self.drain()

    def finish(self) -> None:
        """Claim nothing more; what is on its way is still recorded."""
        self._stopping = True
        self.wake()

    async def _record_and_claim(self) -> Claim:
        """Write down what has landed and take what may leave, in one transaction: a commit costs as much as 50 rows."""
        landed, self._landed = self._landed, []
        if not landed and self._room() <= 0:
            return Claim((), 0)
        self._recording += len(landed)
        try:
            async with self._store.write(wake=False) as conn:
                await self._record(conn, landed)
                batch = await self._claim(conn)
        except BaseException:
            # Kept, so that the next try writes them down; until then their leases protect them.
            self._landed = landed + self._landed
            raise
        finally:
            self._recording -= len(landed)
            if landed:
                self._stirred.set()
        self.sent += len(landed)
        return batch

    async def _record(self, conn: AsyncConnection, landed: Sequence[Landed]) -> None:
        if landed:
            limits = self._sender.limits
            await records.record(
                conn, self._rules.content, self._sender.channel, limits.spacing, landed, self._clock.now()
            )

    def _room(self) -> int:
        """How many more messages may be on their way."""
        return 0 if self._stopping else min(BATCH, self._sender.limits.in_flight - self._flying)

    async def _claim(self, conn: AsyncConnection) -> Claim:
        room = self._room()
        if room <= 0:
            return Claim((), 0)
        only_urgent = room <= RESERVED and self._flying > 0
        lease = str(uuid.uuid4())
        return await claim(conn, self._sender, self._rules, lease, room, self._clock.now(), only_urgent=only_urgent)

    def _take_in(self, messages: Sequence[Claimed]) -> None:
        for one in messages:
            priority = POLICIES[one.outgoing.kind].priority
            heapq.heappush(self._claimed, (priority, next(self._numbers), one))
            self._slots.append(one.slot)
        self._flying += len(messages)

    def _call_a_runner(self) -> None:
        """Bring in one more, if something waits for one and none is coming already."""
        if self._slots and not self._runner_is_coming:
            self._runner_is_coming = True
            runner = asyncio.create_task(self._run_messages())
            self._runners.add(runner)
            runner.add_done_callback(self._runners.discard)

    async def _run_messages(self) -> None:
        """Send one message after the other until none waits.

        Each runner calls in the next before it waits for an answer: all calls are under way at once where answers
        take time, and where they come at once a single task, not one a message, does everything.
        """
        self._runner_is_coming = False
        while self._slots:
            slot = self._slots.popleft()
            self._call_a_runner()
            open_ = not self._paced or await self._turn_comes(slot)
            begun = await self._leave_a_second() if self._paced and open_ else None
            _, _, claimed = heapq.heappop(self._claimed)
            outcome = await self._call(claimed) if open_ else NotSent("the channel was told to wait")
            if begun is not None and self._begun[0] == begun:
                # The first after a rest also had to connect: the provider may have counted it as late as now.
                self._begun[0] = asyncio.get_running_loop().time()
            self._flying -= 1
            self._landed.append(Landed(claimed, outcome))
            if not self._paced or not self._flying:
                self._stirred.set()

    async def _call(self, claimed: Claimed) -> Outcome:
        if self._clock.now() > claimed.slot + LEASE_MARGIN:
            # Too little of the lease is left for a call (the machine slept): nobody may send under a lease that ends.
            return NotSent("the lease ran short")
        try:
            async with asyncio.timeout(self._sender.limits.timeout):
                return await self._sender.send(claimed.outgoing)
        except TimeoutError:
            return Unknown("timeout")
        except Exception as error:  # noqa: BLE001 - whatever a channel did not map may have happened after sending
            log.error(
                "sender_failed",
                channel=self._sender.channel,
                message_id=claimed.outgoing.message_id,
                error=type(error).__name__,
            )
            return Unknown(type(error).__name__)

    async def _turn_comes(self, slot: datetime) -> bool:
        """Wait for the slot, or for another one if it was missed; false if the gate was closed meanwhile.

        A call long after its slot would fall among those of the next slots, here or in another worker, and together
        they would exceed the rate.
        """
        limit, lead = slot + LEASE_MARGIN, FIRST_LEAD
        while True:
            now = self._clock.now()
            if slot > now:
                await asyncio.sleep((slot - now).total_seconds())
            now = self._clock.now()
            if now - slot <= gate.TOLERANCE or now > limit:
                return True
            async with self._store.write(wake=False) as conn:
                another = await gate.another(
                    conn, self._sender.channel, self._sender.limits.per_second or 1, self._clock.now() + lead
                )
            if another is None:
                return False
            slot, lead = another, lead * 2

    async def _leave_a_second(self) -> float:
        """Wait until as many calls as the rate allows began more than a second ago, and count this one: when it begins.

        Slots alone do not see to it: a call that its slot let go a moment late, as this machine was busy, is nearer to
        the calls of the next second than its slot was.
        """
        now = at = asyncio.get_running_loop().time()
        if self._begun and now - self._begun[-1] > _SECOND:
            self._begun.clear()
        if len(self._begun) == self._begun.maxlen:
            at = max(now, self._begun[0] + _SECOND)
        self._begun.append(at)
        if at > now:
            await asyncio.sleep(at - now)
        return at

    def _seconds_until(self, instant: datetime | None) -> float:
        return TICK if instant is None else min(max((instant - self._clock.now()).total_seconds(), 0.0), TICK)

    async def _stir(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stirred.wait(), seconds)
