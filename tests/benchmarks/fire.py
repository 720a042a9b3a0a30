"""Fire: ten thousand due at one instant, through the whole path, to a sender that does nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from time import perf_counter

from sqlalchemy import func, select

from scheduler.clock import SettableClock
from scheduler.crypto import KeyRing
from scheduler.dispatcher import Dispatcher
from scheduler.sender import Limits, Outgoing
from scheduler.store.engine import Store
from scheduler.store.tables import attempt, message
from tests.benchmarks import bare, peers
from tests.benchmarks.figures import Figure, median, median_ratio
from tests.benchmarks.grounds import Databases, Due, Silent, fill, forty_steps, run, settle, utc_now, zone_at_noon

ROUNDS = 5
MESSAGES = 10_000
PEER_JOBS = 2_000

IN_FLIGHT = 500
"""Calls a sender that needs no network bears at once."""

SETTLED = 0.3
"""Seconds a dispatcher runs before anything is due."""


@dataclass(frozen=True, slots=True)
class Fired:
    """What one round took."""

    per_second: float
    first_ms: float
    """Milliseconds from the start until the first message was handed to the sender."""
    recorded: int
    """Messages in state `sent`, each with an attempt that says so."""


def measure(databases: Databases, kind: str, messages: int = MESSAGES) -> Iterator[Figure]:
    """Messages a second, and what share of the bare limit that is."""
    ours, limit = [], []
    for _ in range(ROUNDS):
        with databases.empty(kind) as url:
            limit.append(run(_bare(url, messages)))
        with databases.fresh(kind) as url:
            ours.append(run(_ours(url, messages)))
    rate = median(fired.per_second for fired in ours)
    yield Figure("fire", kind, f"messages sent and recorded, {messages:,} due", rate, "/s")
    yield Figure("fire", kind, "bare claim-and-mark", median(limit), "/s")
    share = median_ratio([fired.per_second for fired in ours], limit)
    yield Figure("fire", kind, "share of the bare limit", share, "x", ">= 0.15")
    yield Figure("fire", kind, "first message sent after", median(fired.first_ms for fired in ours), "ms", "<= 100")
    yield Figure("fire", kind, "dropped", max(messages - fired.recorded for fired in ours), "messages", "0")
    if kind == "postgresql":
        with databases.empty(kind) as url:
            peer = peers.call("procrastinate-fire", url, PEER_JOBS)
        if peer:
            yield Figure("fire", kind, f"procrastinate, {PEER_JOBS:,} due", peer, "/s")
            yield Figure("fire", kind, "times procrastinate", rate / peer, "x", ">= 10")


async def _bare(url: str, messages: int) -> float:
    engine = bare.engine(url)
    await bare.queue(engine, messages)
    settle()
    began = perf_counter()
    done = await bare.fire(engine)
    took = perf_counter() - began
    await engine.dispose()
    return done / took


async def _ours(url: str, messages: int) -> Fired:
    """Let a running dispatcher, which waits for its hour, find them all due at once."""
    now = utc_now()
    due = now + timedelta(hours=1)
    clock = SettableClock(now, frozen=True)
    store = Store.open(url, KeyRing.generate())
    await fill(store, messages, (Due(n, due) for n in range(messages)), now, zone_at_noon(now))
    stop = asyncio.Event()
    handed: list[float] = []

    def seen(_: Outgoing) -> None:
        handed.append(perf_counter())
        if len(handed) == messages:
            stop.set()

    dispatcher = Dispatcher(store, forty_steps(), clock, [Silent(seen, Limits(in_flight=IN_FLIGHT))])
    settle()
    running = asyncio.create_task(dispatcher.run(stop))
    await asyncio.sleep(SETTLED)
    began = perf_counter()
    clock.set(due)
    dispatcher.wake()
    await running
    took = perf_counter() - began
    async with store.read() as conn:
        recorded = await conn.scalar(
            select(func.count())
            .select_from(message)
            .join(attempt, attempt.c.message_id == message.c.id)
            .where(message.c.state == "sent", attempt.c.outcome == "sent")
        )
    await store.close()
    return Fired(messages / took, (handed[0] - began) * 1000, recorded or 0)
